import type { Duration, Size } from 'cdk8s';
import type { Schedule } from '../schedule';
import type { ImageRef } from './image';
import type { Objective } from './objective';
import type { Retention } from './retention';

/** Who runs the control plane. */
export enum ControlPlane {
  /** kubeadm with stacked etcd: certificates under /etc/kubernetes/pki, jobs can run on its nodes. */
  KUBEADM = 'kubeadm',
  /** AKS, EKS, GKE and the like: etcd is out of reach, the provider backs it up. */
  MANAGED = 'managed',
}

/** One member of etcd, as in the `etcd.yaml` of its node. */
export interface EtcdMemberConfig {
  /** Name of the member, which kubeadm makes the node's: `--name`. */
  readonly name: string;
  /** Address for its peers, e.g. `https://10.0.0.1:2380`: `--initial-advertise-peer-urls`. */
  readonly peerUrl: string;
}

/** The cluster's etcd and how it is protected. */
export interface EtcdConfig {
  /** The objective that the snapshots must meet; an RPO below two minutes adds a snapshot stream. */
  readonly objective: Objective;
  /** Who runs the control plane. */
  readonly controlPlane: ControlPlane;
  /**
   * Size of the database file (`etcdctl endpoint status`).
   * @default Size.mebibytes(500)
   */
  readonly size?: Size;
  /**
   * When full snapshots are taken. For an RPO below two minutes a snapshot stream runs beside it.
   * @default - every 5 minutes
   */
  readonly schedule?: Schedule;
  /** How long scheduled snapshots are kept in the store, and how many whatever their age. */
  readonly retention: Retention;
  /**
   * Sealed snapshots kept in /var/etcd-backups on the node that took them.
   * @default 30
   */
  readonly localCopies?: number;
  /**
   * Disk that the local copies may use on each control-plane node.
   * @default Size.gibibytes(20)
   */
  readonly localDisk?: Size;
  /**
   * etcd's own image in the minor version of the cluster's etcd, which a restore needs too; Kubernetes up to 1.33 ships etcd 3.5.
   * @default - the tested image, etcd 3.6
   */
  readonly image?: ImageRef;
  /**
   * The members, so that the runbook has the exact commands of each node.
   * @default - the runbook reads them from the node's `etcd.yaml`
   */
  readonly members?: EtcdMemberConfig[];
  /**
   * Time after which a scheduled run is killed; it counts in the worst-case loss.
   * @default Duration.minutes(4), or less to be over before the next run
   */
  readonly deadline?: Duration;
  /**
   * First part of every key in the store; no other asset may share it.
   * @default "etcd"
   */
  readonly path?: string;
  /**
   * When expired snapshots are removed.
   * @default - daily at 04:30; every 30 minutes with a snapshot stream
   */
  readonly pruneSchedule?: Schedule;
  /**
   * Restore that a drill has measured: `restoreSeconds` of its report, used in place of the estimate.
   * @default - estimated from the site's assumptions
   */
  readonly measuredRestore?: Duration;
}
