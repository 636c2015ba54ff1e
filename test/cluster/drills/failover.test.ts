import { Duration } from 'cdk8s';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nextgen } from '../../../app';
import { planRecovery } from '../../../lib';
import { objectsIn, render } from '../../support/render';
import { overridden } from '../overrides';
import { healthy, primaryOf, query } from '../support/database';
import { apply, kubectl, tryKubectl } from '../support/kubectl';
import { failed, passed } from '../support/reports';
import { databaseOf, NEXTGEN, ready } from '../support/site';
import { Store } from '../support/store';

const MINUTES = 60_000;

// It is off in the reference config, since writes stop while it runs. How long is this machine's affair.
const failover = { writesWithin: Duration.minutes(15) };
const config = { ...overridden.nextgen(nextgen), drills: { failover } };
const [drill] = planRecovery(config).drills.failovers;
if (drill === undefined) {
  throw new Error('the config rehearses the failover of its database');
}
const { namespace, jobName } = drill;
const objects = objectsIn(render(config)).filter(({ metadata }) => metadata.name.startsWith(jobName));
const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });

describe('the drill of failover', () => {
  const database = databaseOf(NEXTGEN);
  let store: Store;

  beforeAll(async () => {
    await ready(NEXTGEN);
    store = await Store.open(NEXTGEN.plan.storage);
    await apply(objects);
    await kubectl(['patch', 'cronjob', jobName, '-n', namespace, '--type=merge', '-p', '{"spec":{"suspend":true}}']);
  }, 20 * MINUTES);
  afterAll(async () => {
    await tryKubectl(['delete', '--ignore-not-found', '-f', '-'], { input });
    // The reference config writes nothing there.
    await store.removeAll(drill.reportPrefix);
    await healthy(database);
  });

  it(
    'stops the primary, sees another instance take over, and reports how long nothing could be written',
    async () => {
      const rows = await query(database, 'SELECT count(*) FROM users');
      const old = await primaryOf(namespace, database.name);
      const report = await passed(store, drill);
      expect(report).toMatchObject({ drill: 'failover', status: 'passed', source: old });
      expect(report.checks.map(({ name, result }) => `${result} ${name}`)).toEqual([
        'passed primary',
        'passed instances',
        'passed writes',
      ]);
      const now = await primaryOf(namespace, database.name);
      expect(now).not.toBe(old);
      expect(report.checks[0]?.found).toMatch(new RegExp(`^${now} took over from ${old} after \\d+ s$`));
      // Writes stopped for a while, and not for as long as the whole drill took.
      const [{ seconds = 0 } = {}] = report.parts;
      expect(report.restoreSeconds).toBeGreaterThan(1);
      expect(report.restoreSeconds).toBeLessThanOrEqual(Math.min(seconds, drill.limit));
      expect(await query(database, 'SELECT count(*) FROM users')).toBe(rows);
    },
    20 * MINUTES,
  );

  it(
    'leaves a Cluster alone that is not whole',
    async () => {
      const primary = await primaryOf(namespace, database.name);
      const standby = `${database.name}-${[1, 2, 3].find((number) => `${database.name}-${number}` !== primary)}`;
      const fenced = `cnpg.io/fencedInstances=["${standby}"]`;
      await healthy(database);
      await kubectl(['annotate', 'cluster', database.name, '-n', namespace, fenced]);
      try {
        await kubectl(['wait', `pod/${standby}`, '-n', namespace, '--for=condition=Ready=false', '--timeout=120s']);
        await kubectl([
          ...['wait', `cluster/${database.name}`, '-n', namespace, '--timeout=120s'],
          `--for=jsonpath={.status.readyInstances}=${database.cluster.instances - 1}`,
        ]);
        const report = await failed(store, drill);
        expect(report.failure).toMatch(/^failover: 2 of 3 instances of .* are ready: it was left as it is$/);
        expect(await primaryOf(namespace, database.name)).toBe(primary);
      } finally {
        await kubectl(['annotate', 'cluster', database.name, '-n', namespace, 'cnpg.io/fencedInstances-']);
        await healthy(database);
      }
    },
    20 * MINUTES,
  );
});
