import { Duration, Size } from 'cdk8s';
import type {
  DisasterRecoveryConfig,
  OneOffSnapshotConfig,
  QuiesceConfig,
  SnapshotClassConfig,
  VolumeConfig,
} from '../../lib';
import { Retention, Schedule } from '../../lib';
import { completeConfiguration, minimal, minimalDatabase } from '../support/configs';

const base: VolumeConfig = {
  name: 'data',
  objective: { rpo: Duration.hours(3), rto: Duration.hours(1) },
  claims: ['data'],
  size: Size.gibibytes(1),
  snapshotClassName: 'snapshots',
  retention: Retention.days(7),
};

function volume(changes: Partial<VolumeConfig>): DisasterRecoveryConfig {
  return { ...minimal, volumes: [{ ...base, ...changes }] };
}

function hook(changes: Partial<QuiesceConfig>): DisasterRecoveryConfig {
  return volume({ quiesce: { podLabels: { app: 'x' }, before: ['stop'], after: ['go'], ...changes } });
}

function classes(...changes: Partial<SnapshotClassConfig>[]): DisasterRecoveryConfig {
  const driver = 'disk.csi.azure.com';
  return { ...minimal, snapshotClasses: changes.map((change) => ({ name: 'snapshots', driver, ...change })) };
}

function parameters(driver: string, given: Record<string, string>): DisasterRecoveryConfig {
  return classes({ driver, parameters: given });
}

function once(...changes: Partial<OneOffSnapshotConfig>[]): DisasterRecoveryConfig {
  return {
    ...minimal,
    oneOffSnapshots: changes.map((change) => ({
      name: 'now',
      claim: 'data',
      snapshotClassName: 'snapshots',
      ...change,
    })),
  };
}

const AZURE = 'disk.csi.azure.com';
const EBS = 'ebs.csi.aws.com';
const GCE = 'pd.csi.storage.gke.io';
const V = 'volumes[0]';
const P = 'snapshotClasses[0].parameters';

/** Mistakes about volumes: what was done, the config, and the rule, path and fix that must be reported. */
export const volumeProblems: [string, DisasterRecoveryConfig, string, string, string][] = [
  [
    'neither claims nor labels',
    volume({ claims: undefined, claimSelector: {} }),
    'claims-missing',
    `${V}.claims`,
    'name the',
  ],
  ['claims and labels', volume({ claimSelector: { a: 'b' } }), 'claims-ambiguous', `${V}.claimSelector`, 'keep one'],
  ['a claim twice', volume({ claims: ['data', 'data'] }), 'claim-duplicate', `${V}.claims[1]`, 'keep one'],
  [
    'a claim whose snapshots have too long a name',
    volume({ claims: ['d'.repeat(232)] }),
    'name-too-long',
    `${V}.claims[0]`,
    'use ddd',
  ],
  [
    'a label of a claim that is none',
    volume({ claims: undefined, claimSelector: { 'a b': 'c' } }),
    'label-invalid',
    `${V}.claimSelector.a b`,
    'use a label',
  ],
  ['an asset with a long name', volume({ name: 'x'.repeat(41) }), 'name-too-long', `${V}.name`, 'use xxx'],
  ['a namespace that is none', volume({ namespace: 'A' }), 'name-invalid', `${V}.namespace`, 'use a'],
  ['a snapshot job with a long name', volume({ jobName: 'x'.repeat(47) }), 'name-too-long', `${V}.jobName`, 'use xxx'],
  [
    'a ServiceAccount that is none',
    volume({ serviceAccountName: 'A_b' }),
    'name-invalid',
    `${V}.serviceAccountName`,
    'use a-b',
  ],
  ['a path of records that is no key', volume({ path: 'a/b' }), 'name-invalid', `${V}.path`, 'use a-b'],
  ['no snapshot class', volume({ snapshotClassName: '' }), 'name-invalid', `${V}.snapshotClassName`, 'use name'],
  [
    'a schedule of snapshots that is none',
    volume({ schedule: Schedule.cron('often') }),
    'schedule-syntax',
    `${V}.schedule`,
    'write five',
  ],
  [
    'a schedule of pruning that is none',
    volume({ pruneSchedule: Schedule.cron('often') }),
    'schedule-syntax',
    `${V}.pruneSchedule`,
    'write five',
  ],
  [
    'snapshots that are kept for no time',
    volume({ retention: Retention.tiered({}) }),
    'retention-empty',
    `${V}.retention`,
    'use Retention',
  ],
  [
    'no floor of snapshots',
    volume({ retention: Retention.days(1).withFloor(0) }),
    'number-out-of-range',
    `${V}.retention.keepAtLeast`,
    'use 1',
  ],
  [
    'a deadline with no time for records',
    volume({ deadline: Duration.seconds(119) }),
    'deadline-too-short',
    `${V}.deadline`,
    'Duration.minutes(2)',
  ],
  ['a hook for no pods', hook({ podLabels: {} }), 'labels-missing', `${V}.quiesce.podLabels`, 'give app'],
  ['a hook in a container that is none', hook({ container: 'A' }), 'name-invalid', `${V}.quiesce.container`, 'use a'],
  ['a hook without a command', hook({ before: [] }), 'command-missing', `${V}.quiesce.before`, 'give the program'],
  [
    'a hook with a script of several lines',
    hook({ after: ['sh', '-c', 'a\nb'] }),
    'argument-invalid',
    `${V}.quiesce.after[2]`,
    'semicolons',
  ],
  [
    'a hook that outlasts the end of its pod',
    hook({ timeout: Duration.seconds(26) }),
    'quiesce-timeout',
    `${V}.quiesce.timeout`,
    'Duration.seconds(20)',
  ],
  [
    'two volume assets of one name',
    { ...minimal, volumes: [base, { ...base, jobName: 'other' }] },
    'asset-duplicate',
    'volumes[1].name',
    'keep one',
  ],
  [
    'two snapshot jobs of one name',
    { ...minimal, volumes: [base, { ...base, name: 'b', jobName: 'data-snapshots' }] },
    'job-name-shared',
    'volumes[1].jobName',
    'give each job',
  ],
  [
    'records where a database has its archive',
    volume({ path: 'orders' }),
    'archive-path-shared',
    `${V}.path`,
    'use volume-records',
  ],
  [
    'the identity of an export',
    {
      ...volume({ namespace: 'shop-jobs', serviceAccountName: 'objects-reader' }),
      databases: [minimalDatabase],
      configuration: completeConfiguration,
    },
    'service-account-shared',
    `${V}.serviceAccountName`,
    'leave it out',
  ],
  [
    'the identity of the prune job',
    volume({ serviceAccountName: 'data-snapshots-prune' }),
    'service-account-shared',
    `${V}.serviceAccountName`,
    'leave it out',
  ],
  ['a snapshot class that is none', classes({ name: 'A' }), 'name-invalid', 'snapshotClasses[0].name', 'use a'],
  [
    'two snapshot classes of one name',
    classes({}, {}),
    'snapshot-class-duplicate',
    'snapshotClasses[1].name',
    'keep one',
  ],
  [
    'two default classes of one driver',
    classes({ isDefault: true }, { name: 'b', isDefault: true }),
    'snapshot-class-default',
    'snapshotClasses[1].isDefault',
    'keep one',
  ],
  [
    'the parameter of GCE for Azure',
    parameters(AZURE, { 'storage-locations': 'eastus2,eastus' }),
    'snapshot-parameter',
    `${P}.storage-locations`,
    'use location',
  ],
  [
    'the parameter of Azure for GCE',
    parameters(GCE, { location: 'eu' }),
    'snapshot-parameter',
    `${P}.location`,
    'use storage-locations',
  ],
  [
    'a list of regions',
    parameters(AZURE, { location: 'eastus2,eastus' }),
    'snapshot-parameter',
    `${P}.location`,
    'use one region',
  ],
  [
    'a copy of full snapshots',
    parameters(AZURE, { Location: 'eastus', incremental: 'false' }),
    'snapshot-parameter',
    `${P}.Location`,
    'leave out incremental',
  ],
  [
    'another subscription',
    parameters(AZURE, { subscriptionID: 'x' }),
    'snapshot-parameter',
    `${P}.subscriptionID`,
    'give both',
  ],
  [
    'instant access for a minute',
    parameters(AZURE, { instantAccessDurationMinutes: '59' }),
    'snapshot-parameter',
    `${P}.instantAccessDurationMinutes`,
    'use 60 to 300',
  ],
  [
    'a tag of EBS without a number',
    parameters(EBS, { tagSpecification: 'a=b' }),
    'snapshot-parameter',
    `${P}.tagSpecification`,
    'leave it out',
  ],
  [
    'the wrong case for EBS',
    parameters(EBS, { LockMode: 'governance' }),
    'snapshot-parameter',
    `${P}.LockMode`,
    'leave it out',
  ],
  [
    'a lock without a mode',
    parameters(EBS, { lockDuration: '1' }),
    'snapshot-parameter',
    `${P}.lockDuration`,
    'give lockMode',
  ],
  [
    'a lock without an end',
    parameters(EBS, { lockMode: 'compliance' }),
    'snapshot-parameter',
    `${P}.lockMode`,
    'give lockDuration',
  ],
  [
    'a cool-off of governance',
    parameters(EBS, { lockMode: 'governance', lockDuration: '1', lockCoolOffPeriod: '1' }),
    'snapshot-parameter',
    `${P}.lockCoolOffPeriod`,
    'leave it out',
  ],
  [
    'an unknown type of snapshot',
    parameters(GCE, { 'snapshot-type': 'disk' }),
    'snapshot-parameter',
    `${P}.snapshot-type`,
    'use snapshots or images',
  ],
  ['a one-off snapshot without a name', once({ name: '' }), 'name-invalid', 'oneOffSnapshots[0].name', 'use name'],
  [
    'two one-off snapshots of one name',
    once({}, { namespace: 'shop' }),
    'snapshot-duplicate',
    'oneOffSnapshots[1].name',
    'keep one',
  ],
];
