import { readFileSync } from 'node:fs';
import type { RecoveryPlan } from '../plan';
import type { SnapshotFacts } from '../recovery';
import { RestoreError, readMoment } from '../recovery';
import { kubectl } from './plan-source';

const SNAPSHOTS = 'volumesnapshots.snapshot.storage.k8s.io';

/** A record as the snapshot job stores it (lib/volumes/scripts/record.jq). */
interface SnapshotRecord {
  readonly version: number;
  readonly snapshot: string;
  readonly claim: string;
  readonly driver: string;
  readonly snapshotHandle: string;
  readonly import: { readonly items: readonly { readonly spec: ClaimSpec & { readonly sourceVolumeMode: string } }[] };
}

interface ClaimSpec {
  readonly accessModes: readonly string[];
  readonly storageClassName: string;
  readonly volumeMode?: string;
  readonly resources: { readonly requests: { readonly storage: string } };
}

interface Snapshot {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly source: { readonly persistentVolumeClaimName?: string } };
  readonly status?: { readonly readyToUse?: boolean; readonly creationTime?: string; readonly restoreSize?: string };
}

/** Reads what a restore needs from a record of the store. Throws `RestoreError`. */
export function factsFromRecord(path: string, claim: string): SnapshotFacts {
  const record = JSON.parse(readFileSync(path, 'utf8')) as SnapshotRecord;
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
    size: restored.spec.resources.requests.storage,
    storageClass: restored.spec.storageClassName,
    accessMode: restored.spec.accessModes[0] ?? '',
    volumeMode: content.spec.sourceVolumeMode,
    driver: record.driver,
    handle: record.snapshotHandle,
  };
}

/** Reads it from the cluster: a named snapshot, or the newest that was cut by a time. Throws `RestoreError`. */
export function factsFromCluster(
  plan: RecoveryPlan,
  claim: string,
  name: string | undefined,
  at: string | undefined,
): SnapshotFacts {
  const namespace = plan.volumes.find(({ claims }) => claims.includes(claim))?.namespace ?? plan.namespace;
  const limit = at === undefined ? undefined : readMoment(at);
  const all = (JSON.parse(kubectl(['get', SNAPSHOTS, '-n', namespace, '-o', 'json'])) as { items: Snapshot[] }).items;
  const good = all
    .filter(({ spec, status }) => spec.source.persistentVolumeClaimName === claim && status?.readyToUse === true)
    .filter(({ metadata, status }) =>
      name === undefined
        ? limit === undefined || new Date(status?.creationTime ?? '') <= limit
        : metadata.name === name,
    )
    .sort((a, b) => (a.status?.creationTime ?? '').localeCompare(b.status?.creationTime ?? ''));
  const snapshot = good.at(-1);
  if (snapshot === undefined) {
    throw new RestoreError(
      `namespace ${namespace} has no snapshot of ${claim} that is ready${name === undefined ? '' : ` and called ${name}`}${at === undefined ? '' : ` and was cut by ${at}`}`,
    );
  }
  const { spec } = JSON.parse(kubectl(['get', 'persistentvolumeclaim', claim, '-n', namespace, '-o', 'json'])) as {
    spec: ClaimSpec;
  };
  return {
    snapshot: snapshot.metadata.name,
    claim,
    size: snapshot.status?.restoreSize ?? spec.resources.requests.storage,
    storageClass: spec.storageClassName,
    accessMode: spec.accessModes[0] ?? '',
    volumeMode: spec.volumeMode ?? 'Filesystem',
  };
}
