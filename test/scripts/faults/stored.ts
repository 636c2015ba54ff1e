import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Outcome } from '../support';
import { tree } from '../support';

/** What lies in a store: the checksum of every object by its key. */
export type Stored = Readonly<Record<string, string>>;

interface Marker {
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
}

export function storedIn(folder: string): Stored {
  return Object.fromEntries(tree(folder).map((key) => [key, sha256(readFileSync(join(folder, key)))]));
}

/** Keys of the markers in a store, in the order of their runs. */
export function markersIn(stored: Stored): string[] {
  return Object.keys(stored).filter((key) => key.endsWith('/backup.json'));
}

/** Every object of earlier runs is there, to the byte, and every marker is of a run that is whole. */
export function expectNothingLost(before: Stored, folder: string, counts = (_key: string): boolean => true): void {
  const after = storedIn(folder);
  expect(after).toMatchObject(before);
  for (const key of markersIn(after).filter(counts)) {
    const run = join(folder, key, '..');
    const marker = JSON.parse(readFileSync(join(folder, key), 'utf8')) as Marker;
    expect(marker.files, key).not.toEqual([]);
    for (const { name, bytes, sha256: sum } of marker.files) {
      const content = readFileSync(join(run, name));
      expect({ name, bytes: content.length, sum: sha256(content) }, key).toEqual({ name, bytes, sum });
    }
  }
}

/** A step that failed says so by its exit code, and in its last line, which is for a person, what happened. */
export function expectFailure({ code, err }: Outcome, message: string | RegExp): void {
  expect(code, err).not.toBe(0);
  const lines = err.trimEnd().split('\n');
  expect(lines.at(-1)).toMatch(/^error: /);
  expect(lines.at(-1)).toMatch(message);
}

export function expectSuccess(...outcomes: Outcome[]): void {
  for (const outcome of outcomes) {
    expect(outcome, outcome.err).toMatchObject({ code: 0 });
  }
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
