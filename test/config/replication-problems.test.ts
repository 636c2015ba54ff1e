import { Duration, Size } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import type { ReplicationConfig } from '../../lib';
import { DisasterRecoveryError, ObjectStorage, planRecovery, Schedule } from '../../lib';

const target = ObjectStorage.azureBlob({
  account: 'copies',
  container: 'copies',
  accountKey: { secretName: 'copies-credentials' },
});

function errorOf(changes: Partial<ReplicationConfig>): DisasterRecoveryError {
  try {
    planRecovery({ ...nextgen, replication: { target, ...changes } });
  } catch (error) {
    if (error instanceof DisasterRecoveryError) {
      return error;
    }
    throw error;
  }
  throw new Error('the config was accepted');
}

const mistakes: [string, Partial<ReplicationConfig>, string, string, string][] = [
  [
    'a target without credentials',
    { target: ObjectStorage.azureBlob({ account: 'copies', container: 'copies' }) },
    'storage-credentials',
    'replication.target',
    'give accountKey',
  ],
  [
    'a target without a Secret',
    { target: ObjectStorage.azureBlob({ account: 'copies', container: 'copies', accountKey: { secretName: '' } }) },
    'secret-missing',
    'replication.target.accountKey.secretName',
    'give the name of the Secret',
  ],
  ['a schedule that never fires', { schedule: Schedule.cron('0 0 31 2 *') }, '', 'replication.schedule', ''],
  ['no prefixes', { prefixes: [] }, 'prefixes-missing', 'replication.prefixes', 'leave it out'],
  ['a wildcard', { prefixes: ['postgres/*'] }, 'prefix-invalid', 'replication.prefixes[0]', 'postgres/daily'],
  ['copies kept for hours', { keepLonger: Duration.hours(30) }, 'days-not-whole', 'replication.keepLonger', 'days(2)'],
  ['no lag', { lag: Duration.seconds(0) }, 'number-out-of-range', 'replication.lag', 'leave it out'],
  ['no deadline', { deadline: Duration.seconds(0) }, 'number-out-of-range', 'replication.deadline', 'leave it out'],
  [
    'no bandwidth',
    { bandwidthPerSecond: Size.kibibytes(0) },
    'number-out-of-range',
    'replication.bandwidthPerSecond',
    'Size.mebibytes(10)',
  ],
  ['a bad namespace', { namespace: 'Second Copy' }, 'name-invalid', 'replication.namespace', 'second-copy'],
  ['a bad job name', { jobName: 'Second Copy' }, 'name-invalid', 'replication.jobName', 'second-copy'],
  ['a long job name', { jobName: 'c'.repeat(53) }, 'name-too-long', 'replication.jobName', 'c'.repeat(52)],
  ['a bad account', { serviceAccountName: 'Copier' }, 'name-invalid', 'replication.serviceAccountName', 'copier'],
  ['no addresses', { targetCidrs: [] }, 'network-empty', 'replication.targetCidrs', '0.0.0.0/0'],
  ['a bad address', { targetCidrs: ['10.0.0.1'] }, 'network-range', 'replication.targetCidrs[0]', '10.0.0.1/32'],
  ['a bad port', { targetPort: 0 }, 'network-port', 'replication.targetPort', 'use 443'],
  ['the name of a dump job', { jobName: 'postgres-backup' }, 'job-name-shared', 'replication.jobName', 'its own'],
  ['the name of the export', { jobName: 'config-backup' }, 'job-name-shared', 'replication.jobName', 'its own'],
  [
    'the name of a snapshot job',
    { jobName: 'pv-snapshot-scheduler' },
    'job-name-shared',
    'replication.jobName',
    'its own',
  ],
  [
    'the identity of the dumps',
    { serviceAccountName: 'backup-sa' },
    'service-account-shared',
    'replication.serviceAccountName',
    'leave it out',
  ],
];

describe('a second copy', () => {
  it.each(mistakes)('with %s is refused, with path and fix', (_, changes, rule, path, fix) => {
    const found = errorOf(changes).problems.filter((problem) => problem.path === path);
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]?.rule).toContain(rule);
    expect(found[0]?.fix).toContain(fix);
  });

  it('may have names that others have in another namespace', () => {
    const { replication } = planRecovery({
      ...nextgen,
      replication: { target, namespace: 'copies', jobName: 'postgres-backup', serviceAccountName: 'backup-sa' },
    });
    expect(replication).toMatchObject({ namespace: 'copies', jobName: 'postgres-backup' });
  });

  it('with many mistakes shows all of them at once, those of the plan too', () => {
    const { problems, findings } = errorOf({
      target: nextgen.storage,
      prefixes: ['nowhere'],
      jobName: 'Copies',
      keepLonger: Duration.hours(1),
      deadline: Duration.minutes(59),
    });
    expect(problems.map(({ rule, path }) => `${rule} ${path}`)).toEqual([
      'days-not-whole replication.keepLonger',
      'name-invalid replication.jobName',
    ]);
    expect(findings.map(({ rule }) => rule)).toEqual(['replica-is-source', 'replica-of-nothing', 'runs-overlap']);
  });
});
