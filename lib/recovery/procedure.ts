/** Something that only a person can know, written once, as a shell variable. */
export interface Parameter {
  /** Name of the variable. */
  readonly name: string;
  /** What it is. */
  readonly meaning: string;
  /** A value that is allowed. */
  readonly example: string;
  /** Extended regular expression that the whole value must match. */
  readonly pattern: string;
  /** Whether it may be left empty, and what that means. */
  readonly whenEmpty?: string;
}

/** One step: what is done and why, then what is created, then what is run. */
export interface Step {
  readonly text: string;
  /** Objects that are created; one that exists already is never changed. */
  readonly manifests?: readonly object[];
  /** Variable of an earlier step without which they are not created. */
  readonly needs?: string;
  /** Variable that is emptied when one of them exists already, so that later steps do not go on with it. */
  readonly emptiedByFailure?: string;
  /** Shell lines. */
  readonly command?: string;
}

/** The shell lines of a step, by its number from 1. */
export type StepLines = (step: Step, number: number) => string;

/** How one thing is restored. */
export interface Procedure {
  readonly title: string;
  /** When this is the right one. */
  readonly use: string;
  /** Shell lines that show what can be chosen. */
  readonly look?: string;
  /** Shell lines that set what was given already, in the place of parameters. */
  readonly known?: string;
  readonly parameters: readonly Parameter[];
  readonly steps: readonly Step[];
  /** Seconds that the plan estimates, and whether a drill has measured them; what the plan has no estimate of, takes as long as it takes. */
  readonly expected?: { readonly seconds: number; readonly measured: boolean };
  readonly worked: string;
  readonly backOut: string;
  /** Shell lines of the back-out. */
  readonly backOutCommand?: string;
}

/** A reference to a shell variable, which stops the command that it is part of while the variable is empty. */
export function variable(name: string): string {
  return `\${${name}:?}`;
}

/** A reference to a shell variable that may be empty. */
export function optionalVariable(name: string): string {
  return `\${${name}?}`;
}

/** Whether a text holds a reference to a shell variable. */
export const REFERENCE = /\$\{[A-Z_]+:?\?\}/;
