import type { ConfigurationPlan, RecoveryPlan } from '../../plan';
import { runIdOf } from '../moment';
import type { Procedure } from '../procedure';
import { CLUSTER_SCOPED, isApplied, KINDS, NAMESPACES, restoreConfiguration } from '../procedures/configuration';
import { withNewestRun } from '../procedures/newest-run';
import { fill, moment, RestoreError } from './request';

/** Which exported objects are applied. */
export interface ConfigurationRestoreRequest {
  /**
   * RFC 3339, or `2024-01-15 14:30:00` in UTC: the newest export that is not later.
   * @default - the newest export
   */
  readonly at?: string;
  /**
   * Namespaces whose objects are applied.
   * @default - those that the plan names; where it exports all of them, the procedure asks
   */
  readonly namespaces?: readonly string[];
  /**
   * Kinds that are applied, as the files of an export are called, e.g. `deployments.apps`; a cluster-scoped one with all its objects.
   * @default - all but those whose data comes from elsewhere: claims and database Clusters
   */
  readonly kinds?: readonly string[];
  /**
   * Whether all cluster-scoped objects are applied too.
   * @default false
   */
  readonly clusterScoped?: boolean;
}

/** The ordered apply of exported objects. Throws `RestoreError`. */
export function restoreConfigurationFrom(
  plan: RecoveryPlan,
  request: ConfigurationRestoreRequest,
  now: Date,
): Procedure {
  const { configuration } = plan;
  if (configuration === undefined) {
    throw new RestoreError('the plan does not export cluster objects');
  }
  const { exportedNamespaces, tier, prefix, keepSeconds } = configuration;
  const { at, namespaces = exportedNamespaces, kinds = [], clusterScoped = false } = request;
  const problems = [...namespaceProblems(configuration, namespaces), ...kindProblems(configuration, kinds)];
  if (clusterScoped && exportedNamespaces.length > 0) {
    problems.push('cluster-scoped objects are not exported; the plan exports namespaces by name');
  }
  if (problems.length > 0) {
    throw new RestoreError(problems.join('\n'));
  }
  const procedure = fill(restoreConfiguration(plan, configuration), {
    ...(namespaces.length === 0 ? {} : { [NAMESPACES]: namespaces.join(',') }),
    [KINDS]: kinds.join(','),
    ...(exportedNamespaces.length > 0 ? {} : { [CLUSTER_SCOPED]: clusterScoped ? 'yes' : '' }),
  });
  const notAfter = at === undefined ? undefined : runIdOf(moment(at, now, keepSeconds, 'the exports'));
  return withNewestRun(plan, procedure, [{ tier, prefix }], notAfter);
}

function namespaceProblems({ exportedNamespaces }: ConfigurationPlan, wanted: readonly string[]): string[] {
  return exportedNamespaces.length === 0
    ? wanted
        .filter((namespace) => !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(namespace))
        .map((namespace) => `"${namespace}" is no namespace; it has small letters, digits and hyphens`)
    : wanted
        .filter((namespace) => !exportedNamespaces.includes(namespace))
        .map((namespace) => `namespace "${namespace}" is not exported; exported are ${exportedNamespaces.join(', ')}`);
}

function kindProblems({ resources }: ConfigurationPlan, wanted: readonly string[]): string[] {
  const appliable = resources.filter(({ name }) => isApplied(name));
  return wanted.flatMap((kind) => {
    const [, group = ''] = /^[^.]+\.(.+)$/.exec(kind) ?? [];
    if (!isApplied(kind)) {
      return [
        `kind "${kind}" is never applied: it would begin empty; restore its data with "restore database" or "restore volume"`,
      ];
    }
    const exported = appliable.some(
      ({ name, plural, group: known }) => name === kind || (plural === '*' && known === group),
    );
    const meant = appliable.find(({ plural }) => plural === kind);
    const hint = meant === undefined ? '' : `; did you mean ${meant.name}?`;
    return exported
      ? []
      : [`kind "${kind}" is not exported${hint}; exported are ${appliable.map(({ name }) => name).join(', ')}`];
  });
}
