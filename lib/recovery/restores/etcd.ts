import type { RecoveryPlan } from '../../plan';
import { runIdOf } from '../moment';
import type { Procedure } from '../procedure';
import { restoreEtcd, tiersOf } from '../procedures/etcd';
import { withNewestRun } from '../procedures/newest-run';
import { moment, RestoreError } from './request';

/** The restore of etcd from its newest snapshot, scheduled or streamed, that is not later than a time. Throws `RestoreError`. */
export function restoreEtcdFrom(plan: RecoveryPlan, at: string | undefined, now: Date): Procedure {
  const { etcd } = plan;
  if (etcd === undefined) {
    throw new RestoreError('the plan does not protect etcd');
  }
  const notAfter = at === undefined ? undefined : runIdOf(moment(at, now, etcd.keepSeconds, 'the snapshots of etcd'));
  return withNewestRun(plan, restoreEtcd(plan, etcd), tiersOf(etcd), notAfter);
}
