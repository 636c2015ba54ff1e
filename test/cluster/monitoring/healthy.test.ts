import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Metric } from '../../../lib';
import {
  allDrills,
  backupLabels,
  DATABASE_METRICS,
  DRILL_METRICS,
  drillLabels,
  KUBE_METRICS,
  PUSH_JOB,
  planAlerts,
  planRecordings,
  RECORDED_METRICS,
  RUN_METRICS,
  SCRAPE_JOBS,
  SNAPSHOT_METRICS,
  STORE_METRICS,
  StoredKind,
} from '../../../lib';
import { metricsIn } from '../../support/promql';
import { until } from '../machine/run';
import { archiveSegment, backUp, baseBackup } from '../support/archive';
import { complete } from '../support/jobs';
import { KUBE_STATE_METRICS } from '../support/kube-state-metrics';
import { get, list } from '../support/kubectl';
import { allowLooking } from '../support/reports';
import { committedIds, markerOf } from '../support/runs';
import { cronJobs, databaseOf, objectsOf, ready, suspend } from '../support/site';
import { begunAt } from '../support/snapshots';
import { Store } from '../support/store';
import { MountedClaim, snapshotsOf, volumePlanOf } from '../support/volumes';
import { allowLastRequests } from '../support/watch';
import { kubeStateMetrics, MONITORED, MONITORING, PUSHGATEWAY, prometheus, pushed } from './monitored';

const { plan } = MONITORED;
const { signals, verifications, prunes, drills, probe } = MONITORING;
const database = databaseOf(MONITORED);
const volume = volumePlanOf(MONITORED);
const jobs = cronJobs(MONITORED);

/** What rules and dashboard read; of Jobs that have failed there are none. */
const READ = new Set([...rulesOf(), ...dashboardQueries()].flatMap(metricsIn));
READ.delete(KUBE_METRICS.jobFailed.name);

const SOURCES: Readonly<Record<string, Readonly<Record<string, Metric>>>> = {
  'the exporter of CloudNativePG, with the series of the Barman plugin': DATABASE_METRICS,
  'kube-state-metrics': KUBE_METRICS,
  'kube-state-metrics by the generated config': SNAPSHOT_METRICS,
  runs: RUN_METRICS,
  drills: DRILL_METRICS,
  'the probe of the store': STORE_METRICS,
};

describe('a healthy site, seen by a real Prometheus', () => {
  let store: Store;
  let began: number;

  beforeAll(async () => {
    await ready(MONITORED);
    store = await Store.open(plan.storage);
    // Of a site that has been there for long and whose store nobody has ever looked into, an alert tells at once.
    await lookIntoStore();
    await Promise.all([kubeStateMetrics.start(), prometheus.start()]);
    began = Date.now() / 1000;
    await everythingRuns();
    await suspend(jobs, false);
  });

  afterAll(async () => {
    await suspend(jobs, true);
    await prometheus.stop();
    await kubeStateMetrics.stop();
  });

  it('has files that promtool accepts', async () => {
    expect(await prometheus.check()).toContain('SUCCESS');
  });

  it('has exactly the targets that its scrape configs are meant to find, and all are up', async () => {
    const instances = await list('pods', plan.namespace, `cnpg.io/cluster=${database.name},cnpg.io/podRole=instance`);
    const gateway = await list('pods', MONITORING.namespace, `app.kubernetes.io/name=${PUSHGATEWAY.name}`);
    const expected = [
      ...instances.map(({ metadata }) => `${SCRAPE_JOBS.databases} ${metadata.name} up`),
      ...gateway.map(() => `${SCRAPE_JOBS.pushgateway} ${MONITORING.namespace} up`),
      `${KUBE_STATE_METRICS}  up`,
    ].sort();
    expect(expected).toHaveLength(database.cluster.instances + 2);
    await until('all targets to be up', 90, async () => {
      const found = (await prometheus.targets()).map(
        ({ scrapePool, labels, health }) =>
          `${scrapePool} ${labels.pod ?? (scrapePool === KUBE_STATE_METRICS ? '' : labels.namespace)} ${health}`,
      );
      return JSON.stringify(found.sort()) === JSON.stringify(expected) ? '' : found.join('\n');
    });
  });

  for (const [source, metrics] of Object.entries(SOURCES)) {
    it(`has every metric of ${source} that is read, with the labels that are selected by`, async () => {
      const read = Object.values(metrics).filter(({ name }) => READ.has(name));
      expect(read).not.toEqual([]);
      for (const metric of read) {
        const found = await prometheus.eventually(metric.name);
        const missing = metric.labels.filter((label) => found.every((series) => series.metric[label] === undefined));
        expect([metric.name, missing]).toEqual([metric.name, []]);
      }
    });
  }

  it('has every report of each run, under exactly the labels that the plan has', async () => {
    for (const signal of signals) {
      const labels = backupLabels(signal);
      for (const { name } of [RUN_METRICS.lastSuccess, RUN_METRICS.duration, RUN_METRICS.size]) {
        const found = await prometheus.eventually(name + pushed(labels));
        expect(found.map(({ metric }) => metric)).toEqual([{ __name__: name, job: PUSH_JOB, ...labels }]);
      }
      const [interval] = await prometheus.eventually(RUN_METRICS.expectedInterval.name + pushed(labels));
      expect(interval?.value).toBe(signal.run.longestGap);
      const success = RUN_METRICS.lastSuccess.name + pushed(labels);
      const [newest] = await prometheus.eventually(success, ({ value }) => value > began);
      expect(newest?.value).toBeLessThan(Date.now() / 1000 + 5);
    }
  });

  it('has the size that is stored, and a time after the commit marker was written', async () => {
    const tier = database.dumps?.tiers.find(({ name }) => name === 'daily') ?? { prefix: '', name: '' };
    const signal = signals.find((candidate) => candidate.tier === tier.name);
    const [id = ''] = (await committedIds(store, tier)).slice(-1);
    const marker = await markerOf(store, tier, id);
    const labels = pushed(signal === undefined ? {} : backupLabels(signal));
    const bytes = marker.files.reduce((sum, file) => sum + file.bytes, 0);
    await prometheus.eventually(RUN_METRICS.size.name + labels, ({ value }) => value === bytes);
    const [success] = await prometheus.eventually(RUN_METRICS.lastSuccess.name + labels);
    expect(success?.value).toBeGreaterThanOrEqual(Date.parse(marker.finishedAt) / 1000);
    const [duration] = await prometheus.eventually(RUN_METRICS.duration.name + labels);
    expect((success?.value ?? 0) - (duration?.value ?? 0)).toBe(Date.parse(marker.startedAt) / 1000);
  });

  it('has of each drill that it passed, and what it measured', async () => {
    expect(drills.map(({ drill }) => drill).sort()).toEqual([
      'etcd-restore',
      'recovery',
      'restore-test',
      'snapshot-restore',
    ]);
    for (const drill of drills) {
      const labels = pushed(drillLabels(drill));
      await prometheus.eventually(DRILL_METRICS.success.name + labels, ({ value }) => value === 1);
      await prometheus.eventually(DRILL_METRICS.restore.name + labels, ({ value }) => value > 0 && value <= drill.rto);
      await prometheus.eventually(DRILL_METRICS.lastSuccess.name + labels, ({ value }) => value > began);
    }
  });

  it('has of each tier what the store holds, by a job that looks there and believes no other', async () => {
    expect(probe?.prefixes.length).toBeGreaterThan(signals.length);
    for (const { kind, prefix, labels } of probe?.prefixes ?? []) {
      const newest = STORE_METRICS.newest.name + pushed(labels);
      if (kind === StoredKind.WAL) {
        await prometheus.eventually(newest, ({ value }) => value > began - 3600);
      } else {
        const [id = ''] = (await committedIds(store, { prefix })).slice(-1);
        // The stream commits meanwhile.
        await prometheus.eventually(newest, ({ value }) => value > began - 60 && value <= begunAt(id));
      }
    }
  });

  it('knows of each snapshot of a volume when it was cut, that it is ready, how large it is and what it belongs to', async () => {
    const snapshots = await snapshotsOf(volume);
    expect(snapshots.length).toBeGreaterThanOrEqual(volume.claims.length);
    for (const { metadata, spec, status } of snapshots) {
      const selector = `{name="${metadata.name}"}`;
      const [created] = await prometheus.eventually(SNAPSHOT_METRICS.created.name + selector);
      expect(created?.value).toBe(Date.parse(status.creationTime) / 1000);
      expect(created?.metric).toMatchObject({
        namespace: volume.namespace,
        claim: spec.source.persistentVolumeClaimName,
        part_of: volume.labels['app.kubernetes.io/part-of'],
        asset: volume.name,
        tier: volume.labels['cdk8s-dr/tier'],
      });
      expect(created?.metric.cluster).toBeUndefined();
      expect((await prometheus.eventually(SNAPSHOT_METRICS.ready.name + selector))[0]?.value).toBe(1);
      expect((await prometheus.eventually(SNAPSHOT_METRICS.size.name + selector))[0]?.value).toBeGreaterThan(0);
    }
  });

  it('knows which Cluster the snapshots of CloudNativePG are of', async () => {
    const found = await prometheus.eventually(`${SNAPSHOT_METRICS.created.name}{cluster!=""}`);
    expect([...new Set(found.map(({ metric }) => metric.cluster))]).toEqual([database.name]);
  });

  it('evaluates every rule without an error or a remark', async () => {
    const expected = planRecordings(plan).length + planAlerts(plan).length;
    let rules = await prometheus.rules(plan.site);
    await until('evaluation of every rule', 90, async () => {
      rules = await prometheus.rules(plan.site);
      return rules.every(({ health }) => health !== 'unknown') ? '' : 'not all are evaluated yet';
    });
    expect(rules).toHaveLength(expected);
    expect(rules.filter(({ health, lastError }) => health !== 'ok' || (lastError ?? '') !== '')).toEqual([]);
  });

  it('records every metric of the plan as one series with its labels', async () => {
    for (const { record, labels } of planRecordings(plan)) {
      const selector = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
      const found = await prometheus.eventually(`${record}{${selector.join(',')}}`);
      expect(found.map(({ metric }) => metric)).toEqual([{ __name__: record, ...labels }]);
    }
  });

  it('says in its recorded metrics that all is well: nothing failed, restores are proven, objectives are met', async () => {
    await prometheus.eventually(RECORDED_METRICS.failed.name, ({ value }) => value === 0);
    await prometheus.eventually(RECORDED_METRICS.verified.name, ({ value }) => value === 1);
    await prometheus.eventually(
      `${RECORDED_METRICS.achievedRpo.name} / ${RECORDED_METRICS.objectiveRpo.name}`,
      ({ value }) => value >= 0 && value <= 1,
    );
    const { metadata } = await get('cluster', database.name, database.namespace);
    const age = (Date.now() - Date.parse(metadata.creationTimestamp)) / 1000;
    await prometheus.eventually(RECORDED_METRICS.postgresAge.name, ({ value }) => value >= 0 && value < age + 600);
    await prometheus.eventually(RECORDED_METRICS.recoveryWindow.name, ({ value }) => value > 0 && value < age + 600);
  });

  it('has data for every query of the dashboard', async () => {
    const queries = dashboardQueries();
    expect(queries.length).toBeGreaterThan(15);
    for (const query of queries) {
      await prometheus.eventually(query);
    }
  });

  it('has nothing that fires, and once every run has reported nothing that is pending', async () => {
    await until('an end of all that is pending', 240, async () => {
      const alerts = await prometheus.alerts();
      return alerts.map(({ labels, state }) => `${state} ${JSON.stringify(labels)}`).join('\n');
    });
    expect(await prometheus.query('count by(alertname) (count_over_time(ALERTS{alertstate="firing"}[1h]))')).toEqual(
      [],
    );
  });

  /** One run of each job that is watched, and one backup of each kind that CloudNativePG makes. */
  async function everythingRuns(): Promise<void> {
    for (const claim of volume.claims) {
      await (await MountedClaim.mount(volume.namespace, claim)).write('state', 'worth a snapshot\n');
    }
    await Promise.all([
      backUp(database, 'monitored', 'volumeSnapshot'),
      ...signals.flatMap(({ namespace, cronJob }) => (cronJob === undefined ? [] : [complete(namespace, cronJob)])),
    ]);
    await baseBackup(database, store);
    await archiveSegment(database, store);
    for (const drill of allDrills(plan.drills)) {
      await allowLooking(drill);
    }
    for (const { namespace, clusterName } of plan.drills.recoveries) {
      await allowLastRequests(namespace, clusterName);
    }
    for (const { jobNamespace, cronJob } of drills) {
      await complete(jobNamespace, cronJob);
    }
    const { replication } = plan;
    await Promise.all([
      ...[...verifications, ...prunes].map(({ namespace, cronJob }) => complete(namespace, cronJob)),
      ...(replication === undefined ? [] : [complete(replication.namespace, replication.jobName)]),
    ]);
    await lookIntoStore();
  }

  async function lookIntoStore(): Promise<void> {
    if (probe !== undefined) {
      await complete(probe.namespace, probe.cronJob);
    }
  }
});

/** The expressions of all rules. */
function rulesOf(): string[] {
  return [...planRecordings(plan), ...planAlerts(plan)].map(({ expr }) => expr);
}

/** Every query of every panel, as it stands in the generated ConfigMap. */
function dashboardQueries(): string[] {
  const found = objectsOf(MONITORED).filter(({ metadata }) => metadata.labels?.grafana_dashboard === '1');
  return found
    .flatMap(({ data }) => Object.values(data as Record<string, string>))
    .flatMap((text) => JSON.parse(text).panels as { readonly targets: { readonly expr: string }[] }[])
    .flatMap(({ targets }) => targets.map(({ expr }) => expr));
}
