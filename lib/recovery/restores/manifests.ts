import { missingParameters } from '../fill-in';
import type { Procedure } from '../procedure';
import { RestoreError } from './request';

/** Numbers of the steps that create objects, from 1. */
export function stepsWithManifests({ steps }: Procedure): number[] {
  return steps.flatMap(({ manifests }, index) => (manifests === undefined ? [] : [index + 1]));
}

/** The objects that a restore begins with; none where a restore has only commands. Throws `RestoreError` when something in them is not known yet. */
export function firstManifests(procedure: Procedure): readonly object[] {
  const [first] = stepsWithManifests(procedure);
  return first === undefined ? [] : manifestsOfStep(procedure, first);
}

/** The objects that a step creates. Throws `RestoreError` when it creates none, or when something in them is not known yet. */
export function manifestsOfStep(procedure: Procedure, step: number): readonly object[] {
  const { manifests } = procedure.steps[step - 1] ?? {};
  if (manifests === undefined) {
    const known = stepsWithManifests(procedure).join(', ');
    throw new RestoreError(`step ${step} creates no objects; steps that do: ${known === '' ? 'none' : known}`);
  }
  const missing = missingParameters(procedure);
  if (missing.length > 0) {
    throw new RestoreError(`not known yet: ${missing.map(({ meaning }) => meaning).join('; ')}`);
  }
  return manifests;
}
