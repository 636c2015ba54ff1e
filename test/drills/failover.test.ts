import { Duration } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import type { DatabaseConfig, DisasterRecoveryConfig, FailoverDrillConfig } from '../../lib';
import { planRecovery } from '../../lib';
import { complete } from '../support/configs';
import { refusalsOf } from '../support/refusals';
import { find, objectsIn, render } from '../support/render';
import type { Manifest } from '../support/schema';

const failover = (changes: FailoverDrillConfig): DisasterRecoveryConfig => ({
  ...nextgen,
  drills: { failover: changes },
});
const NAME = 'nextgen-postgres-failover';
const objects = objectsIn(render(failover({})));
const job = find(objects, 'CronJob', NAME);
const pod = job.spec.jobTemplate.spec.template.spec;
const steps: Manifest[] = [...pod.initContainers, ...pod.containers];
const step = (name: string): Manifest => steps.find((container) => container.name === name) as Manifest;
const variables = (name: string): Record<string, string> =>
  Object.fromEntries(step(name).env.map((variable: Manifest) => [variable.name, variable.value]));
const [database] = nextgen.databases ?? [];

describe('the drill of failover', () => {
  it('is off unless it is named, and then quarterly', () => {
    expect(planRecovery(nextgen).drills.failovers).toEqual([]);
    expect(planRecovery(failover({})).drills.failovers).toMatchObject([
      {
        kind: 'failover',
        asset: 'database nextgen-postgres',
        namespace: 'production',
        jobName: NAME,
        run: { cron: '0 6 1 1,4,7,10 *', startDelay: 3600, deadline: 1500 },
        seconds: 1200,
        reportPrefix: 'reports/postgres/failovers',
        assumed: [],
        limit: 120,
        rto: 900,
        instances: 3,
      },
    ]);
    expect(planRecovery(complete).drills.failovers).toMatchObject([
      {
        run: { cron: '30 6 1 2,8 *' },
        limit: 180,
        seconds: 1500,
        instances: complete.databases?.[0]?.cluster.instances,
      },
    ]);
  });

  it('leaves out a database that has no standby', () => {
    const single = { ...(database as DatabaseConfig), name: 'single', path: 'single', dumps: undefined };
    const one = { ...single, cluster: { ...single.cluster, instances: 1, synchronousStandbys: 0 } };
    const two = { ...failover({}), databases: [database as DatabaseConfig, one] };
    expect(planRecovery(two).drills.failovers.map(({ jobName }) => jobName)).toEqual([NAME]);
  });

  it('writes all the time beside the step that stops the primary, as the application does', () => {
    expect(steps.map(({ name }) => name)).toEqual(['probe', 'failover', 'report']);
    expect(step('probe').restartPolicy).toBe('Always');
    expect(variables('probe')).toMatchObject({
      PGHOST: 'nextgen-postgres-rw.production.svc.cluster.local',
      PGDATABASE: database?.database,
      PGSSLMODE: 'verify-full',
    });
    expect(step('probe').env).toContainEqual({
      name: 'PGPASSWORD',
      valueFrom: { secretKeyRef: { name: 'nextgen-postgres-app', key: 'password' } },
    });
    expect(variables('failover')).toMatchObject({
      NAMESPACE: 'production',
      CLUSTER: 'nextgen-postgres',
      INSTANCES: '3',
      LIMIT_SECONDS: '120',
      STEP_SCRIPT: 'fail-over.sh',
    });
    expect(variables('report')).toMatchObject({ ASSUMED_PARTS: 'nothing', ASSUMED_SECONDS: '0', LIMIT_SECONDS: '120' });
    expect(job.spec.jobTemplate.spec.backoffLimit).toBe(0);
  });

  it('may read its Cluster and delete pods, with a token in the one step that does', () => {
    expect(find(objects, 'Role', NAME).rules).toEqual([
      {
        apiGroups: ['postgresql.cnpg.io'],
        resources: ['clusters'],
        verbs: ['get'],
        resourceNames: ['nextgen-postgres'],
      },
      { apiGroups: [''], resources: ['pods'], verbs: ['delete'] },
    ]);
    const withToken = steps.filter(({ volumeMounts }) =>
      volumeMounts.some(({ mountPath }: Manifest) => mountPath === '/var/run/secrets/kubernetes.io/serviceaccount'),
    );
    expect(withToken.map(({ name }) => name)).toEqual(['failover']);
  });
});

describe.each<[string, string, DisasterRecoveryConfig, DisasterRecoveryConfig]>([
  [
    'drill-without-asset',
    'drills.failover',
    {
      ...failover({}),
      databases: [
        {
          ...(database as DatabaseConfig),
          cluster: { ...(database as DatabaseConfig).cluster, instances: 1, synchronousStandbys: 0 },
        },
      ],
    },
    failover({}),
  ],
  [
    'duration-too-short',
    'drills.failover.writesWithin',
    failover({ writesWithin: Duration.seconds(0) }),
    failover({ writesWithin: Duration.seconds(30) }),
  ],
  [
    'run-too-long',
    'drills.failover.deadline',
    failover({ deadline: Duration.minutes(1) }),
    failover({ deadline: Duration.minutes(2) }),
  ],
])('a drill of failover with %s at %s', (rule, path, refused, accepted) => {
  const found = (config: DisasterRecoveryConfig): string[] =>
    refusalsOf(config).map((one) => `${one.rule} ${one.path}`);

  it('is refused, and the nearest setting that works is accepted', () => {
    expect(found(refused)).toContain(`${rule} ${path}`);
    expect(found(accepted)).toEqual([]);
  });
});
