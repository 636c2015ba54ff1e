import { Duration, Size } from 'cdk8s';
import type { DisasterRecoveryConfig } from './lib';
import { ControlPlane, Encryption, ObjectStorage, Retention, Schedule, synthesize, ValidationCheck } from './lib';

/** The reference config: docs/spec.md compares it with the specification point by point. */
export const nextgen: DisasterRecoveryConfig = {
  site: 'nextgen',
  namespace: 'production',
  storage: ObjectStorage.azureBlob({
    account: 'nextgenbackups',
    container: 'backups',
    accountKey: { secretName: 'azure-backup-credentials' },
  }),
  encryption: Encryption.passphrase({ secretName: 'backup-encryption', key: 'passphrase' }),
  assumptions: { detection: Duration.minutes(2) },
  databases: [
    {
      name: 'nextgen-postgres',
      path: 'postgres',
      database: 'nextgen_db',
      owner: 'nextgen',
      objective: { rpo: Duration.minutes(5), rto: Duration.minutes(15) },
      size: Size.gibibytes(20),
      cluster: {
        instances: 3,
        storage: Size.gibibytes(50),
        walStorage: Size.gibibytes(10),
        storageClass: 'managed-csi',
        parameters: [
          { name: 'max_wal_senders', value: '10' },
          { name: 'max_replication_slots', value: '10' },
          { name: 'wal_level', value: 'replica' },
        ],
      },
      baseBackups: { retentionDays: 30 },
      snapshots: { schedule: Schedule.everyHours(6), className: 'csi-snapshot-class' },
      dumps: {
        credentials: { username: 'backup', secretName: 'postgres-credentials' },
        serviceAccountName: 'backup-sa',
        workspaceStorageClass: 'managed-csi',
        tiers: [
          {
            name: 'daily',
            jobName: 'postgres-backup',
            schedule: Schedule.dailyAt('02:00'),
            retention: Retention.days(30),
          },
          {
            name: 'hourly',
            jobName: 'postgres-backup-hourly',
            schedule: Schedule.cron('15 * * * *'),
            retention: Retention.days(7),
          },
        ],
        verification: {
          jobName: 'postgres-backup-verify',
          schedule: Schedule.everyHours(6),
          checks: [
            ValidationCheck.minimumRows('users', 1),
            ValidationCheck.minimumRows('invoices', 1),
            ValidationCheck.minimumRows('events', 1),
            ValidationCheck.freshness('events', 'created_at', Duration.days(1)),
          ],
        },
      },
    },
  ],
  volumes: [
    {
      name: 'data',
      objective: { rpo: Duration.minutes(30), rto: Duration.hours(1) },
      claims: ['postgres-data-pvc', 'redis-data-pvc'],
      size: Size.gibibytes(50),
      snapshotClassName: 'csi-snapshot-class',
      jobName: 'pv-snapshot-scheduler',
      serviceAccountName: 'snapshot-sa',
      retention: Retention.tiered({ all: Duration.days(1), hourly: Duration.days(7) }),
    },
  ],
  snapshotClasses: [
    { name: 'csi-snapshot-class', driver: 'disk.csi.azure.com', parameters: { incremental: 'true' } },
    {
      name: 'csi-snapshot-class-eastus',
      driver: 'disk.csi.azure.com',
      parameters: { incremental: 'true', location: 'eastus' },
    },
  ],
  oneOffSnapshots: [
    { name: 'postgres-data-snapshot', claim: 'postgres-data-pvc', snapshotClassName: 'csi-snapshot-class' },
  ],
  etcd: {
    objective: { rpo: Duration.minutes(1), rto: Duration.minutes(5) },
    controlPlane: ControlPlane.KUBEADM,
    size: Size.mebibytes(200),
    members: [{ name: 'etcd-node1', peerUrl: 'https://10.0.1.10:2380' }],
    schedule: Schedule.everyMinutes(5),
    retention: Retention.days(90),
    localCopies: 30,
  },
  configuration: {
    objective: { rpo: Duration.hours(13), rto: Duration.minutes(5) },
    jobName: 'config-backup',
    schedule: Schedule.everyHours(6),
    retention: Retention.days(30),
  },
  lifecycle: { margin: Duration.days(90) },
  drills: { restoreTest: { jobName: 'postgres-restore-test' }, recovery: {}, snapshots: {}, etcd: {} },
  monitoring: {},
  replication: {
    target: ObjectStorage.azureBlob({
      account: 'nextgenbackupseastus',
      container: 'backups',
      accountKey: { secretName: 'azure-backup-credentials-eastus' },
      immutableDays: 30,
    }),
    lag: Duration.hours(4),
    keepLonger: Duration.days(60),
  },
};

if (require.main === module) {
  synthesize(nextgen, 'dist');
}
