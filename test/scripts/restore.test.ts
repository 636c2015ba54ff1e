import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import type { ConfigurationRestoreRequest, Procedure } from '../../lib';
import { planRecovery, restoreConfigurationFrom, restoreEtcdFrom } from '../../lib';
import { procedureSection, shellBlocks } from '../../lib/recovery';
import { complete } from '../support/configs';
import { tool } from './tools';

const NOW = new Date('2024-01-16T00:00:00Z');
const RUN = '20240115T143000Z';
const root = mkdtempSync(join(tmpdir(), 'dr-restore-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(root, 'case-'));
});

function write(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text, { mode });
}

/** Runs lines in a shell that finds the fake kubectl of the case. */
function sh(lines: string): { readonly code: number | null; readonly out: string; readonly err: string } {
  const path = [join(folder, 'bin'), dirname(tool('rclone')), process.env.PATH ?? ''].join(delimiter);
  const env = { PATH: path, RCLONE_CONFIG: '/dev/null', RCLONE_CONFIG_STORE_TYPE: 'local' };
  const result = spawnSync(tool('dash'), [], { input: lines, cwd: folder, encoding: 'utf8', env });
  return { code: result.status, out: result.stdout, err: result.stderr };
}

const object = (kind: string, name: string, namespace?: string): object => ({
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
});

describe('the lines of restore configuration', () => {
  const exported: Record<string, object[]> = {
    configmaps: [object('ConfigMap', 'a', 'shop'), object('ConfigMap', 'b', 'web'), object('ConfigMap', 'c', 'other')],
    'deployments.apps': [object('Deployment', 'd', 'web')],
    'widgets.example.net': [object('Widget', 'w', 'shop')],
    namespaces: [object('Namespace', 'shop'), object('Namespace', 'other')],
    persistentvolumeclaims: [object('PersistentVolumeClaim', 'p', 'shop')],
    'clusters.postgresql.cnpg.io': [object('Cluster', 'q', 'shop')],
    'customresourcedefinitions.apiextensions.k8s.io': [object('CustomResourceDefinition', 'widgets.example.net')],
    'clusterroles.rbac.authorization.k8s.io': [object('ClusterRole', 'r')],
    'rolebindings.rbac.authorization.k8s.io': [object('RoleBinding', 's', 'shop')],
  };

  /** Sorts out what was chosen, and runs all that follows with a kubectl that only says what it was asked. */
  function apply(request: ConfigurationRestoreRequest): { readonly sorted: string[]; readonly asked: string[] } {
    for (const [kind, items] of Object.entries(exported)) {
      write(`restore/${RUN}/${kind}.json`, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    }
    write(`restore/${RUN}/backup.json`, '{}');
    write(`restore/${RUN}/index.json`, '{}');
    write('bin/kubectl', '#!/bin/sh\necho "$*" >>asked\ncase "$1" in get) exec cat found.json ;; esac\n', 0o755);
    write('found.json', '{"items": []}');
    const { known = '', steps } = restoreConfigurationFrom(planRecovery(nextgen), request, NOW);
    const { code, err } = sh([`RUN=${RUN}`, known, ...steps.slice(2).map(({ command }) => command)].join('\n'));
    expect(err).toBe('');
    expect(code).toBe(0);
    const sorted = readdirSync(join(folder, 'ordered'))
      .sort()
      .flatMap((file) =>
        (JSON.parse(readFileSync(join(folder, 'ordered', file), 'utf8')).items as { metadata: object }[]).map(
          ({ metadata }) => `${file}: ${(metadata as { name: string }).name}`,
        ),
      );
    return { sorted, asked: readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n') };
  }

  it('take the objects of every namespace in the list, in the order in which they are applied', () => {
    expect(apply({ namespaces: ['shop', 'web'] }).sorted).toEqual([
      '12-namespaces.json: shop',
      '14-rolebindings.rbac.authorization.k8s.io.json: s',
      '15-configmaps.json: a',
      '15-configmaps.json: b',
      '16-deployments.apps.json: d',
      '17-widgets.example.net.json: w',
    ]);
  });

  it('take cluster-scoped objects first, where they are wanted', () => {
    expect(apply({ namespaces: ['web'], clusterScoped: true }).sorted).toEqual([
      '11-customresourcedefinitions.apiextensions.k8s.io.json: widgets.example.net',
      '13-clusterroles.rbac.authorization.k8s.io.json: r',
      '15-configmaps.json: b',
      '16-deployments.apps.json: d',
    ]);
  });

  it('take the chosen kinds alone, cluster-scoped ones among them, and only the chosen namespaces', () => {
    const kinds = ['deployments.apps', 'namespaces', 'clusterroles.rbac.authorization.k8s.io'];
    expect(apply({ namespaces: ['shop', 'web'], kinds }).sorted).toEqual([
      '11-namespaces.json: shop',
      '12-clusterroles.rbac.authorization.k8s.io.json: r',
      '13-deployments.apps.json: d',
    ]);
  });

  it('make what is missing without changing anything, show the difference, and then apply under a name of their own', () => {
    const as = '--server-side --field-manager=cdk8s-dr-restore';
    const crd = 'ordered/11-customresourcedefinitions.apiextensions.k8s.io.json';
    const kinds = ['customresourcedefinitions.apiextensions.k8s.io', 'namespaces', 'configmaps'];
    expect(apply({ namespaces: ['shop'], kinds }).asked).toEqual([
      `create -f ${crd}`,
      'create -f ordered/12-namespaces.json',
      `wait --for=condition=Established --timeout=60s -f ${crd}`,
      `diff ${as} -f ordered/`,
      'get -f ordered/ --ignore-not-found -o json',
      `apply ${as} -f ${crd}`,
      `apply ${as} -f ordered/12-namespaces.json`,
      `apply ${as} -f ordered/13-configmaps.json`,
    ]);
  });

  it('name what a client applied, which server-side apply would take over', () => {
    const applied = { 'kubectl.kubernetes.io/last-applied-configuration': '{}' };
    write('bin/kubectl', '#!/bin/sh\ncase "$1" in get) exec cat found.json ;; esac\n', 0o755);
    const [item] = [{ kind: 'ConfigMap', metadata: { name: 'a', namespace: 'shop', annotations: applied } }];
    const { steps } = restoreConfigurationFrom(planRecovery(nextgen), { namespaces: ['shop'] }, NOW);
    const command = steps.find((step) => step.command?.includes('kubectl diff'))?.command ?? '';
    write('found.json', JSON.stringify({ items: [item, object('Secret', 'b', 'shop')] }));
    expect(sh(command).out).toBe('ConfigMap shop/a\n');
    write('found.json', JSON.stringify(item));
    expect(sh(command).out).toBe('ConfigMap shop/a\n');
    write('found.json', '');
    expect(sh(command)).toMatchObject({ out: '', err: '' });
  });

  it('make a namespace that is gone where the export has none, and leave others alone', () => {
    write('bin/kubectl', '#!/bin/sh\necho "$*" >>asked\n[ "$1 $3" != "get web" ]\n', 0o755);
    const { known, steps } = restoreConfigurationFrom(planRecovery(complete), {}, NOW);
    const command = steps.find((step) => step.command?.includes('kubectl create namespace'))?.command ?? '';
    sh(`${known}\n${command}`);
    expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe(
      'get namespace shop-jobs\nget namespace web\ncreate namespace web\n',
    );
  });
});

describe('the newest run', () => {
  /** Commits runs, of which the last is never committed, and chooses. */
  function choose(procedure: Procedure, runs: readonly string[]): string {
    for (const run of runs) {
      write(`${run}/backup.json`, '{}');
      write(`${run}/etcd.db.gpg`, '');
    }
    const look = procedure.look ?? '';
    const lines = look.slice(look.search(/^(NEWEST|RUN)=/m));
    return sh(lines).out.trim();
  }
  const stream = (time: string): string => `backups/etcd/stream/20240115T${time}Z`;
  const scheduled = (time: string): string => `backups/etcd/snapshots/20240115T${time}Z`;
  const runs = [scheduled('140000'), stream('142900'), stream('143100'), scheduled('143500'), stream('143600')];
  const etcd = (at?: string): Procedure => restoreEtcdFrom(planRecovery(nextgen), at, NOW);

  it.each([
    [undefined, 'RUN=20240115T143600Z TIER=stream'],
    ['2024-01-15 14:35:59', 'RUN=20240115T143500Z TIER=snapshots'],
    ['2024-01-15 14:35:00', 'RUN=20240115T143500Z TIER=snapshots'],
    ['2024-01-15 14:30:00', 'RUN=20240115T142900Z TIER=stream'],
    ['2024-01-15 14:10:00', 'RUN=20240115T140000Z TIER=snapshots'],
  ])('of etcd by %s is the newest of both tiers', (at, expected) => {
    write(`${stream('143700')}/etcd.db.gpg`, '');
    expect(choose(etcd(at), runs)).toBe(expected);
  });

  it('is none before the first, and stops the commands that need it', () => {
    expect(choose(etcd('2024-01-15 13:00:00'), runs)).toBe('');
  });

  it('of exports is the newest that is committed', () => {
    const at = { namespaces: ['shop'], at: '2024-01-15 14:30:00' };
    const folders = ['120000', '143000', '180000'].map((time) => `backups/config/exports/20240115T${time}Z`);
    expect(choose(restoreConfigurationFrom(planRecovery(nextgen), at, NOW), folders)).toBe('RUN=20240115T143000Z');
    expect(choose(restoreConfigurationFrom(planRecovery(nextgen), {}, NOW), folders)).toBe('RUN=20240115T180000Z');
  });
});

describe('the steps that the command prints', () => {
  it('have nothing that shellcheck finds', () => {
    const files = [nextgen, complete]
      .map((config) => planRecovery(config))
      .flatMap((plan) => [
        restoreEtcdFrom(plan, undefined, NOW),
        restoreEtcdFrom(plan, '2024-01-15 14:30:00', NOW),
        restoreConfigurationFrom(plan, { kinds: ['secrets'] }, NOW),
      ])
      .map((procedure, index) => {
        write(`${index}.sh`, `#!/bin/sh\n${shellBlocks(procedureSection(procedure)).join('')}`);
        return join(folder, `${index}.sh`);
      });
    const result = spawnSync(tool('shellcheck'), ['--shell=sh', '--exclude=SC2034,SC2154', '--format=gcc', ...files], {
      encoding: 'utf8',
    });
    expect(result.stdout).toBe('');
    expect(result.status).toBe(0);
  });
});
