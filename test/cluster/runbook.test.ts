import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runbookOf } from '../../lib';
import { quote } from '../../lib/recovery/shell';
import { linesOf, sectionOf } from '../support/runbook';
import { kubectl as sandboxedKubectl } from './machine/control-plane';
import { attempt, type Outcome } from './machine/run';
import { archiveSegment, baseBackup } from './support/archive';
import { healthy, query, removeCluster, sql } from './support/database';
import { dump, tierOf } from './support/dumps';
import { runToSuccess } from './support/jobs';
import { apply, get, kubectl, remove, tryKubectl } from './support/kubectl';
import { databaseOf, NEXTGEN, ready } from './support/site';
import { Store } from './support/store';
import { MountedClaim, snapshotsOf, volumePlanOf } from './support/volumes';
import { OWN_CLUSTER } from './support/which-cluster';

const runbook = runbookOf(NEXTGEN.plan);
const database = databaseOf(NEXTGEN);
const volume = volumePlanOf(NEXTGEN);
const { namespace, archive, path } = database;
const BESIDE = archive.nextServerName;
const PAST = `${database.name}-past`;
const RESTORED = `${database.database}_restored`;
const MINUTES = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'dr-on-call-'));

/** Pastes every block of a section into one shell whose kubectl is the cluster's, with what a person fills in. */
async function paste(heading: string, parameters: Readonly<Record<string, string>>): Promise<Outcome> {
  const script = join(folder, 'pasted.sh');
  writeFileSync(script, linesOf(sectionOf(runbook, heading), parameters));
  const env = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH ?? ''}` };
  return attempt(['sh', script], { env });
}

/** A whole second with at least one more on either side of it, at which nothing is written. */
async function quietMoment(): Promise<string> {
  const answer = await query(
    database,
    "SELECT pg_sleep(2); SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'); SELECT pg_sleep(2)",
  );
  return answer.trim();
}

describe('the runbook, pasted as it is printed', () => {
  let store: Store;

  beforeAll(async () => {
    const [program = '', ...rest] = OWN_CLUSTER ? await sandboxedKubectl([]) : ['kubectl'];
    const wrapper = join(folder, 'kubectl');
    writeFileSync(wrapper, `#!/bin/sh\nexec ${[program, ...rest].map(quote).join(' ')} "$@"\n`);
    chmodSync(wrapper, 0o755);
    await ready(NEXTGEN);
    store = await Store.open(NEXTGEN.plan.storage);
    await cleanUp();
    await baseBackup(database, store);
  }, 20 * MINUTES);

  afterAll(async () => {
    await cleanUp();
    rmSync(folder, { recursive: true, force: true });
  });

  async function cleanUp(): Promise<void> {
    for (const cluster of [BESIDE, PAST]) {
      await removeCluster(cluster, namespace);
      await tryKubectl(['delete', 'backup', `${BESIDE}-first`, '-n', namespace, '--ignore-not-found']);
    }
    await store.removeAll(`${path}/${BESIDE}`);
    await healthy(database);
    await query(database, `DROP TABLE IF EXISTS marks, marks_past`);
    await sql(namespace, database.name, 'postgres', `DROP DATABASE IF EXISTS "${RESTORED}"`);
  }

  it(
    'brings back deleted rows beside the live ones, and adds what is missed without touching what was written since',
    async () => {
      await query(
        database,
        `SET ROLE "${database.owner}"; CREATE TABLE marks (id int PRIMARY KEY, mark text); INSERT INTO marks VALUES (1, 'kept'), (2, 'deleted')`,
      );
      const time = await quietMoment();
      await query(database, "DELETE FROM marks WHERE id = 2; INSERT INTO marks VALUES (3, 'written since')");
      await archiveSegment(database, store);
      const { code, out, err } = await paste(`Fetch lost rows of database ${database.name}`, {
        TARGET_TIME: time,
        TABLE: 'public.marks',
      });
      expect(code, `${out}\n${err}`).toBe(0);
      expect(await query(database, 'SELECT mark FROM marks ORDER BY id')).toBe('kept\ndeleted\nwritten since');
      expect((await tryKubectl(['get', 'cluster', PAST, '-n', namespace])).code).not.toBe(0);
    },
    20 * MINUTES,
  );

  it(
    'recovers the database beside the old one to a second, validates it, and leaves both archives apart',
    async () => {
      await query(
        database,
        "CREATE TABLE IF NOT EXISTS marks (id int PRIMARY KEY, mark text); DELETE FROM marks; INSERT INTO marks VALUES (1, 'before')",
      );
      const time = await quietMoment();
      await query(database, "INSERT INTO marks VALUES (2, 'after')");
      await archiveSegment(database, store);
      const heading = `Recover database ${database.name} beside the old one, to a moment`;
      const { code, out, err } = await paste(heading, { TARGET_TIME: time });
      // Nobody wrote the name of the old Cluster into CONFIRM_DELETE, so the last step stops, and it is there.
      expect(err).toContain('CONFIRM_DELETE');
      expect(code, `${out}\n${err}`).not.toBe(0);
      expect(await sql(namespace, BESIDE, database.database, 'SELECT mark FROM marks')).toBe('before');
      expect(await query(database, 'SELECT mark FROM marks ORDER BY id')).toBe('before\nafter');
      const { spec, status } = await get('cluster', BESIDE, namespace);
      expect(spec.plugins[0].parameters.serverName).toBe(archive.nextServerName);
      expect(status.readyInstances).toBe(database.cluster.instances);
      expect((await get('backup', `${BESIDE}-first`, namespace)).status.phase).toBe('completed');
      expect((await store.list(`${path}/${BESIDE}/base`)).length).toBeGreaterThan(0);
      // Every line of the validation is true, and begins with a t.
      expect(out.split('\n').filter((line) => /^[tf]\|/.test(line))).toEqual(
        expect.arrayContaining([expect.stringMatching(/^t\|501 rows/), expect.stringMatching(/^t\|3000 rows/)]),
      );
      expect(out).not.toMatch(/^f\|/m);
    },
    40 * MINUTES,
  );

  it(
    'restores a dump into a new database, and puts it in the place of the live one only when it is named',
    async () => {
      await dump(database, store, tierOf(database, 'daily'));
      const heading = `Restore a dump of database ${database.name} into a new database`;
      const { code, out, err } = await paste(heading, {});
      expect(code, `${out}\n${err}`).toBe(0);
      for (const table of ['users', 'invoices', 'events']) {
        const count = `SELECT count(*), md5(string_agg(t::text, ',' ORDER BY t::text COLLATE "C")) FROM ${table} t`;
        expect(await sql(namespace, database.name, RESTORED, count)).toBe(await query(database, count));
      }
      const owner = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'";
      expect(await sql(namespace, database.name, RESTORED, owner)).toBe(database.owner);
      // A second time it stops, since the database is there.
      expect((await paste(heading, {})).err).toContain(`database "${RESTORED}" already exists`);
    },
    20 * MINUTES,
  );

  it(
    'restores a claim from its snapshot, beside the old one and then in its place, and keeps the old volume',
    async () => {
      const [claim = ''] = volume.claims;
      const mounted = await MountedClaim.mount(namespace, claim);
      await mounted.write('state', 'in the snapshot\n');
      await runToSuccess(namespace, volume.jobName);
      await mounted.write('state', 'damaged later\n');
      const snapshots = await snapshotsOf(volume);
      const snapshot =
        snapshots.filter(({ spec }) => spec.source.persistentVolumeClaimName === claim).at(-1)?.metadata.name ?? '';
      const old = (await get('pvc', claim, namespace)).spec.volumeName;
      // The runbook says to stop whoever uses the claim.
      await remove('pod', mounted.pod, namespace);
      const heading = `Restore a claim of volumes ${volume.name} from a snapshot`;
      const { code, out, err } = await paste(heading, { CLAIM: claim, SNAPSHOT: snapshot, CONFIRM_DELETE: claim });
      expect(code, `${out}\n${err}`).toBe(0);
      const restored = await MountedClaim.mount(namespace, claim);
      expect(await restored.read('state')).toBe('in the snapshot\n');
      const { status, spec } = await get('pv', old);
      expect([status.phase, spec.persistentVolumeReclaimPolicy]).toEqual(['Released', 'Retain']);
      await remove('pod', restored.pod, namespace);
      await kubectl(['patch', 'pv', old, '-p', '{"spec":{"persistentVolumeReclaimPolicy":"Delete"}}']);
    },
    20 * MINUTES,
  );

  it('is accepted, as the manifests of the next generation are, by the API server and CloudNativePG', async () => {
    const manifest = sectionOf(
      runbook,
      `Recover database ${database.name} under its own name, with everything that was archived`,
    );
    const yaml = /<<'YAML'\n([\s\S]*?)\nYAML/.exec(manifest)?.[1] ?? '';
    await apply(yaml.replace(/^ {2}name: .*$/m, '  name: dry-run-only'), ['--dry-run=server']);
  });
});
