import type { DisasterRecoveryConfig, MonitoringConfig } from '../config';
import { bytesOf, DEFAULTS, PUSHGATEWAY_IMAGE } from '../config';
import type { DrillsPlan } from './drill-plan';
import { drillSignals } from './drill-signals';
import type { EtcdPlan } from './etcd-plan';
import type { BackupSignal, MonitoringPlan, PushgatewayPlan, PushPeer } from './monitoring-plan';
import { AssetKind } from './monitoring-plan';
import type { ConfigurationPlan, DatabasePlan } from './recovery-plan';
import { archiveSignals, backupSignals, pruneSignals, snapshotSignals, verificationSignals } from './signals';
import type { VolumePlan } from './volume-plan';

const PUSHGATEWAY = 'backup-pushgateway';

/** Where a Pushgateway listens, unless it is told otherwise (prometheus/pushgateway README). */
const PUSHGATEWAY_PORT = 9091;

/** Everything that is planned and can be watched. */
export interface Watched {
  readonly databases: readonly DatabasePlan[];
  readonly volumes: readonly VolumePlan[];
  /**
   * etcd's snapshots.
   * @default - none configured
   */
  readonly etcd?: EtcdPlan;
  /**
   * The export of cluster objects.
   * @default - none configured
   */
  readonly configuration?: ConfigurationPlan;
  /** Rehearsed restores. */
  readonly drills: DrillsPlan;
}

/** Resolves what is watched, from which scrape configs, rules and dashboard follow. */
export function planMonitoring(
  monitoring: MonitoringConfig,
  config: DisasterRecoveryConfig,
  watched: Watched,
): MonitoringPlan {
  const { largestBackup, prometheusOperator } = DEFAULTS.monitoring;
  const namespace = monitoring.namespace ?? config.namespace;
  const given = monitoring.pushgateway?.url;
  const signals = backupSignals(config, watched);
  const verifications = verificationSignals(config, watched);
  const drills = drillSignals(config, watched.drills);
  const clients = [...signals, ...verifications, ...drills.map(({ jobNamespace }) => ({ namespace: jobNamespace }))];
  const gateway = given === undefined ? planPushgateway(monitoring, config, clients) : undefined;
  return {
    namespace,
    prometheusOperator: monitoring.prometheusOperator ?? prometheusOperator,
    labels: { ...monitoring.labels },
    pushUrl: given ?? `http://${PUSHGATEWAY}.${namespace}.svc:${PUSHGATEWAY_PORT}`,
    pushPeer:
      given === undefined
        ? { namespace, podLabels: { 'app.kubernetes.io/name': PUSHGATEWAY }, ports: [PUSHGATEWAY_PORT] }
        : peerOf(given),
    ...(gateway === undefined ? {} : { pushgateway: gateway }),
    ...(monitoring.kubeStateMetrics === undefined ? {} : { kubeStateMetrics: { ...monitoring.kubeStateMetrics } }),
    largestBackupBytes: bytesOf(monitoring.largestBackup ?? largestBackup),
    ...(monitoring.runbookUrl === undefined ? {} : { runbookUrl: monitoring.runbookUrl }),
    ...(monitoring.dashboardFolder === undefined ? {} : { dashboardFolder: monitoring.dashboardFolder }),
    signals,
    verifications,
    drills,
    prunes: pruneSignals(config, watched),
    archives: archiveSignals(config, watched),
    snapshots: snapshotSignals(config, watched),
  };
}

function planPushgateway(
  { pushgateway = {}, prometheusPods = {} }: MonitoringConfig,
  { images, network }: DisasterRecoveryConfig,
  clients: readonly (Pick<BackupSignal, 'namespace'> & Partial<BackupSignal>)[],
): PushgatewayPlan {
  const { storage, storageClass, nodeCidrs } = pushgateway;
  const { podLabels = { 'app.kubernetes.io/name': 'prometheus' }, namespace } = prometheusPods;
  const onNodes = clients.some(({ assetKind }) => assetKind === AssetKind.ETCD);
  return {
    name: PUSHGATEWAY,
    image: images?.pushgateway ?? PUSHGATEWAY_IMAGE.image,
    port: PUSHGATEWAY_PORT,
    storageBytes: bytesOf(storage ?? DEFAULTS.monitoring.storage),
    clientNamespaces: [...new Set(clients.map((client) => client.namespace))].sort(),
    nodeCidrs: onNodes ? [...(nodeCidrs ?? network?.apiServerCidrs ?? DEFAULTS.network.apiServerCidrs)] : [],
    prometheus: { ...(namespace === undefined ? {} : { namespace }), podLabels: { ...podLabels } },
    ...(storageClass === undefined ? {} : { storageClass }),
  };
}

/** Whom a URL names: `<service>.<namespace>.svc`, or something that only its port is known of. A policy sees the port of the pod, not of the Service. */
function peerOf(url: string): PushPeer {
  const { hostname, port, protocol } = new URL(url);
  const own = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
  const [, namespace] = /^[^.]+\.([^.]+)\.svc(\.|$)/.exec(hostname) ?? [];
  return namespace === undefined
    ? { ports: [own] }
    : { namespace, ports: [...new Set([own, PUSHGATEWAY_PORT])].sort((a, b) => a - b) };
}
