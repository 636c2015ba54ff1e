import { RCLONE_IMAGE, type VolumePlan } from '../../../lib';
import { PATIENCE } from '../machine/run';
import { apply, get, type KubernetesObject, kubectl, list, remove, tryKubectl, waitForField } from './kubectl';
import type { Site } from './site';
import { IDLE } from './toolbox';

/** Where pods mount their claim. */
const MOUNT = '/data';

/** The volume plan of a site that has one. */
export function volumePlanOf(site: Site): VolumePlan {
  const [volume] = site.plan.volumes;
  if (volume === undefined) {
    throw new Error(`site ${site.plan.site} has no volumes`);
  }
  return volume;
}

/** A claim that a pod of the tests has mounted. */
export class MountedClaim {
  /** Starts a pod that mounts a claim, which binds it. */
  public static async mount(namespace: string, claim: string): Promise<MountedClaim> {
    const name = `mount-${claim}`;
    await apply([podFor(namespace, name, claim)]);
    await kubectl(['wait', '-n', namespace, '--for=condition=Ready', `pod/${name}`, `--timeout=${120 * PATIENCE}s`]);
    return new MountedClaim(namespace, name, claim);
  }

  private constructor(
    public readonly namespace: string,
    public readonly pod: string,
    public readonly claim: string,
  ) {}

  public async write(file: string, content: string): Promise<void> {
    const script = 'cat >"$1.new" && mv "$1.new" "$1" && sync';
    await kubectl(this.exec('sh', '-c', script, 'sh', `${MOUNT}/${file}`), { input: content });
  }

  /** Content of a file; undefined when there is none. */
  public async read(file: string): Promise<string | undefined> {
    const outcome = await tryKubectl(this.exec('cat', `${MOUNT}/${file}`));
    return outcome.code === 0 ? outcome.out : undefined;
  }

  /** Removes the pod and its claim. */
  public async discard(): Promise<void> {
    await remove('pod', this.pod, this.namespace);
    await remove('pvc', this.claim, this.namespace);
  }

  private exec(...command: string[]): string[] {
    return ['exec', '-i', '-n', this.namespace, this.pod, '--', ...command];
  }
}

/** Has a pod mount each claim of a site, which binds it: classes of the proving ground wait for that. */
export async function bindClaims({ plan }: Site): Promise<MountedClaim[]> {
  const mounted: MountedClaim[] = [];
  for (const { namespace, claims } of plan.volumes) {
    for (const claim of claims) {
      mounted.push(await MountedClaim.mount(namespace, claim));
    }
  }
  return mounted;
}

/** Makes a claim from a VolumeSnapshot of its namespace, and mounts it. */
export async function restore(namespace: string, snapshot: string, claim: string): Promise<MountedClaim> {
  await waitForField('volumesnapshot', snapshot, namespace, '.status.readyToUse', 'true', 60);
  const { spec, status } = await get('volumesnapshot', snapshot, namespace);
  const source = await get('pvc', String(spec.source.persistentVolumeClaimName), namespace);
  await apply([
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: claim, namespace },
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: source.spec.storageClassName,
        dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: snapshot },
        resources: { requests: { storage: status.restoreSize } },
      },
    },
  ]);
  return MountedClaim.mount(namespace, claim);
}

/** The scheduled snapshots of an asset, by name. */
export async function snapshotsOf(plan: VolumePlan): Promise<KubernetesObject[]> {
  const snapshots = await list('volumesnapshots', plan.namespace, selectorOf(plan));
  return snapshots.sort((a, b) => a.metadata.name.localeCompare(b.metadata.name));
}

/** Removes the scheduled snapshots of an asset. */
export async function removeSnapshots(plan: VolumePlan): Promise<void> {
  await kubectl([
    'delete',
    'volumesnapshots',
    '-n',
    plan.namespace,
    '-l',
    selectorOf(plan),
    `--timeout=${120 * PATIENCE}s`,
  ]);
}

/** A snapshot as the job would have taken it some hours ago. */
export function snapshotFrom(plan: VolumePlan, claim: string, name: string, scheduled: string): object {
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshot',
    metadata: { name, namespace: plan.namespace, labels: { ...plan.labels, 'cdk8s-dr/scheduled': scheduled } },
    spec: { volumeSnapshotClassName: plan.snapshotClassName, source: { persistentVolumeClaimName: claim } },
  };
}

function selectorOf(plan: VolumePlan): string {
  return Object.entries(plan.labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

function podFor(namespace: string, name: string, claim: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { 'mounts-claim': claim } },
    spec: {
      securityContext: {
        runAsNonRoot: true,
        runAsUser: RCLONE_IMAGE.uid,
        fsGroup: RCLONE_IMAGE.uid,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: 'mount',
          image: RCLONE_IMAGE.image.reference,
          command: IDLE,
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          volumeMounts: [{ name: 'data', mountPath: MOUNT }],
        },
      ],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: claim } }],
    },
  };
}
