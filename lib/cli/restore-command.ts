import { parseArgs } from 'node:util';
import type { RecoveryPlan } from '../plan';
import type { Procedure } from '../recovery';
import {
  firstManifests,
  procedureSection,
  RestoreError,
  restoreConfigurationFrom,
  restoreDatabaseFrom,
  restoreDumpFrom,
  restoreEtcdFrom,
  restoreVolumeFrom,
  toYaml,
} from '../recovery';
import { loadPlan } from './plan-source';
import { factsFromCluster, factsFromRecord } from './snapshot-facts';

export const USAGE = `cdk8s-dr restore WHAT [NAME] [options]

Prints the manifests of a restore to standard output and its steps to standard error; changes nothing itself.

  database NAME        a new Cluster, recovered beside the old one
    --at TIME            up to a moment: 2024-01-15T14:30:00Z, or 2024-01-15 14:30:00 in UTC
    --lsn POSITION       up to a position in the log, e.g. 0/3000000
    --name POINT         up to a restore point, with --backup-id
    --backup-id ID       id of the base backup to begin with, e.g. 20240115T020000
    --latest             everything that was archived, which is the default
    --from SOURCE        object-store, which is the default, or snapshot with --backup
    --backup NAME        Backup of method volumeSnapshot to begin with
    --own-name           under its own name, when nothing is left of the old one
  dump DATABASE        a Job that restores a dump into a new database of the running Cluster
    --tier TIER          of this tier; otherwise the newest of all
    --at TIME            the newest that is not later
  volume CLAIM         a claim from a snapshot
    --snapshot NAME      from this one; otherwise the newest
    --at TIME            the newest that is not later
    --record FILE        what is known of it, from its record in the store; otherwise from the cluster
    --import             import the provider's snapshot of the record first
  etcd                 the steps for every control-plane node
    --at TIME            run to restore
  configuration        the steps to apply exported objects in order
    --at TIME            run to restore
    --namespace NAME     namespace whose objects are applied

  --runbook            print all of it as Markdown to standard output
  --plan PATH          folder with manifests, manifest, or plan.json; otherwise the nearest dist/
  --from-cluster       read the plan from the cluster that kubectl talks to
  --site NAME          which site, where there are several
`;

const OPTIONS = {
  at: { type: 'string' },
  lsn: { type: 'string' },
  name: { type: 'string' },
  'backup-id': { type: 'string' },
  latest: { type: 'boolean' },
  from: { type: 'string' },
  backup: { type: 'string' },
  'own-name': { type: 'boolean' },
  tier: { type: 'string' },
  snapshot: { type: 'string' },
  record: { type: 'string' },
  import: { type: 'boolean' },
  namespace: { type: 'string' },
  runbook: { type: 'boolean' },
  plan: { type: 'string' },
  'from-cluster': { type: 'boolean' },
  site: { type: 'string' },
} as const;

/** Options that each kind of restore takes, beside those of all. */
const OF_KIND: Readonly<Record<string, readonly string[]>> = {
  database: ['at', 'lsn', 'name', 'backup-id', 'latest', 'from', 'backup', 'own-name'],
  dump: ['tier', 'at'],
  volume: ['snapshot', 'at', 'record', 'import'],
  etcd: ['at'],
  configuration: ['at', 'namespace'],
};
const OF_ALL = ['runbook', 'plan', 'from-cluster', 'site'];

type Options = { readonly [key in keyof typeof OPTIONS]?: string | boolean };

/** What a command prints. */
export interface Printed {
  readonly out: string;
  readonly err: string;
}

/** Runs `restore` with its arguments, at a time. Throws `RestoreError`. */
export function restoreCommand(args: readonly string[], now: Date): Printed {
  const { values, positionals } = parse(args);
  const [kind = '', name = '', ...rest] = positionals;
  requireUsable(kind, name, rest, values);
  const path = text(values.plan);
  const site = text(values.site);
  const plan = loadPlan({
    fromCluster: values['from-cluster'] === true,
    ...(path === undefined ? {} : { path }),
    ...(site === undefined ? {} : { site }),
  });
  const procedure = procedureFor(plan, kind, name, values, now);
  if (values.runbook === true) {
    return { out: `${procedureSection(procedure, 1)}\n`, err: '' };
  }
  const manifests = firstManifests(procedure);
  return {
    out: manifests.length === 0 ? '' : toYaml(manifests),
    err: `${procedureSection(procedure, 1)}\n`,
  };
}

function procedureFor(plan: RecoveryPlan, kind: string, name: string, values: Options, now: Date): Procedure {
  const at = text(values.at);
  switch (kind) {
    case 'database':
      return restoreDatabaseFrom(plan, { name, ...databaseOptions(values) }, now);
    case 'dump':
      return restoreDumpFrom(plan, name, text(values.tier), at, now);
    case 'volume': {
      const record = text(values.record);
      const facts =
        record === undefined ? factsFromCluster(plan, name, text(values.snapshot), at) : factsFromRecord(record, name);
      return restoreVolumeFrom(plan, facts, values.import === true);
    }
    case 'etcd':
      return restoreEtcdFrom(plan, at, now);
    default:
      return restoreConfigurationFrom(plan, at, text(values.namespace), now);
  }
}

function databaseOptions(values: Options): object {
  const given = {
    at: text(values.at),
    lsn: text(values.lsn),
    restorePoint: text(values.name),
    backupId: text(values['backup-id']),
    snapshotBackup: text(values.backup),
  };
  const source = text(values.from) ?? 'object-store';
  if (!['object-store', 'snapshot'].includes(source)) {
    throw new RestoreError(`--from is "${source}"; it is object-store or snapshot`);
  }
  if ((source === 'snapshot') !== (given.snapshotBackup !== undefined)) {
    throw new RestoreError(
      '--from snapshot and --backup NAME go together: kubectl get backups lists those of method volumeSnapshot',
    );
  }
  if (values.latest === true && (given.at ?? given.lsn ?? given.restorePoint) !== undefined) {
    throw new RestoreError('--latest goes with none of --at, --lsn and --name');
  }
  return {
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    ownName: values['own-name'] === true,
  };
}

function parse(args: readonly string[]): { values: Options; positionals: string[] } {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new RestoreError(`${(error as Error).message}\n\n${USAGE}`);
  }
}

function requireUsable(kind: string, name: string, rest: readonly string[], values: Options): void {
  const allowed = OF_KIND[kind];
  if (allowed === undefined) {
    throw new RestoreError(
      `${kind === '' ? 'nothing to restore is named' : `"${kind}" cannot be restored`}\n\n${USAGE}`,
    );
  }
  const named = !['etcd', 'configuration'].includes(kind);
  if (named !== (name !== '') || rest.length > 0) {
    throw new RestoreError(`restore ${kind} takes ${named ? 'one name' : 'no name'}\n\n${USAGE}`);
  }
  const foreign = Object.keys(values).filter((option) => ![...allowed, ...OF_ALL].includes(option));
  if (foreign.length > 0) {
    throw new RestoreError(
      `restore ${kind} does not take ${foreign.map((option) => `--${option}`).join(', ')}; it takes ${allowed.map((option) => `--${option}`).join(', ')}`,
    );
  }
}

function text(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
