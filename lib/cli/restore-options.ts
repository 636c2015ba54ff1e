import { parseArgs } from 'node:util';
import { RestoreError } from '../recovery';

export const USAGE = `cdk8s-dr restore WHAT [NAME] [options]

Prints manifests of a restore to standard output and its steps to standard error; changes nothing itself.

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
    --into NAME          name of the new database; otherwise the old one's with _restored at the end
  volume CLAIM         a claim from a snapshot, in the snapshot's restore size
    --snapshot NAME      from this one; otherwise the newest
    --at TIME            the newest that is not later
    --record FILE        what is known of it, from its record in the store; otherwise from the cluster
    --import             import the provider's snapshot of the record first
  etcd                 the steps for every control-plane node; no manifests
    --at TIME            the newest snapshot, scheduled or streamed, that is not later; otherwise the newest
  configuration        the steps to apply exported objects in order; no manifests
    --at TIME            the newest export that is not later; otherwise the newest
    --namespaces A,B     of these namespaces; otherwise of those that the config names, or the steps ask
    --kinds A,B          of these kinds, e.g. configmaps,deployments.apps; otherwise of all that are exported
    --cluster-scoped     cluster-scoped objects of all kinds too

  --step N             print the manifests of this step; otherwise of the first step that has any
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
  into: { type: 'string' },
  snapshot: { type: 'string' },
  record: { type: 'string' },
  import: { type: 'boolean' },
  namespaces: { type: 'string' },
  kinds: { type: 'string' },
  'cluster-scoped': { type: 'boolean' },
  step: { type: 'string' },
  runbook: { type: 'boolean' },
  plan: { type: 'string' },
  'from-cluster': { type: 'boolean' },
  site: { type: 'string' },
} as const;

/** Options that each kind of restore takes, beside those of all. */
const OF_KIND: Readonly<Record<string, readonly string[]>> = {
  database: ['at', 'lsn', 'name', 'backup-id', 'latest', 'from', 'backup', 'own-name', 'step'],
  dump: ['tier', 'at', 'into', 'step'],
  volume: ['snapshot', 'at', 'record', 'import', 'step'],
  etcd: ['at'],
  configuration: ['at', 'namespaces', 'kinds', 'cluster-scoped'],
};
const OF_ALL = ['runbook', 'plan', 'from-cluster', 'site'];

/** Options that say the same in two ways, of which one is given. */
const EXCLUSIVE: readonly (readonly [string, string])[] = [
  ['snapshot', 'at'],
  ['record', 'snapshot'],
  ['record', 'at'],
  ['step', 'runbook'],
];

/** Values of options, by name. */
export type Options = { readonly [key in keyof typeof OPTIONS]?: string | boolean };

/** What is restored, and how. */
export interface Asked {
  readonly kind: string;
  /** Empty for kinds of which there is one. */
  readonly name: string;
  readonly options: Options;
}

/** Reads the arguments of `restore`. Throws `RestoreError`. */
export function readArguments(args: readonly string[]): Asked {
  const { values, positionals } = parse(args);
  const [kind = '', name = '', ...rest] = positionals;
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
  for (const [one, other] of EXCLUSIVE) {
    if (one in values && other in values) {
      throw new RestoreError(`give --${one} or --${other}, not both`);
    }
  }
  return { kind, name, options: values };
}

/** The text of an option. */
export function text(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The elements of an option that is a list. */
export function list(value: string | boolean | undefined): readonly string[] | undefined {
  return text(value)?.split(',');
}

function parse(args: readonly string[]): { values: Options; positionals: string[] } {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new RestoreError(`${(error as Error).message}\n\n${USAGE}`);
  }
}
