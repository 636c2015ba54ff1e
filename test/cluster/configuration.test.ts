import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isClusterScoped } from '../../lib';
import { until } from './machine/run';
import { type Export, exportNow, exportPlanOf, openExport } from './support/exports';
import { podsOf, runToFailure, start, succeeded } from './support/jobs';
import { apply, get, type KubernetesObject, kubectl, remove } from './support/kubectl';
import { allowed, type Right } from './support/rights';
import { committedIds, markerOf, RUN_ID, sha256 } from './support/runs';
import { CHOSEN_PORT, SAMPLE_NAMESPACE, SAMPLE_OBJECTS, SAMPLE_SECRET } from './support/sample-objects';
import { databaseOf, NEXTGEN, ready } from './support/site';
import { Store } from './support/store';
import { expectForbidden } from './support/watch';

const plan = exportPlanOf(NEXTGEN);
const KINDS = plan.resources.map(({ name }) => name);
/** Kinds of which the sample namespace has objects. */
const SAMPLE_KINDS = KINDS.filter((name) => !isClusterScoped(name) && !name.endsWith('.cnpg.io'));
const ACCOUNT = `system:serviceaccount:${plan.namespace}:${plan.serviceAccountName}`;
/** What would let it read or change more. */
const FORBIDDEN: readonly Right[] = [
  ['list', 'pods'],
  ['watch', 'secrets'],
  ['update', 'configmaps'],
  ['create', 'deployments.apps'],
  ['delete', 'clusters.postgresql.cnpg.io'],
  ['create', 'serviceaccounts/token'],
];
const ROLE = `${plan.jobName}.${plan.namespace}`;

/** The objects of the sample namespace in an export, by kind. */
async function sampleObjects(store: Store, { key }: Export): Promise<Record<string, KubernetesObject[]>> {
  const all = await openExport(store, key, SAMPLE_KINDS);
  return Object.fromEntries(
    Object.entries(all).map(([kind, items]) => [
      kind,
      items.filter(({ metadata }) => metadata.namespace === SAMPLE_NAMESPACE),
    ]),
  );
}

describe('the export of cluster objects', () => {
  let store: Store;
  let first: Export;
  let objects: Record<string, KubernetesObject[]>;

  beforeAll(async () => {
    await ready(NEXTGEN);
    store = await Store.open(NEXTGEN.plan.storage);
    await remove('namespace', SAMPLE_NAMESPACE);
    await apply([
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: SAMPLE_NAMESPACE, labels: { team: 'sample' } } },
    ]);
    await apply(SAMPLE_OBJECTS);
    first = await exportNow(plan, store);
    objects = await sampleObjects(store, first);
  });

  afterAll(() => remove('namespace', SAMPLE_NAMESPACE));

  it('stores exactly the planned keys, with a marker that verifies', async () => {
    expect(first.id).toMatch(RUN_ID);
    const files = [...KINDS, 'index'].map((name) => `${name}.json.gpg`);
    expect(await store.list(first.key)).toEqual([...files, 'backup.json'].map((file) => `${first.key}/${file}`).sort());
    const marker = await markerOf(store, plan, first.id);
    expect(marker).toMatchObject({ asset: 'configuration', tier: plan.tier, runId: first.id });
    expect(marker.files.map(({ name }) => name).sort()).toEqual(files.sort());
    const stored = await store.readAll(first.key);
    const found = marker.files.map(({ name }) => {
      const bytes = stored.get(name) ?? Buffer.of();
      return { name, bytes: bytes.length, sha256: sha256(bytes) };
    });
    expect(found).toEqual(marker.files);
  });

  it('runs under a ServiceAccount of its own, which may read what is exported and nothing else', async () => {
    const run = await start(plan.namespace, plan.jobName);
    let accounts: string[] = [];
    await until('pod of the export', 60, async () => {
      accounts = (await podsOf(run)).map(({ spec }) => String(spec.serviceAccountName));
      return accounts.length === 0 ? 'none' : '';
    });
    await succeeded(run);
    expect(accounts).toEqual([plan.serviceAccountName]);
    const rights = [...KINDS.map((kind): Right => ['list', kind]), ...FORBIDDEN];
    expect(await allowed({ namespace: plan.namespace, name: plan.serviceAccountName }, rights)).toEqual(
      KINDS.map((kind) => `list ${kind}`),
    );
  });

  it('stores Secrets that can be read through gpg only', async () => {
    const encoded = Buffer.from(SAMPLE_SECRET).toString('base64');
    const sealed = await store.readAll(first.key);
    expect(sealed.size).toBeGreaterThan(1);
    for (const stored of sealed.values()) {
      expect(stored.includes(SAMPLE_SECRET) || stored.includes(encoded) || stored.includes('apiVersion')).toBe(false);
    }
    const { secrets = [] } = objects;
    expect(secrets.map(({ metadata, data }) => [metadata.name, data.password])).toEqual([['login', encoded]]);
  });

  it('holds every object of a namespace once, without what the cluster adds', async () => {
    const names = Object.values(objects).flatMap((items) =>
      items.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
    );
    const given = SAMPLE_OBJECTS.map((object) => object as KubernetesObject);
    expect(names.sort()).toEqual(
      [...given.map(({ kind, metadata }) => `${kind} ${metadata.name}`), 'ServiceAccount default'].sort(),
    );
    expect(JSON.stringify(objects)).not.toMatch(/"(uid|resourceVersion|managedFields|status|creationTimestamp)":/);
  });

  it('is restored into an empty namespace, and then compares equal', async () => {
    const { namespaces = [] } = await openExport(store, first.key, ['namespaces']);
    await remove('namespace', SAMPLE_NAMESPACE);
    await apply(namespaces.filter(({ metadata }) => metadata.name === SAMPLE_NAMESPACE));
    await apply(Object.values(objects).flat());
    const restored = await exportNow(plan, store);
    expect(await sampleObjects(store, restored)).toEqual(objects);
    const { metadata } = await get('namespace', SAMPLE_NAMESPACE);
    expect(metadata.labels?.team).toBe('sample');
    const ports = async (name: string): Promise<number> =>
      (await get('service', name, SAMPLE_NAMESPACE)).spec.ports[0].nodePort;
    expect(await ports('chosen')).toBe(CHOSEN_PORT);
    expect(await ports('assigned')).toBeGreaterThan(0);
  });

  it('leaves out what the operator makes from an exported Cluster, and keeps the Cluster', async () => {
    const opened = await openExport(store, first.key, ['clusters.postgresql.cnpg.io', 'secrets']);
    const names = (kind: string): string[] =>
      (opened[kind] ?? [])
        .filter(({ metadata }) => metadata.namespace === plan.namespace)
        .map(({ metadata }) => metadata.name);
    expect(names('clusters.postgresql.cnpg.io')).toEqual([databaseOf(NEXTGEN).name]);
    const external = NEXTGEN.plan.externalReferences
      .filter(({ kind, namespace }) => kind === 'Secret' && namespace === plan.namespace)
      .map(({ name }) => name);
    expect(names('secrets')).toEqual(external);
  });

  it('fails with a line that names the kind when its role no longer allows one', async () => {
    const before = await committedIds(store, plan);
    const { rules } = await get('clusterrole', ROLE);
    const setResources = (resources: readonly string[]): Promise<string> =>
      kubectl([
        'patch',
        'clusterrole',
        ROLE,
        '--type=json',
        '-p',
        JSON.stringify([{ op: 'replace', path: '/rules/0/resources', value: resources }]),
      ]);
    await setResources(rules[0].resources.filter((name: string) => name !== 'secrets'));
    try {
      const denied = new RegExp(`^403 ${ACCOUNT}: list secrets: `);
      const log = await expectForbidden([denied], () => runToFailure(plan.namespace, plan.jobName));
      expect(log).toContain('capture: error: cannot export secrets: Error from server (Forbidden)');
    } finally {
      await setResources(rules[0].resources);
    }
    expect(await committedIds(store, plan)).toEqual(before);
  });
});
