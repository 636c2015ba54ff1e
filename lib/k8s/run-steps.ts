import type { Encryption, ImageRef, KnownImage, ObjectStorage } from '../config';
import { RCLONE_IMAGE } from '../config';
import type { EnvironmentVariable } from '../storage';
import { dialectOf } from '../storage';
import { sealInputs, unsealInputs } from './sealing';
import type { Step, StepResources } from './step';

const STORE_RESOURCES: StepResources = {
  cpuRequest: '100m',
  cpuLimit: '2',
  memoryRequest: '256Mi',
  memoryLimit: '1Gi',
};
const SEAL_RESOURCES: StepResources = { cpuRequest: '250m', cpuLimit: '2', memoryRequest: '256Mi', memoryLimit: '1Gi' };

/** rclone's patience; the job's own deadline ends what these do not. */
const RCLONE_PATIENCE: EnvironmentVariable[] = [
  { name: 'RCLONE_CONFIG', value: '/dev/null' },
  { name: 'RCLONE_CONTIMEOUT', value: '30s' },
  { name: 'RCLONE_TIMEOUT', value: '2m' },
  { name: 'RCLONE_RETRIES', value: '3' },
  { name: 'RCLONE_LOW_LEVEL_RETRIES', value: '5' },
];

/** Where runs go, how they are sealed, and the images that do it. */
export interface RunStepsProps {
  readonly storage: ObjectStorage;
  readonly encryption: Encryption;
  readonly rcloneImage: ImageRef;
  /** Image with gpg and tar, which seals and opens. */
  readonly toolsImage: KnownImage;
}

/** A tier whose newest run is fetched. */
export interface FetchedTier {
  /** Key prefix of the tier. */
  readonly prefix: string;
  /** Seconds beyond which its newest run is stale. */
  readonly staleAfter: number;
}

/** A prefix whose expired runs are removed. */
export interface PruneRule {
  /** Key prefix of the tier. */
  readonly prefix: string;
  /** Seconds that a run is kept. */
  readonly keepSeconds: number;
  /** Newest committed runs that are kept whatever their age. */
  readonly keepAtLeast: number;
}

/** Builds the steps that the runs of every family share: all but the capture and what is done with an opened backup. */
export class RunSteps {
  public constructor(private readonly props: RunStepsProps) {}

  /** User that every step of a pod runs as, so that each can read what another wrote: the one that is particular about it. */
  public get uid(): number {
    return this.props.toolsImage.uid;
  }

  /** Encrypts what was captured and writes the commit marker. */
  public seal(asset: string, tier: string): Step {
    const { environment, files } = sealInputs(this.props.encryption);
    return {
      name: 'seal',
      image: this.props.toolsImage,
      script: 'seal.sh',
      environment: [{ name: 'ASSET', value: asset }, { name: 'TIER', value: tier }, ...environment],
      files,
      resources: SEAL_RESOURCES,
    };
  }

  /** Compares a fetched run with its marker and opens it. */
  public unseal(): Step {
    const { environment, files } = unsealInputs(this.props.encryption);
    return {
      name: 'unseal',
      image: this.props.toolsImage,
      script: 'unseal.sh',
      environment,
      files,
      resources: SEAL_RESOURCES,
    };
  }

  /** Uploads a sealed run, commits it and reports that. */
  public ship(prefix: string, report: readonly EnvironmentVariable[] = []): Step {
    return this.storeStep('ship', 'ship.sh', [{ name: 'KEY_PREFIX', value: prefix }, ...report]);
  }

  /** Downloads the newest committed run of several tiers. */
  public fetchLatest(tiers: readonly FetchedTier[]): Step {
    const value = tiers.map(({ prefix, staleAfter }) => `${prefix}=${staleAfter}`).join(' ');
    return this.storeStep('fetch', 'fetch-latest.sh', [{ name: 'TIERS', value }]);
  }

  /** Downloads a random committed run of a random tier. */
  public fetchRandom(prefixes: readonly string[]): Step {
    return this.storeStep('fetch', 'fetch-random.sh', [{ name: 'PREFIXES', value: prefixes.join(' ') }]);
  }

  /** Downloads the newest committed run of several tiers that was captured by a time, given as a run id; empty for the newest. */
  public fetchRun(prefixes: readonly string[], notAfter: string): Step {
    return this.storeStep('fetch', 'fetch-run.sh', [
      { name: 'NOT_AFTER', value: notAfter },
      { name: 'PREFIXES', value: prefixes.join(' ') },
    ]);
  }

  /** Stores the report of a drill and ends it: with a failure, where one was written down. */
  public reportDrill(environment: EnvironmentVariable[]): Step {
    return this.storeStep('report', 'drill-report.sh', environment);
  }

  /** Uploads a report, and pushes metrics of the success. */
  public shipReport(prefix: string, report: readonly EnvironmentVariable[] = []): Step {
    return this.storeStep('report', 'ship-report.sh', [{ name: 'KEY_PREFIX', value: prefix }, ...report]);
  }

  /** Removes expired runs, and litter older than so many seconds. */
  public prune(rules: readonly PruneRule[], abandonedAfter: number): Step {
    const value = rules.map(({ prefix, keepSeconds, keepAtLeast }) => `${prefix}=${keepSeconds}:${keepAtLeast}`);
    return this.storeStep('prune', 'prune.sh', [
      { name: 'ABANDONED_AFTER_SECONDS', value: String(abandonedAfter) },
      { name: 'RULES', value: value.join(' ') },
    ]);
  }

  /** A step with rclone and access to the store. */
  public storeStep(name: string, script: string, environment: EnvironmentVariable[]): Step {
    const { rcloneEnvironment, rcloneFiles, rcloneRoot } = dialectOf(this.props.storage);
    return {
      name,
      image: { ...RCLONE_IMAGE, image: this.props.rcloneImage },
      script,
      environment: [{ name: 'STORE', value: rcloneRoot }, ...environment, ...RCLONE_PATIENCE, ...rcloneEnvironment],
      files: rcloneFiles,
      resources: STORE_RESOURCES,
    };
  }
}
