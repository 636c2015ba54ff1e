import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Alert, AlertName, AlertSeverity, RECORDED_METRICS } from '../../../lib';
import { jobSecrets } from '../../../lib/storage';
import { provideEmptyPassphrase, withoutPassphrase } from '../faults/empty-passphrase';
import { until } from '../machine/run';
import { backUp } from '../support/archive';
import { query } from '../support/database';
import { complete, finish, outcome, type Run, start, startChanged, withVariable } from '../support/jobs';
import { get, kubectl, waitForField } from '../support/kubectl';
import type { ActiveAlert } from '../support/prometheus';
import { databaseOf, ready } from '../support/site';
import { etcdPlanOf } from '../support/snapshots';
import { MountedClaim, volumePlanOf } from '../support/volumes';
import { HASTENED, hastened } from './hastened';
import { kubeStateMetrics, MONITORED, MONITORING, planned, prometheus, RULES_TEXT } from './monitored';

const { plan } = MONITORED;
const { namespace } = plan;
const database = databaseOf(MONITORED);
const volume = volumePlanOf(MONITORED);
const HOURLY = { name: database.dumps?.tiers.find(({ name }) => name === 'hourly')?.jobName ?? '', tier: 'hourly' };
const SNAPSHOTS = etcdPlanOf(MONITORED);
const STREAM = { name: plan.etcd?.stream?.name ?? '', namespace: plan.etcd?.namespace ?? '' };
const DRILL = planned(plan.drills.restoreTests[0]);
const PROBE = planned(MONITORING.probe);
const [STORE_SECRET = ''] = jobSecrets(plan.storage).map(({ secretName }) => secretName);

/** Whether an alert has these labels, hastened or not. */
type Labels = Readonly<Record<string, string>>;

const DUMP_FAILED: Labels = { alertname: AlertName.BACKUP_FAILED, tier: HOURLY.tier, ...HASTENED };
const BASE_BACKUP_FAILED: Labels = { alertname: AlertName.BACKUP_FAILED, tier: 'base', ...HASTENED };
const SNAPSHOT_TOO_OLD: Labels = { alertname: AlertName.SNAPSHOT_TOO_OLD, asset: volume.name, ...HASTENED };
const STORE_UNREACHABLE: Labels = { alertname: AlertName.STORE_UNREACHABLE, severity: 'critical' };
const DRILL_FAILED: Labels = { alertname: AlertName.DRILL_FAILED, drill: DRILL.kind, signal: 'report' };
const ARCHIVING_FAILS: Labels = { alertname: AlertName.WAL_ARCHIVING_FAILING, asset: database.name };
const ARCHIVE_BACKLOG: Labels = { alertname: AlertName.WAL_ARCHIVE_BACKLOG, asset: database.name };
const STREAM_SILENT: Labels = { alertname: AlertName.ETCD_STREAM_STALE, signal: 'report' };
const STREAM_GONE: Labels = { alertname: AlertName.ETCD_STREAM_STALE, signal: 'cluster' };
/** What the probe saw last of the stream; it fires too if all this takes long. */
const STREAM_UNSEEN: Labels = { alertname: AlertName.ETCD_STREAM_STALE, signal: 'store' };

/** Those of hours and half hours; the others fire within minutes as they are generated. */
function waitsTooLong({ name, severity, labels }: Alert): boolean {
  return (
    (name === AlertName.BACKUP_FAILED && (labels.tier === HOURLY.tier || labels.tier === 'base')) ||
    (name === AlertName.SNAPSHOT_TOO_OLD && labels.asset === volume.name) ||
    (name === AlertName.STORE_UNREACHABLE && severity === AlertSeverity.CRITICAL) ||
    (name === AlertName.DRILL_FAILED && labels.drill === DRILL.kind && labels.signal === 'report')
  );
}

const has =
  (wanted: Labels) =>
  ({ labels }: ActiveAlert): boolean =>
    Object.entries(wanted).every(([label, value]) => labels[label] === value);

const line = ({ labels, state }: ActiveAlert): string => `${state} ${JSON.stringify(labels)}`;

/** Waits until as many alerts as said fire that have these labels, and returns them. */
async function firing(wanted: Labels, count = 1): Promise<ActiveAlert[]> {
  let found: ActiveAlert[] = [];
  await until(
    `${count} alerts ${JSON.stringify(wanted)} that fire`,
    300,
    async () => {
      const alerts = await prometheus.alerts();
      found = alerts.filter(has(wanted)).filter(({ state }) => state === 'firing');
      return found.length === count ? '' : alerts.map(line).join('\n') || 'none is active';
    },
    2000,
  );
  return found;
}

/** Waits until no alert with these labels is pending or fires. */
async function cleared(wanted: Labels): Promise<void> {
  await until(
    `an end of ${JSON.stringify(wanted)}`,
    240,
    async () => (await prometheus.alerts()).filter(has(wanted)).map(line).join('\n'),
    2000,
  );
}

describe('alerts of a real Prometheus, while much is wrong at once', () => {
  let secret: unknown;
  let failedRun: Run | undefined;

  beforeAll(async () => {
    await ready(MONITORED);
    await Promise.all([
      kubeStateMetrics.start(),
      prometheus.start(hastened(plan, RULES_TEXT, waitsTooLong)),
      ...volume.claims.map((claim) => MountedClaim.mount(volume.namespace, claim)),
    ]);
    await Promise.all([
      complete(namespace, HOURLY.name),
      complete(volume.namespace, volume.jobName),
      // Never having succeeded is an incident of its own within a quarter of an hour.
      complete(SNAPSHOTS.namespace, SNAPSHOTS.jobName),
    ]);
    // It looks for what they have stored.
    await complete(PROBE.namespace, PROBE.cronJob);
    await prometheus.eventually(RECORDED_METRICS.failed.name, ({ value }) => value === 0);
    await breakAll();
  });

  afterAll(async () => {
    await mendStore();
    await scaleStream(1);
    if (failedRun !== undefined) {
      await finish(failedRun);
    }
    await prometheus.stop();
    await kubeStateMetrics.stop();
  });

  it('a dump with the wrong password is reported as a failed backup', async () => {
    expect(failedRun && (await outcome(failedRun))).toBe('Failed');
    const [alert] = await firing(DUMP_FAILED);
    expect(alert?.labels).toMatchObject({ site: plan.site, namespace, asset: database.name, severity: 'warning' });
    expect(alert?.annotations.description).toContain(`${namespace}/${HOURLY.name} failed`);
  });

  it('every claim without a new snapshot is reported', async () => {
    const found = await firing(SNAPSHOT_TOO_OLD, volume.claims.length);
    expect(found.map(({ labels }) => labels.claim).sort()).toEqual([...volume.claims].sort());
  });

  it('a stream of etcd that is gone is reported by both of its witnesses', async () => {
    const [silent] = await firing(STREAM_SILENT);
    expect(silent?.labels).toMatchObject({ severity: 'critical', tier: plan.etcd?.stream?.tier });
    await firing(STREAM_GONE);
  });

  it('a store that refuses the WAL is reported, as a failure and as a backlog', async () => {
    const [failure] = await firing(ARCHIVING_FAILS);
    expect(failure?.labels).toMatchObject({ severity: 'critical', site: plan.site, namespace });
    await firing(ARCHIVE_BACKLOG);
  });

  it('a base backup that the store refuses is reported as a failed backup', async () => {
    const [alert] = await firing(BASE_BACKUP_FAILED);
    expect(alert?.labels).toMatchObject({ site: plan.site, namespace, asset: database.name, severity: 'warning' });
  });

  it('a store that refuses the probe is reported as unreachable', async () => {
    const [alert] = await firing({ ...STORE_UNREACHABLE, ...HASTENED });
    expect(alert?.labels).toMatchObject({ site: plan.site, namespace: PROBE.namespace, store: PROBE.store });
  });

  it('a rehearsed restore that cannot open the backup is reported as a failed drill', async () => {
    const [alert] = await firing({ ...DRILL_FAILED, ...HASTENED });
    expect(alert?.labels).toMatchObject({ site: plan.site, namespace, asset: database.name, severity: 'critical' });
  });

  it('nothing else fires, and what they say has values in it', async () => {
    const alerts = (await prometheus.alerts()).filter(({ state }) => state === 'firing');
    const expected = [
      DUMP_FAILED,
      BASE_BACKUP_FAILED,
      SNAPSHOT_TOO_OLD,
      STREAM_SILENT,
      STREAM_GONE,
      STREAM_UNSEEN,
      ARCHIVING_FAILS,
      ARCHIVE_BACKLOG,
      STORE_UNREACHABLE,
      DRILL_FAILED,
    ];
    expect(alerts.filter((alert) => !expected.some((wanted) => has(wanted)(alert))).map(line)).toEqual([]);
    for (const { annotations } of alerts) {
      expect(Object.values(annotations).filter((text) => /\{\{|<no value>|error/.test(text))).toEqual([]);
    }
  });

  it('each of them ends once the next run is good, the store takes WAL and the stream is back', async () => {
    await mendStore();
    await scaleStream(1);
    await query(database, 'SELECT pg_switch_wal()');
    // What is hastened would soon be too old again, so each end is waited for while the others still go on.
    await Promise.all([
      complete(namespace, HOURLY.name).then(() => cleared(DUMP_FAILED)),
      complete(PROBE.namespace, PROBE.cronJob).then(() => cleared(STORE_UNREACHABLE)),
      complete(DRILL.namespace, DRILL.jobName).then(() => cleared(DRILL_FAILED)),
      complete(volume.namespace, volume.jobName).then(() => cleared(SNAPSHOT_TOO_OLD)),
      backUp(database, 'accepted', 'plugin').then(() => cleared(BASE_BACKUP_FAILED)),
      cleared(ARCHIVING_FAILS),
      cleared(ARCHIVE_BACKLOG),
      cleared({ alertname: AlertName.ETCD_STREAM_STALE }),
    ]);
  });

  async function breakAll(): Promise<void> {
    failedRun = await startChanged(namespace, HOURLY.name, withVariable('PGPASSWORD', 'not the password'));
    await provideEmptyPassphrase([DRILL.namespace]);
    const drill = await startChanged(DRILL.namespace, DRILL.jobName, withoutPassphrase);
    expect(await outcome(drill)).toBe('Failed');
    await finish(drill);
    await scaleStream(0);
    secret = (await get('secret', STORE_SECRET, namespace)).data;
    const wrong = Buffer.from(Buffer.from('not the key').toString('base64')).toString('base64');
    await setSecret(Object.fromEntries(Object.keys(secret as object).map((key) => [key, wrong])));
    await query(database, "SELECT pg_create_restore_point('incident'); SELECT pg_switch_wal()");
    await backUp(database, 'refused', 'plugin', 'failed');
    const probe = await start(PROBE.namespace, PROBE.cronJob);
    await outcome(probe);
    await finish(probe);
  }

  async function mendStore(): Promise<void> {
    if (secret !== undefined) {
      await setSecret(secret);
    }
  }
});

async function setSecret(data: unknown): Promise<void> {
  await kubectl(['patch', 'secret', STORE_SECRET, '-n', namespace, '--type=merge', '-p', JSON.stringify({ data })]);
}

async function scaleStream(replicas: number): Promise<void> {
  await kubectl(['scale', 'statefulset', STREAM.name, '-n', STREAM.namespace, `--replicas=${replicas}`]);
  await waitForField('statefulset', STREAM.name, STREAM.namespace, '.status.replicas', `${replicas}`, 120);
}
