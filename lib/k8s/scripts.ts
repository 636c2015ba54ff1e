import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Folder in which steps find their scripts. */
export const SCRIPTS_PATH = '/scripts';

/** Absolute paths of scripts that families share. */
export function sharedScript(name: string): string {
  return join(__dirname, 'scripts', name);
}

/** Reads scripts as ConfigMap data, keyed by file name, sorted so that output does not depend on the caller's order. */
export function scriptData(paths: readonly string[]): Record<string, string> {
  const entries = paths.map((path): [string, string] => [basename(path), normalize(readFileSync(path, 'utf8'))]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A carriage return would make YAML quote the whole script and the shell misread it. */
function normalize(text: string): string {
  return `${text.replace(/\r\n/g, '\n').trimEnd()}\n`;
}
