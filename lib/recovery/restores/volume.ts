import type { RecoveryPlan, VolumePlan } from '../../plan';
import type { Values } from '../fill-in';
import { assignments } from '../fill-in';
import type { Procedure } from '../procedure';
import { importVolume, RECORD, restoreVolume } from '../procedures/volume';
import { fill, find, RestoreError } from './request';

/** What a snapshot and its claim are, from the record in the store or from the cluster. */
export interface SnapshotFacts {
  /** Name of the VolumeSnapshot. */
  readonly snapshot: string;
  /** Name of the claim that it is of. */
  readonly claim: string;
  /** The snapshot's restore size, e.g. `64Gi`: what its provider needs, whatever the claim asked for. */
  readonly size: string;
  /** StorageClass of the claim. */
  readonly storageClass: string;
  /** Access mode of the claim. */
  readonly accessMode: string;
  /** `Filesystem` or `Block`. */
  readonly volumeMode: string;
  /**
   * Volume asset of the plan.
   * @default - the one that names the claim, or else the only one that selects claims by labels
   */
  readonly asset?: string;
  /**
   * CSI driver, which an import needs.
   * @default - not known, and not needed
   */
  readonly driver?: string;
  /**
   * The provider's name of the snapshot, which an import needs.
   * @default - not known, and not needed
   */
  readonly handle?: string;
}

/** The restore of a claim from a snapshot, or its import into a cluster that never saw it. Throws `RestoreError`. */
export function restoreVolumeFrom(plan: RecoveryPlan, facts: SnapshotFacts, imported: boolean): Procedure {
  const volume = volumeOf(plan, facts);
  const values = {
    CLAIM: facts.claim,
    SNAPSHOT: facts.snapshot,
    SIZE: facts.size,
    STORAGE_CLASS: facts.storageClass,
    ACCESS_MODE: facts.accessMode,
    VOLUME_MODE: facts.volumeMode,
  };
  if (!imported) {
    return asRead(restoreVolume(plan, volume), values);
  }
  if (facts.driver === undefined || facts.handle === undefined) {
    throw new RestoreError('an import needs the record of the snapshot, which has its driver and handle');
  }
  return asRead(importVolume(plan, volume), { ...values, DRIVER: facts.driver, HANDLE: facts.handle });
}

/** Volume assets that a claim may belong to: the one that names it, or all that select claims by labels. Throws `RestoreError`. */
export function volumesWith({ volumes }: RecoveryPlan, claim: string): VolumePlan[] {
  const naming = volumes.filter(({ claims }) => claims.includes(claim));
  const candidates = naming.length > 0 ? naming : volumes.filter(({ claimSelector }) => claimSelector !== '');
  if (candidates.length === 0) {
    const known = volumes.flatMap(({ claims }) => claims).join(', ');
    throw new RestoreError(
      `no volume asset of the plan has claim ${claim}; protected are ${known === '' ? 'none' : known}`,
    );
  }
  return candidates;
}

/** A procedure that begins with what was read, in the place of reading it; the other steps keep their numbers. */
function asRead(procedure: Procedure, values: Values): Procedure {
  const { known: _, ...filled } = fill(procedure, values);
  const [, ...others] = filled.steps;
  return {
    ...filled,
    parameters: filled.parameters.filter(({ name }) => name !== RECORD),
    steps: [{ text: 'What the claim needs, as it was read.', command: assignments(values) }, ...others],
  };
}

function volumeOf(plan: RecoveryPlan, { asset, claim }: SnapshotFacts): VolumePlan {
  const candidates = volumesWith(plan, claim);
  if (asset !== undefined) {
    return find(candidates, asset, `volume asset with claim ${claim}:`);
  }
  const [only, ...others] = candidates;
  if (only === undefined || others.length > 0) {
    throw new RestoreError(
      `claim ${claim} may belong to volume assets ${candidates.map(({ name }) => name).join(' and ')}; name one`,
    );
  }
  return only;
}
