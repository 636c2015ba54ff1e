import { dumpsOf, tierOf } from '../support/dumps';
import { exportPlanOf } from '../support/exports';
import { replicationPlanOf } from '../support/replication';
import { databaseOf, NEXTGEN } from '../support/site';
import { etcdPlanOf } from '../support/snapshots';
import { volumePlanOf } from '../support/volumes';

/** A job that faults are injected into. */
export interface SoakedJob {
  readonly namespace: string;
  readonly cronJob: string;
  /** Steps that do work, of which one may lack memory. */
  readonly steps: readonly string[];
  /** What a success of it claims. */
  readonly claims: Claim;
  /** Prefixes of the runs that it commits, when it captures. */
  readonly prefixes: readonly string[];
}

export type Claim =
  /** One good run is new below each prefix. */
  | 'captured'
  /** The second store holds all that the first had committed when it began. */
  | 'copied'
  /** The newest backups can be restored. */
  | 'verified'
  /** Nothing is gone that was to be kept. */
  | 'pruned';

const database = databaseOf(NEXTGEN);
const dumps = dumpsOf(database);
const etcd = etcdPlanOf(NEXTGEN);
const volumes = volumePlanOf(NEXTGEN);
const configuration = exportPlanOf(NEXTGEN);
const replication = replicationPlanOf(NEXTGEN);

const capture = ['capture', 'seal', 'ship'];

/** The jobs of the reference config that capture, copy, verify and remove. */
export const JOBS: readonly SoakedJob[] = [
  ...dumps.tiers.map(({ name }): SoakedJob => {
    const { jobName, prefix } = tierOf(database, name);
    return { namespace: database.namespace, cronJob: jobName, steps: capture, claims: 'captured', prefixes: [prefix] };
  }),
  {
    namespace: etcd.namespace,
    cronJob: etcd.jobName,
    steps: ['seal', 'ship'],
    claims: 'captured',
    prefixes: [etcd.prefix],
  },
  {
    namespace: configuration.namespace,
    cronJob: configuration.jobName,
    steps: capture,
    claims: 'captured',
    prefixes: [configuration.prefix],
  },
  {
    namespace: volumes.namespace,
    cronJob: volumes.jobName,
    steps: ['snapshot', 'ship'],
    claims: 'captured',
    prefixes: [volumes.prefix],
  },
  {
    namespace: replication.namespace,
    cronJob: replication.jobName,
    steps: ['replicate'],
    claims: 'copied',
    prefixes: [],
  },
  {
    namespace: database.namespace,
    cronJob: dumps.verification.jobName,
    steps: ['fetch', 'unseal', 'verify'],
    claims: 'verified',
    prefixes: [],
  },
  { namespace: database.namespace, cronJob: dumps.prune.jobName, steps: ['prune'], claims: 'pruned', prefixes: [] },
];
