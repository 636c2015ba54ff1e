import { shellBlocks } from '../../lib/recovery';

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

/** The shell lines of a section as printed, with what a person fills in. */
export function linesOf(section: string, parameters: Readonly<Record<string, string>>): string {
  let lines = shellBlocks(section).join('');
  for (const [name, value] of Object.entries(parameters)) {
    const empty = `\n${name}=''\n`;
    if (!lines.includes(empty)) {
      throw new Error(`the section does not ask for ${name}`);
    }
    lines = lines.replace(empty, `\n${name}='${value}'\n`);
  }
  return lines;
}
