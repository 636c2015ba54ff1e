import type { DisasterRecoveryConfig, Problem, VolumeConfig } from '../config';
import { DEFAULTS, KUBECTL_IMAGE, RCLONE_IMAGE, TOOLS_IMAGE, validateConfig } from '../config';
import { dialectOf } from '../storage';
import type { Assumptions } from './assumptions';
import { resolveAssumptions } from './assumptions';
import {
  checkConfiguration,
  checkControlPlane,
  checkDatabase,
  checkDrills,
  checkEtcd,
  checkImmutability,
  checkJobNames,
  checkLifecycle,
  checkReplication,
  checkRpo,
  checkRto,
  checkSealing,
  checkSnapshotClass,
  checkVolume,
} from './checks';
import type { DrillsPlan } from './drill-plan';
import { allDrills } from './drill-plan';
import { drillReferences } from './drill-references';
import { DisasterRecoveryError } from './error';
import type { EtcdPlan } from './etcd-plan';
import { mergeReferences } from './external-reference';
import type { Finding } from './finding';
import { Severity } from './finding';
import type { LifecyclePlan, WrittenPrefix } from './lifecycle-plan';
import { planConfiguration, summarizeConfiguration } from './plan-configuration';
import { planDatabase, summarizeDatabase } from './plan-database';
import { planDrills } from './plan-drills';
import { planEtcd, summarizeEtcd } from './plan-etcd';
import { planLifecycle, reportsFor } from './plan-lifecycle';
import { planMonitoring } from './plan-monitoring';
import { planReplication } from './plan-replication';
import { planRunbook } from './plan-runbook';
import { planOneOffSnapshot, planSnapshotClass, planVolume, summarizeVolume } from './plan-volumes';
import { backupJobs, watchingJobs } from './planned-jobs';
import type { AssetSummary, ConfigurationPlan, DatabasePlan, RecoveryPlan } from './recovery-plan';
import {
  configurationReferences,
  databaseReferences,
  etcdReferences,
  lifecycleReferences,
  monitoringReferences,
  namespaceReference,
  replicationReferences,
} from './references';
import type { ReplicationPlan } from './replication-plan';
import type { VolumePlan } from './volume-plan';
import { oneOffReferences, volumeReferences } from './volume-references';
import { withoutMistakes } from './without-mistakes';
import { writtenPrefixes } from './written-prefixes';

const DAY = 86400;

/** What became of a config: its problems, its findings, and what could be planned in spite of them. */
interface Draft {
  readonly problems: Problem[];
  readonly findings: Finding[];
  readonly databases: DatabasePlan[];
  readonly volumes: VolumePlan[];
  readonly etcd?: EtcdPlan;
  readonly configuration?: ConfigurationPlan;
  readonly drills: DrillsPlan;
  readonly assets: AssetSummary[];
  readonly lifecycle?: LifecyclePlan;
  readonly replication?: ReplicationPlan;
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
  const oneOffSnapshots = (config.oneOffSnapshots ?? []).map((snapshot) =>
    planOneOffSnapshot(snapshot, config.namespace),
  );
  const runbook = planRunbook(config);
  const snapshotClasses = (config.snapshotClasses ?? []).map(planSnapshotClass);
  const network = { ...DEFAULTS.network, ...config.network };
  const monitoring = config.monitoring === undefined ? undefined : planMonitoring(config.monitoring, config, draft);
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
    volumes: draft.volumes,
    snapshotClasses,
    oneOffSnapshots,
    ...(draft.etcd === undefined ? {} : { etcd: draft.etcd }),
    ...(draft.configuration === undefined ? {} : { configuration: draft.configuration }),
    ...(draft.lifecycle === undefined ? {} : { lifecycle: draft.lifecycle }),
    drills: draft.drills,
    ...(monitoring === undefined ? {} : { monitoring }),
    ...(draft.replication === undefined ? {} : { replication: draft.replication }),
    runbook,
    assets: draft.assets,
    findings: draft.findings,
    externalReferences: mergeReferences([
      ...draft.databases.flatMap((database) => databaseReferences(database, config)),
      ...draft.volumes.flatMap((volume) => volumeReferences(volume, config)),
      ...oneOffSnapshots.flatMap(oneOffReferences),
      ...(draft.etcd === undefined ? [] : etcdReferences(draft.etcd, config)),
      ...(draft.configuration === undefined ? [] : configurationReferences(draft.configuration, config)),
      ...drillReferences(draft.drills, config),
      ...lifecycleReferences(draft.lifecycle),
      ...monitoringReferences(monitoring, config),
      ...(draft.replication === undefined ? [] : replicationReferences(draft.replication, config)),
      namespaceReference(runbook.namespace, 'home of the runbook'),
    ]).filter(
      ({ kind, name }) => kind !== 'VolumeSnapshotClass' || !snapshotClasses.some((declared) => declared.name === name),
    ),
  });
}

function draftPlan(config: DisasterRecoveryConfig): Draft {
  const problems = validateConfig(config);
  const plannable = withoutMistakes(config, problems);
  const assumptions = resolveAssumptions(plannable.assumptions);
  const immutable = config.storage.immutableDays * DAY;
  const findings = [...checkSealing(config), ...checkControlPlane(config)];
  const databases: DatabasePlan[] = [];
  const assets: AssetSummary[] = [];
  (plannable.databases ?? []).forEach((database, index) => {
    const path = `databases[${index}]`;
    const plan = planDatabase(database, config.namespace, assumptions, immutable);
    databases.push(plan);
    assets.push(summarizeDatabase(database, plan, path, assumptions));
    findings.push(...checkDatabase({ config: database, plan, path, assumptions }));
  });
  const volumes = (plannable.volumes ?? []).map((volume) => planVolume(volume, plannable, assumptions, immutable));
  volumes.forEach((plan, index) => {
    const path = `volumes[${index}]`;
    const volume = (plannable.volumes ?? [])[index] as VolumeConfig;
    assets.push(summarizeVolume(volume, plan, path, assumptions));
    findings.push(...checkVolume({ site: plannable, config: volume, plan, all: volumes, path }));
  });
  (config.snapshotClasses ?? []).forEach((snapshotClass, index) => {
    findings.push(...checkSnapshotClass(snapshotClass, `snapshotClasses[${index}]`));
  });
  const etcd = plannable.etcd === undefined ? undefined : planEtcd(plannable.etcd, assumptions, immutable);
  if (plannable.etcd !== undefined && etcd !== undefined) {
    assets.push(summarizeEtcd(plannable.etcd, etcd, assumptions));
    findings.push(...checkEtcd(plannable, etcd));
  }
  const configuration =
    plannable.configuration === undefined
      ? undefined
      : planConfiguration(plannable.configuration, plannable, assumptions, immutable);
  if (plannable.configuration !== undefined && configuration !== undefined) {
    assets.push(summarizeConfiguration(plannable.configuration, configuration, assumptions));
    findings.push(...checkConfiguration(plannable, configuration));
  }
  for (const asset of assets) {
    findings.push(...checkRpo(asset), ...checkRto(asset));
  }
  const drills = planDrills(
    plannable,
    { databases, volumes, ...(etcd === undefined ? {} : { etcd }), assets },
    assumptions,
  );
  const planned = {
    databases,
    volumes,
    drills,
    ...(etcd === undefined ? {} : { etcd }),
    ...(configuration === undefined ? {} : { configuration }),
  };
  const store = planStore(plannable, planned, assets, assumptions);
  findings.push(
    ...store.findings,
    ...checkDrills({ ...store, ...planned, config: plannable, assumptions }),
    ...checkJobNames(watchingJobs(plannable, drills), backupJobs(plannable, { ...planned, ...store })),
  );
  return {
    problems,
    findings,
    ...planned,
    assets,
    ...(store.lifecycle === undefined ? {} : { lifecycle: store.lifecycle }),
    ...(store.replication === undefined ? {} : { replication: store.replication }),
  };
}

/** What the store itself removes and what is copied from it, checked against everything that is written to it. */
function planStore(
  config: DisasterRecoveryConfig,
  planned: Pick<Draft, 'databases' | 'volumes' | 'etcd' | 'configuration' | 'drills'>,
  assets: readonly AssetSummary[],
  assumptions: Assumptions,
): Pick<Draft, 'findings' | 'lifecycle' | 'replication'> {
  const written = writtenPrefixes({
    ...planned,
    drills: allDrills(planned.drills),
    reportsFor: reportsFor(config.lifecycle),
  });
  const copy = planCopy(config, written, assets, assumptions);
  const rules = planRules(config, written, assets);
  return { ...copy, ...rules, findings: [...rules.findings, ...copy.findings] };
}

function planCopy(
  config: DisasterRecoveryConfig,
  written: WrittenPrefix[],
  assets: readonly AssetSummary[],
  assumptions: Assumptions,
): Pick<Draft, 'findings' | 'replication'> {
  if (config.replication === undefined) {
    return { findings: [] };
  }
  const replication = planReplication(config.replication, config, written, assets, assumptions);
  const check = { site: config, config: config.replication, plan: replication, written };
  return { replication, findings: checkReplication(check) };
}

function planRules(
  config: DisasterRecoveryConfig,
  written: WrittenPrefix[],
  assets: readonly AssetSummary[],
): Pick<Draft, 'findings' | 'lifecycle'> {
  const dialect = dialectOf(config.storage).lifecycle;
  const { immutableDays } = config.storage;
  if (config.lifecycle === undefined) {
    return { findings: checkImmutability({ immutableDays, written, dialect }) };
  }
  const lifecycle = planLifecycle(config.lifecycle, written, config.namespace);
  return {
    lifecycle,
    findings: [
      ...checkImmutability({ immutableDays, written, dialect, plan: lifecycle }),
      ...checkLifecycle({ plan: lifecycle, dialect, assets }),
    ],
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
