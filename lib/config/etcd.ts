import type { Size } from 'cdk8s';
import type { Schedule } from '../schedule';
import type { Objective } from './objective';
import type { Retention } from './retention';

/** Who runs the control plane. */
export enum ControlPlane {
  /** kubeadm with stacked etcd: certificates under /etc/kubernetes/pki, jobs can run on its nodes. */
  KUBEADM = 'kubeadm',
  /** AKS, EKS, GKE and the like: etcd is out of reach, the provider backs it up. */
  MANAGED = 'managed',
}

/** The cluster's etcd and how it is protected. */
export interface EtcdConfig {
  /** The objective that the snapshots must meet. */
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
  /** How long snapshots are kept in the store. */
  readonly retention: Retention;
  /**
   * Snapshots kept on the node's disk.
   * @default 30
   */
  readonly localCopies?: number;
}
