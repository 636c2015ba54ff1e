import { createHash } from 'node:crypto';

/** A number from 0 up to but without 1 that depends on its key alone, so that one run can be repeated without those before it. */
export function draw(seed: number, run: number, what: string): number {
  return createHash('sha256').update(`${seed}/${run}/${what}`).digest().readUInt32BE(0) / 2 ** 32;
}
