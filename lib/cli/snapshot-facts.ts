import { readFileSync } from 'node:fs';
import type { RecoveryPlan, VolumePlan } from '../plan';
import type { SnapshotFacts } from '../recovery';
import { moment, RestoreError, volumesWith } from '../recovery';
import { kubectl } from './plan-source';

const SNAPSHOTS = 'volumesnapshots.snapshot.storage.k8s.io';

/** A record as the snapshot job stores it (lib/volumes/scripts/record.jq). */
interface SnapshotRecord {
  readonly version?: number;
  readonly asset?: string;
  readonly snapshot: string;
  readonly claim: string;
  readonly driver: string;
  readonly snapshotHandle: string;
  readonly restoreSize?: string | null;
  readonly import?: {
    readonly items?: readonly { readonly spec: ClaimSpec & { readonly sourceVolumeMode: string } }[];
  };
}

interface ClaimSpec {
  readonly accessModes: readonly string[];
  readonly storageClassName: string;
  readonly volumeMode?: string;
  readonly resources: { readonly requests: { readonly storage: string } };
}

interface Claim {
  readonly spec: ClaimSpec;
  readonly status?: { readonly capacity?: { readonly storage?: string } };
}

interface Snapshot {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly source: { readonly persistentVolumeClaimName?: string } };
  readonly status?: { readonly readyToUse?: boolean; readonly creationTime?: string; readonly restoreSize?: string };
}

/** Which snapshot is wanted; without either the newest. */
export interface WantedSnapshot {
  readonly snapshot: string | undefined;
  readonly at: string | undefined;
}

/** Reads what a restore needs from a record of the store. Throws `RestoreError`. */
export function factsFromRecord(path: string, claim: string): SnapshotFacts {
  const record = readRecord(path);
  const [content, , restored] = record.import?.items ?? [];
  if (record.version !== 1 || content === undefined || restored === undefined) {
    throw new RestoreError(`${path} is no record of a snapshot`);
  }
  if (record.claim !== claim) {
    throw new RestoreError(`${path} is the record of a snapshot of ${record.claim}, not of ${claim}`);
  }
  return {
    snapshot: record.snapshot,
    claim,
    size: record.restoreSize ?? restored.spec.resources.requests.storage,
    storageClass: restored.spec.storageClassName,
    accessMode: restored.spec.accessModes[0] ?? '',
    volumeMode: content.spec.sourceVolumeMode,
    ...(record.asset === undefined ? {} : { asset: record.asset }),
    driver: record.driver,
    handle: record.snapshotHandle,
  };
}

/** Reads it from the cluster: a named snapshot, or the newest that was cut by a time. Throws `RestoreError`. */
export function factsFromCluster(plan: RecoveryPlan, claim: string, wanted: WantedSnapshot, now: Date): SnapshotFacts {
  const candidates = volumesWith(plan, claim);
  const found = candidates.flatMap((volume) => {
    const snapshot = newest(volume, claim, wanted, now);
    return snapshot === undefined ? [] : [{ volume, snapshot }];
  });
  const [first] = found;
  const namespaces = [...new Set(candidates.map(({ namespace }) => namespace))].join(' and ');
  if (first === undefined) {
    const { snapshot, at } = wanted;
    throw new RestoreError(
      `namespace ${namespaces} has no snapshot of ${claim} that is ready${snapshot === undefined ? '' : ` and called ${snapshot}`}${at === undefined ? '' : ` and was cut by ${at}`}`,
    );
  }
  const { volume, snapshot } = first;
  if (found.some((other) => other.volume.namespace !== volume.namespace)) {
    throw new RestoreError(`namespaces ${namespaces} have snapshots of a claim ${claim} each; give --record FILE`);
  }
  const { spec, status } = readClaim(volume.namespace, claim);
  return {
    snapshot: snapshot.metadata.name,
    claim,
    // What was asked for may be less than what the provider made of it, and is then refused.
    size: snapshot.status?.restoreSize ?? status?.capacity?.storage ?? spec.resources.requests.storage,
    storageClass: spec.storageClassName,
    accessMode: spec.accessModes[0] ?? '',
    volumeMode: spec.volumeMode ?? 'Filesystem',
    asset: volume.name,
  };
}

function newest(
  { name, namespace, keepSeconds }: VolumePlan,
  claim: string,
  wanted: WantedSnapshot,
  now: Date,
): Snapshot | undefined {
  const limit = wanted.at === undefined ? undefined : moment(wanted.at, now, keepSeconds, `the snapshots of ${name}`);
  const all = (JSON.parse(kubectl(['get', SNAPSHOTS, '-n', namespace, '-o', 'json'])) as { items: Snapshot[] }).items;
  return all
    .filter(({ spec, status }) => spec.source.persistentVolumeClaimName === claim && status?.readyToUse === true)
    .filter(({ metadata }) => wanted.snapshot === undefined || metadata.name === wanted.snapshot)
    .filter(({ status }) => limit === undefined || new Date(status?.creationTime ?? '') <= limit)
    .sort((a, b) => (a.status?.creationTime ?? '').localeCompare(b.status?.creationTime ?? ''))
    .at(-1);
}

function readClaim(namespace: string, claim: string): Claim {
  const answer = kubectl(['get', 'persistentvolumeclaim', claim, '-n', namespace, '--ignore-not-found', '-o', 'json']);
  if (answer.trim() === '') {
    throw new RestoreError(
      `claim ${claim} is gone from namespace ${namespace}, and with it what it needs; give --record FILE, which has that of the snapshot`,
    );
  }
  return JSON.parse(answer) as Claim;
}

function readRecord(path: string): SnapshotRecord {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as SnapshotRecord;
  } catch (error) {
    throw new RestoreError(`${path} is no record of a snapshot: ${(error as Error).message}`);
  }
}
