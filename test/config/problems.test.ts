import { Duration, Size } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import type { ClusterObjectsConfig, DatabaseConfig, DisasterRecoveryConfig, DumpConfig } from '../../lib';
import {
  ControlPlane,
  DisasterRecoveryError,
  Encryption,
  ImageRef,
  ObjectStorage,
  planRecovery,
  Retention,
  Schedule,
  ServerSideEncryption,
  ValidationCheck,
} from '../../lib';
import { minimal, minimalDatabase } from '../support/configs';
import { volumeProblems } from './volume-problems';

const dumps: DumpConfig = {
  credentials: { secretName: 'credentials' },
  tiers: [{ name: 'daily', schedule: Schedule.dailyAt('02:00'), retention: Retention.days(30) }],
};

function database(changes: Partial<DatabaseConfig>): DisasterRecoveryConfig {
  return { ...minimal, databases: [{ ...minimalDatabase, ...changes }] };
}

function dump(changes: Partial<DumpConfig>): DisasterRecoveryConfig {
  return database({ dumps: { ...dumps, ...changes } });
}

function tier(changes: object): DisasterRecoveryConfig {
  return dump({
    tiers: [{ name: 'daily', schedule: Schedule.dailyAt('02:00'), retention: Retention.days(30), ...changes }],
  });
}

/** The export of cluster objects beside a database with dumps. */
function objects(changes: Partial<ClusterObjectsConfig>): DisasterRecoveryConfig {
  const objective = { rpo: Duration.hours(13), rto: Duration.hours(1) };
  return {
    ...dump({}),
    encryption: Encryption.passphrase({ secretName: 'sealing', key: 'passphrase' }),
    configuration: { objective, retention: Retention.days(30), ...changes },
  };
}

function storage(value: ObjectStorage): DisasterRecoveryConfig {
  return { ...minimal, storage: value };
}

function errorOf(config: DisasterRecoveryConfig): DisasterRecoveryError {
  try {
    planRecovery(config);
  } catch (error) {
    if (error instanceof DisasterRecoveryError) {
      return error;
    }
    throw error;
  }
  throw new Error('the config was accepted');
}

const azure = { account: 'shopbackups', container: 'backups' };
const key = { secretName: 'azure' };
const s3 = { bucket: 'shop-backups', region: 'eu-central-1' };
const D = 'databases[0]';
const C = 'configuration';

const mistakes: [string, DisasterRecoveryConfig, string, string, string][] = [
  ['an invalid site name', { ...minimal, site: 'My Site' }, 'name-invalid', 'site', 'use my-site'],
  ['an empty namespace', { ...minimal, namespace: '' }, 'name-invalid', 'namespace', 'use name'],
  [
    'a Cluster name of 51 characters, whose backups would be too long',
    database({ name: 'a'.repeat(51) }),
    'name-too-long',
    `${D}.name`,
    `use ${'a'.repeat(43)}`,
  ],
  ['a Cluster name that starts with a digit', database({ name: '1orders' }), 'name-invalid', `${D}.name`, 'use orders'],
  ['an invalid key path', database({ path: 'a/b' }), 'name-invalid', `${D}.path`, 'use a-b'],
  [
    'a CronJob name of 53 characters',
    tier({ jobName: 'j'.repeat(53) }),
    'name-too-long',
    `${D}.dumps.tiers[0].jobName`,
    'j'.repeat(52),
  ],
  ['an invalid database name', database({ database: 'My-DB' }), 'identifier-invalid', `${D}.database`, 'app_db'],
  [
    'an unknown PostgreSQL version',
    database({ majorVersion: 12 }),
    'version-unsupported',
    `${D}.majorVersion`,
    'use 15',
  ],
  ['a generation of 0', database({ generation: 0 }), 'number-out-of-range', `${D}.generation`, 'use 1'],
  [
    'an unparsable cron expression',
    tier({ schedule: Schedule.cron('daily') }),
    'schedule-syntax',
    `${D}.dumps.tiers[0].schedule`,
    'write five fields',
  ],
  [
    'a six-field cron expression',
    tier({ schedule: Schedule.cron('0 0 2 * * *') }),
    'schedule-syntax',
    `${D}.dumps.tiers[0].schedule`,
    'leave out the seconds: 0 2 * * *',
  ],
  [
    'an unknown time zone',
    tier({ schedule: Schedule.dailyAt('02:00', 'Europe/Berln') }),
    'schedule-time-zone',
    `${D}.dumps.tiers[0].schedule`,
    'use Europe/Berlin',
  ],
  [
    'base backups outside UTC',
    database({ baseBackups: { schedule: Schedule.dailyAt('02:00', 'Europe/Berlin') } }),
    'schedule-cnpg-zone',
    `${D}.baseBackups.schedule`,
    'in UTC',
  ],
  [
    'a tier without schedule and objective',
    tier({ schedule: undefined }),
    'schedule-missing',
    `${D}.dumps.tiers[0].schedule`,
    'Schedule.dailyAt',
  ],
  [
    'two tiers of one name',
    dump({ tiers: [...dumps.tiers, ...dumps.tiers] }),
    'tier-duplicate',
    `${D}.dumps.tiers[1].name`,
    'own name',
  ],
  ['a tier where the WAL archive lies', tier({ name: 'orders' }), 'tier-reserved', `${D}.dumps.tiers[0].name`, 'daily'],
  ['no tiers', dump({ tiers: [] }), 'tiers-missing', `${D}.dumps.tiers`, 'add a tier'],
  [
    'no retention',
    tier({ retention: Retention.tiered({}) }),
    'retention-empty',
    `${D}.dumps.tiers[0].retention`,
    'Retention.days(30)',
  ],
  [
    'a floor of no copy',
    tier({ retention: Retention.days(30).withFloor(0) }),
    'number-out-of-range',
    `${D}.dumps.tiers[0].retention.keepAtLeast`,
    'use 1',
  ],
  [
    'a missing secret of the dump role',
    dump({ credentials: { secretName: '' } }),
    'secret-missing',
    `${D}.dumps.credentials.secretName`,
    'basic-auth',
  ],
  [
    'a missing passphrase',
    { ...minimal, encryption: Encryption.passphrase({ secretName: 'seal', key: '' }) },
    'secret-missing',
    'encryption.passphrase',
    'give secretName and key',
  ],
  [
    'a Cluster name of 40 characters with snapshots',
    database({ name: 'a'.repeat(40), snapshots: { schedule: Schedule.everyHours(6), className: 'snapshots' } }),
    'name-too-long',
    `${D}.name`,
    `use ${'a'.repeat(39)}`,
  ],
  [
    'two jobs of one name',
    dump({ verification: { jobName: 'orders-dump-daily' } }),
    'job-name-shared',
    `${D}.dumps.verification.jobName`,
    'its own jobName',
  ],
  [
    'two databases with one ServiceAccount',
    {
      ...minimal,
      databases: ['orders', 'billing'].map((name) => ({
        ...minimalDatabase,
        name,
        dumps: { ...dumps, serviceAccountName: 'backup' },
      })),
    },
    'service-account-shared',
    'databases[1].dumps.serviceAccountName',
    'give each database its own',
  ],
  [
    'dumps thinned out by age',
    tier({ retention: Retention.tiered({ daily: Duration.days(30) }) }),
    'retention-tiers',
    `${D}.dumps.tiers[0].retention`,
    'a tier of dumps per cadence',
  ],
  [
    'two checks of one name',
    dump({
      verification: { checks: [ValidationCheck.minimumRows('users', 1), ValidationCheck.minimumRows('users', 2)] },
    }),
    'check-duplicate',
    `${D}.dumps.verification.checks[1]`,
    'own name',
  ],
  [
    'a parameter that the operator fixes',
    database({ cluster: { storage: Size.gibibytes(5), parameters: [{ name: 'archive_command', value: 'cp %p /x' }] } }),
    'parameter-refused',
    `${D}.cluster.parameters[0]`,
    'the Barman Cloud plugin archives WAL',
  ],
  [
    'a parameter that is derived',
    database({ cluster: { storage: Size.gibibytes(5), parameters: [{ name: 'archive_timeout', value: '300' }] } }),
    'parameter-refused',
    `${D}.cluster.parameters[0]`,
    'walArchiving.archiveTimeout',
  ],
  [
    'a parameter given twice',
    database({
      cluster: {
        storage: Size.gibibytes(5),
        parameters: ['1GB', '2GB'].map((value) => ({ name: 'max_wal_size', value })),
      },
    }),
    'parameter-duplicate',
    `${D}.cluster.parameters[1]`,
    'keep one',
  ],
  [
    'as many synchronous standbys as instances',
    database({ cluster: { storage: Size.gibibytes(5), synchronousStandbys: 3 } }),
    'synchronous-standbys',
    `${D}.cluster.synchronousStandbys`,
    'use 2',
  ],
  [
    'a volume of no size',
    database({ cluster: { storage: Size.kibibytes(0) } }),
    'storage-empty',
    `${D}.cluster.storage`,
    'room to grow',
  ],
  [
    'a moving image tag',
    database({ cluster: { storage: Size.gibibytes(5), image: ImageRef.of('postgres:latest') } }),
    'image-unpinned',
    `${D}.cluster.image`,
    'pin the tag',
  ],
  [
    'an image without tag',
    { ...minimal, images: { rclone: ImageRef.of('rclone/rclone') } },
    'image-unpinned',
    'images.rclone',
    'pin the tag',
  ],
  [
    'two databases of one name',
    { ...minimal, databases: [minimalDatabase, minimalDatabase] },
    'asset-duplicate',
    'databases[1].name',
    'own name',
  ],
  [
    'two databases with one archive path',
    { ...minimal, databases: [minimalDatabase, { ...minimalDatabase, name: 'billing', path: 'orders' }] },
    'archive-path-shared',
    'databases[1].path',
    'use billing',
  ],
  [
    'two credentials on Azure',
    storage(ObjectStorage.azureBlob({ ...azure, accountKey: key, sasToken: key })),
    'storage-credentials',
    'storage',
    'keep accountKey',
  ],
  [
    'no credential on Azure',
    storage(ObjectStorage.azureBlob(azure)),
    'storage-credentials',
    'storage',
    'give accountKey',
  ],
  [
    'two credentials on S3',
    storage(ObjectStorage.s3({ ...s3, accessKeys: key, iamRoleArn: 'arn' })),
    'storage-credentials',
    'storage',
    'keep accessKeys',
  ],
  [
    'no credential on GCS',
    storage(ObjectStorage.gcs({ bucket: 'shop-backups' })),
    'storage-credentials',
    'storage',
    'give serviceAccountKey',
  ],
  [
    'S3 encryption on Azure',
    storage(
      ObjectStorage.azureBlob({ ...azure, accountKey: key, serverSideEncryption: ServerSideEncryption.aes256() }),
    ),
    'storage-encryption',
    'storage.serverSideEncryption',
    'ServerSideEncryption.azureScope',
  ],
  [
    'an invalid account name',
    storage(ObjectStorage.azureBlob({ ...azure, account: 'Shop-Backups', accountKey: key })),
    'storage-name-invalid',
    'storage.account',
    'name the account',
  ],
  [
    'an endpoint with a path',
    storage(ObjectStorage.s3({ ...s3, iamRoleArn: 'arn', endpoint: 'https://s3.example.net/x' })),
    'endpoint-invalid',
    'storage.endpoint',
    'https://s3.example.net',
  ],
  [
    'an empty Secret name',
    storage(ObjectStorage.s3({ ...s3, accessKeys: { secretName: '' } })),
    'secret-missing',
    'storage.accessKeys.secretName',
    'give the name',
  ],
  [
    'volumes without claims',
    { ...minimal, volumes: nextgen.volumes?.map((volume) => ({ ...volume, claims: [] })) },
    'claims-missing',
    'volumes[0].claims',
    'name the',
  ],
  ...volumeProblems,
  [
    'negative tolerated failures',
    { ...minimal, assumptions: { toleratedFailedRuns: -1 } },
    'number-out-of-range',
    'assumptions.toleratedFailedRuns',
    'use 0',
  ],
  [
    'a kind in place of a resource',
    objects({ resources: ['Deployment'] }),
    'resource-invalid',
    `${C}.resources[0]`,
    'use deployments.apps',
  ],
  [
    'a resource without its group',
    objects({ resources: ['secrets', 'ingresses'] }),
    'resource-invalid',
    `${C}.resources[1]`,
    'use ingresses.networking.k8s.io',
  ],
  [
    'every kind of the core group',
    objects({ resources: ['*'] }),
    'resource-invalid',
    `${C}.resources[0]`,
    '*.example.net',
  ],
  [
    'a custom resource without group',
    objects({ customResources: ['widgets'] }),
    'resource-invalid',
    `${C}.customResources[0]`,
    'clusters.postgresql.cnpg.io',
  ],
  [
    'a resource given twice',
    objects({ resources: ['secrets'], customResources: ['secrets'] }),
    'resource-duplicate',
    `${C}.customResources[0]`,
    'keep one',
  ],
  ['no resources', objects({ resources: [] }), 'resources-missing', `${C}.resources`, 'leave it out'],
  [
    'cluster-scoped resources of chosen namespaces',
    objects({ resources: ['namespaces'], exportedNamespaces: ['web'] }),
    'resource-cluster-scoped',
    `${C}.resources[0]`,
    'leave out configuration.exportedNamespaces',
  ],
  [
    'no exported namespaces',
    objects({ exportedNamespaces: [] }),
    'namespaces-missing',
    `${C}.exportedNamespaces`,
    'leave it out',
  ],
  [
    'an exported namespace given twice',
    objects({ exportedNamespaces: ['web', 'web'] }),
    'namespace-duplicate',
    `${C}.exportedNamespaces[1]`,
    'keep one',
  ],
  [
    'an invalid exported namespace',
    objects({ exportedNamespaces: ['Web'] }),
    'name-invalid',
    `${C}.exportedNamespaces[0]`,
    'use web',
  ],
  [
    'an invalid namespace of the export',
    objects({ namespace: 'My Jobs' }),
    'name-invalid',
    `${C}.namespace`,
    'use my-jobs',
  ],
  [
    'an export whose prune job would have a too long name',
    objects({ jobName: 'j'.repeat(47) }),
    'name-too-long',
    `${C}.jobName`,
    'j'.repeat(46),
  ],
  [
    'an invalid ServiceAccount',
    objects({ serviceAccountName: 'a_b' }),
    'name-invalid',
    `${C}.serviceAccountName`,
    'use a-b',
  ],
  ['an invalid path of exports', objects({ path: 'a/b' }), 'name-invalid', `${C}.path`, 'use a-b'],
  [
    'an unparsable export schedule',
    objects({ schedule: Schedule.cron('daily') }),
    'schedule-syntax',
    `${C}.schedule`,
    'write five fields',
  ],
  [
    'an unparsable prune schedule of exports',
    objects({ pruneSchedule: Schedule.cron('daily') }),
    'schedule-syntax',
    `${C}.pruneSchedule`,
    'write five fields',
  ],
  [
    'exports that are kept for no time',
    objects({ retention: Retention.days(0) }),
    'retention-empty',
    `${C}.retention`,
    'Retention.days(30)',
  ],
  [
    'exports that are thinned out',
    objects({ retention: Retention.tiered({ daily: Duration.days(30) }) }),
    'retention-tiers',
    `${C}.retention`,
    'use Retention.days(...)',
  ],
  [
    'an export workspace of no size',
    objects({ workspace: Size.kibibytes(0) }),
    'storage-empty',
    `${C}.workspace`,
    'Size.gibibytes(1)',
  ],
  [
    'exports in the archive of a database',
    objects({ path: 'orders' }),
    'archive-path-shared',
    `${C}.path`,
    'use config-exports',
  ],
  [
    'an export with the job name of a dump',
    objects({ jobName: 'orders-dump-daily' }),
    'job-name-shared',
    `${C}.jobName`,
    'own jobName',
  ],
  [
    'a prune job with the name of a dump',
    objects({ jobName: 'orders-dump' }),
    'job-name-shared',
    `${C}.jobName`,
    'own jobName',
  ],
  [
    'an export with the identity of a database',
    objects({ serviceAccountName: 'orders-dump' }),
    'service-account-shared',
    `${C}.serviceAccountName`,
    'its own',
  ],
  [
    'an export with the identity of its prune job',
    objects({ serviceAccountName: 'config-backup-prune' }),
    'service-account-shared',
    `${C}.serviceAccountName`,
    'its own',
  ],
  [
    'a moving kubectl image',
    { ...objects({}), images: { kubectl: ImageRef.of('alpine/kubectl:latest') } },
    'image-unpinned',
    'images.kubectl',
    'pin the tag',
  ],
  [
    'a sealing image without tag',
    { ...objects({}), images: { tools: ImageRef.of('postgres') } },
    'image-unpinned',
    'images.tools',
    'pin the tag',
  ],
  [
    'an address in place of a range',
    { ...minimal, network: { apiServerCidrs: ['10.0.0.1'] } },
    'network-range',
    'network.apiServerCidrs[0]',
    'use 10.0.0.1/32',
  ],
  ['no address range', { ...minimal, network: { storeCidrs: [] } }, 'network-empty', 'network.storeCidrs', '0.0.0.0/0'],
  [
    'no API server port',
    { ...minimal, network: { apiServerPorts: [] } },
    'network-empty',
    'network.apiServerPorts',
    '[443, 6443]',
  ],
  [
    'a port out of range',
    { ...minimal, network: { apiServerPorts: [70000] } },
    'network-port',
    'network.apiServerPorts[0]',
    'use 443',
  ],
];

const unmet: [string, DisasterRecoveryConfig, string, string, string][] = [
  [
    'an RPO below what an upload takes',
    database({ objective: { rpo: Duration.seconds(30), rto: Duration.hours(1) } }),
    'rpo-unmet',
    `${D}.walArchiving.archiveTimeout`,
    'the smallest objective is 1m 30s',
  ],
  [
    'an archive timeout that fills the whole RPO',
    database({
      objective: { rpo: Duration.minutes(5), rto: Duration.hours(1) },
      walArchiving: { archiveTimeout: Duration.minutes(5) },
    }),
    'rpo-unmet',
    `${D}.walArchiving.archiveTimeout`,
    'set archiveTimeout to 4m',
  ],
  [
    'an RTO below what a restore takes',
    database({ objective: { rpo: Duration.minutes(10), rto: Duration.minutes(3) } }),
    'rto-unmet',
    `${D}.objective.rto`,
    'with this config the RTO is',
  ],
  [
    'a tier that misses its own objective',
    tier({ rpo: Duration.hours(24) }),
    'tier-rpo-unmet',
    `${D}.dumps.tiers[0].schedule`,
    'use a schedule that runs every 8 h',
  ],
  [
    'a retention shorter than the verification interval',
    tier({ retention: Retention.days(1) }),
    'detection-after-expiry',
    `${D}.dumps.tiers[0].retention`,
    'use Retention.days(2)',
  ],
  [
    'a deadline beyond the next run',
    tier({ schedule: Schedule.everyMinutes(30), deadline: Duration.minutes(40) }),
    'runs-overlap',
    `${D}.dumps.tiers[0].deadline`,
    'set deadline to 25m',
  ],
  [
    'a deadline that kills every verification',
    dump({ verification: { deadline: Duration.seconds(10) } }),
    'run-too-long',
    `${D}.dumps.verification.deadline`,
    'allow at least',
  ],
  [
    'a deadline that kills every run',
    tier({ deadline: Duration.seconds(10) }),
    'run-too-long',
    `${D}.dumps.tiers[0].deadline`,
    'allow at least',
  ],
  [
    'a recovery window shorter than the base backup interval',
    database({ baseBackups: { schedule: Schedule.weeklyAt(0, '01:00'), retentionDays: 7 } }),
    'recovery-window-too-short',
    `${D}.baseBackups.retentionDays`,
    'use 8 days',
  ],
  [
    'more data than the volume holds',
    database({ size: Size.gibibytes(6) }),
    'storage-too-small',
    `${D}.cluster.storage`,
    'use at least 6 Gi',
  ],
  [
    'etcd of a managed control plane',
    {
      ...nextgen,
      etcd: {
        objective: { rpo: Duration.hours(1), rto: Duration.hours(1) },
        controlPlane: ControlPlane.MANAGED,
        retention: Retention.days(9),
      },
    },
    'etcd-unreachable',
    'etcd.controlPlane',
    'leave etcd out',
  ],
  [
    'volume snapshots too rare for the RPO',
    { ...nextgen, volumes: nextgen.volumes?.map((volume) => ({ ...volume, schedule: Schedule.everyHours(1) })) },
    'rpo-unmet',
    'volumes[0].schedule',
    'every 10 min',
  ],
  [
    'an etcd too large for its snapshot stream',
    {
      ...nextgen,
      etcd: {
        objective: { rpo: Duration.minutes(1), rto: Duration.hours(1) },
        controlPlane: ControlPlane.KUBEADM,
        size: Size.mebibytes(400),
        retention: Retention.days(9),
      },
    },
    'rpo-unmet',
    'etcd.objective.rpo',
    'can be met up to',
  ],
  [
    'Secrets that would be stored in clear',
    { ...objects({}), encryption: Encryption.none() },
    'secrets-unsealed',
    'encryption',
    'use Encryption.passphrase',
  ],
  [
    'exports too rare for the RPO',
    objects({ schedule: Schedule.everyHours(8) }),
    'rpo-unmet',
    `${C}.schedule`,
    'every 6 h',
  ],
  [
    'an export deadline beyond the next run',
    objects({ schedule: Schedule.everyMinutes(30), deadline: Duration.minutes(40) }),
    'runs-overlap',
    `${C}.deadline`,
    'set deadline to 25m',
  ],
  [
    'an export deadline that kills every run',
    objects({ deadline: Duration.seconds(10) }),
    'run-too-long',
    `${C}.deadline`,
    'allow at least 1m',
  ],
];

const nearest: [string, DisasterRecoveryConfig][] = [
  ['an unsealed export without Secrets', { ...objects({ resources: ['configmaps'] }), encryption: Encryption.none() }],
  ['exports as rare as the RPO allows', objects({ schedule: Schedule.everyHours(6) })],
  [
    'an export deadline just before the next run',
    objects({ schedule: Schedule.everyMinutes(30), deadline: Duration.minutes(25) }),
  ],
  ['the shortest export deadline', objects({ deadline: Duration.minutes(1) })],
  ['the longest export name', objects({ jobName: 'j'.repeat(46) })],
  [
    'cluster-scoped custom resources and all namespaces',
    objects({ resources: ['namespaces'], customResources: ['*.example.net'] }),
  ],
  ['an export beside a database in another namespace', objects({ namespace: 'jobs', jobName: 'orders-dump-daily' })],
];

describe('a config is refused for', () => {
  it.each(mistakes)('%s, with rule, path and fix', (_, config, rule, path, fix) => {
    const { problems, message } = errorOf(config);
    expect(problems).toContainEqual(expect.objectContaining({ rule, path, fix: expect.stringContaining(fix) }));
    expect(message).toContain(`${path}  [${rule}]`);
  });

  it.each(unmet)('%s, with the nearest setting that works', (_, config, rule, path, fix) => {
    const { problems, findings } = errorOf(config);
    expect(problems).toEqual([]);
    expect(findings).toContainEqual(
      expect.objectContaining({ rule, path, severity: 'error', fix: expect.stringContaining(fix) }),
    );
  });
});

describe('the nearest setting that works is accepted:', () => {
  it.each(nearest)('%s', (_, config) => {
    expect(planRecovery(config).configuration).toBeDefined();
  });
});

describe('a config with many mistakes', () => {
  const config: DisasterRecoveryConfig = {
    ...minimal,
    storage: ObjectStorage.azureBlob({ ...azure, accountKey: key, sasToken: key }),
    databases: [
      {
        ...minimalDatabase,
        objective: { rpo: Duration.seconds(30), rto: Duration.hours(1) },
        cluster: { storage: Size.gibibytes(5), parameters: [{ name: 'archive_mode', value: 'on' }] },
        dumps: {
          credentials: { secretName: '' },
          tiers: [
            { name: 'broken', schedule: Schedule.cron('0 0 2 * * *'), retention: Retention.days(30) },
            { name: 'daily', schedule: Schedule.dailyAt('02:00', 'Nowhere/Land'), retention: Retention.days(30) },
            { name: 'short', schedule: Schedule.dailyAt('03:00'), retention: Retention.days(1) },
          ],
        },
      },
      { ...minimalDatabase, name: 'x'.repeat(60), path: 'orders' },
    ],
  };

  it('shows all of them at once, those of the plan beside those of the config', () => {
    const { problems, findings } = errorOf(config);
    expect(problems.map(({ rule }) => rule).sort()).toEqual(
      [
        'archive-path-shared',
        'name-too-long',
        'name-too-long',
        'parameter-refused',
        'schedule-syntax',
        'schedule-time-zone',
        'secret-missing',
        'storage-credentials',
      ].filter((rule, index, all) => rule !== 'name-too-long' || index === all.indexOf('name-too-long')),
    );
    expect(findings.map(({ rule, path }) => `${rule} ${path}`)).toEqual([
      `detection-after-expiry ${D}.dumps.tiers[2].retention`,
      `rpo-unmet ${D}.walArchiving.archiveTimeout`,
    ]);
  });

  it('prints them with count, path, rule and fix', () => {
    const { message } = errorOf(config);
    expect(message).toMatch(/has \d+ problems; nothing was written/);
    expect(message.match(/fix: /g)).toHaveLength(9);
  });
});
