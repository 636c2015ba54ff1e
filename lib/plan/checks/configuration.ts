import type { DisasterRecoveryConfig } from '../../config';
import { SealMethod } from '../../config';
import type { Finding } from '../finding';
import { Severity } from '../finding';
import type { ConfigurationPlan } from '../recovery-plan';
import { checkDeadline } from './runs';

/** Listing and sealing the objects of a cluster takes about this long, in seconds. */
const EXPORT_SECONDS = 60;

/** Runs every check of the export of cluster objects. */
export function checkConfiguration(config: DisasterRecoveryConfig, plan: ConfigurationPlan): Finding[] {
  return [
    ...checkSecretsSealed(config, plan),
    ...checkDeadline({
      asset: 'configuration',
      path: 'configuration.deadline',
      run: plan.run,
      needs: EXPORT_SECONDS,
      what: 'the export',
    }),
  ];
}

/** Secrets leave the cluster sealed or not at all. */
function checkSecretsSealed(config: DisasterRecoveryConfig, plan: ConfigurationPlan): Finding[] {
  if (config.encryption.method !== SealMethod.NONE || !plan.resources.some(({ name }) => name === 'secrets')) {
    return [];
  }
  return [
    {
      rule: 'secrets-unsealed',
      severity: Severity.ERROR,
      asset: 'configuration',
      path: 'encryption',
      actual: SealMethod.NONE,
      limit: `${SealMethod.PASSPHRASE} or ${SealMethod.RECIPIENT}`,
      message: 'the export would store the content of Secrets in clear',
      fix: 'use Encryption.passphrase or Encryption.recipient, or name configuration.resources without secrets',
    },
  ];
}
