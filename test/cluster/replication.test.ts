import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from './machine/run';
import { archivePrefix, archiveSegment, baseBackup } from './support/archive';
import { EVERY_ROW, query, sql } from './support/database';
import { dump, dumpsOf, tierOf } from './support/dumps';
import { exportNow, exportPlanOf } from './support/exports';
import { podsOf, runToFailure, runToSuccess, start, succeeded } from './support/jobs';
import { apply, kubectl, waitForField } from './support/kubectl';
import { openByHand } from './support/open-by-hand';
import {
  checksums,
  kill,
  recoveryObjects,
  removeRecovery,
  replicate,
  replicationPlanOf,
  startSlowly,
} from './support/replication';
import { committedIds, markerOf, sha256 } from './support/runs';
import { databaseOf, NEXTGEN, ready, S3 } from './support/site';
import { Store } from './support/store';

const RECOVERED = 'from-second-store';

describe('the second copy', () => {
  const plan = replicationPlanOf(NEXTGEN);
  const database = databaseOf(NEXTGEN);
  const daily = tierOf(database, 'daily');
  let first: Store;
  let second: Store;
  let id = '';

  beforeAll(async () => {
    await ready(NEXTGEN);
    first = await Store.open(NEXTGEN.plan.storage);
    second = await Store.open(plan.target);
    await baseBackup(database, first);
    id = await dump(database, first, daily);
    await exportNow(exportPlanOf(NEXTGEN), first);
    await archiveSegment(database, first);
  });
  afterAll(() => removeRecovery(database.namespace, RECOVERED));

  it('is made by a job under a ServiceAccount of its own, which has no rights in the cluster', async () => {
    const run = await start(plan.namespace, plan.jobName);
    let pods: unknown[] = [];
    await until('pod of the replication', 60, async () => {
      const found = await podsOf(run);
      pods = found.map(({ spec }) => [spec.serviceAccountName, spec.automountServiceAccountToken]);
      return pods.length === 0 ? 'none' : '';
    });
    expect(pods).toEqual([[plan.serviceAccountName, false]]);
    expect(await succeeded(run)).toMatch(/replicate: [1-9]\d* folders committed, [1-9]\d* single objects stored/);
    const account = `system:serviceaccount:${plan.namespace}:${plan.serviceAccountName}`;
    const rights = await kubectl(['auth', 'can-i', '--list', '-n', plan.namespace, `--as=${account}`]);
    expect(rights).not.toMatch(/secrets|pods|configmaps/);
  });

  it('holds every committed object under the same key, equal by checksums computed here', async () => {
    const copied = await checksums(second, 'postgres');
    const source = await checksums(first, 'postgres');
    expect(Object.keys(copied)).toEqual(
      expect.arrayContaining([
        `${daily.prefix}/${id}/backup.json`,
        `${daily.prefix}/${id}/database.tar.gpg`,
        expect.stringMatching(new RegExp(`^${archivePrefix(database)}/base/[^/]+/backup.info$`)),
        expect.stringMatching(new RegExp(`^${archivePrefix(database)}/base/[^/]+/data.tar`)),
        expect.stringMatching(new RegExp(`^${archivePrefix(database)}/wals/`)),
      ]),
    );
    for (const [key, sum] of Object.entries(copied)) {
      expect(source[key], key).toBe(sum);
    }
    const exports = exportPlanOf(NEXTGEN).prefix;
    expect(await second.list(exports)).toEqual(await first.list(exports));
  });

  it('is not made of a run that is not committed', async () => {
    const litter = `${daily.prefix}/20200101T000000Z/database.tar.gpg`;
    await first.write(litter, 'half of a dump');
    try {
      await replicate(plan);
      expect(await second.list(`${daily.prefix}/20200101T000000Z`)).toEqual([]);
    } finally {
      await first.remove(litter);
    }
  });

  it('survives a pod that is killed between data and marker: nothing half-made counts, and the next run completes it', async () => {
    await replicate(plan);
    const fresh = await dump(database, first, daily);
    const key = `${daily.prefix}/${fresh}`;
    const run = await startSlowly(plan);
    await until('the data of the dump in the second store', 240, async () => {
      const keys = await second.list(key);
      return keys.includes(`${key}/database.tar.gpg`) ? '' : `${keys.length} objects`;
    });
    await kill(run);
    expect(await second.list(key)).not.toContain(`${key}/backup.json`);
    expect(await committedIds(second, daily)).not.toContain(fresh);
    await replicate(plan);
    expect(await checksums(second, key)).toEqual(await checksums(first, key));
    expect(await committedIds(second, daily)).toContain(fresh);
  });

  it('deletes nothing when the first store has pruned', async () => {
    const old = ['20200101T000000Z', '20200102T000000Z', '20200103T000000Z', '20200104T000000Z'];
    for (const expired of old) {
      await first.copy(`${daily.prefix}/${id}`, `${daily.prefix}/${expired}`);
    }
    await replicate(plan);
    await runToSuccess(database.namespace, dumpsOf(database).prune.jobName);
    expect(await committedIds(first, daily)).not.toContain(old[0]);
    await replicate(plan);
    expect(await committedIds(second, daily)).toEqual(expect.arrayContaining(old));
    const { files } = await markerOf(second, daily, '20200101T000000Z');
    for (const { name, sha256: expected } of files) {
      expect(sha256(await second.read(`${daily.prefix}/20200101T000000Z/${name}`))).toBe(expected);
    }
  });

  it('opens with stock tools, and holds the database row for row', async () => {
    expect(await openByHand(second, `${daily.prefix}/${id}`, EVERY_ROW)).toBe(await query(database, EVERY_ROW));
  });

  it('is enough to recover a Cluster from, with all that was archived until then', async () => {
    await query(database, 'CREATE TABLE IF NOT EXISTS written_before_replication ()');
    await archiveSegment(database, first);
    await replicate(plan);
    await apply(await recoveryObjects(database, plan, RECOVERED));
    await waitForField('cluster', RECOVERED, database.namespace, '.status.phase', 'Cluster in healthy state', 300);
    const rows = await sql(database.namespace, RECOVERED, database.database, 'SELECT count(*) FROM invoices');
    expect(rows).toBe('3000');
    const found = "SELECT to_regclass('written_before_replication') IS NOT NULL";
    expect(await sql(database.namespace, RECOVERED, database.database, found)).toBe('t');
  });

  it('is never overwritten: a copy that was cut off fails every run, until somebody looks', async () => {
    const key = `${daily.prefix}/${id}/globals.sql.gpg`;
    const whole = await second.read(key);
    await second.write(key, 'cut off');
    try {
      expect(await runToFailure(plan.namespace, plan.jobName)).toMatch(
        new RegExp(`replicate: error: ${key} has 7 bytes at the second store and ${whole.length} at the first`),
      );
      expect((await second.read(key)).toString()).toBe('cut off');
    } finally {
      await second.write(key, whole);
    }
    await replicate(plan);
  });
});

describe('the second copy at another provider', () => {
  const plan = replicationPlanOf(S3);
  const database = databaseOf(S3);
  const daily = tierOf(database, 'daily');

  beforeAll(() => ready(S3));

  it('holds what the S3-compatible store holds', async () => {
    const first = await Store.open(S3.plan.storage);
    const second = await Store.open(plan.target);
    await baseBackup(database, first);
    const id = await dump(database, first, daily);
    await archiveSegment(database, first);
    await replicate(plan);
    expect(await committedIds(second, daily)).toContain(id);
    const source = await checksums(first, 'postgres');
    const copied = await checksums(second, 'postgres');
    expect(Object.keys(copied).some((key) => key.endsWith('/backup.info'))).toBe(true);
    for (const [key, sum] of Object.entries(copied)) {
      expect(source[key], key).toBe(sum);
    }
  });
});
