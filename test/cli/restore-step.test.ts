import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import { planRecovery, restoreConfigurationFrom } from '../../lib';
import { procedureSection, proceduresOf } from '../../lib/recovery';
import { NOW, restores } from '../support/restores';

const { plan, restore, refusal } = restores();

describe('--step', () => {
  const kinds = (...args: string[]): string[] => restore(...args).objects.map(({ kind }) => kind);
  const database = ['database', 'nextgen-postgres', '--at', '2024-01-15 14:30:00'];

  it('is the first step that has manifests, unless one is named', () => {
    expect(kinds(...database)).toEqual(['Cluster']);
    expect(kinds(...database, '--step', '1')).toEqual(['Cluster']);
    expect(kinds(...database, '--step', '3')).toEqual(['Backup']);
    expect(restore(...database, '--step', '3').err).toMatch(/^Step 3 of \d+\. Take its first base backup.*\n$/);
  });

  it('is in the steps as the command that prints what a step creates, with the same choices', () => {
    const { err } = restore(...database);
    for (const step of [1, 3]) {
      expect(err).toContain(
        `\nnpx cdk8s-dr restore database nextgen-postgres --at '2024-01-15 14:30:00' --plan ${plan} --step ${step} | kubectl create --save-config -f -\n`,
      );
    }
    expect(err).not.toContain('kind: Cluster');
    expect(err).toMatch(/\n\nStandard output has the manifests of step 1 alone: apply them first\.\n$/);
    expect(restore('dump', 'nextgen-postgres').err).toContain(
      'manifests of step 2 alone: do the steps before it first.',
    );
  });

  it('together with all others is every manifest of the procedure, each once', () => {
    const all = restore(...database, '--runbook').out.match(/^kind: \w+$/gm);
    const steps = [...restore(...database).err.matchAll(/--step (\d+) \|/g)].map(([, step = '']) => step);
    expect(steps.flatMap((step) => kinds(...database, '--step', step)).map((kind) => `kind: ${kind}`)).toEqual(all);
  });

  it('numbers the steps as the runbook does, whatever was filled in', () => {
    const runbook = procedureSection(
      restoreConfigurationFrom(planRecovery(nextgen), { namespaces: ['shop'] }, NOW),
    ).match(/^\*\*\d+\.\*\*.*/gm);
    const asked = proceduresOf(planRecovery(nextgen)).configuration;
    expect(asked && procedureSection(asked).match(/^\*\*\d+\.\*\*.*/gm)).toEqual(runbook);
  });

  it.each([
    ['2', 'step 2 creates no objects; steps that do: 1, 3'],
    ['99', 'steps that do: 1, 3'],
    ['first', '--step is "first"; it is one of 1, 3'],
    ['0', '--step is "0"; it is one of 1, 3'],
  ])('is refused as %s', (step, message) => {
    expect(refusal(...database, '--step', step)).toContain(message);
  });

  it('does not go with --runbook', () => {
    expect(refusal(...database, '--step', '1', '--runbook')).toBe('give --step or --runbook, not both');
  });
});
