import { variable } from './procedure';

/** Something that holds data, and the lines that remove it. */
export interface Deletion {
  /** What goes, for people. */
  readonly what: string;
  /** Its name, which may hold references to shell variables. */
  readonly name: string;
  /** Shell lines. */
  readonly command: string;
}

/** Variable that the name of what goes is written into. */
export const CONFIRM_DELETE = 'CONFIRM_DELETE';

/** Lines that remove something once its name was written right above them; as they are printed they stop. */
export function guarded({ what, name, command }: Deletion): string {
  return [
    `# ${what} goes when its name is written here:`,
    `${CONFIRM_DELETE}=''`,
    `if [ "${variable(CONFIRM_DELETE)}" = "${name}" ]; then`,
    ...command.split('\n').map((line) => `  ${line}`),
    'else',
    `  echo "${CONFIRM_DELETE} is not ${name}: nothing is deleted" >&2`,
    'fi',
  ].join('\n');
}
