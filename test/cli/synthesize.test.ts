import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import { planDocument, planRecovery, planTable } from '../../lib';

const TSX = ['--import', resolve('node_modules/tsx/dist/loader.mjs')];
let folder = '';

/** Runs an app in a folder of its own; `config` is an expression over the library. */
function synth(
  config: string,
  env: Record<string, string> = {},
): { readonly code: number | null; readonly err: string } {
  const app = join(folder, 'app.ts');
  writeFileSync(
    app,
    `import * as dr from ${JSON.stringify(resolve('lib'))};
     import { nextgen } from ${JSON.stringify(resolve('app'))};
     dr.synthesize(${config}, 'dist');`,
  );
  const result = spawnSync(process.execPath, [...TSX, app], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...env },
  });
  return { code: result.status, err: result.stderr };
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dr-cli-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('synth', () => {
  it('writes the manifests, prints the plan, and leaves nothing else behind', () => {
    expect(synth('nextgen')).toMatchObject({ code: 0, err: expect.stringContaining('Recovery plan of nextgen') });
    expect(readdirSync(join(folder, 'dist')).sort()).toEqual([
      'configuration.k8s.yaml',
      'database.k8s.yaml',
      'etcd.k8s.yaml',
      'monitoring.k8s.yaml',
      'recovery.k8s.yaml',
      'storage.k8s.yaml',
      'volumes.k8s.yaml',
    ]);
    expect(readdirSync(folder).sort()).toEqual(['app.ts', 'dist']);
  });

  it('leaves dist/ as it is, prints every problem, and fails, when the config is bad', () => {
    mkdirSync(join(folder, 'dist'));
    writeFileSync(join(folder, 'dist/database.k8s.yaml'), 'good\n');
    const { code, err } = synth("{ ...nextgen, site: 'Bad Name', namespace: '' }");
    expect(code).toBe(1);
    expect(err).toContain('has 2 problems; nothing was written');
    expect(readFileSync(join(folder, 'dist/database.k8s.yaml'), 'utf8')).toBe('good\n');
    expect(readdirSync(folder).sort()).toEqual(['app.ts', 'dist']);
  });

  it('removes manifests of charts that are gone, and nothing that is not its own', () => {
    mkdirSync(join(folder, 'dist'));
    writeFileSync(join(folder, 'dist/old.k8s.yaml'), 'old');
    writeFileSync(join(folder, 'dist/README.md'), 'mine');
    expect(synth('nextgen').code).toBe(0);
    expect(readdirSync(join(folder, 'dist')).sort()).toEqual([
      'README.md',
      'configuration.k8s.yaml',
      'database.k8s.yaml',
      'etcd.k8s.yaml',
      'monitoring.k8s.yaml',
      'recovery.k8s.yaml',
      'storage.k8s.yaml',
      'volumes.k8s.yaml',
    ]);
  });

  it('also fills the folder that the cdk8s CLI asks for, with the same bytes', () => {
    expect(synth('nextgen', { CDK8S_OUTDIR: 'build/synth' }).code).toBe(0);
    const read = (place: string): string => readFileSync(join(folder, place, 'database.k8s.yaml'), 'utf8');
    expect(read('build/synth')).toBe(read('dist'));
  });

  it('by the cdk8s CLI gives the same bytes as dist/', () => {
    const result = spawnSync(process.execPath, [resolve('node_modules/.bin/cdk8s'), 'synth'], {
      encoding: 'utf8',
      env: { ...process.env, CDK8S_CHECK_UPGRADE: 'false' },
    });
    expect(result.status, result.stderr).toBe(0);
    expect(readFileSync('build/synth/database.k8s.yaml', 'utf8')).toBe(readFileSync('dist/database.k8s.yaml', 'utf8'));
    expect(existsSync('dist/construct-metadata.json')).toBe(false);
  });
});

/** Runs the first example of a document as it stands. */
function runExample(document: string, index = 0): string {
  const examples = [...readFileSync(document, 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)];
  const [, example = ''] = examples[index] ?? [];
  const app = join(folder, 'app.ts');
  writeFileSync(
    app,
    example
      .replace("'cdk8s-dr'", JSON.stringify(resolve('lib')))
      .replace("'cdk8s'", JSON.stringify(resolve('node_modules/cdk8s'))),
  );
  const result = spawnSync(process.execPath, [...TSX, app], { cwd: folder, encoding: 'utf8' });
  expect(result.status, result.stderr).toBe(0);
  return example;
}

describe('the example of', () => {
  it('the README is synthesised as it stands', () => {
    expect(runExample('README.md').split('\n').length).toBeLessThanOrEqual(24);
    expect(readFileSync(join(folder, 'dist/database.k8s.yaml'), 'utf8')).toContain('name: orders-dump-daily');
  });

  it('docs/monitoring.md is synthesised as it stands', () => {
    runExample('docs/monitoring.md');
    const text = readFileSync(join(folder, 'dist/monitoring.k8s.yaml'), 'utf8');
    for (const line of [
      'kind: Deployment',
      'name: backup-pushgateway',
      'release: prometheus',
      'regex: production;orders',
    ]) {
      expect(text).toContain(line);
    }
  });

  it('docs/runbook.md is synthesised as it stands', () => {
    runExample('docs/runbook.md');
  });

  it('docs/runbook.md makes a restore of a plan as it stands', () => {
    writeFileSync(join(folder, 'plan.json'), planDocument(planRecovery(nextgen)));
    expect(runExample('docs/runbook.md', 1)).toContain('manifestsOfStep(restore, step)');
  });

  it('docs/replication.md is synthesised as it stands', () => {
    runExample('docs/replication.md');
    const text = readFileSync(join(folder, 'dist/storage.k8s.yaml'), 'utf8');
    for (const line of ['name: backup-replication', 'value: shopbackupseast', 'name: backup-replication-lifecycle']) {
      expect(text).toContain(line);
    }
  });

  it('docs/volumes.md is synthesised as it stands', () => {
    runExample('docs/volumes.md');
    const text = readFileSync(join(folder, 'dist/files.k8s.yaml'), 'utf8');
    for (const line of ['kind: VolumeSnapshotClass', 'name: before-upgrade', 'name: files-snapshots-prune']) {
      expect(text).toContain(line);
    }
  });

  it('docs/drills.md is synthesised as it stands', () => {
    runExample('docs/drills.md');
    const text = readFileSync(join(folder, 'dist/drills.k8s.yaml'), 'utf8');
    for (const line of ['name: orders-restore-test', 'name: etcd-backup-drill']) {
      expect(text).toContain(line);
    }
  });
});

describe('the plan table', () => {
  const lines = planTable(planRecovery(nextgen)).split('\n');

  it('shows objective, schedule, worst-case loss, restore and retention of each protection', () => {
    expect(lines).toContain('database nextgen-postgres: RPO 5m, RTO 15m');
    expect(lines.find((line) => line.includes('dump hourly'))).toMatch(
      /hourly at :15 +2h 44m \(over\) +20m 56s assumed \(over\) +7d, at least 3/,
    );
  });

  it('says of each lifecycle rule what it does, and that a ConfigMap applies none of them', () => {
    expect(lines).toContain('Lifecycle rules, mode backstop (a ConfigMap applies nothing: see its key apply.md)');
    expect(lines).toContain('  postgres/daily/             deletes after 120d, old versions stay 14d');
    expect(lines.join('\n')).toContain('[lifecycle-not-applied]');
  });

  it('is aligned: every protection of an asset starts its columns at the same place', () => {
    const start = lines.indexOf('database nextgen-postgres: RPO 5m, RTO 15m');
    const columns = lines[start + 1]?.indexOf('schedule') ?? 0;
    expect(columns).toBeGreaterThan(0);
    for (const line of lines.slice(start + 2, start + 7)) {
      expect(line.slice(columns - 2, columns)).toBe('  ');
      expect(line[columns]).not.toBe(' ');
    }
  });

  it('is readable without colour and ends no line with spaces', () => {
    expect(lines.filter((line) => line !== line.trimEnd() || line.includes('\u001b'))).toEqual([]);
  });
});
