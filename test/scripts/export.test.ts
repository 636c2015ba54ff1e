import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { listOf, ownedBy, type Recorded, recorded } from './cluster-objects';
import type { Outcome } from './support';
import { run, SCRIPTS, tree } from './support';
import { workFolder } from './tools';

const NAMESPACE = 'shop';
let folder = '';

/** Records what the API server answers for a kind, or to a raw path. */
function record(name: string, answer: string): void {
  const path = join(folder, 'api', `${name}.json`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, answer);
}

function refuse(name: string, message: string): void {
  writeFileSync(join(folder, 'api', `${name}.error`), `${message}\n`);
}

function of(kind: string, name: string, more: Partial<Recorded> = {}): object {
  return recorded({ apiVersion: 'v1', kind, name, namespace: NAMESPACE, ...more });
}

function exportAll(resources: string, namespaces = ''): Outcome {
  return run(folder, 'export.sh', { RESOURCES: resources, NAMESPACES: namespaces });
}

// biome-ignore lint/suspicious/noExplicitAny: objects of many kinds
function exported(kind: string): any[] {
  const list = JSON.parse(readFileSync(join(folder, 'work/capture', `${kind}.json`), 'utf8'));
  expect(list).toMatchObject({ apiVersion: 'v1', kind: 'List' });
  return list.items;
}

const names = (kind: string): string[] => exported(kind).map(({ metadata }) => metadata.name);

/** Exports one object of one kind and returns it as exported. */
// biome-ignore lint/suspicious/noExplicitAny: objects of many kinds
function cleaned(resource: string, object: object): any {
  record(resource, listOf(object));
  expect(exportAll(resource)).toMatchObject({ code: 0, err: '' });
  const [item, ...others] = exported(resource);
  expect(others).toEqual([]);
  return item;
}

beforeEach(() => {
  folder = workFolder();
  for (const name of ['scripts', 'work', 'api']) {
    mkdirSync(join(folder, name));
  }
  spawnSync('chown', ['postgres', join(folder, 'work')]);
  for (const script of SCRIPTS) {
    copyFileSync(script, join(folder, 'scripts', basename(script)));
  }
  record('version', '{"clientVersion": {"gitVersion": "v1.34.1"}, "serverVersion": {"gitVersion": "v1.34.4"}}');
  return () => rmSync(folder, { recursive: true, force: true });
});

describe('an export', () => {
  it('has one file per kind, an index with counts, and what the marker needs', () => {
    record('configmaps', listOf(of('ConfigMap', 'b'), of('ConfigMap', 'a'), of('ConfigMap', 'kube-root-ca.crt')));
    record('ingresses.networking.k8s.io', listOf());
    expect(exportAll('ingresses.networking.k8s.io configmaps')).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringMatching(/^export: 2 kinds, 2 objects, 1 left out\nexport: \d+ s, run \d{8}T\d{6}Z\n$/),
    });
    expect(tree(join(folder, 'work/capture'))).toEqual([
      'configmaps.json',
      'index.json',
      'ingresses.networking.k8s.io.json',
    ]);
    expect(exported('ingresses.networking.k8s.io')).toEqual([]);
    expect(JSON.parse(readFileSync(join(folder, 'work/capture/index.json'), 'utf8'))).toEqual({
      version: 1,
      namespaces: [],
      kinds: [
        { kind: 'configmaps', objects: 2, leftOut: 1 },
        { kind: 'ingresses.networking.k8s.io', objects: 0, leftOut: 0 },
      ],
    });
    expect(readFileSync(join(folder, 'work/run/tools'), 'utf8')).toBe('kubectl=v1.34.1\nkubernetes=v1.34.4\n');
    expect(existsSync(join(folder, 'work/run/raw'))).toBe(false);
  });

  it('is the same to the byte whatever the order of the answer, and in order of namespace and name', () => {
    const objects = [
      of('ConfigMap', 'b', { rest: { data: { y: '1', x: '2' } } }),
      of('ConfigMap', 'a'),
      recorded({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'billing', name: 'z' }),
    ];
    record('configmaps', listOf(...objects));
    expect(exportAll('configmaps').code).toBe(0);
    const first = readFileSync(join(folder, 'work/capture/configmaps.json'), 'utf8');
    record('configmaps', listOf(...objects.reverse()));
    expect(exportAll('configmaps').code).toBe(0);
    expect(readFileSync(join(folder, 'work/capture/configmaps.json'), 'utf8')).toBe(first);
    expect(names('configmaps')).toEqual(['z', 'a', 'b']);
    expect(first.indexOf('"x"')).toBeLessThan(first.indexOf('"y"'));
  });

  it('of an export that was restored is the same again', () => {
    const service = {
      type: 'ClusterIP',
      clusterIP: '10.96.0.7',
      clusterIPs: ['10.96.0.7'],
      ports: [{ port: 80, protocol: 'TCP' }],
    };
    const before = cleaned('services', of('Service', 'web', { rest: { spec: service } }));
    const restored = { ...before, metadata: { ...before.metadata, uid: 'another', resourceVersion: '1' } };
    expect(cleaned('services', restored)).toEqual(before);
  });

  it('of chosen namespaces lists each of them', () => {
    record('shop/secrets', listOf(of('Secret', 'one')));
    record(
      'billing/secrets',
      listOf(recorded({ apiVersion: 'v1', kind: 'Secret', namespace: 'billing', name: 'two' })),
    );
    expect(exportAll('secrets', 'billing shop')).toMatchObject({ code: 0 });
    expect(names('secrets')).toEqual(['two', 'one']);
    expect(JSON.parse(readFileSync(join(folder, 'work/capture/index.json'), 'utf8')).namespaces).toEqual([
      'billing',
      'shop',
    ]);
  });

  it('of a group holds every kind of it that can be listed, in every version', () => {
    const resource = (name: string, ...verbs: string[]): object => ({ name, verbs });
    record(
      'apis/example.net',
      JSON.stringify({ versions: [{ groupVersion: 'example.net/v1' }, { groupVersion: 'example.net/v2' }] }),
    );
    record(
      'apis/example.net/v1',
      JSON.stringify({ resources: [resource('shops', 'get', 'list'), resource('shops/status', 'get', 'list')] }),
    );
    record(
      'apis/example.net/v2',
      JSON.stringify({
        resources: [resource('shops', 'list'), resource('tills', 'list'), resource('reviews', 'create')],
      }),
    );
    const custom = { apiVersion: 'example.net/v1', namespace: NAMESPACE };
    record('shops.example.net', listOf(recorded({ ...custom, kind: 'Shop', name: 'corner' })));
    record('tills.example.net', listOf());
    expect(exportAll('*.example.net')).toMatchObject({ code: 0, err: '' });
    expect(tree(join(folder, 'work/capture'))).toEqual([
      'index.json',
      'shops.example.net.json',
      'tills.example.net.json',
    ]);
  });
});

describe('what only the running cluster knows', () => {
  it('is removed from every object, and nothing else', () => {
    const annotations = {
      'kubectl.kubernetes.io/last-applied-configuration': '{}',
      'deployment.kubernetes.io/revision': '7',
      'example.net/keep': 'yes',
    };
    const template = {
      metadata: { creationTimestamp: null, labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'web:1' }] },
    };
    const finalizers = ['foregroundDeletion', 'example.net/keep'];
    expect(
      cleaned(
        'deployments.apps',
        of('Deployment', 'web', {
          apiVersion: 'apps/v1',
          metadata: {
            annotations,
            labels: { app: 'web' },
            finalizers,
            selfLink: '/x',
            deletionTimestamp: '2024-01-16T00:00:00Z',
          },
          rest: { spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, template } },
        }),
      ),
    ).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        name: 'web',
        namespace: NAMESPACE,
        labels: { app: 'web' },
        annotations: { 'example.net/keep': 'yes' },
        finalizers: ['example.net/keep'],
      },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: 'web' } },
        template: { ...template, metadata: { labels: { app: 'web' } } },
      },
    });
  });

  it('leaves the content of Secrets and ConfigMaps as it is', () => {
    const data = { 'a\tb': Buffer.from('Zoë\0"\\').toString('base64') };
    expect(
      cleaned('secrets', of('Secret', 'login', { rest: { data, type: 'Opaque', immutable: true } })),
    ).toMatchObject({ data, type: 'Opaque', immutable: true });
    const release = { release: 'H4sIAAAA' };
    expect(
      cleaned(
        'secrets',
        of('Secret', 'sh.helm.release.v1.web.v3', { rest: { data: release, type: 'helm.sh/release.v1' } }),
      ),
    ).toMatchObject({ data: release });
    const text = { 'app.yaml': 'metadata:\n  creationTimestamp: null\n', status: 'kept' };
    expect(cleaned('configmaps', of('ConfigMap', 'app', { rest: { data: text } })).data).toEqual(text);
  });

  it('is the address of a Service, unless somebody chose it', () => {
    const spec = {
      type: 'NodePort',
      clusterIP: '10.96.0.7',
      clusterIPs: ['10.96.0.7'],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      healthCheckNodePort: 31999,
      ports: [
        { port: 80, protocol: 'TCP', nodePort: 31080 },
        { port: 443, protocol: 'TCP', nodePort: 31443 },
      ],
    };
    expect(cleaned('services', of('Service', 'web', { rest: { spec } })).spec).toEqual({
      type: 'NodePort',
      ports: [
        { port: 80, protocol: 'TCP' },
        { port: 443, protocol: 'TCP' },
      ],
    });
    const set = {
      'f:clusterIP': {},
      'f:ipFamilyPolicy': {},
      'f:ports': { 'k:{"port":443,"protocol":"TCP"}': { 'f:nodePort': {} } },
    };
    expect(cleaned('services', of('Service', 'web', { rest: { spec }, set })).spec).toEqual({
      type: 'NodePort',
      clusterIP: '10.96.0.7',
      clusterIPs: ['10.96.0.7'],
      ipFamilyPolicy: 'SingleStack',
      ports: [
        { port: 80, protocol: 'TCP' },
        { port: 443, protocol: 'TCP', nodePort: 31443 },
      ],
    });
    const headless = { clusterIP: 'None', clusterIPs: ['None'], selector: { app: 'web' } };
    expect(cleaned('services', of('Service', 'peers', { rest: { spec: headless } })).spec).toEqual(headless);
    const custom = of('Service', 'fn', { apiVersion: 'serving.example.net/v1', rest: { spec: { clusterIP: 'mine' } } });
    expect(cleaned('services.serving.example.net', custom).spec).toEqual({ clusterIP: 'mine' });
  });

  it('is the volume of a claim, unless somebody bound it by hand', () => {
    const spec = { volumeName: 'pvc-1', storageClassName: 'fast', resources: { requests: { storage: '1Gi' } } };
    const bound = {
      'pv.kubernetes.io/bind-completed': 'yes',
      'volume.kubernetes.io/storage-provisioner': 'csi',
      'volume.kubernetes.io/selected-node': 'n1',
    };
    const finalizers = ['kubernetes.io/pvc-protection'];
    const byController = { ...bound, 'pv.kubernetes.io/bound-by-controller': 'yes' };
    const claim = cleaned(
      'persistentvolumeclaims',
      of('PersistentVolumeClaim', 'data', { metadata: { annotations: byController, finalizers }, rest: { spec } }),
    );
    expect(claim.metadata).toEqual({ name: 'data', namespace: NAMESPACE });
    expect(claim.spec).toEqual({ storageClassName: 'fast', resources: { requests: { storage: '1Gi' } } });
    expect(
      cleaned(
        'persistentvolumeclaims',
        of('PersistentVolumeClaim', 'data', { metadata: { annotations: bound }, rest: { spec } }),
      ).spec,
    ).toEqual(spec);
  });

  it('is what the server fills in of other kinds', () => {
    expect(
      cleaned(
        'namespaces',
        recorded({ apiVersion: 'v1', kind: 'Namespace', name: 'shop', rest: { spec: { finalizers: ['kubernetes'] } } }),
      ),
    ).toEqual({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'shop' },
    });
    const secrets = [{ name: 'deployer-token-x7k2p' }, { name: 'registry' }];
    expect(cleaned('serviceaccounts', of('ServiceAccount', 'deployer', { rest: { secrets } })).secrets).toEqual([
      { name: 'registry' },
    ]);
    const role = {
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] },
      rules: [{ verbs: ['get'] }],
    };
    const aggregated = recorded({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      name: 'all',
      rest: role,
    });
    expect(cleaned('clusterroles.rbac.authorization.k8s.io', aggregated)).not.toHaveProperty('rules');
    const claims = [{ metadata: { name: 'data', creationTimestamp: null }, spec: {}, status: { phase: 'Pending' } }];
    expect(
      cleaned(
        'statefulsets.apps',
        of('StatefulSet', 'db', { apiVersion: 'apps/v1', rest: { spec: { volumeClaimTemplates: claims } } }),
      ).spec,
    ).toEqual({
      volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: {} }],
    });
    const labels = { app: 'once', 'batch.kubernetes.io/controller-uid': 'u', 'job-name': 'once' };
    const job = {
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': 'u' } },
      template: { metadata: { labels } },
    };
    expect(cleaned('jobs.batch', of('Job', 'once', { apiVersion: 'batch/v1', rest: { spec: job } })).spec).toEqual({
      template: { metadata: { labels: { app: 'once' } } },
    });
  });
});

describe('an object is left out', () => {
  it('when its controller is exported too, and kept without its owner when not', () => {
    const app = { apiVersion: 'apps/v1' };
    record(
      'deployments.apps',
      listOf(
        of('Deployment', 'web', app),
        of('Deployment', 'managed', { ...app, metadata: ownedBy('App', 'managed') }),
      ),
    );
    record(
      'replicasets.apps',
      listOf(
        of('ReplicaSet', 'web-1', { ...app, metadata: ownedBy('Deployment', 'web') }),
        of('ReplicaSet', 'own', app),
      ),
    );
    record('secrets', listOf(of('Secret', 'unsealed', { metadata: ownedBy('SealedSecret', 'unsealed') })));
    record('services', listOf(of('Service', 'web')));
    record(
      'endpointslices.discovery.k8s.io',
      listOf(of('EndpointSlice', 'web-x', { metadata: ownedBy('Service', 'web') })),
    );
    expect(exportAll('deployments.apps replicasets.apps secrets services endpointslices.discovery.k8s.io').code).toBe(
      0,
    );
    expect(names('replicasets.apps')).toEqual(['own']);
    expect(names('endpointslices.discovery.k8s.io')).toEqual([]);
    expect(names('deployments.apps')).toEqual(['managed', 'web']);
    expect(exported('secrets')).toEqual([
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'unsealed', namespace: NAMESPACE } },
    ]);
  });

  it.each([
    ['ConfigMap', 'kube-root-ca.crt', {}],
    ['ConfigMap', 'elected', { metadata: { annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' } } }],
    ['Secret', 'default-token-abcde', { rest: { type: 'kubernetes.io/service-account-token' } }],
    ['Secret', 'bootstrap-token-abcdef', { rest: { type: 'bootstrap.kubernetes.io/token' } }],
    ['Service', 'kubernetes', { namespace: 'default' }],
    [
      'ClusterRole',
      'view',
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        metadata: { labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' } },
      },
    ],
    ['Lease', 'node-1', { apiVersion: 'coordination.k8s.io/v1', namespace: 'kube-node-lease' }],
  ])('when every cluster makes it for itself: %s %s', (kind, name, more) => {
    record('things.example.net', listOf(of(kind, name, more), of(kind, 'mine')));
    expect(exportAll('things.example.net').code).toBe(0);
    expect(names('things.example.net')).toEqual(['mine']);
  });
});

describe('an export that cannot be whole leaves no file behind', () => {
  const forbidden =
    'Error from server (Forbidden): secrets is forbidden: User "system:serviceaccount:production:config-backup" cannot list resource "secrets" in API group "" at the cluster scope';

  beforeEach(() => record('configmaps', listOf(of('ConfigMap', 'a'))));

  const expectNothing = (outcome: Outcome, message: string): void => {
    expect(outcome.code).not.toBe(0);
    expect(outcome.err).toContain(`error: ${message}`);
    expect(tree(join(folder, 'work/capture'))).toEqual([]);
    expect(existsSync(join(folder, 'work/run/raw'))).toBe(false);
  };

  it('when the server does not know a kind', () => {
    expectNothing(
      exportAll('configmaps widgets.example.net'),
      'cannot export widgets.example.net: error: the server doesn\'t have a resource type "widgets"',
    );
  });

  it('when the server does not know a group', () => {
    expectNothing(
      exportAll('configmaps *.example.net'),
      'the API server does not know the group example.net: Error from server (NotFound)',
    );
  });

  it('when a kind is forbidden, in all namespaces or in one', () => {
    refuse('secrets', forbidden);
    expectNothing(exportAll('configmaps secrets'), `cannot export secrets: ${forbidden}`);
    record('shop/secrets', listOf());
    expectNothing(exportAll('secrets', 'shop billing'), 'cannot export secrets: Error from server (Forbidden)');
  });

  it('when a list breaks off, with or without a message', () => {
    record('secrets', listOf(of('Secret', 'a')));
    refuse('secrets', 'Unable to connect to the server: unexpected EOF');
    expectNothing(
      exportAll('configmaps secrets'),
      'cannot export secrets: Unable to connect to the server: unexpected EOF',
    );
    record('services', listOf(of('Service', 'a')).slice(0, -40));
    expectNothing(exportAll('configmaps services'), 'cannot read what the API server answered for services');
    record('services', '{"kind": "Status"}');
    expectNothing(exportAll('configmaps services'), 'cannot read what the API server answered for services');
  });

  it('when an object cannot be cleaned after other kinds were', () => {
    record('services', listOf(of('Service', 'a', { rest: { spec: 'text' } })));
    expectNothing(exportAll('configmaps services'), 'cannot read what the API server answered for services');
  });

  it('when the API server does not answer', () => {
    rmSync(join(folder, 'api/version.json'));
    expectNothing(exportAll('configmaps'), 'the API server does not answer: The connection to the server');
  });
});

describe('a sealed export', () => {
  it('is stored kind by kind, and opens with stock gpg', () => {
    record('secrets', listOf(of('Secret', 'login', { rest: { data: { password: 'aHVudGVyMg==' } } })));
    expect(exportAll('secrets').code).toBe(0);
    const clear = readFileSync(join(folder, 'work/capture/secrets.json'), 'utf8');
    writeFileSync(join(folder, 'passphrase'), 'correct horse\n');
    const sealed = run(folder, 'seal.sh', {
      ASSET: 'configuration',
      TIER: 'exports',
      SEAL_METHOD: 'passphrase',
      SEAL_PASSPHRASE_FILE: join(folder, 'passphrase'),
    });
    expect(sealed).toMatchObject({ code: 0 });
    expect(tree(join(folder, 'work/capture'))).toEqual([]);
    expect(tree(join(folder, 'work/outbox'))).toEqual(['index.json.gpg', 'secrets.json.gpg']);
    expect(readFileSync(join(folder, 'work/outbox/secrets.json.gpg')).includes('hunter2')).toBe(false);
    const marker = JSON.parse(readFileSync(join(folder, 'work/marker/backup.json'), 'utf8'));
    expect(marker).toMatchObject({
      asset: 'configuration',
      tier: 'exports',
      tools: { kubectl: 'v1.34.1', kubernetes: 'v1.34.4' },
    });
    const options = [
      '--batch',
      '--quiet',
      '--pinentry-mode',
      'loopback',
      '--passphrase-file',
      join(folder, 'passphrase'),
    ];
    const opened = spawnSync(
      'gpg',
      ['--homedir', folder, ...options, '--decrypt', join(folder, 'work/outbox/secrets.json.gpg')],
      { encoding: 'utf8' },
    );
    expect(opened.stdout).toBe(clear);
  });
});
