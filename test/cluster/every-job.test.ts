import { beforeAll, describe, expect, it } from 'vitest';
import { AssetKind, type BackupSignal, DRILL_METRICS, RUN_METRICS, STORE_METRICS, StoredKind } from '../../lib';
import { Ledger } from './faults/ledger';
import { pause } from './machine/run';
import { archivePrefix } from './support/archive';
import { EVERY_ROW, query } from './support/database';
import { readyForDrills } from './support/drills';
import { openExport } from './support/exports';
import { start, succeeded } from './support/jobs';
import { openByHand } from './support/open-by-hand';
import { type Reported, reportedUnder } from './support/pushgateway';
import { replicationPlanOf } from './support/replication';
import { committedIds, markerOf } from './support/runs';
import { cronJobs, databaseOf, objectsOf, ready, SITES } from './support/site';
import { filesOf, jobsOf, monitoringOf, type SiteJob } from './support/site-jobs';
import { begunAt } from './support/snapshots';
import { Store } from './support/store';
import { bindClaims, restore, volumePlanOf } from './support/volumes';

/** Seconds: a drill may recover a whole Cluster. */
const PATIENCE = 900;

describe.each(SITES)('every job of the site on $plan.storage.provider', (site) => {
  const jobs = jobsOf(site);
  const monitoring = monitoringOf(site);
  const database = databaseOf(site);
  /** Prefixes of what is written without a job: the archive, and the stream of etcd. */
  const streamed = (site.plan.lifecycle?.written ?? [])
    .map(({ prefix }) => prefix)
    .filter((written) => !jobs.some(({ prefix }) => `${prefix}/` === written));
  let store: Store;
  let ledger: Ledger;

  const listed = async (): Promise<string[]> =>
    (await store.list()).filter((key) => !streamed.some((prefix) => key.startsWith(prefix)));

  beforeAll(async () => {
    await ready(site);
    store = await Store.open(site.plan.storage);
    for (const claim of await bindClaims(site)) {
      await claim.write('state', `worth a snapshot of ${claim.claim}\n`);
    }
    ledger = await Ledger.open(store);
  }, 1_200_000);

  it('is in the plan, and all else that is written is the archive and the stream of etcd', () => {
    const archive = ['base', 'wals'].map((folder) => `${archivePrefix(database)}/${folder}/`);
    const { stream } = site.plan.etcd ?? {};
    expect(streamed).toEqual([...archive, ...(stream === undefined ? [] : [`${stream.prefix}/`])]);
    expect(jobs.map(({ namespace, name }) => `${namespace} ${name}`).sort()).toEqual(
      cronJobs(site)
        .map(({ namespace, name }) => `${namespace} ${name}`)
        .sort(),
    );
  });

  it.each(jobs)(
    '$name stores what the plan says and nothing else, and what it reports is true',
    async (job) => {
      if (job.claims === 'rehearsed') {
        await readyForDrills(site, store);
      }
      const before = await listed();
      // Reports have whole seconds.
      await pause(1);
      const began = Math.floor(Date.now() / 1000);
      await succeeded(await start(job.namespace, job.name), PATIENCE);
      const after = await listed();
      const fresh = after.filter((key) => !before.includes(key));
      const { lost, untrue } = await ledger.update();
      expect({ lost, untrue, gone: before.filter((key) => !after.includes(key)) }).toEqual({
        lost: [],
        untrue: [],
        gone: [],
      });
      await expectTruth(job, fresh, await reportsOf(job, began), began);
    },
    (PATIENCE + 300) * 1000,
  );

  /** What a job has reported of itself since a time. */
  async function reportsOf({ labels }: SiteJob, began: number): Promise<Reports> {
    const found = labels === undefined ? new Map() : await reportedUnder(monitoring, labels);
    return new Reports(found, began, Date.now() / 1000);
  }

  async function expectTruth(job: SiteJob, fresh: string[], reports: Reports, began: number): Promise<void> {
    switch (job.claims) {
      case 'captured':
        return expectCapture(job.prefix ?? '', job.signal as BackupSignal, fresh, reports);
      case 'verified':
        expect(fresh.map((key) => key.replace(/\d{8}T\d{6}Z/, 'ID'))).toEqual(
          ['json', 'txt'].map((suffix) => `${job.prefix}/ID/report.${suffix}`),
        );
        expect(JSON.parse((await store.read(fresh[0] ?? '')).toString('utf8')).status).toBe('passed');
        reports.expectNow(RUN_METRICS.verifyLastSuccess.name);
        reports.expectSpan(RUN_METRICS.verifyDuration.name);
        return;
      case 'rehearsed':
        expect(fresh.map((key) => key.replace(/\d{8}-\d{6}/, 'TIME'))).toEqual(
          ['json', 'txt'].map((suffix) => `${job.prefix}/${job.drill?.drill}-TIME.${suffix}`),
        );
        reports.expectNow(DRILL_METRICS.lastRun.name);
        reports.expectNow(DRILL_METRICS.lastSuccess.name);
        expect(reports.value(DRILL_METRICS.success.name)).toBe(1);
        expect(reports.value(DRILL_METRICS.rto.name)).toBe(job.drill?.rto);
        expect(reports.value(DRILL_METRICS.restore.name)).toBe(
          JSON.parse((await store.read(fresh[0] ?? '')).toString('utf8')).restoreSeconds,
        );
        return;
      case 'pruned':
        expect(fresh).toEqual([]);
        return;
      case 'copied':
        expect(fresh).toEqual([]);
        reports.expectNow(RUN_METRICS.replicationLastSuccess.name);
        reports.expectSpan(RUN_METRICS.replicationDuration.name);
        return expectCopied();
      case 'looked':
        expect(fresh).toEqual([]);
        expect(reports.value(STORE_METRICS.up.name)).toBe(1);
        reports.expectNow(STORE_METRICS.looked.name);
        return expectNewest(reports, began);
    }
  }

  async function expectCapture(
    prefix: string,
    { assetKind, run }: BackupSignal,
    fresh: string[],
    reports: Reports,
  ): Promise<void> {
    const [id = ''] = (await committedIds(store, { prefix })).slice(-1);
    const marker = await markerOf(store, { prefix }, id);
    const names = marker.files.map(({ name }) => name);
    expect(fresh).toEqual([...names, 'backup.json'].map((name) => `${prefix}/${id}/${name}`).sort());
    expect(names.map((name) => name.replace(/\d{8}t\d{6}z/, 'TIME')).sort()).toEqual(filesOf(site, assetKind).sort());
    reports.expectNow(RUN_METRICS.lastSuccess.name);
    expect(reports.value(RUN_METRICS.size.name)).toBe(marker.files.reduce((sum, { bytes }) => sum + bytes, 0));
    expect(reports.value(RUN_METRICS.lastSuccess.name) - reports.value(RUN_METRICS.duration.name)).toBe(
      Date.parse(marker.startedAt) / 1000,
    );
    expect(reports.value(RUN_METRICS.expectedInterval.name)).toBe(run.longestGap);
    await expectRestored(assetKind, `${prefix}/${id}`, names);
  }

  /** That of etcd is restored by its drill, and by a suite of its own. */
  async function expectRestored(kind: AssetKind, key: string, names: string[]): Promise<void> {
    if (kind === AssetKind.DATABASE) {
      expect(await openByHand(store, key, EVERY_ROW)).toBe(await query(database, EVERY_ROW));
    }
    if (kind === AssetKind.CONFIGURATION) {
      const { services = [] } = await openExport(store, key, ['services']);
      const ours = objectsOf(site).filter((object) => object.kind === 'Service');
      expect(ours).not.toEqual([]);
      for (const { metadata, spec } of ours) {
        const same = services.filter(
          ({ metadata: { name, namespace } }) => name === metadata.name && namespace === metadata.namespace,
        );
        expect(same.map((object) => object.spec.selector)).toEqual([spec.selector]);
      }
    }
    if (kind === AssetKind.VOLUMES) {
      const { namespace, claims } = volumePlanOf(site);
      for (const claim of claims) {
        const snapshot = names.find((name) => name.startsWith(`${claim}-`))?.replace(/\.json$/, '') ?? '';
        const restored = await restore(namespace, snapshot, `again-${claim}`);
        expect(await restored.read('state')).toBe(`worth a snapshot of ${claim}\n`);
        await restored.discard();
      }
    }
  }

  /** Of all that is committed the second store has a copy of the same size and MD5. */
  async function expectCopied(): Promise<void> {
    const target = await Store.open(replicationPlanOf(site).target);
    const copies = new Map((await target.describe()).map((object) => [object.Path, object]));
    const prefixes = jobs.flatMap(({ claims, prefix }) => (claims === 'captured' ? [`${prefix}/`] : []));
    const committed = (await store.describe()).filter(({ Path }) => prefixes.some((prefix) => Path.startsWith(prefix)));
    expect(committed.length).toBeGreaterThan(prefixes.length);
    for (const { Path, Size, Hashes } of committed) {
      expect(Hashes?.md5, Path).toMatch(/^[0-9a-f]{32}$/);
      expect(copies.get(Path), Path).toMatchObject({ Size, Hashes: { md5: Hashes?.md5 } });
    }
  }

  async function expectNewest(reports: Reports, began: number): Promise<void> {
    for (const { kind, prefix, labels } of monitoring.probe?.prefixes ?? []) {
      const newest = reports.value(STORE_METRICS.newest.name, labels);
      if (kind === StoredKind.RUNS) {
        const times = (await committedIds(store, { prefix })).map(begunAt);
        expect(times, prefix).toContain(newest);
        // The stream goes on meanwhile.
        expect(times.filter((time) => time > newest && time < began - 60)).toEqual([]);
      } else {
        expect(newest).toBeGreaterThan(began - PATIENCE);
      }
    }
  }
});

/** What a run has reported, between its beginning and its end. */
class Reports {
  public constructor(
    private readonly found: ReadonlyMap<string, readonly Reported[]>,
    private readonly began: number,
    private readonly ended: number,
  ) {}

  /** The one value of a metric that has these labels beside those of the group. */
  public value(metric: string, labels: Readonly<Record<string, string>> = {}): number {
    const values = (this.found.get(metric) ?? []).filter((series) =>
      Object.entries(labels).every(([label, value]) => series.labels[label] === value),
    );
    expect(
      values.map(({ value }) => value),
      `${metric} ${JSON.stringify(labels)}`,
    ).toHaveLength(1);
    return values[0]?.value ?? Number.NaN;
  }

  public expectNow(metric: string): void {
    expect(this.value(metric), metric).toBeGreaterThanOrEqual(this.began);
    expect(this.value(metric), metric).toBeLessThanOrEqual(this.ended + 1);
  }

  public expectSpan(metric: string): void {
    expect(this.value(metric), metric).toBeGreaterThanOrEqual(0);
    expect(this.value(metric), metric).toBeLessThanOrEqual(this.ended - this.began + 1);
  }
}
