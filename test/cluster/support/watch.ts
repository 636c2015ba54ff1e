import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lastRequestsOf, type Offence, offenceIn } from '../../support/offences';
import { auditedSince, endOfAuditLog } from '../machine/audit';
import { WATCHED } from '../machine/paths';
import { OWN_CLUSTER } from './which-cluster';

/** Ids of the requests that tests have provoked on purpose, one a line. */
const PROVOKED = join(WATCHED, 'provoked-offences');

/** Patterns of what tests allow to happen, one a line. */
const ALLOWED = join(WATCHED, 'allowed-offences');

/** Everything that has been denied or refused since a place in the audit log, and that no test has declared. */
export async function offencesSince(offset: number): Promise<Offence[]> {
  const provoked = new Set(await linesOf(PROVOKED));
  const allowed = (await linesOf(ALLOWED)).map((source) => new RegExp(source));
  const found: Offence[] = [];
  for await (const text of await auditedSince(offset)) {
    const offence = offenceIn(text);
    if (offence !== undefined && !provoked.has(offence.id) && !allowed.some((pattern) => pattern.test(offence.line))) {
      found.push(offence);
    }
  }
  return found;
}

/**
 * Does something that must be denied or refused, so that the run does not fail for it. Each pattern must match the line of an offence that
 * happens meanwhile; offences that no pattern matches still count. Another cluster than this machine's keeps no audit log for us.
 */
export async function expectForbidden<T>(patterns: readonly RegExp[], work: () => Promise<T>): Promise<T> {
  if (!OWN_CLUSTER) {
    return work();
  }
  const begin = await endOfAuditLog();
  const result = await work();
  const offences = await offencesSince(begin);
  for (const pattern of patterns) {
    const meant = offences.filter(({ line }) => pattern.test(line));
    if (meant.length === 0) {
      const seen = offences.map(({ line }) => line).join('\n') || 'nothing';
      throw new Error(`nothing was denied or refused that ${pattern} matches, only:\n${seen}`);
    }
    await appendFile(PROVOKED, meant.map(({ id }) => `${id}\n`).join(''));
  }
  return result;
}

/** Lets something be denied or refused that a test cannot keep from happening, and that may as well not happen. */
export async function allowForbidden(pattern: RegExp): Promise<void> {
  if (OWN_CLUSTER) {
    await appendFile(ALLOWED, `${pattern.source}\n`);
  }
}

/** Lets a Cluster that a test or a drill deletes have its last requests denied. */
export function allowLastRequests(namespace: string, cluster: string): Promise<void> {
  return allowForbidden(lastRequestsOf(namespace, cluster));
}

async function linesOf(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}
