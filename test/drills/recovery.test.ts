import { Duration } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import type { DatabaseConfig, DisasterRecoveryConfig, RecoveryDrillConfig } from '../../lib';
import { planRecovery } from '../../lib';
import { complete, completeDatabase } from '../support/configs';
import { refusalsOf } from '../support/refusals';
import { find, objectsIn, render } from '../support/render';
import type { Manifest } from '../support/schema';
import { schemaErrors } from '../support/schema';

const objects = objectsIn(render(nextgen));
const every = objectsIn(render(complete));
const job = find(objects, 'CronJob', 'nextgen-postgres-recovery');
const pod = job.spec.jobTemplate.spec.template.spec;
const steps: Manifest[] = [...pod.initContainers, ...pod.containers];
const step = (name: string): Manifest => steps.find((container) => container.name === name) as Manifest;
const template = (all: readonly Manifest[], name: string): Manifest =>
  JSON.parse(find(all, 'ConfigMap', `${name}-template`).data['cluster.json']);
const [database] = nextgen.databases ?? [];

describe('the drill of recovery', () => {
  it('is planned weekly for every database, in a namespace of its own', () => {
    const [drill] = planRecovery(nextgen).drills.recoveries;
    const archive = planRecovery(nextgen).assets[0]?.protections.find(({ protection }) =>
      protection.startsWith('WAL archive + base backup'),
    );
    expect(drill).toMatchObject({
      kind: 'recovery',
      asset: 'database nextgen-postgres',
      namespace: 'production-drill',
      databaseNamespace: 'production',
      jobName: 'nextgen-postgres-recovery',
      clusterName: 'nextgen-postgres-drill',
      storageClass: 'managed-csi',
      run: { cron: '0 5 * * 0', startDelay: 3600 },
      reportPrefix: 'reports/postgres/recoveries',
      assumed: [{ name: 'detect', seconds: 120 }],
      planned: archive?.restore.total,
      behind: archive?.worstCaseLoss,
      rto: 900,
      limit: 900,
    });
    expect(drill?.seconds).toBe(Math.max(1800, 3 * ((archive?.restore.total ?? 0) - 120)));
    expect(drill?.run.deadline).toBe((drill?.seconds ?? 0) + 300);
  });

  it('is as the config says', () => {
    const [drill] = planRecovery(complete).drills.recoveries;
    expect(drill).toMatchObject({
      namespace: 'rehearsals',
      clusterName: 'orders-drill',
      storageClass: 'cheap',
      upTo: 7200,
      behind: 7200,
      seconds: 7200,
      limit: 14_400,
      run: { cron: '30 7 * * 3' },
      checks: completeDatabase.dumps.verification?.checks,
    });
    expect(template(every, 'orders-recovery').spec.storage.storageClass).toBe('cheap');
  });

  it('makes a Cluster of one instance like the live one, which reads the archive and writes none', () => {
    const cluster = template(objects, 'nextgen-postgres-recovery');
    const live = find(objects, 'Cluster', 'nextgen-postgres');
    expect(schemaErrors(cluster)).toEqual([]);
    expect(cluster.metadata).toMatchObject({ name: 'nextgen-postgres-drill', namespace: 'production-drill' });
    expect(cluster.spec).toMatchObject({
      instances: 1,
      imageName: live.spec.imageName,
      storage: live.spec.storage,
      walStorage: live.spec.walStorage,
      enableSuperuserAccess: true,
      bootstrap: {
        recovery: {
          source: 'origin',
          database: live.spec.bootstrap.initdb.database,
          owner: live.spec.bootstrap.initdb.owner,
        },
      },
    });
    expect(cluster.spec.bootstrap.recovery.recoveryTarget).toBeUndefined();
    for (const field of ['plugins', 'backup', 'managed']) {
      expect(cluster.spec[field], field).toBeUndefined();
    }
    expect(cluster.spec.externalClusters[0].plugin.parameters).toEqual(live.spec.plugins[0].parameters);
  });

  it('hands on how long ago the moment is that is recovered, and nothing for the end of the archive', () => {
    const upTo = (all: readonly Manifest[], name: string): Manifest =>
      find(all, 'CronJob', name).spec.jobTemplate.spec.template.spec.initContainers[0].env.find(
        (variable: Manifest) => variable.name === 'UP_TO_SECONDS',
      );
    expect(upTo(objects, 'nextgen-postgres-recovery').value).toBe('');
    expect(upTo(every, 'orders-recovery').value).toBe('7200');
  });

  it('reads through an ObjectStore that can delete nothing: it has no retention', () => {
    const stores = objects.filter(({ kind }) => kind === 'ObjectStore');
    const [live, drill] = ['production', 'production-drill'].map((namespace) =>
      stores.find(({ metadata }) => metadata.namespace === namespace),
    );
    expect(live?.spec.retentionPolicy).toBe('30d');
    expect(drill?.spec.retentionPolicy).toBeUndefined();
    expect(drill?.spec.configuration.destinationPath).toBe(live?.spec.configuration.destinationPath);
    expect(drill?.metadata.name).toBe(
      template(objects, 'nextgen-postgres-recovery').spec.externalClusters[0].plugin.parameters.barmanObjectName,
    );
  });

  it('removes the Cluster also when a step before has failed, and only then reports', () => {
    expect(steps.map(({ name }) => name)).toEqual(['recover', 'validate', 'remove', 'report']);
    expect(step('remove').command).toEqual(['/bin/sh', '/scripts/remove-cluster.sh']);
    expect(step('recover').command).toEqual(['/bin/sh', '/scripts/drill-step.sh']);
    expect(job.spec.jobTemplate.spec).toMatchObject({ backoffLimit: 0, ttlSecondsAfterFinished: 43_200 });
  });

  it('shares no name with what CloudNativePG makes for the Cluster: ServiceAccount, Role and RoleBinding are called after it', () => {
    const { recoveries } = planRecovery(nextgen).drills;
    for (const { namespace, clusterName } of recoveries) {
      const here = objects.filter(({ metadata }) => metadata.namespace === namespace);
      expect(here.length).toBeGreaterThan(0);
      expect(here.map(({ metadata }) => metadata.name)).not.toContain(clusterName);
    }
  });

  it('may create Clusters in its namespace, and read and delete its own only', () => {
    const role = find(objects, 'Role', 'nextgen-postgres-recovery');
    expect(role.metadata.namespace).toBe('production-drill');
    expect(role.rules).toEqual([
      { apiGroups: ['postgresql.cnpg.io'], resources: ['clusters'], verbs: ['create'] },
      {
        apiGroups: ['postgresql.cnpg.io'],
        resources: ['clusters'],
        verbs: ['get', 'delete'],
        resourceNames: ['nextgen-postgres-drill'],
      },
      { apiGroups: [''], resources: ['pods', 'persistentvolumeclaims'], verbs: ['list'] },
    ]);
    const withToken = steps.filter(({ volumeMounts }) =>
      volumeMounts.some(({ mountPath }: Manifest) => mountPath === '/var/run/secrets/kubernetes.io/serviceaccount'),
    );
    expect(withToken.map(({ name }) => name)).toEqual(['recover', 'remove']);
  });

  it('reaches DNS, the store, the API server, the Pushgateway and the temporary Cluster, and nothing else', () => {
    const { egress } = find(objects, 'NetworkPolicy', 'nextgen-postgres-recovery').spec;
    expect(egress.map(({ ports }: Manifest) => ports.map(({ port }: Manifest) => port))).toEqual([
      [53, 53],
      [443],
      [5432],
      [443, 6443],
      [9091],
    ]);
    expect(egress[2].to).toEqual([{ podSelector: { matchLabels: { 'cnpg.io/cluster': 'nextgen-postgres-drill' } } }]);
  });

  it('verifies the server, and reads its login when the step starts, since the Cluster is made by the one before', () => {
    const { env, volumeMounts } = step('validate');
    const secrets = env.flatMap(({ name, valueFrom }: Manifest) =>
      valueFrom?.secretKeyRef === undefined
        ? []
        : [[name, valueFrom.secretKeyRef.name, valueFrom.secretKeyRef.key].join(' ')],
    );
    expect(secrets).toEqual([
      'PGUSER nextgen-postgres-drill-superuser username',
      'PGPASSWORD nextgen-postgres-drill-superuser password',
      'SERVER_CA nextgen-postgres-drill-ca ca.crt',
    ]);
    expect(env).toContainEqual({ name: 'PGSSLMODE', value: 'verify-full' });
    expect(env).toContainEqual({ name: 'BEHIND_SECONDS', value: '300' });
    expect(volumeMounts.map(({ name }: Manifest) => name)).not.toContain('nextgen-postgres-drill-ca');
    expect(find(objects, 'ConfigMap', 'nextgen-postgres-recovery-checks').data).toEqual(
      find(objects, 'ConfigMap', 'postgres-restore-test-checks').data,
    );
  });

  it('examines a database without dumps for corruption, with no checks to run', () => {
    const alone = { ...(database as DatabaseConfig), dumps: undefined };
    const [drill] = planRecovery({ ...nextgen, databases: [alone], drills: { recovery: {} } }).drills.recoveries;
    expect(drill).toMatchObject({ checks: [], corruptionCheck: true });
  });
});

const recovery = (changes: RecoveryDrillConfig): DisasterRecoveryConfig => ({
  ...nextgen,
  drills: { recovery: changes },
});

describe.each<[string, string, DisasterRecoveryConfig, DisasterRecoveryConfig]>([
  [
    'drill-without-asset',
    'drills.recovery',
    { ...nextgen, databases: [], drills: { recovery: {} }, lifecycle: undefined, replication: undefined },
    recovery({}),
  ],
  [
    'drill-beside-live',
    'drills.recovery.namespace',
    recovery({ namespace: 'production' }),
    recovery({ namespace: 'production-rehearsal' }),
  ],
  [
    'drill-name-shared',
    'drills.recovery',
    {
      ...recovery({}),
      databases: [
        database as DatabaseConfig,
        { ...(database as DatabaseConfig), namespace: 'other', path: 'other', dumps: undefined },
      ],
    },
    recovery({}),
  ],
  [
    'duration-too-short',
    'drills.recovery.deadline',
    recovery({ deadline: Duration.seconds(59) }),
    recovery({ deadline: Duration.hours(1) }),
  ],
  [
    'duration-too-short',
    'drills.recovery.restoreWithin',
    recovery({ restoreWithin: Duration.seconds(0) }),
    recovery({ restoreWithin: Duration.minutes(20) }),
  ],
  [
    'duration-too-short',
    'drills.recovery.upTo',
    recovery({ upTo: Duration.seconds(0) }),
    recovery({ upTo: Duration.hours(1) }),
  ],
  [
    'drill-out-of-window',
    'drills.recovery.upTo',
    recovery({ upTo: Duration.days(30) }),
    recovery({ upTo: Duration.days(29) }),
  ],
  [
    'run-too-long',
    'drills.recovery.deadline',
    recovery({ deadline: Duration.minutes(2) }),
    recovery({ deadline: Duration.minutes(30) }),
  ],
  [
    'drill-planned-to-fail',
    'drills.recovery.restoreWithin',
    recovery({ restoreWithin: Duration.minutes(3) }),
    recovery({ restoreWithin: Duration.minutes(12) }),
  ],
])('a drill of recovery with %s at %s', (rule, path, refused, accepted) => {
  const found = (config: DisasterRecoveryConfig): string[] =>
    refusalsOf(config).map((one) => `${one.rule} ${one.path}`);

  it('is refused, and the nearest setting that works is accepted', () => {
    expect(found(refused)).toContain(`${rule} ${path}`);
    expect(found(accepted)).toEqual([]);
  });
});
