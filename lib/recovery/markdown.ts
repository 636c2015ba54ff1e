import { formatSeconds } from '../config';
import type { Procedure, StepLines } from './procedure';
import { parameterLines, stepLines } from './shell';

/** Shell lines as a code block. */
export function shellBlock(lines: string): string {
  return ['```sh', lines.trimEnd(), '```'].join('\n');
}

/** The anchor that a heading gets where Markdown is published. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^a-z0-9 _-]/g, '')
    .replace(/ /g, '-');
}

/** A link to a heading of the same document. */
export function linkTo(heading: string): string {
  return `[${heading}](#${anchorOf(heading)})`;
}

/** A procedure as a section; unless said otherwise, its objects are in the lines that create them. */
export function procedureSection(procedure: Procedure, level = 3, linesOf: StepLines = stepLines): string {
  const { title, use, look, known, parameters, steps, worked, backOut, backOutCommand } = procedure;
  const filledIn =
    parameters.length === 0
      ? []
      : ['Fill in, and paste:', '', shellBlock(parameters.map(parameterLines).join('\n')), ''];
  return [
    `${'#'.repeat(level)} ${title}`,
    '',
    use,
    '',
    `Expected time: ${expectedTime(procedure)}.`,
    '',
    ...(look === undefined ? [] : ['See what there is to choose from:', '', shellBlock(look), '']),
    ...(known === undefined ? [] : ['Paste what is known:', '', shellBlock(known), '']),
    ...filledIn,
    ...steps.flatMap((step, index) => {
      const lines = linesOf(step, index + 1);
      return [`**${index + 1}.** ${step.text}`, '', ...(lines === '' ? [] : [shellBlock(lines), ''])];
    }),
    `**It worked when** ${worked}`,
    '',
    `**To back out** ${backOut}`,
    ...(backOutCommand === undefined ? [] : ['', shellBlock(backOutCommand)]),
  ].join('\n');
}

/** The estimate of a procedure in words. */
export function expectedTime({ expected }: Pick<Procedure, 'expected'>): string {
  return expected === undefined
    ? 'not estimated'
    : `${formatSeconds(expected.seconds)} (${expected.measured ? 'measured' : 'assumed'}, from the failure to a validated restore)`;
}

/** The shell blocks of a document, in their order. */
export function shellBlocks(markdown: string): string[] {
  return [...markdown.matchAll(/^```sh\n([\s\S]*?)\n```$/gm)].map(([, lines = '']) => `${lines}\n`);
}
