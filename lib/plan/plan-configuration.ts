import type { ApiResource, ClusterObjectsConfig, DisasterRecoveryConfig } from '../config';
import {
  apiResource,
  bytesOf,
  configurationJobNames,
  configurationPath,
  DATABASE_RESOURCES,
  DEFAULT_RESOURCES,
  DEFAULTS,
  formatSeconds,
  isClusterScoped,
  secondsOf,
} from '../config';
import type { Assumptions } from './assumptions';
import { planPrune } from './plan-prune';
import type { AssetSummary, ConfigurationPlan } from './recovery-plan';
import { estimate } from './restore-estimate';
import { beforeNextRun, givenOrDerived, nearestSchedule, scheduledRun } from './scheduled-run';

/** Seconds to apply an export of cluster objects. */
const APPLY_OBJECTS = 60;

/** Resolves the export of cluster objects: every name, number and prefix that its manifests share. */
export function planConfiguration(
  configuration: ClusterObjectsConfig,
  config: DisasterRecoveryConfig,
  assumptions: Assumptions,
  immutable: number,
): ConfigurationPlan {
  const { tier } = DEFAULTS.configuration;
  const { retention, exportedNamespaces = [] } = configuration;
  const names = configurationJobNames(configuration);
  const deadline = configurationDeadline(configuration, assumptions);
  const rpo = secondsOf(configuration.objective.rpo);
  const schedule = givenOrDerived(configuration.schedule, rpo, deadline, assumptions);
  return {
    namespace: configuration.namespace ?? config.namespace,
    jobName: names.export,
    serviceAccountName: names.account,
    resources: resourcesOf(configuration, config),
    exportedNamespaces: [...exportedNamespaces].sort(),
    tier,
    prefix: `${configurationPath(configuration)}/${tier}`,
    run: scheduledRun(schedule, configuration.schedule === undefined, deadline, assumptions),
    keepSeconds: secondsOf(retention.longest()),
    keepAtLeast: retention.keepAtLeast,
    workspaceBytes: bytesOf(configuration.workspace ?? DEFAULTS.configuration.workspace),
    prune: planPrune(names.prune, configuration.pruneSchedule, assumptions, immutable),
  };
}

/** What exports of cluster objects guarantee. */
export function summarizeConfiguration(
  configuration: ClusterObjectsConfig,
  plan: ConfigurationPlan,
  assumptions: Assumptions,
): AssetSummary {
  const { objective } = configuration;
  return {
    asset: 'configuration',
    path: 'configuration',
    rpo: secondsOf(objective.rpo),
    rto: secondsOf(objective.rto),
    protections: [
      {
        protection: 'export of cluster objects',
        path: 'configuration.schedule',
        schedule: plan.run.description,
        worstCaseLoss: plan.run.worstCaseLoss,
        nearest: nearestSchedule(secondsOf(objective.rpo), plan.run.deadline, assumptions),
        restore: estimate([{ name: 'apply', seconds: APPLY_OBJECTS }], assumptions),
        retention: `${formatSeconds(plan.keepSeconds)}, at least ${plan.keepAtLeast}`,
      },
    ],
  };
}

function configurationDeadline(configuration: ClusterObjectsConfig, assumptions: Assumptions): number {
  if (configuration.deadline !== undefined) {
    return secondsOf(configuration.deadline);
  }
  const wanted = secondsOf(DEFAULTS.configuration.deadline);
  return configuration.schedule === undefined ? wanted : beforeNextRun(wanted, configuration.schedule, assumptions);
}

/** The resources in one order; what is written wrongly is left out here and reported elsewhere. */
function resourcesOf(configuration: ClusterObjectsConfig, config: DisasterRecoveryConfig): ApiResource[] {
  const { resources = DEFAULT_RESOURCES, exportedNamespaces } = configuration;
  const ofDatabases = (config.databases ?? []).length === 0 ? [] : DATABASE_RESOURCES;
  const wanted = new Set([...resources, ...(configuration.customResources ?? ofDatabases)]);
  return [...wanted]
    .filter((name) => exportedNamespaces === undefined || !isClusterScoped(name))
    .sort()
    .flatMap((name) => apiResource(name) ?? []);
}
