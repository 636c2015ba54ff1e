import { Duration, Size } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import type { DisasterRecoveryConfig, EtcdConfig } from '../../lib';
import {
  ControlPlane,
  type DisasterRecoveryError,
  Encryption,
  ImageRef,
  planRecovery,
  Retention,
  Schedule,
} from '../../lib';
import { complete, completeConfiguration, minimal } from '../support/configs';
import { find, objectsIn, render } from '../support/render';

const least: EtcdConfig = {
  objective: { rpo: Duration.minutes(20), rto: Duration.hours(1) },
  controlPlane: ControlPlane.KUBEADM,
  retention: Retention.days(90),
};

function site(etcd: Partial<EtcdConfig> = {}): DisasterRecoveryConfig {
  const encryption = Encryption.passphrase({ secretName: 'sealing', key: 'passphrase' });
  return { ...minimal, encryption, databases: [], etcd: { ...least, ...etcd } };
}

function planOf(config: DisasterRecoveryConfig) {
  const { etcd } = planRecovery(config);
  if (etcd === undefined) {
    throw new Error('etcd is not planned');
  }
  return etcd;
}

/** A site whose RPO needs a stream. */
const streamed = (size: Size, rpo = Duration.minutes(1)): DisasterRecoveryConfig =>
  site({ size, objective: { rpo, rto: Duration.hours(1) } });

const objects = objectsIn(render(nextgen));
const job = find(objects, 'CronJob', 'etcd-backup').spec.jobTemplate.spec.template.spec;
const stream = find(objects, 'StatefulSet', 'etcd-snapshot-stream').spec;

describe('the planned snapshots of the reference config', () => {
  it('have the names, schedule, ring and retention of the specification', () => {
    expect(planOf(nextgen)).toMatchObject({
      namespace: 'kube-system',
      jobName: 'etcd-backup',
      serviceAccountName: 'etcd-backup-sa',
      localPath: '/var/etcd-backups',
      localCopies: 30,
      prefix: 'etcd/snapshots',
      keepSeconds: 90 * 86400,
      run: { cron: '*/5 * * * *', startDelay: 60, deadline: 240, worstCaseLoss: 2 * 300 + 60 + 240 },
      stream: { name: 'etcd-snapshot-stream', prefix: 'etcd/stream', period: 30, keepSeconds: 3600, keepAtLeast: 3 },
      prune: { jobName: 'etcd-backup-prune', run: { cron: '*/30 * * * *' } },
    });
  });

  it('meet an RPO of one minute by the stream, and are no longer reported as not generated', () => {
    const { findings, assets } = planRecovery(nextgen);
    expect(findings.filter(({ asset }) => asset === 'etcd')).toEqual([]);
    const [first] = assets.find(({ asset }) => asset === 'etcd')?.protections ?? [];
    expect(first?.protection).toBe('etcd snapshot stream');
    expect(first?.worstCaseLoss).toBeLessThanOrEqual(60);
  });
});

describe('a snapshot stream', () => {
  it('is planned below an RPO of two minutes only, with a prune that keeps up with it', () => {
    expect(planOf(site()).stream).toBeUndefined();
    expect(planOf(site()).prune.run.cron).toBe('30 4 * * *');
    expect(planOf(streamed(Size.mebibytes(100), Duration.seconds(119))).stream).toBeDefined();
  });

  it('has the longest period that meets the objective, for any size up to the largest', () => {
    for (let mebibytes = 10; mebibytes <= 290; mebibytes += 10) {
      const { period = 0, work = 0, worstCaseLoss = 0 } = planOf(streamed(Size.mebibytes(mebibytes))).stream ?? {};
      expect(worstCaseLoss).toBe(period + work);
      expect(worstCaseLoss, `${mebibytes} Mi`).toBeLessThanOrEqual(60);
      expect(period).toBeGreaterThanOrEqual(work);
    }
  });
});

describe('the scheduled run', () => {
  const steps = [...job.initContainers, ...job.containers];

  it('runs on a control-plane node, in its network, as root without any right of root', () => {
    expect(job).toMatchObject({
      hostNetwork: true,
      dnsPolicy: 'ClusterFirstWithHostNet',
      serviceAccountName: 'etcd-backup-sa',
      automountServiceAccountToken: false,
      nodeSelector: { 'node-role.kubernetes.io/control-plane': '' },
      tolerations: [
        { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' },
        { key: 'node-role.kubernetes.io/master', operator: 'Exists', effect: 'NoSchedule' },
      ],
      securityContext: { runAsUser: 0, seccompProfile: { type: 'RuntimeDefault' } },
    });
  });

  it('mounts the keys read-only where etcd is read, and the ring where it is written, and nowhere else', () => {
    const mounts = (name: string) =>
      steps
        .filter(({ volumeMounts }) => volumeMounts.some((mount: { name: string }) => mount.name === name))
        .map((step) => step.name);
    expect([mounts('etcd-certs'), mounts('etcd-backup')]).toEqual([['capture'], ['keep']]);
    expect(job.volumes).toContainEqual({
      name: 'etcd-certs',
      hostPath: { path: '/etc/kubernetes/pki/etcd', type: 'Directory' },
    });
    expect(job.volumes).toContainEqual({
      name: 'etcd-backup',
      hostPath: { path: '/var/etcd-backups', type: 'DirectoryOrCreate' },
    });
    expect(steps[1].volumeMounts).toContainEqual({
      name: 'etcd-certs',
      mountPath: '/etc/kubernetes/pki/etcd',
      readOnly: true,
    });
  });

  it('saves and proves in exec form, with a time limit and a restore to scratch', () => {
    expect(steps[1].command).toEqual([
      'etcdctl',
      '--endpoints=https://127.0.0.1:2379',
      '--cacert=/etc/kubernetes/pki/etcd/ca.crt',
      '--cert=/etc/kubernetes/pki/etcd/healthcheck-client.crt',
      '--key=/etc/kubernetes/pki/etcd/healthcheck-client.key',
      '--command-timeout=120s',
      'snapshot',
      'save',
      '/work/capture/etcd.db',
    ]);
    expect(steps[2].command.slice(0, 3)).toEqual(['etcdutl', 'snapshot', 'restore']);
    const image = find(objectsIn(render(complete)), 'CronJob', 'etcd-backup').spec.jobTemplate.spec.template.spec
      .initContainers[1].image;
    expect(image).toBe('registry.example.net/etcd:v3.5.21');
  });

  it('has no network policy, which could not apply; the prune job is an ordinary restricted pod with one', () => {
    const policies = objects.filter(
      ({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name.startsWith('etcd'),
    );
    expect(policies.map(({ metadata }) => metadata.name)).toEqual(['etcd-backup-prune', 'etcd-backup-drill']);
    const prune = find(objects, 'CronJob', 'etcd-backup-prune').spec.jobTemplate.spec.template.spec;
    expect(prune.hostNetwork).toBeUndefined();
    expect(prune.securityContext.runAsNonRoot).toBe(true);
    const rules = prune.containers[0].env.find(({ name }: { name: string }) => name === 'RULES').value;
    expect(rules).toBe(`etcd/snapshots=${90 * 86400}:3 etcd/stream=3600:3`);
  });

  it('stores in the namespace of etcd whatever the site asks of others: the weakest Pod Security level wins', () => {
    const shared = planRecovery({
      ...nextgen,
      configuration: { ...(nextgen.configuration ?? completeConfiguration), namespace: 'kube-system' },
    });
    const namespace = shared.externalReferences.find(({ name }) => name === 'kube-system');
    expect(namespace?.podSecurity).toBe('privileged');
  });
});

describe('the stream', () => {
  const { containers } = stream.template.spec;
  const variable = (container: { env: { name: string; value: string }[] }, name: string) =>
    container.env.find((candidate) => candidate.name === name)?.value;

  it('is one pod of three hardened containers that hand over to each other', () => {
    expect(stream).toMatchObject({ replicas: 1, updateStrategy: { type: 'RollingUpdate' } });
    expect(stream.template.spec.terminationGracePeriodSeconds).toBe(5);
    expect(
      containers.map((container: never) =>
        ['STEP', 'STEP_SCRIPT', 'NEXT_STEP'].map((name) => variable(container, name)),
      ),
    ).toEqual([
      ['capture', 'save-snapshot.sh', 'seal'],
      ['seal', 'seal.sh', 'ship'],
      ['ship', 'ship.sh', 'capture'],
    ]);
    for (const { securityContext } of containers) {
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        readOnlyRootFilesystem: true,
      });
    }
  });

  it('is not ready as soon as its newest snapshot is older than planned', () => {
    const loss = planOf(nextgen).stream?.worstCaseLoss;
    for (const container of containers) {
      expect(variable(container, 'MAX_AGE_SECONDS')).toBe(String(loss));
      expect(container.readinessProbe).toMatchObject({
        exec: { command: ['/bin/sh', '/scripts/fresh.sh'] },
        failureThreshold: 1,
      });
      expect(container.livenessProbe.failureThreshold * container.livenessProbe.periodSeconds).toBe(600);
    }
  });
});

function errorOf(config: DisasterRecoveryConfig): DisasterRecoveryError {
  try {
    planRecovery(config);
  } catch (error) {
    return error as DisasterRecoveryError;
  }
  throw new Error('the config was accepted');
}

describe('a config is refused for', () => {
  const mistakes: [string, Partial<EtcdConfig>, string, string, string][] = [
    ['no local copy', { localCopies: 0 }, 'number-out-of-range', 'etcd.localCopies', 'use 1'],
    ['half a local copy', { localCopies: 2.5 }, 'number-out-of-range', 'etcd.localCopies', 'use 3'],
    ['a moving image', { image: ImageRef.of('quay.io/coreos/etcd:latest') }, 'image-unpinned', 'etcd.image', 'pin'],
    ['a schedule of six fields', { schedule: Schedule.cron('0 */5 * * * *') }, 'schedule-syntax', 'etcd.schedule', ''],
    ['a bad prune schedule', { pruneSchedule: Schedule.cron('daily') }, 'schedule-syntax', 'etcd.pruneSchedule', ''],
    ['no retention', { retention: Retention.days(0) }, 'retention-empty', 'etcd.retention', 'Retention.days(30)'],
    [
      'thinned-out snapshots',
      { retention: Retention.tiered({ daily: Duration.days(9) }) },
      'retention-tiers',
      'etcd.retention',
      'Retention.days',
    ],
    ['a path of two parts', { path: 'a/b' }, 'name-invalid', 'etcd.path', 'use a-b'],
    ['an empty database', { size: Size.kibibytes(0) }, 'storage-empty', 'etcd.size', 'Size.mebibytes(500)'],
    ['no time to run', { deadline: Duration.seconds(0) }, 'number-out-of-range', 'etcd.deadline', 'leave it out'],
  ];

  it.each(mistakes)('%s, with rule, path and fix', (_, etcd, rule, path, fix) => {
    expect(errorOf(site(etcd)).problems).toEqual([
      expect.objectContaining({ rule, path, fix: expect.stringContaining(fix) }),
    ]);
  });

  it('the path of a database, of volumes or of the export, and nothing else of them', () => {
    const shared = { ...site({ path: 'postgres' }), databases: nextgen.databases };
    expect(errorOf(shared).problems.map(({ rule, path }) => [rule, path])).toEqual([
      ['archive-path-shared', 'etcd.path'],
    ]);
    const config = { ...site({ path: 'config' }), configuration: nextgen.configuration };
    expect(errorOf(config).problems.map(({ rule, path }) => [rule, path])).toEqual([
      ['archive-path-shared', 'etcd.path'],
    ]);
    const records = { ...site({ path: 'volumes' }), volumes: nextgen.volumes };
    expect(errorOf(records).problems.map(({ rule, path }) => [rule, path])).toEqual([
      ['archive-path-shared', 'etcd.path'],
    ]);
    expect(planOf({ ...site(), databases: nextgen.databases }).prefix).toBe('etcd/snapshots');
  });

  it('all of its mistakes at once', () => {
    const { problems } = errorOf(site({ localCopies: 0, path: 'A', retention: Retention.days(0) }));
    expect(problems.map(({ path }) => path).sort()).toEqual(['etcd.localCopies', 'etcd.path', 'etcd.retention']);
  });
});

describe('a finding names the nearest setting, and that is accepted:', () => {
  const managed = { controlPlane: ControlPlane.MANAGED };
  const open = { ...site(), encryption: Encryption.none() };
  const ring = (localCopies: number): DisasterRecoveryConfig => site({ size: Size.gibibytes(1), localCopies });
  const late = (minutes: number): DisasterRecoveryConfig => site({ deadline: Duration.minutes(minutes) });
  const short = (seconds: number): DisasterRecoveryConfig =>
    site({ deadline: Duration.seconds(seconds), size: Size.mebibytes(500) });
  const cases: [string, DisasterRecoveryConfig, string, string, string, DisasterRecoveryConfig][] = [
    ['a managed control plane', site(managed), 'etcd-unreachable', 'etcd.controlPlane', 'leave etcd out', site()],
    ['snapshots in clear', open, 'secrets-unsealed', 'encryption', 'Encryption.passphrase', site()],
    ['a ring beyond the disk', ring(20), 'local-copies-too-large', 'etcd.localCopies', 'keep 19 copies', ring(19)],
    ['a run beyond the next', late(5), 'runs-overlap', 'etcd.deadline', 'set deadline to 4m', late(4)],
    ['a run that is always killed', short(42), 'run-too-long', 'etcd.deadline', 'allow at least 43s', short(43)],
    [
      'a database too large for its stream',
      streamed(Size.mebibytes(296)),
      'rpo-unmet',
      'etcd.objective.rpo',
      'can be met up to 294 Mi',
      streamed(Size.mebibytes(294)),
    ],
    [
      'snapshots too rare',
      site({ schedule: Schedule.everyMinutes(15) }),
      'rpo-unmet',
      'etcd.schedule',
      'every 6 min',
      site({ schedule: Schedule.everyMinutes(6) }),
    ],
  ];

  it.each(cases)('%s', (_, config, rule, path, fix, works) => {
    const { problems, findings } = errorOf(config);
    expect(problems).toEqual([]);
    expect(findings).toEqual([
      expect.objectContaining({ rule, path, severity: 'error', fix: expect.stringContaining(fix) }),
    ]);
    expect(planOf(works)).toBeDefined();
  });
});
