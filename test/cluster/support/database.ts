import type { DatabasePlan } from '../../../lib';
import { until } from '../machine/run';
import { get, kubectl, list, remove, tryKubectl, waitForField } from './kubectl';
import { allowLastRequests } from './watch';

/** Waits until every instance of a Cluster is ready, and its WAL reaches the store. */
export async function healthy(plan: DatabasePlan, timeoutSeconds = 300): Promise<void> {
  const { name, namespace, cluster } = plan;
  await waitForField('cluster', name, namespace, '.status.readyInstances', String(cluster.instances), timeoutSeconds);
  await waitForField('cluster', name, namespace, '.status.phase', 'Cluster in healthy state', 60);
  const archiving = '.status.conditions[?(@.type=="ContinuousArchiving")].status';
  await waitForField('cluster', name, namespace, archiving, 'True', 60);
}

/**
 * Removes a Cluster that a test has made. Its instances, left to themselves, would take minutes, and archive a last segment.
 */
export async function removeCluster(name: string, namespace: string): Promise<void> {
  await allowLastRequests(namespace, name);
  await remove('cluster', name, namespace);
  await tryKubectl(['delete', 'pods', '-n', namespace, '-l', `cnpg.io/cluster=${name}`, '--grace-period=0', '--force']);
}

/** Name of the pod that accepts writes. */
export async function primaryOf(namespace: string, cluster: string): Promise<string> {
  const pods = await list('pods', namespace, `cnpg.io/cluster=${cluster},cnpg.io/instanceRole=primary`);
  const name = pods[0]?.metadata.name;
  if (name === undefined) {
    throw new Error(`Cluster ${cluster} has no primary`);
  }
  return name;
}

/** Kills the instance that accepts writes, as the loss of its node does. */
export async function killPrimary({ namespace, name }: DatabasePlan): Promise<string> {
  const primary = await primaryOf(namespace, name);
  await kubectl(['delete', 'pod', primary, '-n', namespace, '--grace-period=0', '--force']);
  return primary;
}

/** Waits until another instance accepts writes and all are well. */
export async function failedOver(database: DatabasePlan, lost: string): Promise<void> {
  await until(
    'another primary',
    180,
    async () => {
      const { status } = await get('cluster', database.name, database.namespace);
      return status.currentPrimary !== lost && status.currentPrimary === status.targetPrimary ? '' : status.phase;
    },
    1000,
  );
  await healthy(database);
}

/** Runs SQL as superuser in a database of a Cluster, and returns its rows as text. */
export async function sql(namespace: string, cluster: string, database: string, statements: string): Promise<string> {
  const psql = ['psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', database];
  const pod = await primaryOf(namespace, cluster);
  const answer = await kubectl(['exec', '-i', '-n', namespace, pod, '-c', 'postgres', '--', ...psql], {
    input: statements,
  });
  return answer.trimEnd();
}

/** Runs SQL in the application's database. */
export function query(plan: DatabasePlan, statements: string): Promise<string> {
  return sql(plan.namespace, plan.name, plan.database, statements);
}

/** Makes the application's tables with values of every kind that dumps have been known to lose. */
export async function loadSampleData(plan: DatabasePlan): Promise<void> {
  await query(
    plan,
    `SET ROLE "${plan.owner}";
DROP TABLE IF EXISTS users, invoices, events;
CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL, photo bytea, settings jsonb);
INSERT INTO users
  SELECT n, 'Zoë ' || n || E' \\\\ \\'' || chr(128512), decode(md5(n::text), 'hex'), jsonb_build_object('n', n, 'none', NULL)
  FROM generate_series(1, 500) n;
INSERT INTO users VALUES (0, '', NULL, NULL);
CREATE TABLE invoices (id bigint PRIMARY KEY, user_id bigint REFERENCES users, amount numeric(20, 4), note text);
INSERT INTO invoices SELECT n, n % 500, n / 7.0, repeat(md5(n::text), 20) FROM generate_series(1, 3000) n;
CREATE INDEX ON invoices (user_id);
CREATE TABLE events (id bigint GENERATED ALWAYS AS IDENTITY, created_at timestamptz NOT NULL, kind text);
INSERT INTO events (created_at, kind) SELECT now() - n * interval '1 second', 'tick' FROM generate_series(1, 2000) n;`,
  );
}

/** The sample tables. */
export const SAMPLE_TABLES = ['users', 'invoices', 'events'] as const;

/** SQL that prints every row of every sample table, in one order. */
export const EVERY_ROW = SAMPLE_TABLES.map(
  (table) => `SELECT '${table}', t::text FROM ${table} t ORDER BY t::text COLLATE "C";`,
).join('\n');
