import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nextgen } from '../../../app';
import { proceduresOf } from '../../../lib/recovery';
import { variants } from '../../support/configs';
import { objectsIn, render } from '../../support/render';
import type { Outcome } from '../machine/run';
import { overridden } from '../overrides';
import { archiveSegment, baseBackup } from '../support/archive';
import { primaryOf, query, removeCluster } from '../support/database';
import { get, type KubernetesObject, kubectl, list, tryKubectl, waitForField } from '../support/kubectl';
import { removeNamespace } from '../support/provide';
import { validated } from '../support/recovered';
import { databaseOf, ready, S3 } from '../support/site';
import { Store } from '../support/store';
import { Workstation } from '../support/workstation';

const database = databaseOf(S3);
const { name, namespace, archive, path } = database;
const NEXT = archive.nextServerName;
const generation = archive.earlierServerNames.length + 2;
const procedure = proceduresOf(S3.plan).databases[0]?.ownName.at(-1);
const MINUTES = 60_000;

/** A Cluster that nobody makes instances for, to see what is accepted. */
const TRIAL = 'git-trial';

type Parameters = { readonly spec: { readonly plugins: readonly { readonly parameters: object }[] } };

/** The Cluster in Git, once the config says a generation. */
function inGit(generation: number): KubernetesObject {
  const config = overridden.s3(variants['s3-compatible'] ?? nextgen);
  const databases = config.databases?.map((each) => ({ ...each, generation }));
  const found = objectsIn(render({ ...config, databases })).find(({ kind }) => kind === 'Cluster');
  return found as unknown as KubernetesObject;
}

/** Applies a Cluster as Argo CD does. */
function sync(cluster: object, flags: readonly string[] = []): Promise<Outcome> {
  const how = ['--server-side', '--force-conflicts', '--field-manager=argocd-controller', ...flags];
  return tryKubectl(['apply', ...how, '-f', '-'], { input: JSON.stringify(cluster) });
}

describe('the runbook of a database of which nothing is left, pasted as it is printed', () => {
  let store: Store;
  let workstation: Workstation;

  beforeAll(async () => {
    workstation = await Workstation.open(S3.plan);
    await ready(S3);
    store = await Store.open(S3.plan.storage);
    await baseBackup(database, store);
  }, 20 * MINUTES);

  afterAll(async () => {
    // Whoever comes next begins as the manifests do: with an empty archive, and with a base backup at once.
    await removeNamespace(namespace);
    await store.removeAll(path);
    await workstation.close();
  });

  it(
    'brings it back under its own name with every row that was archived, and archives it under the next name',
    async () => {
      await query(
        database,
        'DROP TABLE IF EXISTS marks; CREATE TABLE marks (mark text); INSERT INTO marks SELECT n FROM generate_series(1, 1000) n',
      );
      await archiveSegment(database, store);
      const rows = await query(database, 'SELECT count(*), md5(string_agg(t::text, chr(10))) FROM marks t');
      await removeCluster(name, namespace);
      expect(await list('pvc', namespace, `cnpg.io/cluster=${name}`)).toEqual([]);
      const old = (await store.list(`${path}/${archive.serverName}`)).length;

      const { code, out, err } = await workstation.paste(procedure?.title ?? '', {});
      expect(code, `${out}\n${err}`).toBe(0);
      expect(await query(database, 'SELECT count(*), md5(string_agg(t::text, chr(10))) FROM marks t')).toBe(rows);
      expect(validated(out).length).toBeGreaterThan(1);
      expect(out).not.toMatch(/^f\|/m);
      const { spec } = await get('cluster', name, namespace);
      expect(spec.plugins[0].parameters.serverName).toBe(NEXT);
      expect((await get('backup', `${NEXT}-first`, namespace)).status.phase).toBe('completed');
      const archived = await store.list(`${path}/${NEXT}`);
      expect(archived.some((key) => key.includes('/base/') && key.endsWith('/backup.info'))).toBe(true);
      expect(archived.some((key) => key.includes('/wals/'))).toBe(true);
      expect((await store.list(`${path}/${archive.serverName}`)).length).toBe(old);
    },
    20 * MINUTES,
  );

  it(
    "is left as it is by Git's manifest of the next generation, whether the server or a client applies it",
    async () => {
      const rows = await query(database, 'SELECT count(*) FROM marks');
      const before = await primary();
      const synced = await sync(inGit(generation));
      expect(synced.code, synced.err).toBe(0);
      await waitForField('cluster', name, namespace, '.status.phase', 'Cluster in healthy state', 120);
      const { spec } = await get('cluster', name, namespace);
      expect(spec.externalClusters).toBeUndefined();
      expect(spec.plugins[0].parameters.serverName).toBe(NEXT);
      expect(await primary()).toBe(before);
      expect(await query(database, 'SELECT count(*) FROM marks')).toBe(rows);
      const client = await tryKubectl(['apply', '--dry-run=server', '-o', 'json', '-f', '-'], {
        input: JSON.stringify(inGit(generation)),
      });
      expect((JSON.parse(client.out) as KubernetesObject).spec).toEqual(spec);
      await query(database, "INSERT INTO marks VALUES ('written after the sync')");
      await archiveSegment({ ...database, archive: { ...archive, serverName: NEXT } }, store);
    },
    10 * MINUTES,
  );

  it("would archive over the old archive with Git's manifest of the old generation, which the runbook warns of", async () => {
    const { out } = await sync(inGit(generation - 1), ['--dry-run=server', '-o', 'json']);
    expect((JSON.parse(out) as Parameters).spec.plugins[0]?.parameters).toMatchObject({
      serverName: archive.serverName,
    });
  });

  it("is refused with Git's manifest on top while it says where it came from, as the runbook warns", async () => {
    const [cluster] = (procedure?.steps.flatMap(({ manifests }) => manifests ?? []) ?? []) as KubernetesObject[];
    const metadata = { name: TRIAL, namespace };
    const annotations = { 'cnpg.io/reconciliationLoop': 'disabled' };
    const trial = { ...cluster, metadata: { ...metadata, annotations } };
    const git = { ...inGit(generation), metadata };
    await kubectl(['create', '--save-config', '-f', '-'], { input: JSON.stringify(trial) });
    const server = await sync(git);
    expect(server.code).not.toBe(0);
    expect(server.err).toContain('Only one bootstrap method can be specified at a time');
    expect((await get('cluster', TRIAL, namespace)).spec.bootstrap).toHaveProperty('recovery');
    // A client knows what was created before, and takes it away.
    await kubectl(['apply', '-f', '-'], { input: JSON.stringify(git) });
    expect((await get('cluster', TRIAL, namespace)).spec.bootstrap).not.toHaveProperty('recovery');
  });

  /** The process that serves writes: another one would mean a restart. */
  async function primary(): Promise<string> {
    const start = "SELECT to_char(pg_postmaster_start_time(), 'YYYY-MM-DD HH24:MI:SS.US')";
    return `${await primaryOf(namespace, name)} since ${await query(database, start)}`;
  }
});
