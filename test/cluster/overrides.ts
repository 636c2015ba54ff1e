import { Duration, Size } from 'cdk8s';
import type { DatabaseConfig, DisasterRecoveryConfig } from '../../lib';
import { Schedule } from '../../lib';

/**
 * All that may differ between the configs under test and what runs in the proving ground: sizes and schedules, and the places where the
 * other sites live. Three instances at the production request would not fit on a machine with two cores.
 */
export const overridden = {
  nextgen: (config: DisasterRecoveryConfig): DisasterRecoveryConfig => ({
    ...config,
    // The etcd of one node is small, and ten cycles of its stream are waited for.
    etcd: config.etcd && {
      ...config.etcd,
      size: Size.mebibytes(48),
      objective: { ...config.etcd.objective, rpo: Duration.seconds(30) },
    },
    databases: config.databases?.map(smallInstances),
  }),

  s3: (config: DisasterRecoveryConfig): DisasterRecoveryConfig => beside(config, 'production-s3'),

  gcs: (config: DisasterRecoveryConfig): DisasterRecoveryConfig => beside(config, 'production-gcs'),
};

/** One instance in a namespace of its own, and an hourly tier that need not be waited for; runs of two minutes' distance must be short. */
function beside(config: DisasterRecoveryConfig, namespace: string): DisasterRecoveryConfig {
  return {
    ...config,
    namespace,
    assumptions: { ...config.assumptions, startDelay: Duration.seconds(20) },
    // A cluster has one etcd, which the reference config protects.
    etcd: undefined,
    // The reference config rehearses the recovery of all that is archived; here it is the recovery of a moment.
    drills: { recovery: { upTo: Duration.seconds(90) } },
    databases: config.databases?.map(smallInstances).map((database) => ({
      ...database,
      size: Size.gibibytes(1),
      cluster: { ...database.cluster, instances: 1 },
      dumps: database.dumps && {
        ...database.dumps,
        tiers: database.dumps.tiers.map((tier) =>
          tier.name === 'hourly'
            ? { ...tier, schedule: Schedule.everyMinutes(2), deadline: Duration.seconds(90) }
            : tier,
        ),
      },
    })),
  };
}

function smallInstances(database: DatabaseConfig): DatabaseConfig {
  return { ...database, cluster: { ...database.cluster, cpuRequest: '50m' } };
}
