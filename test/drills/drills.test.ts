import { Size } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import type { DatabaseConfig, DisasterRecoveryConfig, DrillConfig } from '../../lib';
import { BackupSelection, planRecovery } from '../../lib';
import { complete, completeDatabase, completeDrills } from '../support/configs';
import { find, objectsIn, render } from '../support/render';
import type { Manifest } from '../support/schema';

const objects = objectsIn(render(nextgen));
const every = objectsIn(render(complete));
const podOf = (all: readonly Manifest[], name: string) =>
  find(all, 'CronJob', name).spec.jobTemplate.spec.template.spec;
const stepOf = (all: readonly Manifest[], job: string, name: string): Manifest => {
  const { initContainers, containers } = podOf(all, job);
  return [...initContainers, ...containers].find((container) => container.name === name);
};
const variableOf = (step: Manifest, variable: string): string | undefined =>
  step.env.find(({ name }: { name: string }) => name === variable)?.value;

const NONE = { restoreTests: [], snapshots: [], recoveries: [], failovers: [] };

function drills(changes: DrillConfig): DisasterRecoveryConfig {
  return { ...nextgen, drills: changes };
}

describe('the planned drills', () => {
  it('are monthly, have an hour to start, and leave time for their report after the deadline', () => {
    const { restoreTests, etcd } = planRecovery(nextgen).drills;
    expect(restoreTests).toHaveLength(1);
    expect(restoreTests[0]).toMatchObject({
      kind: 'restore-test',
      asset: 'database nextgen-postgres',
      namespace: 'production',
      jobName: 'postgres-restore-test',
      run: { cron: '0 3 1 * *', startDelay: 3600, deadline: 3420 + 300 },
      seconds: 3420,
      selection: BackupSelection.RANDOM,
      reportPrefix: 'reports/postgres/restore-tests',
      assumed: [{ name: 'detect', seconds: 120 }],
      rto: 900,
    });
    expect(etcd).toMatchObject({
      kind: 'etcd-restore',
      asset: 'etcd',
      namespace: 'kube-system',
      jobName: 'etcd-backup-drill',
      run: { cron: '30 3 1 * *', startDelay: 3600, deadline: 1200 },
      seconds: 900,
      minimumKeys: 100,
      reportPrefix: 'reports/etcd/drills',
      assumed: [
        { name: 'detect', seconds: 120 },
        { name: 'restart', seconds: 60 },
      ],
      rto: 300,
      limit: 300,
    });
  });

  it('fail beyond the RTO, or beyond the plan where a dump is not planned to meet it', () => {
    const planned = planRecovery(nextgen);
    const dump = planned.assets[0]?.protections.find(({ protection }) => protection === 'dump daily')?.restore.total;
    expect(dump).toBeGreaterThan(900);
    expect(planned.drills.restoreTests[0]).toMatchObject({ planned: dump, limit: dump });
    const [database] = nextgen.databases ?? [];
    const small = { ...nextgen, databases: [{ ...(database as DatabaseConfig), size: Size.gibibytes(2) }] };
    expect(planRecovery(small).drills.restoreTests[0]?.limit).toBe(900);
  });

  it('are as the config says', () => {
    const { restoreTests, etcd } = planRecovery(complete).drills;
    expect(restoreTests[0]).toMatchObject({
      jobName: 'orders-rehearsal',
      selection: BackupSelection.LATEST,
      seconds: 3600,
      limit: 10_800,
      run: { cron: '0 7 * * 6', timeZone: 'Europe/Berlin', deadline: 3900 },
      checks: completeDatabase.dumps.verification?.checks,
      corruptionCheck: false,
    });
    expect(etcd).toMatchObject({ minimumKeys: 500, seconds: 1200, limit: 2400, run: { cron: '0 8 * * *' } });
  });

  it('are none unless they are named, and only of what has something to restore', () => {
    expect(planRecovery({ ...nextgen, drills: undefined }).drills).toEqual(NONE);
    expect(planRecovery(drills({})).drills).toEqual(NONE);
    const [database] = nextgen.databases ?? [];
    const other = { ...(database as DatabaseConfig), name: 'second', path: 'second', dumps: undefined };
    const two = { ...drills({ restoreTest: {} }), databases: [...(nextgen.databases ?? []), other] };
    expect(planRecovery(two).drills.restoreTests.map(({ jobName }) => jobName)).toEqual([
      'nextgen-postgres-restore-test',
    ]);
  });

  it('write reports that a lifecycle rule removes, and open what is sealed with a key that is listed', () => {
    const { lifecycle } = planRecovery(nextgen);
    expect(lifecycle?.written.filter(({ content }) => content.startsWith('reports of drill'))).toMatchObject([
      { prefix: 'reports/postgres/restore-tests/', rulePrefix: 'reports/' },
      { prefix: 'reports/postgres/recoveries/', rulePrefix: 'reports/' },
      { prefix: 'reports/volumes/data/drills/', rulePrefix: 'reports/' },
      { prefix: 'reports/etcd/drills/', rulePrefix: 'reports/' },
    ]);
    const opened = planRecovery(complete).externalReferences.filter(({ name }) => name === 'backup-private');
    expect(opened.map(({ namespace, keys }) => [namespace, keys])).toEqual([
      ['kube-system', ['private.asc']],
      ['orders-prod', ['private.asc']],
    ]);
  });
});

describe('the job of a drill', () => {
  it.each(['postgres-restore-test', 'etcd-backup-drill'])(
    '%s never tries again, since what it found is an answer',
    (name) => {
      expect(find(objects, 'CronJob', name).spec.jobTemplate.spec.backoffLimit).toBe(0);
    },
  );

  it('hands each step the time that all have, and its script', () => {
    for (const [step, script] of [
      ['fetch', 'fetch-random.sh'],
      ['unseal', 'unseal.sh'],
      ['verify', 'verify.sh'],
    ] as const) {
      const container = stepOf(objects, 'postgres-restore-test', step);
      expect(container.command).toEqual(['/bin/sh', '/scripts/drill-step.sh']);
      expect(['STEP', 'STEP_SCRIPT', 'DRILL_SECONDS'].map((name) => variableOf(container, name))).toEqual([
        step,
        script,
        '3420',
      ]);
    }
    expect(variableOf(stepOf(every, 'orders-rehearsal', 'fetch'), 'STEP_SCRIPT')).toBe('fetch-latest.sh');
  });

  it('tells the report what is assumed, planned and allowed', () => {
    const report = stepOf(objects, 'etcd-backup-drill', 'report');
    expect(
      ['ASSUMED_PARTS', 'ASSUMED_SECONDS', 'PLANNED_SECONDS', 'RTO_SECONDS', 'LIMIT_SECONDS', 'ONLY_FAILURE'].map(
        (name) => variableOf(report, name),
      ),
    ).toEqual(['detect 2m, restart 1m', '180', '244', '300', '300', 'false']);
    expect(variableOf(stepOf(objects, 'etcd-backup-drill', 'gate'), 'ONLY_FAILURE')).toBe('true');
  });

  it('restores where the dumps are restored for verification: same checks, same kind of workspace', () => {
    const pod = podOf(objects, 'postgres-restore-test');
    const verification = podOf(objects, 'postgres-backup-verify');
    const work = (spec: Manifest) => spec.volumes.find(({ name }: { name: string }) => name === 'work');
    expect(work(pod)).toEqual(work(verification));
    expect(find(objects, 'ConfigMap', 'postgres-restore-test-checks').data).toEqual(
      find(objects, 'ConfigMap', 'postgres-backup-verify-checks').data,
    );
    expect(podOf(every, 'orders-rehearsal').initContainers[1].image).toBe('registry.example.net/postgres:15.18');
  });

  it('reaches nothing but DNS, the store and the Pushgateway', () => {
    for (const name of ['postgres-restore-test', 'etcd-backup-drill']) {
      const { egress, policyTypes, ingress } = find(objects, 'NetworkPolicy', name).spec;
      expect([policyTypes, ingress]).toEqual([['Ingress', 'Egress'], undefined]);
      expect(egress.flatMap(({ ports }: { ports: { port: number }[] }) => ports.map(({ port }) => port))).toEqual([
        53, 53, 443, 9091,
      ]);
      expect(find(objects, 'ServiceAccount', name).automountServiceAccountToken).toBe(false);
    }
  });
});

describe('the drill of snapshots', () => {
  const job = find(objects, 'CronJob', 'data-snapshot-drill').spec.jobTemplate.spec;
  const template = (all: readonly Manifest[], name: string) =>
    JSON.parse(find(all, 'ConfigMap', `${name}-template`).data['pod.json']);

  it('is planned for every volume asset', () => {
    expect(planRecovery(nextgen).drills.snapshots).toMatchObject([
      {
        kind: 'snapshot-restore',
        asset: 'volumes data',
        jobName: 'data-snapshot-drill',
        podName: 'data-snapshot-drill-pod',
        run: { cron: '0 4 1 * *', deadline: 3900 },
        reportPrefix: 'reports/volumes/data/drills',
        assumed: [{ name: 'detect', seconds: 120 }],
        rto: 3600,
        limit: 3600,
        minimumFiles: 1,
      },
    ]);
    expect(planRecovery(complete).drills.snapshots).toMatchObject([
      {
        limit: 3000,
        seconds: 2700,
        minimumFiles: 20,
        storageClassName: 'files',
        user: 1001,
        run: { cron: '0 9 * * 0' },
      },
    ]);
  });

  it('may make pods, and read and remove its own only; no claim is ever its to delete', () => {
    const claims = ['postgres-data-pvc', 'redis-data-pvc', 'data-snapshot-drill-pod-restored'];
    expect(find(objects, 'Role', 'data-snapshot-drill').rules).toEqual([
      { apiGroups: ['snapshot.storage.k8s.io'], resources: ['volumesnapshots'], verbs: ['list'] },
      { apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: ['get'], resourceNames: claims },
      { apiGroups: [''], resources: ['pods'], verbs: ['create'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'delete'], resourceNames: ['data-snapshot-drill-pod'] },
    ]);
    expect(find(every, 'Role', 'files-snapshot-drill').rules[1]).toEqual({
      apiGroups: [''],
      resources: ['persistentvolumeclaims'],
      verbs: ['get'],
    });
  });

  it('is removed in half a day, and with it the pod that it owns, whatever became of it', () => {
    expect(job.ttlSecondsAfterFinished).toBe(12 * 3600);
    const step = stepOf(objects, 'data-snapshot-drill', 'restore');
    const fields = step.env.filter(({ valueFrom }: Manifest) => valueFrom !== undefined);
    expect(fields.map(({ name, valueFrom }: Manifest) => [name, valueFrom.fieldRef.fieldPath])).toEqual([
      ['JOB_NAME', "metadata.labels['batch.kubernetes.io/job-name']"],
      ['JOB_UID', "metadata.labels['batch.kubernetes.io/controller-uid']"],
    ]);
  });

  it('reads in a restricted pod without token or network, which ends by itself', () => {
    const { metadata, spec } = template(objects, 'data-snapshot-drill');
    expect(metadata).toMatchObject({ name: 'data-snapshot-drill-pod', namespace: 'production' });
    expect(spec).toMatchObject({
      activeDeadlineSeconds: 3600,
      automountServiceAccountToken: false,
      restartPolicy: 'Never',
      securityContext: { runAsNonRoot: true, runAsUser: 999, fsGroup: 999, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(spec.containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
    });
    const policy = find(objects, 'NetworkPolicy', 'data-snapshot-drill-pod').spec;
    expect(policy.policyTypes).toEqual(['Ingress', 'Egress']);
    expect([policy.ingress, policy.egress]).toEqual([undefined, undefined]);
    expect(metadata.labels).toMatchObject(policy.podSelector.matchLabels);
    const other = template(every, 'files-snapshot-drill').spec;
    expect(other.securityContext).toMatchObject({ runAsUser: 1001, fsGroup: 1001 });
    const [restored] = other.volumes.filter(({ name }: Manifest) => name === 'restored');
    expect(restored.ephemeral.volumeClaimTemplate.spec).toEqual({
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'files',
    });
  });
});

describe('the member of a drill of etcd', () => {
  it('goes on beside the steps after it, on any node, as a restricted pod that only itself reaches', () => {
    const pod = podOf(objects, 'etcd-backup-drill');
    expect([pod.hostNetwork, pod.nodeSelector, pod.tolerations]).toEqual([undefined, undefined, undefined]);
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true });
    const sidecars = pod.initContainers.filter(({ restartPolicy }: Manifest) => restartPolicy !== undefined);
    expect(sidecars.map(({ name, restartPolicy }: Manifest) => [name, restartPolicy])).toEqual([['member', 'Always']]);
    const [command] = sidecars.map((sidecar: Manifest) => sidecar.command.join(' '));
    expect(command).toMatch(/^etcd --data-dir \/work\/member /);
    expect([...command.matchAll(/http:\/\/([\d.]+):/g)].map(([, host]) => host)).toEqual(Array(5).fill('127.0.0.1'));
  });

  it('is restored in exec form with the image of the config', () => {
    const restore = stepOf(every, 'etcd-backup-drill', 'restore');
    expect(restore.image).toBe('registry.example.net/etcd:v3.5.21');
    expect(restore.command.slice(0, 6)).toEqual([
      ...['etcdutl', 'snapshot', 'restore', '/work/restored/etcd.db', '--data-dir', '/work/member'],
    ]);
  });

  it('is of the newest snapshot, of the stream or scheduled', () => {
    expect(variableOf(stepOf(objects, 'etcd-backup-drill', 'fetch'), 'TIERS')).toBe(
      'etcd/snapshots=900 etcd/stream=652',
    );
    expect(variableOf(stepOf(objects, 'etcd-backup-drill', 'examine'), 'MINIMUM_KEYS')).toBe('100');
    expect(variableOf(stepOf(every, 'etcd-backup-drill', 'examine'), 'MINIMUM_KEYS')).toBe(
      String(completeDrills.etcd.minimumKeys),
    );
  });
});
