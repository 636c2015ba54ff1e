import type { DisasterRecoveryConfig } from '../../config';
import { ControlPlane, SealMethod } from '../../config';
import type { Finding } from '../finding';
import { Severity } from '../finding';

/** Unsealed backups can be read by whoever can read the store; records of snapshots hold no data. */
export function checkSealing(config: DisasterRecoveryConfig): Finding[] {
  const { databases = [], etcd, configuration } = config;
  const sealable = databases.length > 0 || etcd !== undefined || configuration !== undefined;
  if (config.encryption.method !== SealMethod.NONE || !sealable) {
    return [];
  }
  return [
    {
      rule: 'backups-unsealed',
      severity: Severity.WARNING,
      asset: 'site',
      path: 'encryption',
      actual: 'none',
      limit: 'passphrase or recipient',
      message: 'whoever reads the store reads the data',
      fix: 'use Encryption.passphrase or Encryption.recipient',
    },
  ];
}

/** A managed control plane gives no access to its etcd. */
export function checkControlPlane(config: DisasterRecoveryConfig): Finding[] {
  if (config.etcd?.controlPlane !== ControlPlane.MANAGED) {
    return [];
  }
  return [
    {
      rule: 'etcd-unreachable',
      severity: Severity.ERROR,
      asset: 'etcd',
      path: 'etcd.controlPlane',
      actual: ControlPlane.MANAGED,
      limit: ControlPlane.KUBEADM,
      message: 'AKS, EKS and GKE run etcd where no job can reach it; the provider backs it up',
      fix: 'leave etcd out and protect cluster objects with configuration',
    },
  ];
}
