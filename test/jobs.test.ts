import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nextgen } from '../app';
import { ETCD_IMAGE, KUBECTL_IMAGE, planRecovery, postgresTools, RCLONE_IMAGE } from '../lib';
import { CONFIGURATION_SCRIPTS } from '../lib/configuration';
import { DATABASE_SCRIPTS } from '../lib/database';
import {
  DRILL_SCRIPTS,
  ETCD_DRILL_SCRIPTS,
  FAILOVER_DRILL_SCRIPTS,
  RECOVERY_DRILL_SCRIPTS,
  SNAPSHOT_DRILL_SCRIPTS,
} from '../lib/drills';
import { ETCD_SCRIPTS } from '../lib/etcd';
import { PROBE_SCRIPTS } from '../lib/monitoring/probe';
import { allDrills } from '../lib/plan/drill-plan';
import { REPLICATION_SCRIPTS } from '../lib/replication';
import { VOLUME_SCRIPTS } from '../lib/volumes';
import { complete } from './support/configs';
import { find, objectsIn, render } from './support/render';
import type { Manifest } from './support/schema';
import { codeOf } from './support/shell';

/** Commands that tell one image from another, and those that people reach for and no image has. */
const TELLING_COMMANDS = [
  'rclone',
  'gpg',
  'psql',
  'pg_dump',
  'pg_restore',
  'initdb',
  'tar',
  'curl',
  'wget',
  'jq',
  'az',
  'kubectl',
  'bash',
  'zstd',
  'python3',
];

const objects = objectsIn(render(nextgen));
const configs = [nextgen, complete];
const scripts = new Map(
  [
    ...DATABASE_SCRIPTS,
    ...CONFIGURATION_SCRIPTS,
    ...VOLUME_SCRIPTS,
    ...ETCD_SCRIPTS,
    ...DRILL_SCRIPTS,
    ...ETCD_DRILL_SCRIPTS,
    ...SNAPSHOT_DRILL_SCRIPTS,
    ...RECOVERY_DRILL_SCRIPTS,
    ...FAILOVER_DRILL_SCRIPTS,
    ...REPLICATION_SCRIPTS,
    ...PROBE_SCRIPTS,
  ].map((path) => [basename(path), readFileSync(path, 'utf8')]),
);
const cronJobs = objects.filter(({ kind }) => kind === 'CronJob');
const containersOf = (job: Manifest): Manifest[] => {
  const { initContainers, containers } = job.spec.jobTemplate.spec.template.spec;
  return [...(initContainers ?? []), ...containers];
};
const steps = cronJobs.flatMap((job) =>
  containersOf(job).map((step) => ({ job: job.metadata.name, step: String(step.name), container: step })),
);

/** The script that a step of a drill wraps. */
const wrappedIn = ({ env }: Manifest): string[] =>
  (env as { name: string; value?: string }[])
    .filter(({ name }) => name === 'STEP_SCRIPT')
    .map(({ value }) => value ?? '');

describe('the job', () => {
  const pod = (name: string) => find(objects, 'CronJob', name).spec.jobTemplate.spec.template.spec;

  it.each([
    ['postgres-backup', '0 2 * * *', ['capture', 'seal', 'ship']],
    ['postgres-backup-hourly', '15 * * * *', ['capture', 'seal', 'ship']],
    ['postgres-backup-verify', '0 */6 * * *', ['fetch', 'unseal', 'verify', 'report']],
    ['postgres-backup-prune', '30 4 * * *', ['prune']],
    ['config-backup', '0 */6 * * *', ['capture', 'seal', 'ship']],
    ['config-backup-prune', '30 4 * * *', ['prune']],
    ['pv-snapshot-scheduler', '*/10 * * * *', ['snapshot', 'record', 'seal', 'ship', 'conclude']],
    ['pv-snapshot-scheduler-prune', '25 * * * *', ['thin', 'prune']],
    ['etcd-backup', '*/5 * * * *', ['prepare', 'capture', 'verify', 'seal', 'keep', 'ship']],
    ['etcd-backup-prune', '*/30 * * * *', ['prune']],
    ['data-snapshot-drill', '0 4 1 * *', ['restore', 'report']],
    ['nextgen-postgres-recovery', '0 5 * * 0', ['recover', 'validate', 'remove', 'report']],
    ['postgres-restore-test', '0 3 1 * *', ['fetch', 'unseal', 'verify', 'report']],
    ['etcd-backup-drill', '30 3 1 * *', ['fetch', 'unseal', 'check', 'gate', 'restore', 'member', 'examine', 'report']],
    ['backup-replication', '0 * * * *', ['replicate']],
    ['backup-store-probe', '*/5 * * * *', ['probe']],
  ])('%s runs at %s and takes its steps in order', (name, schedule, names) => {
    const job = find(objects, 'CronJob', name);
    expect(job.spec.schedule).toBe(schedule);
    expect(containersOf(job).map((container) => container.name)).toEqual(names);
  });

  it.each(cronJobs.map((job) => [job.metadata.name, job] as const))(
    '%s never overlaps, has deadlines from the plan, and keeps failed pods',
    (name, job) => {
      const { databases, configuration, volumes, etcd, drills, replication, monitoring } = planRecovery(nextgen);
      const plan = databases[0]?.dumps;
      const runs = [
        ...(plan?.tiers ?? []),
        ...(plan === undefined ? [] : [plan.verification, plan.prune]),
        ...(configuration === undefined ? [] : [configuration, configuration.prune]),
        ...volumes.flatMap((volume) => [volume, volume.prune]),
        ...(etcd === undefined ? [] : [etcd, etcd.prune]),
        ...(replication === undefined ? [] : [replication]),
      ];
      const probe = monitoring?.probe?.cronJob === name ? monitoring.probe.run : undefined;
      const rehearsal = allDrills(drills).find(({ jobName }) => jobName === name);
      const run = probe ?? rehearsal?.run ?? runs.find(({ jobName }) => jobName === name)?.run;
      expect(job.spec).toMatchObject({
        concurrencyPolicy: 'Forbid',
        timeZone: 'Etc/UTC',
        startingDeadlineSeconds: run?.startDelay,
      });
      expect(job.spec.jobTemplate.spec).toMatchObject({
        activeDeadlineSeconds: run?.deadline,
        // What a drill found is not tried away.
        backoffLimit: rehearsal === undefined ? 1 : 0,
      });
      expect(pod(name).restartPolicy).toBe('Never');
    },
  );

  it.each(steps)('$job passes Pod Security restricted in step $step', ({ job, container }) => {
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
    });
    // The keys of a control plane belong to root.
    const user = job === 'etcd-backup' ? { runAsUser: 0 } : { runAsNonRoot: true };
    expect(pod(job).securityContext).toMatchObject({ ...user, seccompProfile: { type: 'RuntimeDefault' } });
    expect(pod(job).automountServiceAccountToken).toBe(false);
    expect(Object.keys(container.resources.limits)).toEqual(expect.arrayContaining(['cpu', 'memory']));
  });

  it('that dumps gets no unsealing key, and the one that verifies no database password', () => {
    const recipient = objectsIn(render(complete));
    const text = (name: string): string => JSON.stringify(find(recipient, 'CronJob', name));
    expect(text('orders-frequent')).not.toContain('backup-private');
    expect(text('orders-verify')).toContain('backup-private');
    expect(text('orders-verify')).not.toContain('dumper-credentials');
  });

  it('that verifies calls a tier stale as soon as its newest dump is older than the plan promises', () => {
    const [fetch] = containersOf(find(objects, 'CronJob', 'postgres-backup-verify'));
    const tiers = planRecovery(nextgen).databases[0]?.dumps?.tiers ?? [];
    const given = fetch?.env.find(({ name }: { name: string }) => name === 'TIERS').value;
    expect(given).toBe(tiers.map(({ prefix, run }) => `${prefix}=${run.worstCaseLoss}`).join(' '));
  });

  it('may reach the database only when it dumps', () => {
    const reaches = (name: string): boolean =>
      JSON.stringify(find(objects, 'NetworkPolicy', name).spec.egress).includes('5432');
    expect(
      ['postgres-backup', 'postgres-backup-hourly', 'postgres-backup-verify', 'postgres-backup-prune'].map(reaches),
    ).toEqual([true, true, false, false]);
  });
});

describe('every step', () => {
  it.each(steps)('of $job calls only what its image has: $step', ({ container }) => {
    const images = [RCLONE_IMAGE, KUBECTL_IMAGE, ETCD_IMAGE, postgresTools(17)];
    const image = images.find((candidate) => candidate.image.reference === container.image);
    const known = image?.commands ?? [];
    expect(known, container.image).not.toEqual([]);
    if (image?.shell === false) {
      expect(known).toContain(container.command[0]);
      return;
    }
    const code = [basename(container.command[1]), ...wrappedIn(container)]
      .map((name) => codeOf(name, scripts))
      .join('\n');
    for (const command of TELLING_COMMANDS.filter((name) => !known.includes(name))) {
      expect(code, `${container.command[1]} calls ${command}`).not.toMatch(
        new RegExp(`(^|[;&|(!{]|do|then)\\s*${command}\\b`, 'm'),
      );
    }
  });
});

describe('the scripts of a job', () => {
  /** Every file that a script reads or runs from its own folder, and what those read. */
  function neededBy(name: string, data: Readonly<Record<string, string>>, seen: Set<string> = new Set()): Set<string> {
    if (!seen.has(name)) {
      seen.add(name);
      for (const [, other = ''] of (data[name] ?? '').matchAll(/\$\{0%\/\*\}\/([\w.-]+)/g)) {
        neededBy(other, data, seen);
      }
    }
    return seen;
  }

  it.each(
    configs.flatMap((config) => {
      const all = objectsIn(render(config));
      return all.filter(({ kind }) => kind === 'CronJob').map((job) => ({ name: job.metadata.name, job, all }));
    }),
  )('$name hold every file that one of its steps reads or runs', ({ job, all }) => {
    const { volumes } = job.spec.jobTemplate.spec.template.spec;
    const folder = volumes.find((volume: Manifest) => volume.name === 'scripts').configMap.name;
    const held = all.find(
      ({ kind, metadata }) =>
        kind === 'ConfigMap' && metadata.name === folder && metadata.namespace === job.metadata.namespace,
    )?.data;
    for (const container of containersOf(job).filter(({ command }) => command[0] === '/bin/sh')) {
      for (const script of [basename(container.command[1]), ...wrappedIn(container)]) {
        expect(Object.keys(held)).toEqual(expect.arrayContaining([...neededBy(script, held)]));
      }
    }
  });
});
