import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { nextgen } from '../../app';
import type { DisasterRecoveryConfig } from '../../lib';
import { planDocument, planRecovery, RestoreError } from '../../lib';
import { restoreCommand } from '../../lib/cli/restore-command';
import type { Manifest } from './schema';

/** When restores are asked for. */
export const NOW = new Date('2024-01-16T00:00:00Z');

/** What `restore` printed. */
export interface Restored {
  readonly objects: Manifest[];
  readonly out: string;
  readonly err: string;
}

/** The command with the plan of a config, in a folder of its own. */
export interface Restores {
  readonly folder: string;
  readonly file: (name: string) => string;
  /** File with the plan. */
  readonly plan: string;
  readonly restore: (...args: string[]) => Restored;
  /** The message of a restore that must be refused. */
  readonly refusal: (...args: string[]) => string;
}

/** Writes the plan of a config, until all tests of the file have run. */
export function restores(config: DisasterRecoveryConfig = nextgen): Restores {
  const folder = mkdtempSync(join(tmpdir(), 'dr-restore-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string): string => join(folder, name);
  const plan = file('plan.json');
  writeFileSync(plan, planDocument(planRecovery(config)));
  const restore = (...args: string[]): Restored => {
    const { out, err } = restoreCommand([...args, '--plan', plan], NOW);
    return { objects: documentsIn(out), out, err };
  };
  const refusal = (...args: string[]): string => {
    try {
      restore(...args);
    } catch (error) {
      expect(error).toBeInstanceOf(RestoreError);
      return (error as Error).message;
    }
    throw new Error(`restore ${args.join(' ')} should be refused`);
  };
  return { folder, file, plan, restore, refusal };
}

/** The objects in what was printed; Markdown has none. */
function documentsIn(out: string): Manifest[] {
  const documents = out.startsWith('#') ? [] : (parseAllDocuments(out, { version: '1.1' }) as { toJS(): unknown }[]);
  return documents.map((document) => document.toJS() as Manifest).filter((object) => object !== null);
}
