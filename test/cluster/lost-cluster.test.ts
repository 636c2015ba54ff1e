import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import { isClusterScoped, runbookOf } from '../../lib';
import { proceduresOf } from '../../lib/recovery';
import { render } from '../support/render';
import { type FilledIn, linesOf, linksOf, sectionOf, stepsOf } from '../support/runbook';
import { createHeartbeats, Load, recovered } from './gameday/load';
import { replace } from './machine/cluster';
import { say } from './machine/log';
import { overridden } from './overrides';
import { archiveSegment, baseBackup } from './support/archive';
import { EVERY_ROW, healthy, query } from './support/database';
import { tierOf } from './support/dumps';
import { type Export, exportNow, exportPlanOf, openExport } from './support/exports';
import { start, succeeded } from './support/jobs';
import { apply, get, type KubernetesObject } from './support/kubectl';
import { inSafe, provideClasses } from './support/provide';
import { validated } from './support/recovered';
import { reset } from './support/reset';
import { committedIds, newRun } from './support/runs';
import { SAMPLE_NAMESPACE, SAMPLE_OBJECTS } from './support/sample-objects';
import { cronJobs, databaseOf, NEXTGEN, ready, suspend } from './support/site';
import { etcdPlanOf } from './support/snapshots';
import { Store } from './support/store';
import { MountedClaim, volumePlanOf } from './support/volumes';
import { OWN_CLUSTER } from './support/which-cluster';
import { Workstation } from './support/workstation';

const MINUTES = 60_000;
const { plan } = NEXTGEN;
const database = databaseOf(NEXTGEN);
const volume = volumePlanOf(NEXTGEN);
const configuration = exportPlanOf(NEXTGEN);
const { namespace } = database;
const PAGE = 'Lost cluster';
/** Kinds whose objects come back by the export: no claims, and nothing that the database's operator makes. */
const KINDS = configuration.resources
  .map(({ name }) => name)
  .filter((name) => !isClusterScoped(name) && !name.endsWith('.cnpg.io') && name !== 'persistentvolumeclaims');

/** The site in Git, once it says which archive the database has now. */
function nextGeneration(): Map<string, string> {
  const config = overridden.nextgen(nextgen);
  const generation = database.archive.earlierServerNames.length + 2;
  return render({ ...config, databases: config.databases?.map((each) => ({ ...each, generation })) });
}

describe.runIf(OWN_CLUSTER)('a cluster that is lost with all its nodes and disks', () => {
  let store: Store;
  let load: Load;
  let rows: string;
  let exported: Export;
  let before: Record<string, KubernetesObject[]>;

  beforeAll(async () => {
    await ready(NEXTGEN);
    store = await Store.open(plan.storage);
    await createHeartbeats(database);
    load = await Load.start(store.toolbox, database, 1);
    for (const claim of volume.claims) {
      await (await MountedClaim.mount(namespace, claim)).write('state', `of ${claim}\n`);
    }
    await newRun(store, volume, namespace, volume.jobName);
    await apply([
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: SAMPLE_NAMESPACE, labels: { team: 'sample' } } },
    ]);
    await apply(SAMPLE_OBJECTS);
    exported = await exportNow(configuration, store);
    before = await openExport(store, exported.key, KINDS);
    await baseBackup(database, store);
    rows = await query(database, EVERY_ROW);
    await archiveSegment(database, store);
  }, 20 * MINUTES);

  afterAll(async () => {
    // What the runbook and Argo CD own now, other suites would not dare to touch.
    await replace();
    await reset();
  }, 10 * MINUTES);

  it(
    'comes back in an empty one by what the runbook prints, with nothing but repository, store and safe',
    async () => {
      const struck = Date.now();
      await replace();
      load.stop();
      await provideClasses(plan);
      store = await Store.open(plan.storage);

      const begun = Date.now();
      const said = await followPage();
      const restored = Date.now();
      for (const line of validated(said)) {
        expect(line).toMatch(/^t/);
      }
      expect(validated(said).length).toBeGreaterThan(0);

      const held = await recovered(database, 1);
      const lost = load.last.at - (held.last?.at ?? Number.NEGATIVE_INFINITY);
      say(
        `lost ${lost.toFixed(1)} s; restored in ${(restored - begun) / 1000} s, and ${(begun - struck) / 1000} s for the cluster`,
      );
      const objectives = plan.assets.find(({ asset }) => asset === `database ${database.name}`);
      expect(lost).toBeLessThanOrEqual(objectives?.rpo ?? 0);
      expect(held.rows).toBe(held.last?.beat);
      expect(await query(database, EVERY_ROW)).toBe(rows);
      for (const claim of volume.claims) {
        expect(await (await MountedClaim.mount(namespace, claim)).read('state')).toBe(`of ${claim}\n`);
      }
    },
    30 * MINUTES,
  );

  it(
    'is protected again: Git is in sync, and the first runs of its jobs succeed',
    async () => {
      await apply([...nextGeneration().values()].join('---\n'), [
        '--field-manager=argocd-controller',
        '--force-conflicts',
      ]);
      await suspend(cronJobs(NEXTGEN), true);
      await healthy(database);
      const { spec } = await get('cluster', database.name, namespace);
      expect(spec.plugins[0].parameters.serverName).toBe(database.archive.nextServerName);
      const etcd = etcdPlanOf(NEXTGEN);
      const jobs: [string, string][] = [
        [namespace, tierOf(database, 'hourly').jobName],
        [namespace, volume.jobName],
        [etcd.namespace, etcd.jobName],
      ];
      const runs = await Promise.all(jobs.map(([where, job]) => start(where, job)));
      for (const run of runs) {
        await succeeded(run, 600);
      }
    },
    20 * MINUTES,
  );

  it(
    'has the objects that were exported, as they were',
    async () => {
      const now = await openExport(store, (await exportNow(configuration, store)).key, KINDS);
      for (const kind of KINDS) {
        const of = (objects: Record<string, KubernetesObject[]>): KubernetesObject[] =>
          (objects[kind] ?? []).filter(({ metadata }) => metadata.namespace === SAMPLE_NAMESPACE);
        expect(of(now), kind).toEqual(of(before));
      }
    },
    10 * MINUTES,
  );

  /** Does what the page says, step after step, and returns all that was printed. */
  async function followPage(): Promise<string> {
    const workstation = await openWorkstation();
    const printed: string[] = [];
    try {
      for (const step of stepsOf(sectionOf(runbookOf(plan), PAGE))) {
        const { code, out, err } = await workstation.type(linesOf(step, {}));
        expect(code, `${step}\n${out}\n${err}`).toBe(0);
        for (const title of linksOf(step)) {
          for (const filledIn of await fillIns(title, step)) {
            const pasted = await workstation.paste(title, filledIn);
            printed.push(pasted.out);
            expect(pasted.code, `${title}\n${pasted.out}\n${pasted.err}`).toBe(0);
          }
        }
      }
    } finally {
      await workstation.close();
    }
    return printed.join('\n');
  }

  /** A computer with the folder of manifests, and with what a safe holds. */
  async function openWorkstation(): Promise<Workstation> {
    const secrets = inSafe(plan);
    const key = [...secrets.values()].find((values) => 'storage-key' in values)?.['storage-key'] ?? '';
    const workstation = await Workstation.open(plan, { RCLONE_CONFIG_STORE_KEY: key });
    for (const [name, text] of NEXTGEN.files) {
      await workstation.keep(name, text);
    }
    for (const [name, values] of secrets) {
      for (const [file, value] of Object.entries(values)) {
        await workstation.keep(`safe/${name}/${file}`, value);
      }
    }
    const { passphraseSecret } = plan.encryption;
    await workstation.keep(
      'passphrase',
      secrets.get(passphraseSecret?.secretName ?? '')?.[passphraseSecret?.key ?? ''] ?? '',
    );
    return workstation;
  }

  /** What a person fills into a procedure, each time that the step asks for it. */
  async function fillIns(title: string, step: string): Promise<FilledIn[]> {
    const { volumes, configuration: objects } = proceduresOf(plan);
    if (title === volumes[0]?.import.title) {
      const run = (await committedIds(store, volume)).at(-1);
      const records = await store.list(`${volume.prefix}/${run}`);
      return volume.claims.map((claim) => ({
        CLAIM: claim,
        RECORD: records.find((key) => key.includes(`/${claim}-`))?.slice(volume.prefix.length + 1) ?? '',
      }));
    }
    if (title === objects?.title) {
      const [, namespaces = ''] = /NAMESPACES `([^`]+)`/.exec(step) ?? [];
      const run = (await committedIds(store, configuration)).at(-1) ?? '';
      return [{ RUN: run, NAMESPACES: `${namespaces},${SAMPLE_NAMESPACE}`, CLUSTER_SCOPED: 'yes' }];
    }
    return [{}];
  }
});
