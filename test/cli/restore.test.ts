import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { complete, minimal } from '../support/configs';
import { restores } from '../support/restores';
import type { Manifest } from '../support/schema';
import { schemaErrors } from '../support/schema';

const { folder, file, plan, restore, refusal } = restores();
const ofMinimal = restores(minimal);
const ofComplete = restores(complete);

describe('restore database', () => {
  it.each([
    ['2024-01-15T14:30:00Z', '2024-01-15T14:30:00Z'],
    ['2024-01-15 14:30:00', '2024-01-15T14:30:00Z'],
    ['2024-01-15T16:30:00+02:00', '2024-01-15T14:30:00Z'],
    ['2024-01-15 16:30:00+02', '2024-01-15T14:30:00Z'],
    ['2024-01-15T14:30:00.250Z', '2024-01-15T14:30:00.250Z'],
  ])('reads the time %s as %s', (given, expected) => {
    const [cluster] = restore('database', 'nextgen-postgres', '--at', given).objects;
    expect(cluster?.spec.bootstrap.recovery.recoveryTarget).toEqual({ targetTime: expected });
  });

  it('prints one Cluster of the same size that archives under a fresh name, and the steps beside it', () => {
    const { objects, err } = restore('database', 'nextgen-postgres', '--latest');
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(['Cluster nextgen-postgres-2']);
    const [{ spec } = {} as Manifest] = objects;
    expect(spec.instances).toBe(3);
    expect(spec.plugins[0].parameters.serverName).toBe('nextgen-postgres-2');
    expect(spec.externalClusters[0].plugin.parameters.serverName).toBe('nextgen-postgres');
    expect(spec.bootstrap.recovery.recoveryTarget).toBeUndefined();
    expect(objects.flatMap(schemaErrors)).toEqual([]);
    expect(err).toContain('**To back out**');
  });

  it('explains what a recovery that ended before its target means, and what to do', () => {
    const { err } = restore('database', 'nextgen-postgres', '--at', '2024-01-15 14:30:00');
    expect(err).toContain('"recovery ended before configured recovery target was reached"');
    expect(err).toContain('nothing was written after the target');
    expect(err).toContain('choose an earlier moment, or the end of the archive');
  });

  it('takes a position in the log, a restore point, volume snapshots, or its own name', () => {
    const recovery = (...args: string[]) => restore('database', 'nextgen-postgres', ...args).objects[0];
    expect(recovery('--lsn', '0/3000000')?.spec.bootstrap.recovery.recoveryTarget).toEqual({ targetLSN: '0/3000000' });
    const point = recovery('--name', 'before-upgrade', '--backup-id', '20240115T020000');
    expect(point?.spec.bootstrap.recovery.recoveryTarget).toEqual({
      targetName: 'before-upgrade',
      backupID: '20240115T020000',
    });
    const backup = 'nextgen-postgres-snapshot-20240115120000';
    const { storage, walStorage } =
      recovery('--from', 'snapshot', '--backup', backup)?.spec.bootstrap.recovery.volumeSnapshots ?? {};
    expect([storage.name, walStorage.name]).toEqual([backup, `${backup}-wal`]);
    expect(recovery('--own-name')?.metadata.name).toBe('nextgen-postgres');
  });

  it.each([
    [['nowhere'], 'the plan has no database nowhere; it has nextgen-postgres'],
    [['nextgen-postgres', '--at', '2024-01-17T00:00:00Z'], 'has not come yet; it is 2024-01-16T00:00:00Z'],
    [['nextgen-postgres', '--at', '2023-12-16T00:00:00Z'], 'the earliest is 2023-12-17T00:00:00Z'],
    [['nextgen-postgres', '--at', '2024-02-30T00:00:00Z'], '"2024-02-30T00:00:00Z" is no moment'],
    [['nextgen-postgres', '--at', 'yesterday'], 'write 2024-01-15T14:30:00Z'],
    [['nextgen-postgres', '--at', '2024-01-15T00:00:00Z', '--lsn', '0/3'], 'give one of'],
    [['nextgen-postgres', '--lsn', 'x'], 'it looks like 0/3000000'],
    [['nextgen-postgres', '--name', 'a'], 'needs the id of the base backup'],
    [['nextgen-postgres', '--from', 'tape'], 'it is object-store or snapshot'],
    [['nextgen-postgres', '--from', 'snapshot'], 'go together'],
    [['nextgen-postgres', '--latest', '--lsn', '0/3'], '--latest goes with none'],
    [['nextgen-postgres', '--tier', 'daily'], 'restore database does not take --tier'],
    [['nextgen-postgres', '--frmo'], "Unknown option '--frmo'"],
    [[], 'restore database takes one name'],
  ])('is refused, with what works: %s', (args, message) => {
    expect(refusal('database', ...args)).toContain(message);
  });

  it('accepts the earliest moment of the recovery window', () => {
    expect(restore('database', 'nextgen-postgres', '--at', '2023-12-17T00:00:00Z').objects).toHaveLength(1);
  });
});

describe('restore dump', () => {
  const environment = (...args: string[]): Record<string, string> => {
    const job = restore('dump', 'nextgen-postgres', ...args).objects.find(({ kind }) => kind === 'Job');
    const [fetch] = job?.spec.template.spec.initContainers ?? [];
    return Object.fromEntries(fetch.env.map(({ name, value }: { name: string; value: string }) => [name, value]));
  };

  it('takes the newest of all tiers, or of one, that is not later than a time', () => {
    expect(environment()).toMatchObject({ PREFIXES: 'postgres/daily postgres/hourly', NOT_AFTER: '' });
    expect(environment('--tier', 'hourly', '--at', '2024-01-15 14:30:00')).toMatchObject({
      PREFIXES: 'postgres/hourly',
      NOT_AFTER: '20240115T143000Z',
    });
  });

  it('restores into a new database, whose name can be chosen', () => {
    const database = (...args: string[]): string => {
      const job = restore('dump', 'nextgen-postgres', ...args).objects.find(({ kind }) => kind === 'Job');
      const [load] = job?.spec.template.spec.containers ?? [];
      return load.env.find(({ name }: { name: string }) => name === 'PGDATABASE').value;
    };
    expect(database()).toBe('nextgen_db_restored');
    expect(database('--into', 'of_monday')).toBe('of_monday');
    const { err } = restore('dump', 'nextgen-postgres', '--into', 'of_monday');
    expect(err).toContain('CREATE DATABASE "of_monday" OWNER "nextgen"');
    expect(err).toContain('ALTER DATABASE "of_monday" RENAME TO "nextgen_db"');
    expect(err).not.toContain('nextgen_db_restored');
  });

  it.each([
    ['nextgen_db', 'database nextgen_db is in use: a dump is restored into a new one, like nextgen_db_restored'],
    ['postgres', 'database postgres is in use'],
    ['Of Monday', '"Of Monday" is no name for a database'],
    ['x"; DROP DATABASE nextgen_db', 'small letters, digits and underscores'],
    ['a'.repeat(64), 'at most 63'],
  ])('is refused into %s', (into, message) => {
    expect(refusal('dump', 'nextgen-postgres', '--into', into)).toContain(message);
  });

  it('prints Job, identity and network policy, which pass the schema', () => {
    const { objects } = restore('dump', 'nextgen-postgres');
    expect(objects.map(({ kind }) => kind)).toEqual(['ServiceAccount', 'NetworkPolicy', 'Job']);
    expect(objects.flatMap(schemaErrors)).toEqual([]);
  });

  it('is refused for a tier that there is not, a time that no dump is kept for, or a database without dumps', () => {
    expect(refusal('dump', 'nextgen-postgres', '--tier', 'weekly')).toBe(
      'there is no tier weekly; there are daily, hourly',
    );
    expect(refusal('dump', 'nextgen-postgres', '--tier', 'hourly', '--at', '2024-01-01 00:00:00')).toContain(
      'kept for 7d',
    );
    expect(ofMinimal.refusal('dump', 'orders')).toContain('orders has no dumps');
  });
});

describe('restore etcd', () => {
  it('prints steps only, and says so', () => {
    const { out, err } = restore('etcd');
    expect(out).toBe('');
    expect(err).toMatch(/\n\nStandard output is empty: these steps create nothing from manifests\.\n$/);
    expect(err).not.toMatch(/\n(RUN|TIER)=''/);
  });

  it('looks for the newest snapshot, scheduled or streamed, that is not later than a time', () => {
    expect(restore('etcd').err).toContain('} | sort | tail -n 1)');
    const { err } = restore('etcd', '--at', '2024-01-15 14:30:00');
    expect(err).toContain('store:backups/etcd/stream | sed');
    expect(err).toContain('store:backups/etcd/snapshots | sed');
    expect(err).toContain(`awk '$1 <= "20240115T143000Z"`);
    expect(refusal('etcd', '--at', '2023-01-01 00:00:00')).toContain('kept for 90d');
  });
});

describe('restore configuration', () => {
  it('prints steps only, which are told what was chosen and take the newest export', () => {
    const { out, err } = restore('configuration', '--namespaces', 'shop,web', '--kinds', 'configmaps,deployments.apps');
    expect(out).toBe('');
    expect(err).toContain("NAMESPACES=shop,web\nKINDS=configmaps,deployments.apps\nCLUSTER_SCOPED=''\n");
    expect(err).toContain('| sort | tail -n 1)');
    expect(err).not.toMatch(/\n(RUN|NAMESPACES)=''/);
    expect(restore('configuration', '--at', '2024-01-15 14:30:00').err).toContain('"20240115T143000Z"');
    expect(restore('configuration', '--cluster-scoped').err).toContain('CLUSTER_SCOPED=yes');
  });

  it('asks for namespaces where the plan exports all of them, and takes those that the plan names otherwise', () => {
    expect(restore('configuration').err).toContain("\nNAMESPACES=''\n");
    expect(ofComplete.restore('configuration').err).toContain('NAMESPACES=shop-jobs,web');
  });

  it.each([
    [['--namespaces', 'Not One'], '"Not One" is no namespace'],
    [['--namespaces', 'shop,'], '"" is no namespace'],
    [['--namespaces', "shop';reboot'"], 'is no namespace'],
    [['--kinds', 'deployments'], 'kind "deployments" is not exported; did you mean deployments.apps?'],
    [['--kinds', 'secrets,pods'], 'kind "pods" is not exported; exported are clusterrolebindings.rbac'],
    [['--kinds', 'persistentvolumeclaims'], 'is never applied: it would begin empty'],
    [['--namespace', 'shop'], "Unknown option '--namespace'"],
    [['--step', '1'], 'restore configuration does not take --step'],
  ])('is refused, with what works: %s', (args, message) => {
    expect(refusal('configuration', ...args)).toContain(message);
  });

  it('is refused for what the plan does not export, with every reason at once', () => {
    const args = ['--namespaces', 'web,billing', '--kinds', 'things.example.net,configmaps', '--cluster-scoped'];
    expect(ofComplete.refusal('configuration', ...args)).toBe(
      [
        'namespace "billing" is not exported; exported are shop-jobs, web',
        'kind "configmaps" is not exported; exported are *.example.net, certificates.cert-manager.io, deployments.apps, secrets',
        'cluster-scoped objects are not exported; the plan exports namespaces by name',
      ].join('\n'),
    );
  });
});

describe('--runbook', () => {
  it('prints the whole procedure as Markdown, with manifests that are filled in', () => {
    const { out, err } = restore('database', 'nextgen-postgres', '--at', '2024-01-15 14:30:00', '--runbook');
    expect(err).toBe('');
    expect(out).toMatch(/^# Recover database nextgen-postgres beside the old one, to a moment\n/);
    expect(out).toContain('targetTime: "2024-01-15T14:30:00Z"');
    expect(out).not.toContain("TARGET_TIME=''");
  });
});

describe('the command', () => {
  const main = resolve('lib/cli/main.ts');
  const run = (
    args: string[],
    cwd: string,
    path = process.env.PATH ?? '',
  ): { code: number | null; out: string; err: string } => {
    const loader = resolve('node_modules/tsx/dist/loader.mjs');
    const result = spawnSync(process.execPath, ['--import', loader, main, ...args], {
      cwd,
      encoding: 'utf8',
      env: { PATH: path },
    });
    return { code: result.status, out: result.stdout, err: result.stderr };
  };

  it('finds the plan in the nearest dist/, from a folder below it', () => {
    mkdirSync(file('repo/apps/shop'), { recursive: true });
    cpSync('dist', file('repo/dist'), { recursive: true });
    const { code, out, err } = run(['restore', 'database', 'nextgen-postgres'], file('repo/apps/shop'));
    expect(code, err).toBe(0);
    expect(out).toContain('name: nextgen-postgres-2');
    expect(err).toContain('# Recover database');
  });

  it('reads the plan from the cluster', () => {
    mkdirSync(file('bin'), { recursive: true });
    const items = [
      { kind: 'ConfigMap', data: { 'plan.json': readFileSync(plan, 'utf8') } },
      { kind: 'ConfigMap', data: {} },
    ];
    writeFileSync(file('answer.json'), JSON.stringify({ items }));
    writeFileSync(file('bin/kubectl'), `#!/bin/sh\nexec cat ${file('answer.json')}\n`, { mode: 0o755 });
    const path = `${file('bin')}${delimiter}${process.env.PATH ?? ''}`;
    const { code, out } = run(['restore', 'database', 'nextgen-postgres', '--from-cluster'], folder, path);
    expect(code).toBe(0);
    expect(out).toContain('name: nextgen-postgres-2');
    expect(run(['restore', 'etcd', '--from-cluster', '--site', 'other'], folder, path).err).toContain('found: nextgen');
  });

  it('says what is wrong in one line, prints no manifest, and exits with 1', () => {
    const { code, out, err } = run(['restore', 'database', 'nowhere', '--plan', plan], folder);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toBe('error: the plan has no database nowhere; it has nextgen-postgres\n');
    mkdirSync(file('empty'));
    expect(run(['restore', 'etcd'], file('empty')).err).toContain('there is no dist/ with manifests here or above');
  });

  it('explains itself', () => {
    expect(run(['restore', '--help'], folder)).toMatchObject({
      code: 0,
      out: expect.stringContaining('cdk8s-dr restore WHAT'),
    });
    expect(run(['destroy'], folder)).toMatchObject({
      code: 2,
      err: expect.stringContaining('there is no command destroy'),
    });
  });
});
