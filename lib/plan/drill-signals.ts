import type { DisasterRecoveryConfig } from '../config';
import type { DrillPlan, DrillsPlan } from './drill-plan';
import type { DrillSignal } from './monitoring-plan';
import { AssetKind } from './monitoring-plan';
import { watchedRun } from './signals';

/** What is rehearsed by a drill, as the labels of what it reports say it. */
type Rehearsed = Pick<DrillSignal, 'namespace' | 'assetKind' | 'asset' | 'decides'>;

/** Every drill, in the order in which they are generated. */
export function drillSignals({ site }: DisasterRecoveryConfig, drills: DrillsPlan): DrillSignal[] {
  const { restoreTests, recoveries, failovers, snapshots, etcd } = drills;
  const signal = (plan: DrillPlan, rehearsed: Rehearsed): DrillSignal => ({
    site,
    ...rehearsed,
    drill: plan.kind,
    title: plan.title,
    cronJob: plan.jobName,
    jobNamespace: plan.namespace,
    run: watchedRun(plan.run),
    reportPrefix: plan.reportPrefix,
    rto: plan.rto,
    slowest: slowestOf(plan),
    path: `${plan.path}.schedule`,
  });
  const ofDatabase = (name: string, namespace: string, decides: boolean): Rehearsed => ({
    namespace,
    assetKind: AssetKind.DATABASE,
    asset: name,
    decides,
  });
  return [
    ...restoreTests.map((plan) =>
      signal(plan, ofDatabase(plan.database, plan.namespace, !isRecovered(plan.database, plan.namespace, drills))),
    ),
    ...recoveries.map((plan) => signal(plan, ofDatabase(plan.database, plan.databaseNamespace, true))),
    // What a failover measures is no recovery: nothing is lost, and nothing is restored.
    ...failovers.map((plan) => signal(plan, ofDatabase(plan.database, plan.namespace, false))),
    ...snapshots.map((plan) =>
      signal(plan, { namespace: plan.namespace, assetKind: AssetKind.VOLUMES, asset: plan.volumes, decides: true }),
    ),
    ...(etcd === undefined
      ? []
      : [
          signal(etcd, {
            namespace: etcd.namespace,
            assetKind: AssetKind.ETCD,
            asset: AssetKind.ETCD,
            decides: true,
          }),
        ]),
  ];
}

/** A recovery from the archive loses less than a dump. */
function isRecovered(database: string, namespace: string, { recoveries }: DrillsPlan): boolean {
  return recoveries.some((plan) => plan.database === database && plan.databaseNamespace === namespace);
}

/** The RTO; but a protection that is planned to take longer, as a second line of defence, is held against its own limit, beyond which the drill fails. */
function slowestOf({ planned, rto, limit }: DrillPlan): number {
  return planned > rto ? limit : Math.min(rto, limit);
}
