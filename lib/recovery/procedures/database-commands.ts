import type { DatabasePlan } from '../../plan';
import type { Parameter } from '../procedure';
import { quote } from '../shell';

/** The moment to recover to; CloudNativePG reads a time without zone as UTC. */
export const TARGET_TIME: Parameter = {
  name: 'TARGET_TIME',
  meaning: 'Moment to recover to, in UTC',
  example: '2024-01-15 14:30:00',
  pattern: '[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}(:?[0-9]{2})?)?',
};

/** Sets a variable to the pod of a Cluster that accepts writes. */
export function findPrimary(variableName: string, namespace: string, cluster: string): string {
  const selector = `cnpg.io/cluster=${cluster},cnpg.io/instanceRole=primary`;
  return `${variableName}=$(kubectl get pods -n ${namespace} -l ${selector} -o jsonpath='{.items[0].metadata.name}')`;
}

/** Begins a command in the pod that a variable names; without input, since it would swallow what is pasted after it. */
export function inPod(variableName: string, namespace: string): string {
  return `kubectl exec -n ${namespace} "\${${variableName}:?}" -c postgres --`;
}

/** The same for a command that reads its standard input. */
export function intoPod(variableName: string, namespace: string): string {
  return `kubectl exec -i -n ${namespace} "\${${variableName}:?}" -c postgres --`;
}

/** psql as superuser of the pod, which prints bare values and stops at the first error. */
export function psql(database: string): string {
  return `psql -X -At -v ON_ERROR_STOP=1 -d ${quote(database)}`;
}

/** Waits until a Cluster is ready; what keeps it from that is in the log of its recovery Job. */
export function waitForCluster(namespace: string, cluster: string, seconds: number): string {
  return [
    `kubectl wait cluster/${cluster} -n ${namespace} --for=condition=Ready --timeout=${seconds}s ||`,
    `  kubectl logs -n ${namespace} -l cnpg.io/cluster=${cluster},cnpg.io/jobRole --all-containers --tail=20`,
  ].join('\n');
}

/** What can be recovered: the window of the archive, and the base backups. */
export function showArchive({ namespace, name, archive }: DatabasePlan): string {
  return [
    `kubectl get objectstore ${archive.objectStoreName} -n ${namespace} -o jsonpath='{.status.serverRecoveryWindow}{"\\n"}'`,
    `kubectl get backups -n ${namespace} -l cnpg.io/cluster=${name} --sort-by=.metadata.creationTimestamp`,
  ].join('\n');
}

/** Runs the validation checks of the verification job: each must print a t. */
export function validate(plan: DatabasePlan, cluster: string, capturedAt: string): string {
  const { namespace, database, dumps } = plan;
  const checks = (dumps?.verification.checks ?? []).map(({ statement }) => `${statement.trim().replace(/;$/, '')};`);
  const size = 'SELECT true, pg_size_pretty(pg_database_size(current_database()));';
  return [
    findPrimary('PRIMARY', namespace, cluster),
    `${intoPod('PRIMARY', namespace)} ${psql(database)} -v captured_at="${capturedAt}" <<'SQL'`,
    ...[size, ...checks],
    'SQL',
  ].join('\n');
}
