import { k8s } from 'cdk8s-plus-27';
import {
  VolumeSnapshot,
  VolumeSnapshotContent,
  VolumeSnapshotContentSpecDeletionPolicy,
} from '../../../imports/snapshot.storage.k8s.io';
import { RCLONE_IMAGE } from '../../config';
import { labelsFor } from '../../k8s';
import type { RecoveryPlan, VolumePlan } from '../../plan';
import { manifestsOf } from '../manifests';

/** A claim that is made from a snapshot. */
export interface RestoredClaim {
  readonly name: string;
  /** VolumeSnapshot of its namespace. */
  readonly snapshot: string;
  /** At least the snapshot's restore size: a provider may have made more of a claim than was asked for. */
  readonly size: string;
  readonly storageClassName: string;
  readonly accessMode: string;
  readonly volumeMode: string;
}

/** A provider's snapshot, as its record in the store describes it. */
export interface RecordedSnapshot {
  readonly name: string;
  readonly driver: string;
  readonly snapshotHandle: string;
  readonly volumeMode: string;
}

/** A claim from a snapshot; it has the labels by which the asset finds its claims. */
export function claimFrom(plan: VolumePlan, claim: RestoredClaim): object[] {
  const labels = Object.fromEntries(
    plan.claimSelector === '' ? [] : plan.claimSelector.split(',').map((label) => label.split('=') as [string, string]),
  );
  return manifestsOf((chart) => {
    new k8s.KubePersistentVolumeClaim(chart, 'Claim', {
      metadata: {
        name: claim.name,
        namespace: plan.namespace,
        ...(Object.keys(labels).length === 0 ? {} : { labels }),
      },
      spec: {
        accessModes: [claim.accessMode],
        storageClassName: claim.storageClassName,
        volumeMode: claim.volumeMode,
        dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: claim.snapshot },
        resources: { requests: { storage: k8s.Quantity.fromString(claim.size) } },
      },
    });
  });
}

/** A snapshot that another cluster took; deleting it here leaves the provider's snapshot alone. */
export function importOf(plan: VolumePlan, recorded: RecordedSnapshot): object[] {
  const { name, driver, snapshotHandle, volumeMode } = recorded;
  return manifestsOf((chart) => {
    new VolumeSnapshotContent(chart, 'Content', {
      metadata: { name },
      spec: {
        deletionPolicy: VolumeSnapshotContentSpecDeletionPolicy.RETAIN,
        driver,
        source: { snapshotHandle },
        sourceVolumeMode: volumeMode,
        volumeSnapshotRef: { name, namespace: plan.namespace },
      },
    });
    new VolumeSnapshot(chart, 'Snapshot', {
      metadata: { name, namespace: plan.namespace },
      spec: { source: { volumeSnapshotContentName: name } },
    });
  });
}

/** A pod that mounts a claim to be looked at, as the user that owns the files; it changes neither owner nor mode of any. */
export function lookInto(site: RecoveryPlan, plan: VolumePlan, name: string, claim: string): object[] {
  const defaults = { site: site.site, namespace: plan.namespace, argoCd: site.argoCd };
  return manifestsOf((chart) => {
    new k8s.KubePod(chart, 'Pod', {
      metadata: { name, namespace: plan.namespace, labels: labelsFor(defaults, name, 'restore') },
      spec: {
        automountServiceAccountToken: false,
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: 1,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name: 'look',
            image: site.rcloneImage.reference,
            command: ['/bin/sh', '-c', 'trap "exit 0" TERM; while :; do sleep 1; done'],
            resources: {
              requests: { cpu: k8s.Quantity.fromString('10m'), memory: k8s.Quantity.fromString('32Mi') },
              limits: { cpu: k8s.Quantity.fromString('500m'), memory: k8s.Quantity.fromString('128Mi') },
            },
            securityContext: {
              runAsUser: RCLONE_IMAGE.uid,
              allowPrivilegeEscalation: false,
              capabilities: { drop: ['ALL'] },
              readOnlyRootFilesystem: true,
            },
            volumeMounts: [{ name: 'data', mountPath: '/data', readOnly: true }],
          },
        ],
        volumes: [{ name: 'data', persistentVolumeClaim: { claimName: claim, readOnly: true } }],
      },
    });
  });
}
