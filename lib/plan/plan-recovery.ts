import type { DisasterRecoveryConfig, Problem } from '../config';
import { DEFAULTS, KUBECTL_IMAGE, RCLONE_IMAGE, TOOLS_IMAGE, validateConfig } from '../config';
import { resolveAssumptions } from './assumptions';
import {
  checkConfiguration,
  checkControlPlane,
  checkDatabase,
  checkEtcd,
  checkGenerated,
  checkRpo,
  checkRto,
  checkSealing,
} from './checks';
import { DisasterRecoveryError } from './error';
import type { EtcdPlan } from './etcd-plan';
import { mergeReferences } from './external-reference';
import type { Finding } from './finding';
import { Severity } from './finding';
import { planConfiguration, summarizeConfiguration } from './plan-configuration';
import { planDatabase, summarizeDatabase } from './plan-database';
import { planEtcd, summarizeEtcd } from './plan-etcd';
import { summarizeVolumes } from './plan-other-assets';
import type { AssetSummary, ConfigurationPlan, DatabasePlan, RecoveryPlan } from './recovery-plan';
import { configurationReferences, databaseReferences, etcdReferences } from './references';
import { withoutMistakes } from './without-mistakes';

/** What became of a config: its problems, its findings, and what could be planned in spite of them. */
interface Draft {
  readonly problems: Problem[];
  readonly findings: Finding[];
  readonly databases: DatabasePlan[];
  readonly etcd?: EtcdPlan;
  readonly configuration?: ConfigurationPlan;
  readonly assets: AssetSummary[];
}

/**
 * Resolves a config into a plan: schedules, worst-case losses, restore estimates, names and prefixes.
 * Throws {@link DisasterRecoveryError} with every problem and every error finding at once.
 */
export function planRecovery(config: DisasterRecoveryConfig): RecoveryPlan {
  const draft = draftPlan(config);
  const errors = draft.findings.filter((finding) => finding.severity === Severity.ERROR);
  if (draft.problems.length > 0 || errors.length > 0) {
    throw new DisasterRecoveryError(draft.problems, errors);
  }
  const network = { ...DEFAULTS.network, ...config.network };
  return deepFreeze({
    version: 1,
    site: config.site,
    namespace: config.namespace,
    storage: config.storage,
    encryption: config.encryption,
    rcloneImage: config.images?.rclone ?? RCLONE_IMAGE.image,
    kubectlImage: config.images?.kubectl ?? KUBECTL_IMAGE.image,
    toolsImage: config.images?.tools ?? TOOLS_IMAGE.image,
    argoCd: config.gitOps?.argoCd ?? DEFAULTS.gitOps.argoCd,
    network: {
      ...network,
      storeCidrs: [...network.storeCidrs],
      apiServerCidrs: [...network.apiServerCidrs],
      apiServerPorts: [...network.apiServerPorts],
    },
    databases: draft.databases,
    ...(draft.etcd === undefined ? {} : { etcd: draft.etcd }),
    ...(draft.configuration === undefined ? {} : { configuration: draft.configuration }),
    assets: draft.assets,
    findings: draft.findings,
    externalReferences: mergeReferences([
      ...draft.databases.flatMap((database) => databaseReferences(database, config)),
      ...(draft.etcd === undefined ? [] : etcdReferences(draft.etcd, config)),
      ...(draft.configuration === undefined ? [] : configurationReferences(draft.configuration, config)),
    ]),
  });
}

function draftPlan(config: DisasterRecoveryConfig): Draft {
  const problems = validateConfig(config);
  const plannable = withoutMistakes(config, problems);
  const assumptions = resolveAssumptions(plannable.assumptions);
  const findings = [...checkSealing(config), ...checkControlPlane(config), ...checkGenerated(config)];
  const databases: DatabasePlan[] = [];
  const assets: AssetSummary[] = [];
  (plannable.databases ?? []).forEach((database, index) => {
    const path = `databases[${index}]`;
    const plan = planDatabase(database, config.namespace, assumptions);
    databases.push(plan);
    assets.push(summarizeDatabase(database, plan, path, assumptions));
    findings.push(...checkDatabase({ config: database, plan, path, assumptions }));
  });
  assets.push(
    ...(plannable.volumes ?? []).map((volume, index) => summarizeVolumes(volume, `volumes[${index}]`, assumptions)),
  );
  const etcd = plannable.etcd === undefined ? undefined : planEtcd(plannable.etcd, assumptions);
  if (plannable.etcd !== undefined && etcd !== undefined) {
    assets.push(summarizeEtcd(plannable.etcd, etcd, assumptions));
    findings.push(...checkEtcd(plannable, etcd));
  }
  const configuration =
    plannable.configuration === undefined
      ? undefined
      : planConfiguration(plannable.configuration, plannable, assumptions);
  if (plannable.configuration !== undefined && configuration !== undefined) {
    assets.push(summarizeConfiguration(plannable.configuration, configuration, assumptions));
    findings.push(...checkConfiguration(plannable, configuration));
  }
  for (const asset of assets) {
    findings.push(...checkRpo(asset), ...checkRto(asset));
  }
  return {
    problems,
    findings,
    databases,
    ...(etcd === undefined ? {} : { etcd }),
    ...(configuration === undefined ? {} : { configuration }),
    assets,
  };
}

/** Config objects inside the plan stay the user's own and are left as they are. */
function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || Array.isArray(value)) {
      Object.freeze(value);
      Object.values(value).forEach(deepFreeze);
    }
  }
  return value;
}
