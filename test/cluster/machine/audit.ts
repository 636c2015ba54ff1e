import { createReadStream } from 'node:fs';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { STATE, WATCHED } from './paths';

/** Where the API server records every request that has ended, one line each. */
export const AUDIT_LOG = join(WATCHED, 'audit.log');

const POLICY = join(STATE, 'audit-policy.json');

/** Events tell in their content what could not be done; of all other requests, who asked for what with which result is enough. */
const RULES = [
  {
    level: 'Request',
    verbs: ['create'],
    resources: ['', 'events.k8s.io'].map((group) => ({ group, resources: ['events'] })),
  },
  { level: 'Metadata' },
];

/** Writes the audit policy, and returns the flags with which the API server follows it. */
export async function auditFlags(): Promise<string[]> {
  await mkdir(dirname(AUDIT_LOG), { recursive: true });
  const omitStages = ['RequestReceived', 'ResponseStarted'];
  await writeFile(POLICY, JSON.stringify({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', omitStages, rules: RULES }));
  // Beyond a size it would be begun anew, and nobody would read what is in the old one.
  return [`--audit-policy-file=${POLICY}`, `--audit-log-path=${AUDIT_LOG}`, '--audit-log-maxsize=10000'];
}

/** The present end of the audit log. */
export async function endOfAuditLog(): Promise<number> {
  return (await stat(AUDIT_LOG)).size;
}

/** The lines of the audit log from a place up to its present end. */
export async function auditedSince(offset: number): Promise<AsyncIterable<string>> {
  const end = await endOfAuditLog();
  // `end` of a stream is inclusive, and nothing may be what there is.
  return end === offset
    ? Readable.from([])
    : createInterface({ input: createReadStream(AUDIT_LOG, { start: offset, end: end - 1 }) });
}
