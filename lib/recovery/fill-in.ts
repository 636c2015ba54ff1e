import type { Parameter, Procedure, Step } from './procedure';
import { REFERENCE } from './procedure';
import { quote } from './shell';

/** Values of parameters, and of what a procedure reads by itself, by name. */
export type Values = Readonly<Record<string, string>>;

/** What is wrong with values: nothing is filled in then. */
export function valueProblems({ parameters }: Procedure, values: Values): string[] {
  return parameters.flatMap(({ name, pattern, example, meaning }) => {
    const value = values[name] ?? '';
    return value === '' || new RegExp(`^(?:${pattern})$`).test(value)
      ? []
      : [`${name} is "${value}"; it is ${lowerFirst(meaning)}, and must look like ${example}`];
  });
}

/** A procedure in which values stand for what a person would be asked: its manifests hold them, and its commands find them set. */
export function fillIn(procedure: Procedure, values: Values): Procedure {
  const given = procedure.parameters.filter(({ name }) => values[name] !== undefined);
  const known = assignments(Object.fromEntries(given.map(({ name }) => [name, values[name] ?? ''])));
  const steps = procedure.steps.map((step) => fillStep(step, values));
  return {
    ...procedure,
    parameters: procedure.parameters.filter((parameter) => !given.includes(parameter)),
    steps,
    ...(known === '' ? {} : { known }),
  };
}

/** Shell lines that set variables. */
export function assignments(values: Values): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${quote(value)}`)
    .join('\n');
}

/** Parameters that the manifests of a procedure still need. */
export function missingParameters({ parameters, steps }: Procedure): Parameter[] {
  const text = JSON.stringify(steps.map(({ manifests }) => manifests ?? []));
  return parameters.filter(({ name }) => text.includes(`\${${name}:?}`) || text.includes(`\${${name}?}`));
}

/** Whether objects still hold a reference to a variable. */
export function isFilledIn(manifests: readonly object[]): boolean {
  return !REFERENCE.test(JSON.stringify(manifests));
}

function fillStep(step: Step, values: Values): Step {
  return step.manifests === undefined ? step : { ...step, manifests: fillObject(step.manifests, values) };
}

function fillObject<T>(object: T, values: Values): T {
  if (typeof object === 'string') {
    return object.replace(/\$\{([A-Z_]+):?\?\}/g, (reference, name: string) => values[name] ?? reference) as T;
  }
  if (Array.isArray(object)) {
    return object.map((element) => fillObject(element, values)) as T;
  }
  return object !== null && typeof object === 'object'
    ? (Object.fromEntries(Object.entries(object).map(([key, value]) => [key, fillObject(value, values)])) as T)
    : object;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
