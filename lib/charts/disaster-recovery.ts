import { ApiObject, type App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import type { DisasterRecoveryConfig } from '../config';
import { renderConfiguration } from '../configuration';
import { renderDatabase } from '../database';
import {
  renderEtcdDrill,
  renderFailoverDrill,
  renderRecoveryDrill,
  renderRestoreTest,
  renderSnapshotDrill,
} from '../drills';
import { renderEtcd } from '../etcd';
import { renderLifecycle } from '../lifecycle';
import { renderMonitoring } from '../monitoring';
import type { RecoveryPlan } from '../plan';
import { planRecovery } from '../plan';
import { renderRunbook } from '../recovery';
import { renderReplication } from '../replication';
import { renderOneOffSnapshot, renderSnapshotClass, renderVolume } from '../volumes';

/** Turns one config into charts: few charts, each a file in the output folder. */
export class DisasterRecovery {
  /**
   * Plans a config and adds its charts to an app. Nothing is added when it throws.
   * Throws `DisasterRecoveryError` with every problem and unmet objective at once.
   */
  public static addTo(app: App, config: DisasterRecoveryConfig): RecoveryPlan {
    const plan = planRecovery(config);
    if (plan.databases.length > 0) {
      const chart = new Chart(app, 'database');
      for (const database of plan.databases) {
        renderDatabase(new Construct(chart, `${database.namespace}-${database.name}`), plan, database);
      }
    }
    if (plan.etcd !== undefined) {
      renderEtcd(new Chart(app, 'etcd'), plan, plan.etcd);
    }
    if (plan.configuration !== undefined) {
      renderConfiguration(new Chart(app, 'configuration'), plan, plan.configuration);
    }
    addVolumes(app, plan);
    addStorage(app, plan);
    if (plan.monitoring !== undefined) {
      renderMonitoring(new Chart(app, 'monitoring'), plan, plan.monitoring);
    }
    addRecovery(new Chart(app, 'recovery'), plan);
    assertUniqueObjects(app);
    return plan;
  }
}

function addVolumes(app: App, plan: RecoveryPlan): void {
  const { volumes, oneOffSnapshots, site, argoCd } = plan;
  if (volumes.length + oneOffSnapshots.length === 0) {
    return;
  }
  const chart = new Chart(app, 'volumes');
  const oneOff = new Construct(chart, 'OneOff');
  for (const snapshot of oneOffSnapshots) {
    renderOneOffSnapshot(oneOff, { site, namespace: snapshot.namespace, argoCd }, snapshot);
  }
  for (const volume of volumes) {
    renderVolume(new Construct(chart, volume.name), plan, volume);
  }
}

/** How to restore, and rehearsed restores. */
function addRecovery(chart: Chart, plan: RecoveryPlan): void {
  renderRunbook(chart, plan);
  const { restoreTests, snapshots, recoveries, failovers, etcd } = plan.drills;
  const drills = new Construct(chart, 'Drills');
  for (const drill of restoreTests) {
    renderRestoreTest(new Construct(drills, `${drill.namespace}-${drill.jobName}`), plan, drill);
  }
  for (const drill of recoveries) {
    renderRecoveryDrill(new Construct(drills, `${drill.namespace}-${drill.jobName}`), plan, drill);
  }
  for (const drill of failovers) {
    renderFailoverDrill(new Construct(drills, `${drill.namespace}-${drill.jobName}`), plan, drill);
  }
  for (const drill of snapshots) {
    renderSnapshotDrill(new Construct(drills, `${drill.namespace}-${drill.jobName}`), plan, drill);
  }
  if (plan.etcd !== undefined && etcd !== undefined) {
    renderEtcdDrill(new Construct(drills, 'Etcd'), plan, plan.etcd, etcd);
  }
}

/** What belongs to the cluster or to the storage account as a whole; sync waves put it before what refers to it. */
function addStorage(app: App, plan: RecoveryPlan): void {
  const { snapshotClasses, lifecycle, replication, site, argoCd } = plan;
  if (snapshotClasses.length === 0 && lifecycle === undefined && replication === undefined) {
    return;
  }
  const chart = new Chart(app, 'storage');
  const classes = new Construct(chart, 'Classes');
  for (const snapshotClass of snapshotClasses) {
    renderSnapshotClass(classes, { site, namespace: '', argoCd }, snapshotClass);
  }
  if (lifecycle !== undefined) {
    renderLifecycle(new Construct(chart, 'Lifecycle'), plan, lifecycle);
  }
  if (replication !== undefined) {
    renderReplication(new Construct(chart, 'Replication'), plan, replication);
  }
}

/** Two objects of one name would overwrite each other in the cluster, silently. */
function assertUniqueObjects(app: App): void {
  const seen = new Map<string, string>();
  for (const node of app.node.findAll()) {
    if (!ApiObject.isApiObject(node)) {
      continue;
    }
    const { kind, apiVersion, metadata } = node;
    const id = `${apiVersion} ${kind} ${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
    const twin = seen.get(id);
    if (twin !== undefined) {
      throw new Error(
        `${kind} ${metadata.namespace ?? ''}/${metadata.name ?? ''} is generated twice, by ${twin} and ${node.node.path}; give one of them another name`,
      );
    }
    seen.set(id, node.node.path);
  }
}
