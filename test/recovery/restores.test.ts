import { describe, expect, it } from 'vitest';
import type { Procedure, RecoveryPlan } from '../../lib';
import {
  firstManifests,
  manifestsOfStep,
  planRecovery,
  restoreConfigurationFrom,
  restoreDatabaseFrom,
  restoreDumpFrom,
  restoreEtcdFrom,
  restoreVolumeFrom,
  stepsWithManifests,
} from '../../lib';
import { toYaml } from '../../lib/recovery';
import { examples } from '../support/configs';
import { ruleErrors } from '../support/object-rules';
import { referencesIn } from '../support/references';
import { objectsIn, render } from '../support/render';
import type { Manifest } from '../support/schema';
import { schemaErrors } from '../support/schema';

const NOW = new Date('2024-01-16T00:00:00Z');
const AT = '2024-01-15 14:30:00';
const CLAIM_CLASS = 'class-of-the-claim';

interface Restore {
  readonly title: string;
  readonly procedure: Procedure;
  /** What the restore is told of, and expects to find. */
  readonly given: readonly string[];
}

/** Every kind of restore that a plan can make, with every choice of each. */
function restoresOf(plan: RecoveryPlan): Restore[] {
  return [
    ...plan.databases.flatMap((database) => databaseRestores(plan, database)),
    ...plan.databases.flatMap(({ name, dumps }) =>
      dumps === undefined
        ? []
        : [{}, { at: AT }, { into: 'of_monday' }, ...dumps.tiers.map(({ name: tier }) => ({ tier, at: AT }))].map(
            (choice) => ({
              title: `dump ${name} ${JSON.stringify(choice)}`,
              procedure: restoreDumpFrom(plan, { name, ...choice }, NOW),
              given: [],
            }),
          ),
    ),
    ...plan.volumes.flatMap((volume) => volumeRestores(plan, volume)),
    ...[undefined, AT].flatMap((at) => [
      ...(plan.etcd === undefined
        ? []
        : [{ title: `etcd ${at}`, procedure: restoreEtcdFrom(plan, at, NOW), given: [] }]),
      ...(plan.configuration === undefined
        ? []
        : [
            {
              title: `configuration ${at}`,
              procedure: restoreConfigurationFrom(plan, at === undefined ? {} : { at }, NOW),
              given: [],
            },
          ]),
    ]),
  ];
}

function databaseRestores(
  plan: RecoveryPlan,
  { name, namespace, snapshots }: RecoveryPlan['databases'][number],
): Restore[] {
  const backup = `${name}-backup-20240115120000`;
  const sources = [
    { source: {}, given: [] },
    ...(snapshots === undefined
      ? []
      : [
          {
            source: { snapshotBackup: backup },
            given: [`VolumeSnapshot ${namespace}/${backup}`, `VolumeSnapshot ${namespace}/${backup}-wal`],
          },
        ]),
  ];
  const targets = [{}, { at: AT }, { lsn: '0/3000000' }, { restorePoint: 'before', backupId: '20240115T020000' }];
  return sources.flatMap(({ source, given }) =>
    targets.flatMap((target) =>
      [false, true].map((ownName) => ({
        title: `database ${name} ${JSON.stringify({ ...source, ...target, ownName })}`,
        procedure: restoreDatabaseFrom(plan, { name, ...source, ...target, ownName }, NOW),
        given,
      })),
    ),
  );
}

function volumeRestores(plan: RecoveryPlan, { name, namespace, claims }: RecoveryPlan['volumes'][number]): Restore[] {
  const claim = claims[0] ?? 'files-0';
  const facts = {
    snapshot: `${claim}-${name}-20240115t140000z`,
    claim,
    size: '65Gi',
    storageClass: CLAIM_CLASS,
    accessMode: 'ReadWriteOnce',
    volumeMode: 'Filesystem',
    asset: name,
    driver: 'disk.csi.azure.com',
    handle: '/subscriptions/s/snapshots/n',
  };
  const snapshot = `VolumeSnapshot ${namespace}/${facts.snapshot}`;
  return [
    {
      title: `volume ${claim}`,
      procedure: restoreVolumeFrom(plan, facts, false),
      given: [snapshot, `StorageClass ${CLAIM_CLASS}`],
    },
    {
      title: `volume ${claim} imported`,
      procedure: restoreVolumeFrom(plan, facts, true),
      given: [`StorageClass ${CLAIM_CLASS}`],
    },
  ];
}

/** What is printed of a step, read back as kubectl reads it. */
function printed(procedure: Procedure, step: number): Manifest[] {
  return objectsIn(new Map([['printed', toYaml(manifestsOfStep(procedure, step))]]));
}

const idsOf = (objects: readonly Manifest[]): string[] =>
  objects.map(({ kind, metadata }) =>
    metadata.namespace === undefined ? `${kind} ${metadata.name}` : `${kind} ${metadata.namespace}/${metadata.name}`,
  );

describe.each(examples)('every restore of %s', (_, config) => {
  const plan = planRecovery(config);
  const known = [
    ...idsOf(objectsIn(render(config))),
    ...plan.externalReferences.map(
      ({ kind, namespace, name }) => `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`,
    ),
  ];
  const restores = restoresOf(plan);

  it('is of each asset that the plan has', () => {
    const kinds = new Set(restores.map(({ title }) => title.split(' ')[0]));
    expect(kinds).toEqual(
      new Set([
        ...(plan.databases.length === 0 ? [] : ['database']),
        ...(plan.databases.some(({ dumps }) => dumps !== undefined) ? ['dump'] : []),
        ...(plan.volumes.length === 0 ? [] : ['volume']),
        ...(plan.etcd === undefined ? [] : ['etcd']),
        ...(plan.configuration === undefined ? [] : ['configuration']),
      ]),
    );
  });

  it.each(restores)('has manifests that an API server accepts: $title', ({ procedure, given }) => {
    const made: string[] = [];
    for (const step of stepsWithManifests(procedure)) {
      const objects = printed(procedure, step);
      expect(objects.length).toBeGreaterThan(0);
      expect(JSON.stringify(objects)).not.toContain('${');
      expect(objects.flatMap((object) => [...schemaErrors(object), ...ruleErrors(object)])).toEqual([]);
      made.push(...idsOf(objects));
      const there = new Set([...known, ...given, ...made]);
      for (const { id } of objects.flatMap(referencesIn)) {
        expect(there.has(id), `step ${step}: ${id} is neither generated, external, given nor made before`).toBe(true);
      }
    }
  });

  it.each(restores)('begins with one thing, and makes no object twice: $title', ({ title, procedure }) => {
    const steps = stepsWithManifests(procedure);
    const ids = steps.flatMap((step) => idsOf(printed(procedure, step)));
    expect(new Set(ids).size).toBe(ids.length);
    expect(firstManifests(procedure)).toEqual(steps[0] === undefined ? [] : manifestsOfStep(procedure, steps[0]));
    const [first = ''] = title.split(' ');
    const main = firstManifests(procedure).map((object) => (object as Manifest).kind);
    const expected: Record<string, string> = { database: 'Cluster', dump: 'Job', volume: 'PersistentVolumeClaim' };
    expect(main.filter((kind) => kind === expected[first])).toHaveLength(expected[first] === undefined ? 0 : 1);
  });
});
