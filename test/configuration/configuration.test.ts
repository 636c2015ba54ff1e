import { Duration } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import type { ClusterObjectsConfig, DisasterRecoveryConfig } from '../../lib';
import { DEFAULT_RESOURCES, Encryption, planRecovery, Retention } from '../../lib';
import { complete, completeConfiguration, minimal } from '../support/configs';
import { find, objectsIn, render } from '../support/render';
import type { Manifest } from '../support/schema';

const sealed = Encryption.passphrase({ secretName: 'sealing', key: 'passphrase' });
const least: ClusterObjectsConfig = {
  objective: { rpo: Duration.hours(13), rto: Duration.hours(1) },
  retention: Retention.days(30),
};

function site(configuration: Partial<ClusterObjectsConfig> = {}): DisasterRecoveryConfig {
  return { ...minimal, encryption: sealed, databases: [], configuration: { ...least, ...configuration } };
}

function planOf(config: DisasterRecoveryConfig) {
  const { configuration } = planRecovery(config);
  if (configuration === undefined) {
    throw new Error('the configuration is not planned');
  }
  return configuration;
}

const objectsOf = (config: DisasterRecoveryConfig): Manifest[] =>
  objectsIn(new Map([...render(config)].filter(([name]) => name.startsWith('configuration'))));

const names = (config: DisasterRecoveryConfig): string[] => planOf(config).resources.map(({ name }) => name);

describe('the planned export of the reference config', () => {
  const plan = planOf(nextgen);

  it('has the names and the schedule of the specification, and its retention with a floor', () => {
    expect(plan).toMatchObject({
      namespace: 'production',
      jobName: 'config-backup',
      serviceAccountName: 'config-backup',
      prefix: 'config/exports',
      keepSeconds: 30 * 86400,
      keepAtLeast: 3,
      run: { cron: '0 */6 * * *', worstCaseLoss: 2 * 6 * 3600 + 300 + 600 },
      prune: { jobName: 'config-backup-prune' },
    });
  });

  it('covers what the specification exports, and what its databases are made of', () => {
    expect(names(nextgen)).toEqual(
      expect.arrayContaining(['configmaps', 'secrets', 'deployments.apps', 'ingresses.networking.k8s.io']),
    );
    expect(names(nextgen)).toContain('clusters.postgresql.cnpg.io');
  });

  it('is no longer reported as not generated', () => {
    const { findings } = planRecovery(nextgen);
    expect(findings.filter(({ asset }) => asset === 'configuration')).toEqual([]);
  });
});

describe('the plan of an export', () => {
  it('takes the defaults, in one order, and derives the schedule from the RPO', () => {
    expect(names(site())).toEqual([...DEFAULT_RESOURCES].sort());
    expect(planOf(site()).run).toMatchObject({ cron: '0 */6 * * *', derived: true, deadline: 600 });
    const rpo = Duration.hours(2);
    const { run } = planOf(site({ objective: { rpo, rto: Duration.hours(1) } }));
    expect(run.worstCaseLoss).toBeLessThanOrEqual(rpo.toSeconds());
  });

  it('adds custom resources to the defaults, and replaces the defaults by resources', () => {
    expect(names(site({ customResources: ['*.example.net'] }))).toEqual(['*.example.net', ...DEFAULT_RESOURCES].sort());
    expect(names(site({ resources: ['secrets'] }))).toEqual(['secrets']);
  });

  it('of chosen namespaces leaves cluster-scoped defaults out', () => {
    const chosen = names(site({ exportedNamespaces: ['web'] }));
    expect(chosen).toContain('roles.rbac.authorization.k8s.io');
    expect(chosen).not.toContain('namespaces');
    expect(chosen).not.toContain('clusterroles.rbac.authorization.k8s.io');
  });

  it('lists as external what the export needs: half of the seal, the keys that jobs use, and each exported namespace', () => {
    const references = planRecovery({
      ...complete,
      drills: undefined,
      databases: [],
      volumes: [],
      oneOffSnapshots: [],
      etcd: undefined,
      lifecycle: undefined,
      replication: undefined,
      monitoring: undefined,
    }).externalReferences;
    expect(references.map(({ kind, name, keys, podSecurity }) => [kind, name, keys.join(), podSecurity ?? ''])).toEqual(
      [
        ['Namespace', 'shop', '', ''],
        ['Namespace', 'shop-jobs', '', 'restricted'],
        ['Namespace', 'web', '', ''],
        ['Secret', 'backup-public', 'public.asc', ''],
      ],
    );
  });
});

describe('access to the API server', () => {
  const granted = (role: Manifest): string[] =>
    role.rules.flatMap(({ apiGroups, resources, verbs }: Record<string, string[]>) => {
      expect(verbs).toEqual(['get', 'list']);
      expect(apiGroups).toHaveLength(1);
      return (resources ?? []).map((plural) => (apiGroups?.[0] === '' ? plural : `${plural}.${apiGroups?.[0]}`));
    });

  it('is to read exactly what is exported, in the whole cluster', () => {
    const objects = objectsOf(nextgen);
    const role = find(objects, 'ClusterRole', 'config-backup.production');
    expect(granted(role).sort()).toEqual(names(nextgen));
    const binding = find(objects, 'ClusterRoleBinding', 'config-backup.production');
    expect(binding.roleRef).toEqual({
      apiGroup: 'rbac.authorization.k8s.io',
      kind: 'ClusterRole',
      name: 'config-backup.production',
    });
    expect(binding.subjects).toEqual([{ kind: 'ServiceAccount', name: 'config-backup', namespace: 'production' }]);
    expect(objects.filter(({ kind }) => kind === 'Role')).toEqual([]);
  });

  it('is to read exactly what is exported, in chosen namespaces only', () => {
    const objects = objectsOf(complete);
    const roles = objects.filter(({ kind }) => kind === 'Role');
    expect(roles.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual([
      'shop-jobs/objects',
      'web/objects.shop-jobs',
    ]);
    for (const role of roles) {
      expect(granted(role).sort()).toEqual(
        ['*.example.net', 'certificates.cert-manager.io', 'deployments.apps', 'secrets'].sort(),
      );
    }
    for (const { subjects } of objects.filter(({ kind }) => kind === 'RoleBinding')) {
      expect(subjects).toEqual([{ kind: 'ServiceAccount', name: 'objects-reader', namespace: 'shop-jobs' }]);
    }
    expect(objects.filter(({ kind }) => kind.startsWith('ClusterRole'))).toEqual([]);
  });

  it('is given to the capture step alone', () => {
    for (const config of [nextgen, complete]) {
      const jobs = objectsOf(config)
        .filter(({ kind }) => kind === 'CronJob')
        .map(({ spec }) => spec.jobTemplate.spec.template.spec);
      const withToken = jobs.flatMap((pod) =>
        [...(pod.initContainers ?? []), ...pod.containers].filter(({ volumeMounts }) =>
          volumeMounts.some(({ mountPath }: { mountPath: string }) => mountPath.includes('serviceaccount')),
        ),
      );
      expect(withToken.map(({ name, command }) => [name, command[1]])).toEqual([['capture', '/scripts/export.sh']]);
      expect(jobs.every(({ automountServiceAccountToken }) => automountServiceAccountToken === false)).toBe(true);
    }
  });

  it('has an identity that no other job has', () => {
    const accounts = objectsIn(render(nextgen))
      .filter(({ kind }) => kind === 'CronJob')
      .map(({ spec }) => spec.jobTemplate.spec.template.spec.serviceAccountName);
    expect(accounts.filter((name) => name === 'config-backup')).toHaveLength(1);
  });

  it('is let through by the network policy of the export, and by no other', () => {
    const reaches = (name: string): boolean => {
      const { egress } = find(objectsOf(complete), 'NetworkPolicy', name).spec;
      return JSON.stringify(egress).includes('10.9.0.1/32') && JSON.stringify(egress).includes('6443');
    };
    expect([reaches('objects'), reaches('objects-prune')]).toEqual([true, false]);
    expect(JSON.stringify(find(objectsIn(render(complete)), 'NetworkPolicy', 'orders-frequent'))).not.toContain('6443');
  });
});

describe('the jobs of an export', () => {
  const pod = (name: string) => find(objectsOf(complete), 'CronJob', name).spec.jobTemplate.spec.template.spec;
  const variable = (container: Manifest, name: string): string =>
    container.env.find((candidate: { name: string }) => candidate.name === name).value;

  it('use the images, the seal and the workspace of the config', () => {
    const { initContainers, containers, volumes } = pod('objects');
    expect([...initContainers, ...containers].map(({ image }: Manifest) => image)).toEqual([
      'registry.example.net/kubectl:1.34.1',
      'registry.example.net/tools:1',
      'registry.example.net/rclone:1.76.0',
    ]);
    const [capture, seal] = initContainers;
    expect(variable(capture, 'NAMESPACES')).toBe('shop-jobs web');
    expect(variable(capture, 'RESOURCES')).toBe(
      planOf(complete)
        .resources.map(({ name }) => name)
        .join(' '),
    );
    expect([variable(seal, 'ASSET'), variable(seal, 'TIER')]).toEqual(['configuration', 'exports']);
    expect(volumes).toContainEqual({ name: 'work', emptyDir: { sizeLimit: '2Gi' } });
    expect(JSON.stringify(volumes)).not.toContain('backup-private');
  });

  it('ship to the planned prefix and prune that prefix only', () => {
    expect(variable(pod('objects').containers[0], 'KEY_PREFIX')).toBe('objects-path/exports');
    const { keepSeconds, keepAtLeast } = planOf(complete);
    expect([keepSeconds, keepAtLeast]).toEqual([10 * 86400, 4]);
    expect(variable(pod('objects-prune').containers[0], 'RULES')).toBe(`objects-path/exports=${10 * 86400}:4`);
    expect(completeConfiguration.path).toBe('objects-path');
  });
});
