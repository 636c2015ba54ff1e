import { beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { get, type KubernetesObject, kubectl, tryKubectl } from './support/kubectl';
import { provide } from './support/provide';
import { committedFiles, install, NEXTGEN } from './support/site';
import { expectForbidden } from './support/watch';

/** What the overrides may change in a manifest. */
const SIZE_OR_SCHEDULE =
  /\.(cpu|memory|storage|size|sizeLimit|ephemeral-storage|schedule|activeDeadlineSeconds|failureThreshold|env\.[A-Z_]+_SECONDS\.value)$/;

/** Texts in which the plan says the same sizes and schedules to people, to Prometheus, and to whoever restores. */
const TEXT = /\.(env\.(PUSH_REPORT|TIERS)\.value|expr|for|summary|description|data\.[\w.-]+)$/;

/** A text without its numbers and their units. */
const withoutNumbers = (value: unknown): string =>
  String(value)
    .replace(/\d[\d.]*( ?(min|MiB|GiB|Mi|Gi|s|m|h|d))?/g, '#')
    .replace(/#([ ,]*#)+/g, '#');

describe('dist/', () => {
  beforeAll(() => provide(NEXTGEN.plan));

  it('is what runs here, but for sizes and schedules', () => {
    const here = [...NEXTGEN.files].map(([name, text]) => [name, leaves(text)] as const);
    const committed = [...committedFiles()].map(([name, text]) => [name, leaves(text)] as const);
    expect(here.map(([name]) => name)).toEqual(committed.map(([name]) => name));
    for (const [index, [, fields]] of here.entries()) {
      const others = committed[index]?.[1] ?? new Map<string, unknown>();
      const changed = [...new Set([...fields.keys(), ...others.keys()])].filter(
        (path) => fields.get(path) !== others.get(path),
      );
      const differs = (path: string): boolean =>
        !TEXT.test(path) || withoutNumbers(fields.get(path)) !== withoutNumbers(others.get(path));
      expect(changed.filter((path) => !SIZE_OR_SCHEDULE.test(path) && differs(path))).toEqual([]);
    }
  });

  it('is accepted by the API server and all admission webhooks exactly as committed', async () => {
    for (const text of committedFiles().values()) {
      await kubectl(['apply', '--server-side', '--validate=strict', '--dry-run=server', '-f', '-'], { input: text });
    }
  });

  it('would be refused with a field that does not exist, so the check above can fail', async () => {
    const text = committedFiles().get('database.k8s.yaml') ?? '';
    const outcome = await tryKubectl(['apply', '--server-side', '--validate=strict', '--dry-run=server', '-f', '-'], {
      input: text.replace('className: csi-snapshot-class', 'className: csi-snapshot-class\n      enabled: true'),
    });
    expect(outcome.code).not.toBe(0);
    expect(outcome.err).toContain('field not declared in schema');
  });

  it('changes nothing when it is applied again', async () => {
    await install(NEXTGEN);
    const before = await generations();
    await install(NEXTGEN);
    expect(await generations()).toEqual(before);
    for (const text of NEXTGEN.files.values()) {
      const difference = await tryKubectl(['diff', '--server-side', '-f', '-'], { input: text });
      expect(difference.out).toBe('');
      expect(difference.code).toBe(0);
    }
  });

  it('lives in a namespace that enforces Pod Security restricted', async () => {
    const { namespace } = NEXTGEN.plan;
    const plain = await expectForbidden([/^Pod Security: create pods\/.*\/plain: /], () =>
      tryKubectl(['run', 'plain', '-n', namespace, '--image=none:1', '--dry-run=server']),
    );
    expect(plain.code).not.toBe(0);
    expect(plain.err).toContain('violates PodSecurity "restricted');
  });
});

function objects(): KubernetesObject[] {
  return [...committedFiles().values()].flatMap((text) =>
    parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject),
  );
}

async function generations(): Promise<string[]> {
  const found = await Promise.all(
    objects().map(({ kind, apiVersion, metadata }) =>
      get(
        `${kind}.${apiVersion.split('/').reverse().join('.')}`.replace(/\.v1$/, ''),
        metadata.name,
        metadata.namespace,
      ),
    ),
  );
  return found.map(({ kind, metadata }) => `${kind} ${metadata.name} ${metadata.uid} ${metadata.generation ?? ''}`);
}

/** Every scalar of a file by its path. */
function leaves(text: string): Map<string, unknown> {
  const found = new Map<string, unknown>();
  const walk = (value: unknown, path: string): void => {
    if (value !== null && typeof value === 'object') {
      for (const [key, child] of Object.entries(value as Record<string, { name?: unknown } | null>)) {
        const name = Array.isArray(value) ? (child?.name ?? key) : key;
        walk(child, `${path}.${name}`);
      }
    } else {
      found.set(path, value);
    }
  };
  parseAllDocuments(text).forEach((document, index) => {
    walk(document.toJS(), String(index));
  });
  return found;
}
