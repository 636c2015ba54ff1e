import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VERSIONS } from './cluster/versions';

/** Folders of lib/, from the lowest to the highest; a folder may import only from those before it. */
const LAYERS = [
  'schedule',
  'config',
  'storage',
  'plan',
  'k8s',
  'database',
  'configuration',
  'volumes',
  'etcd',
  'lifecycle',
  'replication',
  'monitoring',
  'recovery',
  'drills',
  'charts',
  'cli',
];

const sources = readdirSync('lib', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(join('lib', name), 'utf8') }));

const layerOf = (path: string): string => path.split('/')[0] ?? '';

describe('lib/', () => {
  it('has only the folders that the architecture names', () => {
    expect(new Set(sources.map(({ name }) => layerOf(name)).filter((name) => name !== 'index.ts'))).toEqual(
      new Set(LAYERS),
    );
  });

  it.each(sources.filter(({ name }) => name !== 'index.ts'))('imports only downwards: $name', ({ name, text }) => {
    for (const [, target = ''] of text.matchAll(/from '(\.[^']+)'/g)) {
      const imported = relative('lib', resolve(dirname(join('lib', name)), target));
      if (!imported.startsWith('..')) {
        expect(LAYERS.indexOf(layerOf(imported)), `${name} imports ${imported}`).toBeLessThanOrEqual(
          LAYERS.indexOf(layerOf(name)),
        );
      }
    }
  });

  it.each(['schedule', 'config', 'plan', 'storage'])(
    'keeps %s free of constructs, files, clock and environment',
    (layer) => {
      for (const { name, text } of sources.filter((source) => layerOf(source.name) === layer)) {
        expect(text, name).not.toMatch(
          /from '(constructs|cdk8s-plus-27|node:)|process\.|Date\.now|new Date\(\)|Math\.random/,
        );
      }
    },
  );

  it.each(sources)('has no file above 300 lines and no `never` cast: $name', ({ name, text }) => {
    expect(text.split('\n').length, name).toBeLessThanOrEqual(300);
    expect(text, name).not.toContain('as never');
  });
});

describe('the public structs', () => {
  const structs = sources
    .filter(
      ({ name }) =>
        layerOf(name) === 'config' ||
        /^drills\/(?!drill-job)/.test(name) ||
        /(-protection|lifecycle-policy|monitoring\/monitoring|offsite-replication|recovery-runbook|snapshot-class|one-off-snapshot)\.ts$/.test(
          name,
        ),
    )
    .flatMap(({ name, text }) =>
      [...text.matchAll(/export interface (\w+) \{\n([\s\S]*?)\n\}/g)].map(([, struct = '', body = '']) => ({
        name,
        struct,
        body,
      })),
    );

  it.each(structs)('$struct is readonly, and says the default of everything optional', ({ body }) => {
    const members = [...body.matchAll(/((?: {2}\/\*\*[\s\S]*?\*\/\n)?) {2}(readonly )?(\w+)(\?)?:/g)];
    expect(members.length).toBeGreaterThan(0);
    for (const [, comment = '', readonly, name, optional] of members) {
      expect(readonly, name).toBe('readonly ');
      expect(comment, name).not.toBe('');
      if (optional === '?') {
        expect(comment, name).toContain('@default');
      }
    }
  });

  it.each(structs)('$struct stays expressible in other languages: no generics, unions or functions', ({ body }) => {
    for (const [, type = ''] of body.matchAll(/readonly \w+\??: ([^;]+);/g)) {
      expect(type).not.toMatch(/=>|Partial<|Pick<|Omit<|Map<| \| (?!undefined)/);
    }
  });
});

describe('the repository', () => {
  it('keeps prose about machines and download addresses out of its lockfile', () => {
    expect(readFileSync('package-lock.json', 'utf8')).not.toContain('"resolved"');
  });

  it('names every dependency with its reason in docs/dependencies.md', () => {
    const { dependencies, devDependencies, peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
    const document = readFileSync('docs/dependencies.md', 'utf8');
    for (const name of Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies })) {
      expect(document, name).toContain(`| \`${name}\` |`);
    }
  });

  it('proves the manifests on the operators whose CRDs it imports', () => {
    const sources = readFileSync('cdk8s.yaml', 'utf8');
    for (const [project, version] of [
      ['cloudnative-pg/cloudnative-pg', VERSIONS.cloudNativePg],
      ['cloudnative-pg/plugin-barman-cloud', VERSIONS.barmanPlugin],
      ['prometheus-operator/prometheus-operator', VERSIONS.prometheusOperator],
    ]) {
      const imported = new Set(
        [...sources.matchAll(new RegExp(`/${project}/(v[^/]+)/`, 'g'))].map((match) => match[1]),
      );
      expect([...imported], project).toEqual([version]);
    }
  });

  it('imports no upstream prose', () => {
    for (const name of readdirSync('imports').filter((file) => file.endsWith('.schema.json'))) {
      expect(readFileSync(join('imports', name), 'utf8'), basename(name)).not.toMatch(/"description":"/);
    }
  });
});
