import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import { planRecovery } from '../../lib';
import { complete, minimal } from '../support/configs';
import { find, objectsIn, render } from '../support/render';

const reference = objectsIn(render(nextgen));
const least = objectsIn(render(minimal));
const every = objectsIn(render(complete));

describe('the Cluster', () => {
  it('archives through the plugin under an explicit server name', () => {
    expect(find(reference, 'Cluster', 'nextgen-postgres').spec.plugins).toEqual([
      {
        name: 'barman-cloud.cloudnative-pg.io',
        isWALArchiver: true,
        parameters: { barmanObjectName: 'nextgen-postgres-store', serverName: 'nextgen-postgres' },
      },
    ]);
  });

  it('of a later generation archives beside its predecessor, never into it', () => {
    expect(find(every, 'Cluster', 'orders').spec.plugins[0].parameters.serverName).toBe('orders-2');
  });

  it('holds data, so Argo CD may neither prune nor delete it, nor its archive', () => {
    for (const [kind, name] of [
      ['Cluster', 'nextgen-postgres'],
      ['ObjectStore', 'nextgen-postgres-store'],
    ] as const) {
      expect(find(reference, kind, name).metadata.annotations?.['argocd.argoproj.io/sync-options']).toBe(
        'Prune=false,Delete=false',
      );
    }
    expect(find(every, 'Cluster', 'orders').metadata.annotations).toBeUndefined();
  });

  it('has three instances on different nodes where possible, with a WAL volume of their own', () => {
    expect(find(least, 'Cluster', 'orders').spec).toMatchObject({
      instances: 3,
      affinity: {
        enablePodAntiAffinity: true,
        podAntiAffinityType: 'preferred',
        topologyKey: 'kubernetes.io/hostname',
      },
      storage: { size: '5Gi' },
      walStorage: { size: '2Gi' },
    });
  });

  it('takes every option of the config', () => {
    expect(find(every, 'Cluster', 'orders').spec).toMatchObject({
      instances: 5,
      imageName: 'registry.example.net/postgresql:15.18',
      affinity: { podAntiAffinityType: 'required' },
      postgresql: {
        parameters: { archive_timeout: '120s', max_wal_size: '2GB' },
        synchronous: { method: 'any', number: 2, dataDurability: 'required' },
      },
      resources: { requests: { cpu: '2', memory: '4Gi' }, limits: { memory: '4Gi' } },
      storage: { size: '7Gi', storageClass: 'fast' },
      walStorage: { size: '3Gi', storageClass: 'fast' },
      bootstrap: { initdb: { database: 'orders', owner: 'orders_owner' } },
    });
  });

  it('gives the dump role what a dump needs and nothing more', () => {
    expect(find(every, 'Cluster', 'orders').spec.managed.roles).toEqual([
      {
        name: 'dumper',
        ensure: 'present',
        login: true,
        bypassrls: true,
        inRoles: ['pg_read_all_data'],
        passwordSecret: { name: 'dumper-credentials' },
      },
    ]);
    expect(find(least, 'Cluster', 'orders').spec.managed).toBeUndefined();
  });
});

describe('physical backups', () => {
  it('start with a base backup at once, since WAL alone restores nothing, and outlive Cluster and schedule', () => {
    expect(find(reference, 'ScheduledBackup', 'nextgen-postgres-base').spec).toEqual({
      schedule: '0 0 1 * * *',
      immediate: true,
      method: 'plugin',
      pluginConfiguration: { name: 'barman-cloud.cloudnative-pg.io' },
      cluster: { name: 'nextgen-postgres' },
      backupOwnerReference: 'none',
    });
  });

  it('include volume snapshots, owned by nobody, with a deadline in the key that the operator reads', () => {
    const snapshot = find(reference, 'ScheduledBackup', 'nextgen-postgres-snapshot');
    expect(snapshot.spec).toMatchObject({
      schedule: '0 0 */6 * * *',
      method: 'volumeSnapshot',
      backupOwnerReference: 'none',
    });
    expect(snapshot.metadata.annotations?.['cnpg.io/volumeSnapshotDeadline']).toBe('30');
    expect(planRecovery(nextgen).databases[0]?.snapshots?.run.deadline).toBe(30 * 60);
    expect(find(reference, 'Cluster', 'nextgen-postgres').spec.backup.volumeSnapshot).toEqual({
      className: 'csi-snapshot-class',
      online: true,
      snapshotOwnerReference: 'none',
    });
  });

  it('keep the recovery window, with the sidecar bounded in memory and no wait for a spread checkpoint', () => {
    expect(find(every, 'ObjectStore', 'orders-store').spec).toMatchObject({
      retentionPolicy: '14d',
      configuration: { wal: { compression: 'zstd', maxParallel: 8 }, data: { immediateCheckpoint: true } },
      instanceSidecarConfiguration: { resources: { limits: { memory: '1Gi' } } },
    });
  });
});
