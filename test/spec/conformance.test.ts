import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import { formatSeconds, planRecovery } from '../../lib';
import { objectsIn, render } from '../support/render';
import type { Manifest } from '../support/schema';

const document = readFileSync(join(__dirname, '../../docs/spec.md'), 'utf8');
const fields = readFileSync(join(__dirname, 'fields.txt'), 'utf8').trim().split('\n');
const reasons = new Set(
  [...document.slice(document.indexOf('## Reasons')).matchAll(/^\| ([a-z0-9-]+) \|/gm)].map((match) => match[1]),
);
const rows = [
  ...document.matchAll(
    /^\| `(.+?)` \| `(.+?)` \| (kept|moved|corrected) \| `(.+?)` \| `(.+?)` \| ?([a-z0-9-]*) ?\| ([a-z]+) \|$/gm,
  ),
].map(([, field, value, verdict, place, actual, reason, proof]) => ({
  field,
  value,
  verdict,
  place: place ?? '',
  actual,
  reason,
  proof,
}));
const proofs = [...document.matchAll(/^\| ([a-z]+) \| `(\S+\.test\.ts)` \| (.+) \|$/gm)].map(
  ([, id, suite, title]) => ({
    id,
    suite: suite ?? '',
    title: title ?? '',
  }),
);
const objects = objectsIn(render(nextgen));

/** What names an element of a list. */
interface Element {
  readonly name?: string;
  readonly record?: string;
  readonly alert?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Reads `Kind/name .path` or, inside the JSON under a ConfigMap's key, `Kind/name key .path`; list elements are named or numbered, rules by what they record or alert on, and by their asset where several do. */
function valueAt(place: string): string {
  const [id = '', ...rest] = place.split(' ');
  const path = rest.pop() ?? '';
  const [file] = rest;
  const [kind, name] = id.split('/');
  let node: unknown = objects.find((object: Manifest) => object.kind === kind && object.metadata.name === name);
  if (file !== undefined) {
    node = JSON.parse((node as Manifest).data[file]);
  }
  for (const [, key, index] of path.matchAll(/\.([^.[\]]+)|\[([^\]]+)\]/g)) {
    if (key !== undefined) {
      node = (node as Record<string, unknown> | undefined)?.[key];
    } else {
      const list = (node ?? []) as Element[];
      const [wanted, asset] = (index ?? '').split(':');
      node =
        list.find(
          (element) =>
            [element?.name, element?.record, element?.alert].includes(wanted) &&
            (asset === undefined || element?.labels?.asset === asset),
        ) ?? list[Number(index)];
    }
  }
  return String(node);
}

describe('docs/spec.md', () => {
  it('has one row for every field of the specification, with the value the specification gives it', () => {
    expect(rows.map(({ field, value }) => `${field} = ${value}`)).toEqual(fields);
  });

  it.each(rows)('is true of the manifests: $field is $verdict', ({ field, value, verdict, place, actual, reason }) => {
    expect(valueAt(place)).toBe(actual);
    if (verdict === 'kept') {
      expect({ place, actual }).toEqual({ place: field, actual: value });
    } else {
      expect(reasons).toContain(reason);
    }
  });

  it.each(rows)('names a proof on a cluster: $field', ({ proof }) => {
    expect(proofs.map(({ id }) => id)).toContain(proof);
  });

  it.each(proofs)('names a test that exists: $title', ({ suite, title }) => {
    expect(readFileSync(join(__dirname, '../cluster', suite), 'utf8')).toContain(`'${title}'`);
  });

  it('states the objectives of section 1 as the config has them', () => {
    const assets = planRecovery(nextgen).assets.map(({ asset, rpo, rto }) => [asset, rpo / 60, rto / 60]);
    expect(assets).toEqual([
      ['database nextgen-postgres', 5, 15],
      ['volumes data', 30, 60],
      ['etcd', 1, 5],
      ['configuration', 780, 5],
    ]);
  });

  it('states the restore estimates that the plan gives', () => {
    const [fromBase, fromSnapshot] = planRecovery(nextgen).assets[0]?.protections ?? [];
    const said = /restore estimate (.+) from the archive, (.+) from a snapshot/.exec(document);
    expect([said?.[1], said?.[2]]).toEqual(
      [fromBase, fromSnapshot].map((protection) => formatSeconds(protection?.restore.total ?? 0)),
    );
  });

  it('names no reason that no row or objective uses', () => {
    const used = new Set([...document.matchAll(/\(`([a-z-]+)`\)/g)].map((match) => match[1]));
    for (const reason of reasons) {
      expect(used.has(reason) || rows.some((row) => row.reason === reason), reason).toBe(true);
    }
  });
});
