import { Duration, Size } from 'cdk8s';
import { Schedule } from '../schedule';
import { WalCompression } from './database';
import { BackupSelection } from './drills';

/** Every default of the config, in one place. */
export const DEFAULTS = {
  database: {
    owner: 'app',
    majorVersion: 17,
    generation: 1,
    instances: 3,
    synchronousStandbys: 0,
    requireSeparateNodes: false,
    cpuRequest: '500m',
    memory: '1Gi',
    walCompression: WalCompression.GZIP,
    walMaxParallel: 4,
    walUploadAllowance: Duration.seconds(60),
    /** The operator's own default, beyond which an idle-looking archive alarms people. */
    longestArchiveTimeout: Duration.minutes(5),
    recoveryWindowDays: 30,
    /** How long CloudNativePG waits for a snapshot to become ready. */
    snapshotDeadline: Duration.minutes(30),
    dumpUser: 'backup',
    dumpJobs: 2,
    corruptionCheck: true,
    verifySchedule: Schedule.everyHours(6),
    smallestWalStorage: Size.gibibytes(2),
  },
  volumes: {
    deadline: Duration.minutes(5),
    path: 'volumes',
    quiesceTimeout: Duration.seconds(20),
    /** Often, since what has expired counts towards a provider's limit until it is removed. */
    pruneSchedule: Schedule.cron('25 * * * *'),
  },
  etcd: {
    size: Size.mebibytes(500),
    schedule: Schedule.everyMinutes(5),
    localCopies: 30,
    localDisk: Size.gibibytes(20),
    deadline: Duration.minutes(4),
    namespace: 'kube-system',
    path: 'etcd',
    tier: 'snapshots',
    streamTier: 'stream',
    /** A stream is for its newest copy; older ones are the scheduled snapshots' business. */
    streamRetention: Duration.hours(1),
    /** Removes a stream's snapshots about as fast as they come. */
    streamPruneSchedule: Schedule.everyMinutes(30),
  },
  configuration: {
    jobName: 'config-backup',
    path: 'config',
    tier: 'exports',
    deadline: Duration.minutes(10),
    workspace: Size.gibibytes(1),
  },
  lifecycle: {
    /** A quarter: longer than any holiday, so that somebody notices that backups stopped before the last one goes. */
    margin: Duration.days(90),
    /** Long enough to undo a wrong prune, short enough to cost little. */
    versionsFor: Duration.days(14),
    /** Auditors ask for a year. */
    reportsFor: Duration.days(365),
    generate: true,
    azureServiceOperatorVersion: 'storage.azure.com/v1api20230101',
  },
  drills: {
    restoreTest: { schedule: Schedule.cron('0 3 1 * *'), selection: BackupSelection.RANDOM },
    snapshots: { schedule: Schedule.cron('0 4 1 * *'), deadline: Duration.hours(1), minimumFiles: 1 },
    etcd: { schedule: Schedule.cron('30 3 1 * *'), deadline: Duration.minutes(15), minimumKeys: 100 },
    failover: {
      schedule: Schedule.cron('0 6 1 1,4,7,10 *'),
      writesWithin: Duration.minutes(2),
      deadline: Duration.minutes(20),
    },
    recovery: { schedule: Schedule.cron('0 5 * * 0'), shortestDeadline: Duration.minutes(30) },
  },
  monitoring: {
    prometheusOperator: true,
    storage: Size.gibibytes(1),
    /** The nearest below 1 TB. */
    largestBackup: Size.gibibytes(931),
    storeProbe: {
      cronJob: 'backup-store-probe',
      mostOften: Schedule.everyMinutes(5),
      leastOften: Schedule.everyHours(1),
      longestRun: Duration.minutes(10),
      /** A store that takes longer to list a folder is no help in a recovery. */
      longestAnswer: Duration.minutes(1),
    },
  },
  replication: {
    jobName: 'backup-replication',
    schedule: Schedule.everyHours(1),
    /** Listing two stores takes a while, however little is new. */
    shortestDeadline: Duration.minutes(15),
  },
  runbook: {
    validationInterval: Duration.days(30),
    trainingInterval: Duration.days(182),
    failoverInterval: Duration.days(91),
  },
  pruneSchedule: Schedule.dailyAt('04:30'),
  /** An uncommitted upload is litter once no run can still be working on it. */
  abandonedAfter: Duration.days(1),
  /** Newest good copies that are kept whatever their age. */
  retentionFloor: 3,
  gitOps: { argoCd: true },
  network: {
    policies: true,
    storeCidrs: ['0.0.0.0/0'],
    storePort: 443,
    apiServerCidrs: ['0.0.0.0/0'],
    /** Managed control planes listen on 443, kubeadm's on 6443; policies see the address behind the Service. */
    apiServerPorts: [443, 6443],
  },
  assumptions: {
    detection: Duration.minutes(5),
    validation: Duration.minutes(1),
    fetchPerSecond: Size.mebibytes(80),
    replayPerSecond: Size.mebibytes(40),
    dumpPerSecond: Size.mebibytes(40),
    loadPerSecond: Size.mebibytes(25),
    snapshotRestore: Duration.minutes(2),
    startDelay: Duration.minutes(5),
    toleratedFailedRuns: 1,
    reaction: Duration.days(1),
  },
} as const;
