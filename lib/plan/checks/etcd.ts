import type { DisasterRecoveryConfig } from '../../config';
import { bytesOf, DEFAULTS, formatBytes, SealMethod } from '../../config';
import type { EtcdPlan } from '../etcd-plan';
import type { Finding } from '../finding';
import { Severity } from '../finding';
import { checkDeadline } from './runs';

/** Runs every check of etcd's snapshots. */
export function checkEtcd(config: DisasterRecoveryConfig, plan: EtcdPlan): Finding[] {
  return [
    ...checkSnapshotsSealed(config),
    ...checkLocalDisk(config, plan),
    ...checkDeadline({
      asset: 'etcd',
      path: 'etcd.deadline',
      run: plan.run,
      needs: plan.runSeconds,
      what: 'the etcd snapshots',
    }),
  ];
}

/** A snapshot holds every Secret of the cluster. */
function checkSnapshotsSealed(config: DisasterRecoveryConfig): Finding[] {
  if (config.encryption.method !== SealMethod.NONE) {
    return [];
  }
  return [
    {
      rule: 'secrets-unsealed',
      severity: Severity.ERROR,
      asset: 'etcd',
      path: 'encryption',
      actual: SealMethod.NONE,
      limit: `${SealMethod.PASSPHRASE} or ${SealMethod.RECIPIENT}`,
      message: 'a snapshot of etcd holds the content of every Secret, and would be stored in clear',
      fix: 'use Encryption.passphrase or Encryption.recipient',
    },
  ];
}

/** A full disk on a control-plane node stops etcd itself. */
function checkLocalDisk(config: DisasterRecoveryConfig, plan: EtcdPlan): Finding[] {
  const { localCopies, sizeBytes } = plan;
  const disk = bytesOf(config.etcd?.localDisk ?? DEFAULTS.etcd.localDisk);
  // The newest copy is written before the oldest is removed.
  const needed = (localCopies + 1) * sizeBytes;
  if (needed <= disk) {
    return [];
  }
  const most = Math.floor(disk / sizeBytes) - 1;
  return [
    {
      rule: 'local-copies-too-large',
      severity: Severity.ERROR,
      asset: 'etcd',
      path: 'etcd.localCopies',
      actual: formatBytes(needed),
      limit: formatBytes(disk),
      message: `${localCopies} copies of ${formatBytes(sizeBytes)} and the one being written need ${formatBytes(needed)} on each control-plane node; ${formatBytes(disk)} are allowed`,
      fix:
        most < 1
          ? `set localDisk to at least ${formatBytes(needed)}`
          : `keep ${most} copies, or raise localDisk if the node has the room`,
    },
  ];
}
