import { describe, expect, it } from 'vitest';
import { planRecovery, runbookOf } from '../../lib';
import { proceduresOf, shellBlocks } from '../../lib/recovery';
import { examples } from '../support/configs';
import { objectsIn, render } from '../support/render';
import { linksOf, sectionOf, stepsOf } from '../support/runbook';

describe.each(examples)('what the runbook of %s restores after the loss of a cluster or a namespace', (_, config) => {
  const plan = planRecovery(config);
  const procedures = proceduresOf(plan);
  const runbook = runbookOf(plan);
  const pages = ['Lost cluster', ...(runbook.includes('\n## Lost namespace\n') ? ['Lost namespace'] : [])];

  it('comes in an order in which no workload makes an empty claim, and every database has its Secrets', () => {
    for (const page of pages) {
      const links = stepsOf(sectionOf(runbook, page)).flatMap(linksOf);
      expect(links, page).toEqual([
        ...procedures.volumes.map(({ import: imported }) => imported.title),
        ...(procedures.configuration === undefined ? [] : [procedures.configuration.title]),
        ...procedures.databases.map(({ ownName }) => ownName.at(-1)?.title),
      ]);
    }
  });

  it('chooses namespaces that the procedure takes', () => {
    const [, chosen] = /NAMESPACES `([^`]*)`/.exec(sectionOf(runbook, 'Lost cluster')) ?? [];
    const parameter = procedures.configuration?.parameters.find(({ name }) => name === 'NAMESPACES');
    expect(chosen === undefined).toBe(parameter === undefined);
    if (chosen !== undefined) {
      expect(chosen).toMatch(new RegExp(`^(${parameter?.pattern})$`));
    }
  });

  it('has every Secret that the manifests expect, with every key from a file of its own', () => {
    const secrets = plan.externalReferences.filter(({ kind }) => kind === 'Secret');
    for (const page of pages) {
      const lines = shellBlocks(sectionOf(runbook, page)).join('');
      for (const { name, namespace, keys } of secrets) {
        const create = new RegExp(`^  kubectl create secret generic ${name} -n ${namespace} (.*)$`, 'm').exec(lines);
        const files = [...(create?.[1] ?? '').matchAll(/--from-file='?safe\/([^/]+)\/([^ ']+)/g)];
        expect(files.map(([, secret, key]) => [secret, key])).toEqual(keys.map((key) => [name, key]));
      }
    }
  });

  it('applies no more of the manifests of a database than its ObjectStore before it is recovered', () => {
    const objects = objectsIn(render(config));
    for (const page of pages) {
      const lines = shellBlocks(sectionOf(runbook, page)).join('');
      const labels = [...lines.matchAll(/-f database\.k8s\.yaml -l app\.kubernetes\.io\/name=(\S+)/g)];
      expect(labels.map(([, name]) => name)).toEqual(plan.databases.map(({ archive }) => archive.objectStoreName));
      for (const { archive } of plan.databases) {
        const labelled = objects.filter(
          ({ metadata }) => metadata.labels?.['app.kubernetes.io/name'] === archive.objectStoreName,
        );
        expect(labelled.map(({ kind }) => kind)).toContain('ObjectStore');
        expect(labelled.filter(({ kind }) => kind !== 'ObjectStore')).toEqual([]);
      }
    }
  });
});
