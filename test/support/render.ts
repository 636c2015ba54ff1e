import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdk8s';
import { parseAllDocuments } from 'yaml';
import type { DisasterRecoveryConfig } from '../../lib';
import { DisasterRecovery } from '../../lib';
import type { Manifest } from './schema';

/** Synthesises a config and returns its files by name. */
export function render(config: DisasterRecoveryConfig): Map<string, string> {
  const outdir = mkdtempSync(join(tmpdir(), 'dr-synth-'));
  try {
    const app = new App({ outdir });
    DisasterRecovery.addTo(app, config);
    app.synth();
    return new Map(
      readdirSync(outdir)
        .sort()
        .map((name) => [name, readFileSync(join(outdir, name), 'utf8')]),
    );
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** The objects in synthesised files, read back from the YAML text. */
export function objectsIn(files: Map<string, string>): Manifest[] {
  return [...files.values()].flatMap((text) => {
    const documents = parseAllDocuments(text, { version: '1.1' }) as { toJS(): unknown }[];
    return documents.map((document) => document.toJS() as Manifest).filter((object) => object !== null);
  });
}

/** One object of a synthesised config. */
export function find(objects: readonly Manifest[], kind: string, name: string): Manifest {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (found === undefined) {
    throw new Error(
      `no ${kind} ${name}; there are ${objects.map((object) => `${object.kind} ${object.metadata.name}`).join(', ')}`,
    );
  }
  return found;
}
