import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Folder in which steps find their scripts. */
export const SCRIPTS_PATH = '/scripts';

/** What every script reads. */
export const COMMON_SCRIPTS: readonly string[] = sharedScripts('common.sh');

/** What a step reads that talks to the API server. */
export const API_SCRIPTS: readonly string[] = [...COMMON_SCRIPTS, ...sharedScripts('api.sh')];

/** Scripts of a run that is captured, sealed, shipped and in time pruned. */
export const BACKUP_SCRIPTS: readonly string[] = [
  ...COMMON_SCRIPTS,
  ...sharedScripts('marker.sh', 'prune.sh', 'push.sh', 'seal.sh', 'ship.sh', 'store.sh'),
];

/** What a step reads that writes a report as JSON. */
export const REPORT_SCRIPTS: readonly string[] = [...COMMON_SCRIPTS, ...sharedScripts('report.awk', 'report.sh')];

/** What a step reads that reports to the Pushgateway. */
export const PUSH_SCRIPTS: readonly string[] = sharedScripts('push.sh');

/** Scripts that fetch and open a run, for a restore or to store a report on it; they need those above too. */
export const VERIFY_SCRIPTS: readonly string[] = [
  ...sharedScripts('fetch-latest.sh', 'fetch-random.sh', 'fetch-run.sh', 'ship-report.sh', 'unseal.sh'),
  ...REPORT_SCRIPTS,
];

function sharedScripts(...names: string[]): string[] {
  return names.map((name) => join(__dirname, 'scripts', name));
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
