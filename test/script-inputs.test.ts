import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DisasterRecoveryConfig } from '../lib';
import { planRecovery } from '../lib';
import { everyProcedure, proceduresOf } from '../lib/recovery';
import { examples } from './support/configs';
import { objectsIn, render } from './support/render';
import type { Manifest } from './support/schema';
import { inputsOf } from './support/shell';

const scripts = new Map(
  (readdirSync('lib', { recursive: true, encoding: 'utf8' }) as string[])
    .filter((name) => /\/scripts\/[^/]+$/.test(name))
    .map((name) => [basename(name), readFileSync(join('lib', name), 'utf8')]),
);

/** Inputs of tools that scripts call, and of the other container that a Secret's value is filled into. */
const OF_TOOLS = /^(RCLONE_\w+|HOME|(STORE|TARGET)_SAS_TOKEN)$/;

/** Inputs that a script needs only for what the site has: a way of sealing, a Pushgateway, a token that ends. */
const ONLY_WHERE_WANTED = /^(SEAL_\w+_FILE|PUSH_\w+|STORE_SAS_\w+)$/;

/** Pod specs of everything that runs: workloads of the manifests, pods that a drill makes, and Jobs that the runbook prints. */
function podsOf(config: DisasterRecoveryConfig): { readonly name: string; readonly pod: Manifest }[] {
  const printed = everyProcedure(proceduresOf(planRecovery(config))).flatMap(({ steps }) =>
    steps.flatMap(({ manifests }) => (manifests ?? []) as Manifest[]),
  );
  const objects = [...objectsIn(render(config)), ...printed];
  const made = objects
    .filter(({ kind, data }) => kind === 'ConfigMap' && data?.['pod.json'] !== undefined)
    .map(({ data }) => JSON.parse(data['pod.json']) as Manifest);
  return [...objects, ...made].flatMap(({ kind, metadata, spec }) => {
    const pod = kind === 'Pod' ? spec : (spec?.jobTemplate?.spec ?? spec)?.template?.spec;
    return pod?.containers === undefined ? [] : [{ name: metadata.name, pod }];
  });
}

/** Scripts that get the environment of a container: its own, the one that a step of a drill or a stream runs, and those of its probes. */
function scriptsOf({ command, env, livenessProbe, readinessProbe, startupProbe }: Manifest): string[] {
  const probes = [livenessProbe, readinessProbe, startupProbe].map((probe) => probe?.exec?.command);
  const wrapped = ((env ?? []) as { name: string; value?: string }[])
    .filter(({ name }) => name === 'STEP_SCRIPT')
    .map(({ value }) => value ?? '');
  const run = [command, ...probes].filter((words) => words?.[0] === '/bin/sh').map((words) => basename(words[1]));
  return [...run, ...wrapped].filter((name) => name.endsWith('.sh'));
}

const withScripts = examples.filter(([name]) => name !== 'the minimal config');

it('the minimal config runs no script', () => {
  const [, minimal] = examples.find(([name]) => name === 'the minimal config') ?? [];
  expect(minimal === undefined ? undefined : podsOf(minimal)).toEqual([]);
});

describe.each(withScripts)('%s', (_, config) => {
  const containers = podsOf(config).flatMap(({ name, pod }) =>
    [...(pod.initContainers ?? []), ...pod.containers]
      .filter((container: Manifest) => scriptsOf(container).length > 0)
      .map((container: Manifest) => [`${name}/${container.name}`, container] as const),
  );

  it.each(containers)('gives %s exactly the environment that its scripts document and read', (_, container) => {
    const names = scriptsOf(container);
    const inputs = names.map((name) => inputsOf(scripts.get(name) ?? '', scripts));
    const read = new Set(inputs.flatMap(({ used }) => used));
    const given = ((container.env ?? []) as { name: string }[]).map(({ name }) => name);
    expect(new Set(given).size).toBe(given.length);
    expect(
      given.filter((name) => !OF_TOOLS.test(name) && !read.has(name)),
      `${names} do not read`,
    ).toEqual([]);
    expect(
      [...read].filter((name) => !ONLY_WHERE_WANTED.test(name) && !given.includes(name)),
      `${names} are not given`,
    ).toEqual([]);
  });
});

it('every script that can be run is run by some workload', () => {
  const run = new Set(
    examples.flatMap(([, config]) =>
      podsOf(config).flatMap(({ pod }) => [...(pod.initContainers ?? []), ...pod.containers].flatMap(scriptsOf)),
    ),
  );
  const runnable = [...scripts].filter(([, text]) => text.startsWith('#!/bin/sh\n')).map(([name]) => name);
  expect(runnable.filter((name) => !run.has(name))).toEqual([]);
});
