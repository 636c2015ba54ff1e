import { shellBlocks } from '../../lib/recovery';

/** What a person fills in, by variable; a variable that is asked for several times has a value for each. */
export type FilledIn = Readonly<Record<string, string | readonly string[]>>;

/** The section below a heading of a runbook. */
export function sectionOf(runbook: string, heading: string): string {
  const found = runbook
    .split(/^(?=#{2,3} )/m)
    .find((section) => section.replace(/^#+ /, '').startsWith(`${heading}\n`));
  if (found === undefined) {
    throw new Error(`the runbook has no heading ${heading}`);
  }
  return found;
}

/** A section up to its back-out, which nobody pastes with the rest. */
export function forwardOf(section: string): string {
  return section.slice(0, backOutBegin(section));
}

/** The numbered steps of a page, in their order. */
export function stepsOf(section: string): string[] {
  const [steps = ''] = section.split('**Expected time.**');
  return steps.split(/^(?=\*\*\d+\.\*\* )/m).slice(1);
}

/** Titles of the procedures that a step leads to, in their order. */
export function linksOf(step: string): string[] {
  return [...step.matchAll(/\[([^\]]+)\]\(#[^)]+\)/g)].map(([, title = '']) => title);
}

/** The back-out of a section. */
export function backOutOf(section: string): string {
  return section.slice(backOutBegin(section));
}

/** The shell lines of a section as printed, with what a person fills in. */
export function linesOf(section: string, filledIn: FilledIn): string {
  let lines = shellBlocks(section).join('');
  for (const [name, given] of Object.entries(filledIn)) {
    const empty = new RegExp(`^${name}=''$`, 'm');
    for (const value of [given].flat()) {
      if (!empty.test(lines)) {
        throw new Error(`the section does not ask for ${name}, or not so often`);
      }
      lines = lines.replace(empty, () => `${name}='${value}'`);
    }
  }
  return lines;
}

function backOutBegin(section: string): number {
  const begin = section.indexOf('**To back out');
  if (begin < 0) {
    throw new Error(`no back-out in ${section.slice(0, 60)}`);
  }
  return begin;
}
