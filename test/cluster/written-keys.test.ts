import { beforeAll, describe, expect, it } from 'vitest';
import { StorageProvider } from '../../lib';
import type { WrittenPrefix } from '../../lib/plan/lifecycle-plan';
import { dialectOf } from '../../lib/storage';
import { matchLifecycle } from '../support/lifecycle-match';
import { until } from './machine/run';
import { baseBackup } from './support/archive';
import { readyForDrills } from './support/drills';
import { start, succeeded } from './support/jobs';
import { get, remove } from './support/kubectl';
import { NEXTGEN, objectsOf, ready, SITES, type Site } from './support/site';
import { Store } from './support/store';
import { bindClaims } from './support/volumes';

/** What the other sites have not written yet takes them many minutes. */
const sites = process.env.CDK8S_DR_ALL === undefined ? [NEXTGEN] : SITES;

/** This suite runs last: it looks at what the jobs of all the others have left, and runs only those that none of them has. */
describe.each(sites)('what was written to the store of $plan.storage.provider', (site) => {
  const { lifecycle, storage } = site.plan;
  if (lifecycle === undefined) {
    throw new Error(`site ${site.plan.site} has no lifecycle rules`);
  }
  const { written } = lifecycle;
  let keys: string[];

  beforeAll(async () => {
    await ready(site);
    const store = await Store.open(storage);
    const without = async (): Promise<WrittenPrefix[]> => {
      keys = await store.list();
      return written.filter(({ prefix }) => !keys.some((key) => key.startsWith(prefix)));
    };
    for (const claim of await bindClaims(site)) {
      await remove('pod', claim.pod, claim.namespace);
    }
    for (const database of site.plan.databases) {
      await baseBackup(database, store);
    }
    for (const { prefix } of await without()) {
      if (prefix.startsWith('reports/')) {
        await readyForDrills(site, store);
      }
      await writeBelow(site, prefix);
    }
    // The archive and the stream are written without a job.
    await until(
      'a key below every prefix',
      120,
      async () => (await without()).map(({ prefix }) => prefix).join(', '),
      1000,
    );
  });

  it('lies below the planned prefixes, and nowhere else', () => {
    expect(keys.filter((key) => written.filter(({ prefix }) => key.startsWith(prefix)).length !== 1)).toEqual([]);
  });

  it('is matched by the rule that the plan says, and by no other; every rule matches something', async () => {
    const { data } = await get('configmap', lifecycle.name, lifecycle.namespace);
    const policy = JSON.parse(data['lifecycle.json']);
    const found = matchLifecycle(storage.provider, policy, keys, storage.azure?.container);
    expect(found.rulesWithoutKey).toEqual([]);
    const { rules: inWordsOf } = dialectOf(storage).lifecycle;
    for (const [key, rules] of found.rules) {
      const { rulePrefix } = written.find(({ prefix }) => key.startsWith(prefix)) ?? { rulePrefix: '' };
      const [planned, ...more] = lifecycle.rules.filter(({ prefix }) => prefix === rulePrefix);
      if (planned === undefined || more.length > 0) {
        throw new Error(`the plan should have one rule for ${key}`);
      }
      // Google's rules have no names, and one of the plan's is several of them: they must be those that match the prefix itself.
      const expected =
        storage.provider === StorageProvider.GCS
          ? matchLifecycle(storage.provider, policy, [rulePrefix]).rules.get(rulePrefix)
          : [planned.name];
      expect(rules, key).toHaveLength(inWordsOf([planned]).length);
      expect(rules, key).toEqual(expected);
    }
  });
});

/** Runs the job that writes below a prefix, if there is one: its steps get the prefix without the slash. */
async function writeBelow(site: Site, prefix: string): Promise<void> {
  for (const { kind, metadata, spec } of objectsOf(site)) {
    if (kind === 'CronJob' && keyPrefixes(spec.jobTemplate.spec.template.spec).includes(prefix.replace(/\/$/, ''))) {
      // A drill may recover a whole Cluster. Some meet what other suites have left, as snapshots of empty volumes, and fail; they report all the same.
      const run = succeeded(await start(metadata.namespace ?? '', metadata.name), 900);
      await (prefix.startsWith('reports/') ? run.catch(() => undefined) : run);
    }
  }
}

function keyPrefixes({ initContainers = [], containers }: PodSpec): (string | undefined)[] {
  return [...initContainers, ...containers]
    .flatMap(({ env = [] }) => env)
    .filter(({ name }) => name === 'KEY_PREFIX')
    .map(({ value }) => value);
}

interface PodSpec {
  readonly initContainers?: Step[];
  readonly containers: Step[];
}

interface Step {
  readonly env?: { readonly name: string; readonly value?: string }[];
}
