import type { Procedure, StepLines } from '../recovery';
import {
  firstManifests,
  manifestsOfStep,
  procedureSection,
  quote,
  RestoreError,
  stepsWithManifests,
  toYaml,
} from '../recovery';
import type { Asked } from './restore-options';

/** What a command prints. */
export interface Printed {
  readonly out: string;
  readonly err: string;
}

/** The whole procedure as Markdown, with the objects in the lines that create them. */
export function printAll(procedure: Procedure): Printed {
  return { out: `${procedureSection(procedure, 1)}\n`, err: '' };
}

/**
 * The objects of the first step that has any, so that what is printed can be applied as one; those of later steps wait until it is
 * their turn, and the steps name the commands that print them.
 */
export function printSteps(procedure: Procedure, again: Asked): Printed {
  const command = commandLine(again);
  const lines: StepLines = ({ manifests, command: then = '' }, number) =>
    [...(manifests === undefined ? [] : [`${command} --step ${number} | kubectl create --save-config -f -`]), then]
      .join('\n')
      .trim();
  const manifests = firstManifests(procedure);
  const [first] = stepsWithManifests(procedure);
  const about =
    first === undefined
      ? 'Standard output is empty: these steps create nothing from manifests.'
      : `Standard output has the manifests of step ${first} alone: ${turn(first)}.`;
  return {
    out: manifests.length === 0 ? '' : toYaml(manifests),
    err: `${procedureSection(procedure, 1, lines)}\n\n${about}\n`,
  };
}

/** The objects of one step. Throws `RestoreError` when it has none. */
export function printStep(procedure: Procedure, step: string): Printed {
  if (!/^[1-9]\d*$/.test(step)) {
    throw new RestoreError(`--step is "${step}"; it is one of ${stepsWithManifests(procedure).join(', ')}`);
  }
  const number = Number(step);
  const { length } = procedure.steps;
  return {
    out: toYaml(manifestsOfStep(procedure, number)),
    err: `Step ${number} of ${length}. ${procedure.steps[number - 1]?.text}\n`,
  };
}

function turn(step: number): string {
  return step === 1 ? 'apply them first' : 'do the steps before it first';
}

function commandLine({ kind, name, options }: Asked): string {
  const words = Object.entries(options).flatMap(([option, value]) =>
    value === true ? [`--${option}`] : [`--${option}`, quote(String(value))],
  );
  return ['npx cdk8s-dr restore', kind, ...(name === '' ? [] : [quote(name)]), ...words].join(' ');
}
