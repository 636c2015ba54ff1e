import { Duration, Size } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import type { DisasterRecoveryConfig, Finding, SnapshotClassConfig, VolumeConfig } from '../../lib';
import { DisasterRecoveryError, planRecovery, Retention, Schedule, SnapshotDeletionPolicy } from '../../lib';
import { complete, completeVolume, minimal } from '../support/configs';
import { find, objectsIn, render } from '../support/render';
import type { Manifest } from '../support/schema';

const DAY = 86400;
const volume: VolumeConfig = {
  name: 'data',
  objective: { rpo: Duration.hours(3), rto: Duration.hours(1) },
  claims: ['data'],
  size: Size.gibibytes(10),
  snapshotClassName: 'snapshots',
  schedule: Schedule.everyHours(1),
  retention: Retention.days(7),
};

function site(
  changes: Partial<VolumeConfig> = {},
  snapshotClass: Partial<SnapshotClassConfig> = {},
): DisasterRecoveryConfig {
  const { databases: _, ...rest } = minimal;
  const driver = 'disk.csi.azure.com';
  return {
    ...rest,
    volumes: [{ ...volume, ...changes }],
    snapshotClasses: [{ name: 'snapshots', driver, ...snapshotClass }],
  };
}

function findingsOf(config: DisasterRecoveryConfig): readonly Finding[] {
  try {
    return planRecovery(config).findings;
  } catch (error) {
    expect(error).toBeInstanceOf(DisasterRecoveryError);
    const { problems, findings } = error as DisasterRecoveryError;
    expect(problems).toEqual([]);
    return findings;
  }
}

const rulesOf = (config: DisasterRecoveryConfig): string[] =>
  findingsOf(config).map(({ rule, severity }) => `${severity} ${rule}`);

const objectsOf = (config: DisasterRecoveryConfig): Manifest[] =>
  objectsIn(new Map([...render(config)].filter(([name]) => name.startsWith('volumes') || name.startsWith('storage'))));

const containersOf = (objects: Manifest[], job: string): Manifest[] => {
  const { initContainers, containers } = find(objects, 'CronJob', job).spec.jobTemplate.spec.template.spec;
  return [...initContainers, ...containers];
};

const variable = (container: Manifest | undefined, name: string): string =>
  container?.env.find((candidate: { name: string }) => candidate.name === name).value;

describe('the planned volumes of the reference config', () => {
  const [plan] = planRecovery(nextgen).volumes;

  it('have the names of the specification, and every number that the manifests share', () => {
    expect(plan).toMatchObject({
      name: 'data',
      namespace: 'production',
      claims: ['postgres-data-pvc', 'redis-data-pvc'],
      claimSelector: '',
      snapshotClassName: 'csi-snapshot-class',
      driver: 'disk.csi.azure.com',
      jobName: 'pv-snapshot-scheduler',
      serviceAccountName: 'snapshot-sa',
      prefix: 'volumes/data',
      run: { cron: '*/10 * * * *', derived: true, deadline: 300, worstCaseLoss: 1800 },
      readySeconds: 240,
      tiers: [
        { name: 'all', keepSeconds: DAY },
        { name: 'hourly', keepSeconds: 7 * DAY },
      ],
      keepSeconds: 7 * DAY,
      keepAtLeast: 3,
      prune: { jobName: 'pv-snapshot-scheduler-prune' },
    });
  });

  it('declare their class, so that neither they nor the database need one from outside', () => {
    const kinds = planRecovery(nextgen).externalReferences.map(({ kind }) => kind);
    expect(kinds).not.toContain('VolumeSnapshotClass');
    expect(find(objectsOf(nextgen), 'VolumeSnapshotClass', 'csi-snapshot-class')).toMatchObject({
      driver: 'disk.csi.azure.com',
      deletionPolicy: 'Retain',
      parameters: { incremental: 'true' },
      metadata: { annotations: { 'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false' } },
    });
    expect(find(objectsOf(nextgen), 'VolumeSnapshotClass', 'csi-snapshot-class-eastus').parameters).toEqual({
      incremental: 'true',
      location: 'eastus',
    });
  });

  it('leave cluster-scoped classes to the chart of the storage, and come after them in a sync', () => {
    const charts = render(nextgen);
    const kindsOf = (name: string): string[] =>
      objectsIn(new Map([[name, charts.get(name) ?? '']])).map(({ kind }) => kind);
    expect(kindsOf('storage.k8s.yaml').filter((kind) => kind === 'VolumeSnapshotClass')).toHaveLength(2);
    expect(kindsOf('volumes.k8s.yaml')).not.toContain('VolumeSnapshotClass');
    const waveOf = (kind: string, name: string): number =>
      Number(find(objectsIn(charts), kind, name).metadata.annotations?.['argocd.argoproj.io/sync-wave']);
    const declared = waveOf('VolumeSnapshotClass', 'csi-snapshot-class');
    expect(declared).toBeLessThan(waveOf('VolumeSnapshot', 'postgres-data-snapshot'));
    expect(declared).toBeLessThan(waveOf('CronJob', 'pv-snapshot-scheduler'));
    expect(declared).toBeLessThan(waveOf('Cluster', 'nextgen-postgres'));
  });

  it('need no chart of their own where only classes are declared', () => {
    const { snapshotClasses } = nextgen;
    expect([...render({ ...minimal, snapshotClasses }).keys()]).not.toContain('volumes.k8s.yaml');
  });

  it('are taken once as well', () => {
    expect(find(objectsOf(nextgen), 'VolumeSnapshot', 'postgres-data-snapshot')).toMatchObject({
      metadata: { namespace: 'production', labels: { 'cdk8s-dr/tier': 'one-off' } },
      spec: {
        volumeSnapshotClassName: 'csi-snapshot-class',
        source: { persistentVolumeClaimName: 'postgres-data-pvc' },
      },
    });
  });
});

describe('the external references of volumes', () => {
  const claims = (config: DisasterRecoveryConfig): string[] =>
    planRecovery(config)
      .externalReferences.filter(({ kind }) => kind === 'PersistentVolumeClaim' || kind === 'VolumeSnapshotClass')
      .map(({ kind, name }) => `${kind} ${name}`);

  it('are claims by name, and a class that is not declared', () => {
    expect(claims({ ...site(), snapshotClasses: [] })).toEqual([
      'PersistentVolumeClaim data',
      'VolumeSnapshotClass snapshots',
    ]);
    expect(claims(site())).toEqual(['PersistentVolumeClaim data']);
  });

  it('are no claims with a selector', () => {
    const other = { lifecycle: undefined, replication: undefined, drills: undefined };
    expect(claims({ ...complete, ...other, databases: [], oneOffSnapshots: [] })).toEqual([]);
  });
});

describe('access to the API server', () => {
  const rules = (objects: Manifest[], kind: string, name: string): string[] =>
    find(objects, kind, name).rules.map(
      ({ resources, verbs, resourceNames }: Record<string, string[]>) =>
        `${verbs?.join()} ${resources?.join()}${resourceNames === undefined ? '' : ` ${resourceNames.join()}`}`,
    );

  it('is to read the named claims, to take snapshots and to read their contents', () => {
    const objects = objectsOf(nextgen);
    expect(rules(objects, 'Role', 'pv-snapshot-scheduler')).toEqual([
      'get persistentvolumeclaims postgres-data-pvc,redis-data-pvc',
      'list,create volumesnapshots',
    ]);
    expect(rules(objects, 'ClusterRole', 'pv-snapshot-scheduler.production')).toEqual(['get volumesnapshotcontents']);
    const { subjects } = find(objects, 'RoleBinding', 'pv-snapshot-scheduler');
    expect(subjects).toEqual([{ kind: 'ServiceAccount', name: 'snapshot-sa', namespace: 'production' }]);
  });

  it('of the job that prunes is to remove snapshots and to patch their contents, and nothing else', () => {
    const objects = objectsOf(nextgen);
    expect(rules(objects, 'Role', 'pv-snapshot-scheduler-prune')).toEqual(['list,get,delete volumesnapshots']);
    expect(rules(objects, 'ClusterRole', 'pv-snapshot-scheduler-prune.production')).toEqual([
      'get,patch volumesnapshotcontents',
    ]);
  });

  it('is to list claims with a selector, and to run commands only with a quiesce hook', () => {
    expect(rules(objectsOf(complete), 'Role', 'files-job')).toEqual([
      'list persistentvolumeclaims',
      'list,create volumesnapshots',
      'get,list pods',
      'get,create pods/exec',
    ]);
    expect(JSON.stringify(find(objectsOf(nextgen), 'Role', 'pv-snapshot-scheduler'))).not.toContain('pods');
  });

  it('is given to the steps that need it', () => {
    const objects = objectsOf(nextgen);
    const withToken = ['pv-snapshot-scheduler', 'pv-snapshot-scheduler-prune'].flatMap((job) =>
      containersOf(objects, job).filter(({ volumeMounts }) =>
        volumeMounts.some(({ mountPath }: { mountPath: string }) => mountPath.includes('serviceaccount')),
      ),
    );
    expect(withToken.map(({ name }) => name)).toEqual(['snapshot', 'record', 'thin']);
  });
});

describe('the jobs of volumes', () => {
  const objects = objectsOf(complete);

  it('hand the hook over as it was given, one argument a line', () => {
    const [snapshot] = containersOf(objects, 'files-job');
    expect(variable(snapshot, 'QUIESCE_BEFORE')).toBe('/bin/sh\n-c\nsync; touch /data/.frozen');
    expect(variable(snapshot, 'QUIESCE_PODS')).toBe('app=files');
    expect(variable(snapshot, 'CLAIM_SELECTOR')).toBe('backup=yes,tier=files');
    expect(variable(snapshot, 'READY_SECONDS')).toBe('540');
    const field = snapshot?.env.find(({ name }: { name: string }) => name === 'JOB_NAME').valueFrom.fieldRef.fieldPath;
    expect(field).toBe("metadata.labels['batch.kubernetes.io/job-name']");
  });

  it('store records unsealed, since they hold no data, under the planned prefix', () => {
    const [, , seal, ship] = containersOf(objects, 'files-job');
    expect(variable(seal, 'SEAL_METHOD')).toBe('none');
    expect(variable(ship, 'KEY_PREFIX')).toBe('files-path/files');
    expect(JSON.stringify(find(objects, 'CronJob', 'files-job'))).not.toContain('backup-public');
  });

  it('prune what carries the labels that the other job gives, by the planned tiers and floor', () => {
    const [snapshot] = containersOf(objects, 'files-job');
    const [thin, records] = containersOf(objects, 'files-job-prune');
    expect(variable(thin, 'LABELS')).toBe(variable(snapshot, 'LABELS'));
    expect(variable(thin, 'TIERS')).toBe(`all=21600 hourly=${2 * DAY} daily=${20 * DAY} weekly=${90 * DAY}`);
    expect(variable(thin, 'KEEP_AT_LEAST')).toBe('4');
    expect(variable(records, 'RULES')).toBe(`files-path/files=${90 * DAY}:4`);
    expect(completeVolume.namespace).toBe('web');
  });
});

describe('the findings about volumes', () => {
  it('need no encryption, since records hold no data', () => {
    expect(rulesOf(site())).toEqual([]);
  });

  it.each([
    [
      'more snapshots of a disk than Azure allows',
      site({ schedule: Schedule.everyMinutes(10), retention: Retention.days(4) }),
      site({ schedule: Schedule.everyMinutes(10), retention: Retention.days(3) }),
      'error snapshots-exceed-limit',
    ],
    [
      'the same of two assets that share a claim',
      {
        ...site({ retention: Retention.days(12) }),
        volumes: [volume, { ...volume, name: 'again', retention: Retention.days(14) }],
      },
      { ...site(), volumes: [volume, { ...volume, name: 'again', retention: Retention.days(12) }] },
      'error snapshots-exceed-limit',
    ],
    [
      'snapshots faster than GCE allows',
      site(
        { schedule: Schedule.cron('*/9 * * * *'), deadline: Duration.minutes(2), retention: Retention.days(1) },
        { driver: 'pd.csi.storage.gke.io' },
      ),
      site(
        { schedule: Schedule.everyMinutes(10), deadline: Duration.minutes(2), retention: Retention.days(1) },
        { driver: 'pd.csi.storage.gke.io' },
      ),
      'error snapshots-too-fast',
    ],
    [
      'a lock beyond the retention',
      site({}, { driver: 'ebs.csi.aws.com', parameters: { lockMode: 'governance', lockDuration: '8' } }),
      site({}, { driver: 'ebs.csi.aws.com', parameters: { lockMode: 'governance', lockDuration: '7' } }),
      'error lock-exceeds-retention',
    ],
    [
      'a lock of snapshots that the tiers thin out',
      site(
        {
          schedule: Schedule.everyMinutes(30),
          retention: Retention.tiered({ all: Duration.days(1), hourly: Duration.days(7) }),
        },
        { driver: 'ebs.csi.aws.com', parameters: { lockMode: 'governance', lockDuration: '2' } },
      ),
      site(
        {
          schedule: Schedule.everyHours(1),
          retention: Retention.tiered({ all: Duration.days(1), hourly: Duration.days(7) }),
        },
        { driver: 'ebs.csi.aws.com', parameters: { lockMode: 'governance', lockDuration: '2' } },
      ),
      'error lock-exceeds-retention',
    ],
    [
      'snapshots that go with their namespace',
      site({}, { deletionPolicy: SnapshotDeletionPolicy.DELETE }),
      site({}, { deletionPolicy: SnapshotDeletionPolicy.RETAIN }),
      'warning snapshots-deleted-with-namespace',
    ],
    [
      'snapshots in another region',
      site({}, { parameters: { Location: 'eastus' } }),
      site({}, { parameters: { incremental: 'true' } }),
      'warning snapshots-elsewhere',
    ],
    [
      'a background copy that outlasts the deadline',
      site({ backgroundCopy: true, deadline: Duration.minutes(50) }),
      site({ backgroundCopy: true }, { parameters: { instantAccessDurationMinutes: '60' } }),
      'warning background-copy',
    ],
    [
      'runs that overlap',
      site({ deadline: Duration.minutes(56) }),
      site({ deadline: Duration.minutes(55) }),
      'error runs-overlap',
    ],
  ])('name %s, and not the nearest setting that passes', (_, bad, good, rule) => {
    expect(rulesOf(bad)).toContain(rule);
    expect(rulesOf(good)).toEqual([]);
  });

  it('leave drivers alone that are not known', () => {
    expect(
      rulesOf(site({ schedule: Schedule.everyMinutes(10), retention: Retention.days(9) }, { driver: 'example.net' })),
    ).toEqual([]);
  });
});
