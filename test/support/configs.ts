import { Duration, Size } from 'cdk8s';
import { nextgen } from '../../app';
import type {
  ClusterObjectsConfig,
  DatabaseConfig,
  DisasterRecoveryConfig,
  DrillConfig,
  EtcdConfig,
  OneOffSnapshotConfig,
  ReplicationConfig,
  SnapshotClassConfig,
  VolumeConfig,
} from '../../lib';
import {
  BackupSelection,
  ControlPlane,
  Encryption,
  ImageRef,
  LifecycleMode,
  ObjectStorage,
  Retention,
  Schedule,
  ServerSideEncryption,
  SnapshotDeletionPolicy,
  ValidationCheck,
  WalCompression,
} from '../../lib';

/** The least that a database needs. */
export const minimalDatabase: DatabaseConfig = {
  name: 'orders',
  database: 'orders',
  objective: { rpo: Duration.minutes(10), rto: Duration.hours(2) },
  size: Size.gibibytes(1),
  cluster: { storage: Size.gibibytes(5) },
};

/** The least that a site needs. */
export const minimal: DisasterRecoveryConfig = {
  site: 'shop',
  namespace: 'shop',
  storage: ObjectStorage.s3({
    bucket: 'shop-backups',
    region: 'eu-central-1',
    iamRoleArn: 'arn:aws:iam::123456789012:role/backup',
  }),
  encryption: Encryption.none(),
  databases: [minimalDatabase],
};

/** Every option of a database at a value that is not its default; `Required` makes a new option break the build here. */
export const completeDatabase: Required<Omit<DatabaseConfig, 'measuredRestore'>> = {
  ...minimalDatabase,
  namespace: 'orders-prod',
  owner: 'orders_owner',
  changePerDay: Size.gibibytes(2),
  majorVersion: 15,
  path: 'orders-path',
  generation: 2,
  cluster: {
    instances: 5,
    image: ImageRef.of('registry.example.net/postgresql:15.18'),
    storage: Size.gibibytes(7),
    walStorage: Size.gibibytes(3),
    storageClass: 'fast',
    synchronousStandbys: 2,
    parameters: [{ name: 'max_wal_size', value: '2GB' }],
    requireSeparateNodes: true,
    cpuRequest: '2',
    memory: '4Gi',
  },
  walArchiving: {
    archiveTimeout: Duration.minutes(2),
    uploadAllowance: Duration.seconds(90),
    compression: WalCompression.ZSTD,
    maxParallel: 8,
  },
  baseBackups: { schedule: Schedule.everyHours(12), retentionDays: 14 },
  snapshots: { schedule: Schedule.everyHours(4), className: 'snapshots' },
  dumps: {
    credentials: { username: 'dumper', secretName: 'dumper-credentials' },
    parallelJobs: 1,
    image: ImageRef.of('registry.example.net/postgres:15.18'),
    serviceAccountName: 'dumper',
    workspaceStorageClass: 'scratch',
    pruneSchedule: Schedule.dailyAt('05:00'),
    tiers: [
      {
        name: 'frequent',
        jobName: 'orders-frequent',
        rpo: Duration.hours(12),
        schedule: Schedule.everyHours(4),
        retention: Retention.days(9).withFloor(5),
        deadline: Duration.minutes(30),
      },
    ],
    verification: {
      schedule: Schedule.dailyAt('06:00', 'Europe/Berlin'),
      jobName: 'orders-verify',
      checks: [ValidationCheck.sql('total', 'SELECT sum(amount) > 0 FROM orders;')],
      corruptionCheck: false,
      deadline: Duration.minutes(40),
    },
  },
};

/** Every option of the export of cluster objects at a value that is not its default. */
export const completeConfiguration: Required<ClusterObjectsConfig> = {
  objective: { rpo: Duration.hours(8), rto: Duration.minutes(20) },
  resources: ['secrets', 'deployments.apps'],
  customResources: ['*.example.net', 'certificates.cert-manager.io'],
  exportedNamespaces: ['web', 'shop-jobs'],
  schedule: Schedule.everyHours(2),
  retention: Retention.days(10).withFloor(4),
  deadline: Duration.minutes(20),
  namespace: 'shop-jobs',
  jobName: 'objects',
  serviceAccountName: 'objects-reader',
  path: 'objects-path',
  workspace: Size.gibibytes(2),
  pruneSchedule: Schedule.dailyAt('05:30'),
};

/** Every option of a volume asset at a value that is not its default; `claims` excludes `claimSelector`. */
export const completeVolume: Required<Omit<VolumeConfig, 'claims'>> = {
  name: 'files',
  namespace: 'web',
  objective: { rpo: Duration.hours(3), rto: Duration.minutes(40) },
  claimSelector: { backup: 'yes', tier: 'files' },
  size: Size.gibibytes(8),
  snapshotClassName: 'snapshots-of-web',
  schedule: Schedule.everyHours(1),
  retention: Retention.tiered({
    all: Duration.hours(6),
    hourly: Duration.days(2),
    daily: Duration.days(20),
    weekly: Duration.days(90),
  }).withFloor(4),
  deadline: Duration.minutes(10),
  quiesce: {
    podLabels: { app: 'files' },
    container: 'server',
    before: ['/bin/sh', '-c', 'sync; touch /data/.frozen'],
    after: ['rm', '-f', '/data/.frozen'],
    timeout: Duration.seconds(15),
  },
  backgroundCopy: true,
  jobName: 'files-job',
  serviceAccountName: 'files-reader',
  path: 'files-path',
  pruneSchedule: Schedule.everyHours(2),
  measuredRestore: Duration.minutes(9),
};

/** Every option of a snapshot class at a value that is not its default. */
export const completeSnapshotClass: Required<SnapshotClassConfig> = {
  name: 'snapshots-of-web',
  driver: 'disk.csi.azure.com',
  deletionPolicy: SnapshotDeletionPolicy.DELETE,
  parameters: { instantAccessDurationMinutes: '90', tags: 'team=web' },
  isDefault: true,
};

/** Every option of a snapshot that is taken once. */
export const completeOneOff: Required<OneOffSnapshotConfig> = {
  name: 'before-upgrade',
  namespace: 'web',
  claim: 'files',
  snapshotClassName: 'snapshots-of-web',
};

/** Every option of etcd at a value that is not its default. */
export const completeEtcd: Required<EtcdConfig> = {
  objective: { rpo: Duration.seconds(90), rto: Duration.minutes(20) },
  controlPlane: ControlPlane.KUBEADM,
  size: Size.mebibytes(300),
  schedule: Schedule.everyMinutes(10),
  retention: Retention.days(20).withFloor(5),
  localCopies: 12,
  localDisk: Size.gibibytes(4),
  members: [
    { name: 'cp1', peerUrl: 'https://10.0.0.1:2380' },
    { name: 'cp2', peerUrl: 'https://10.0.0.2:2380' },
    { name: 'cp3', peerUrl: 'https://10.0.0.3:2380' },
  ],
  image: ImageRef.of('registry.example.net/etcd:v3.5.21'),
  deadline: Duration.minutes(6),
  path: 'etcd-path',
  pruneSchedule: Schedule.everyMinutes(15),
  measuredRestore: Duration.seconds(95),
};

/** Every option of the drills at a value that is not its default. */
export const completeDrills: Required<DrillConfig> = {
  restoreTest: {
    schedule: Schedule.weeklyAt(6, '07:00', 'Europe/Berlin'),
    selection: BackupSelection.LATEST,
    restoreWithin: Duration.hours(3),
    jobName: 'orders-rehearsal',
    deadline: Duration.hours(1),
  },
  failover: {
    schedule: Schedule.cron('30 6 1 2,8 *'),
    writesWithin: Duration.minutes(3),
    deadline: Duration.minutes(25),
  },
  recovery: {
    schedule: Schedule.weeklyAt(3, '07:30'),
    namespace: 'rehearsals',
    upTo: Duration.hours(2),
    storageClass: 'cheap',
    restoreWithin: Duration.hours(4),
    deadline: Duration.hours(2),
  },
  snapshots: {
    schedule: Schedule.weeklyAt(0, '09:00'),
    minimumFiles: 20,
    storageClassName: 'files',
    user: 1001,
    restoreWithin: Duration.minutes(50),
    deadline: Duration.minutes(45),
  },
  etcd: {
    schedule: Schedule.dailyAt('08:00'),
    minimumKeys: 500,
    restoreWithin: Duration.minutes(40),
    deadline: Duration.minutes(20),
  },
};

/** Every option of the second copy at a value that is not its default. */
export const completeReplication: Required<ReplicationConfig> = {
  target: ObjectStorage.gcs({
    bucket: 'shop-second-copy',
    workloadIdentity: 'backup@p.iam.gserviceaccount.com',
    immutableDays: 20,
  }),
  lag: Duration.hours(15),
  schedule: Schedule.cron('0 */12 * * *', 'Europe/Berlin'),
  prefixes: ['orders-path', 'etcd-path/snapshots', 'objects-path'],
  keepLonger: Duration.days(45),
  bandwidthPerSecond: Size.mebibytes(25),
  deadline: Duration.minutes(58),
  namespace: 'shop-copies',
  jobName: 'second-copy',
  serviceAccountName: 'copier',
  targetCidrs: ['10.7.0.0/24'],
  targetPort: 9443,
};

/** Every option of a site. */
export const complete: DisasterRecoveryConfig = {
  ...minimal,
  encryption: Encryption.recipient({
    publicKey: { secretName: 'backup-public', key: 'public.asc' },
    privateKey: { secretName: 'backup-private', key: 'private.asc' },
  }),
  databases: [completeDatabase],
  etcd: completeEtcd,
  configuration: completeConfiguration,
  volumes: [completeVolume],
  snapshotClasses: [completeSnapshotClass],
  oneOffSnapshots: [completeOneOff],
  images: {
    rclone: ImageRef.of('registry.example.net/rclone:1.76.0'),
    kubectl: ImageRef.of('registry.example.net/kubectl:1.34.1'),
    tools: ImageRef.of('registry.example.net/tools:1'),
    pushgateway: ImageRef.of('registry.example.net/pushgateway:v1.11.3'),
  },
  drills: completeDrills,
  lifecycle: {
    mode: LifecycleMode.ENFORCE,
    margin: Duration.days(30),
    versionsFor: Duration.days(5),
    reportsFor: Duration.days(100),
    rules: [
      {
        prefix: 'orders-path/frequent',
        deleteAfter: Duration.days(40),
        versionsFor: Duration.days(3),
        restoreWithin: Duration.days(1),
      },
    ],
    generate: true,
    namespace: 'store-rules',
  },
  monitoring: {
    namespace: 'watch',
    prometheusOperator: false,
    labels: { release: 'prometheus' },
    pushgateway: { storage: Size.mebibytes(200), storageClass: 'fast', nodeCidrs: ['10.8.0.0/24'] },
    storeProbe: { schedule: Schedule.everyMinutes(20) },
    prometheusPods: { namespace: 'prometheus', podLabels: { app: 'prometheus' } },
    kubeStateMetrics: { namespace: 'kube-system', serviceAccountName: 'kube-state-metrics' },
    largestBackup: Size.gibibytes(5),
    runbookUrl: 'https://runbooks.example.net/backup',
    dashboardFolder: 'Backup',
  },
  replication: completeReplication,
  gitOps: { argoCd: false },
  network: {
    policies: true,
    storeCidrs: ['10.1.2.3/32'],
    storePort: 8443,
    apiServerCidrs: ['10.9.0.1/32'],
    apiServerPorts: [6443],
  },
  assumptions: {
    detection: Duration.minutes(3),
    validation: Duration.minutes(2),
    fetchPerSecond: Size.mebibytes(50),
    replayPerSecond: Size.mebibytes(20),
    dumpPerSecond: Size.mebibytes(30),
    loadPerSecond: Size.mebibytes(10),
    snapshotRestore: Duration.minutes(4),
    startDelay: Duration.minutes(2),
    toleratedFailedRuns: 0,
    reaction: Duration.days(2),
  },
};

/** The reference config on other providers and credentials; each is a golden file. */
export const variants: Record<string, DisasterRecoveryConfig> = {
  's3-compatible': {
    ...nextgen,
    storage: ObjectStorage.s3({
      bucket: 'nextgen-backups',
      region: 'us-east-1',
      endpoint: 'https://s3.example.net',
      accessKeys: { secretName: 's3-credentials' },
      serverSideEncryption: ServerSideEncryption.aes256(),
    }),
    replication: {
      target: ObjectStorage.azureBlob({
        account: 'nextgenbackupseastus',
        container: 'backups-of-s3',
        accountKey: { secretName: 'azure-backup-credentials-eastus' },
      }),
      schedule: Schedule.everyHours(2),
      bandwidthPerSecond: Size.mebibytes(50),
    },
  },
  gcs: {
    ...nextgen,
    storage: ObjectStorage.gcs({
      bucket: 'nextgen-backups',
      serviceAccountKey: { secretName: 'gcs-credentials', key: 'key.json' },
      serverSideEncryption: ServerSideEncryption.gcsKms('projects/p/locations/eu/keyRings/r/cryptoKeys/k'),
    }),
    replication: {
      ...nextgen.replication,
      target: ObjectStorage.azureBlob({
        account: 'nextgenbackupseastus',
        container: 'backups-of-gcs',
        accountKey: { secretName: 'azure-backup-credentials-eastus' },
        immutableDays: 30,
      }),
    },
  },
};

/** The reference config with Azure Service Operator, which applies the lifecycle rules. */
export const operated: DisasterRecoveryConfig = {
  ...nextgen,
  lifecycle: { azureServiceOperator: { ownerName: 'nextgenbackups' } },
};

/** Storage with identities and other credentials, which the golden files do not show. */
export const otherStorages: Record<string, ObjectStorage> = {
  'azure workload identity': ObjectStorage.azureBlob({
    account: 'shopbackups',
    container: 'backups',
    workloadIdentity: { clientId: '00000000-0000-0000-0000-000000000000' },
    serverSideEncryption: ServerSideEncryption.azureScope('backups'),
  }),
  'azure sas': ObjectStorage.azureBlob({
    account: 'shopbackups',
    container: 'backups',
    sasToken: { secretName: 'sas' },
  }),
  's3 kms with irsa': ObjectStorage.s3({
    bucket: 'shop-backups',
    region: 'eu-central-1',
    iamRoleArn: 'arn:aws:iam::123456789012:role/backup',
    serverSideEncryption: ServerSideEncryption.awsKms('arn:aws:kms:eu-central-1:123456789012:key/1'),
  }),
  'gcs workload identity': ObjectStorage.gcs({
    bucket: 'shop-backups',
    workloadIdentity: 'backup@p.iam.gserviceaccount.com',
  }),
};

/** Every config that must hold what all configs must. */
export const examples: readonly (readonly [string, DisasterRecoveryConfig])[] = [
  ['the reference config', nextgen],
  ['the minimal config', minimal],
  ['the config with every option', complete],
  ['the config with Azure Service Operator', operated],
  ...Object.entries(variants),
  ...Object.entries(otherStorages).map(([name, storage]): [string, DisasterRecoveryConfig] => [
    name,
    { ...complete, storage },
  ]),
];
