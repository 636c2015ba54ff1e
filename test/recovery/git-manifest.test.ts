import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import type { DatabaseConfig, DisasterRecoveryConfig } from '../../lib';
import { planRecovery } from '../../lib';
import type { Procedure } from '../../lib/recovery';
import { proceduresOf } from '../../lib/recovery';
import { complete, variants } from '../support/configs';
import { find, objectsIn, render } from '../support/render';
import type { Manifest } from '../support/schema';

const configs: [string, DisasterRecoveryConfig][] = [
  ['the reference config', nextgen],
  ['the config with every option', complete],
  ['a config on S3', variants['s3-compatible'] ?? nextgen],
];

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

/** The Cluster that a procedure makes, after the patch by which it is made to fit Git's manifest. */
function adopted({ steps }: Procedure): Manifest {
  const [cluster] = steps.flatMap(({ manifests }) => (manifests ?? []) as Manifest[]);
  const command =
    steps.map((step) => step.command ?? '').find((text) => text.startsWith('kubectl patch cluster ')) ?? '';
  expect(command).toMatch(
    new RegExp(`^kubectl patch cluster ${cluster?.metadata.name} -n ${cluster?.metadata.namespace} `),
  );
  const spec = { ...cluster?.spec };
  for (const { op, path, value } of JSON.parse(/'(.*)'$/.exec(command)?.[1] ?? '[]') as Operation[]) {
    const field = path.replace('/spec/', '');
    expect(spec[field], path).toBeDefined();
    if (op === 'remove') {
      delete spec[field];
    } else {
      spec[field] = value;
    }
  }
  return { ...(cluster as Manifest), spec };
}

/** Git's Cluster once the first database of a config is what a procedure says. */
function inGit(config: DisasterRecoveryConfig, change: Partial<DatabaseConfig>): Manifest {
  const [first, ...others] = config.databases ?? [];
  const changed = { ...config, databases: first === undefined ? [] : [{ ...first, ...change }, ...others] };
  return find(objectsIn(render(changed)), 'Cluster', change.name ?? first?.name ?? '');
}

describe.each(configs)('a database of %s that was recovered', (_, config) => {
  const plan = planRecovery(config);
  const [{ database, ownName, beside } = {}] = proceduresOf(plan).databases;
  const generation = (database?.archive.earlierServerNames.length ?? 0) + 2;

  it("under its own name is exactly Git's manifest of the next generation", () => {
    const git = inGit(config, { generation });
    for (const procedure of ownName ?? []) {
      expect(adopted(procedure)).toEqual(git);
      expect(JSON.stringify(procedure.steps)).toContain(`generation: ${generation}`);
    }
  });

  it("beside the old one is exactly Git's manifest under the new name and the old path", () => {
    const name = database?.archive.nextServerName ?? '';
    const git = inGit(config, { name, path: database?.path ?? '', generation: 1 });
    for (const procedure of beside ?? []) {
      const { metadata, spec } = adopted(procedure);
      expect(metadata.name).toBe(git.metadata.name);
      expect(spec.bootstrap).toEqual(git.spec.bootstrap);
      expect(spec.externalClusters).toEqual(git.spec.externalClusters);
      expect(spec.plugins[0].parameters.serverName).toBe(git.spec.plugins[0].parameters.serverName);
    }
  });
});
