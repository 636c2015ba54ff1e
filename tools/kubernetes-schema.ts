import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compactSchema } from './import/compact';

/**
 * Writes the schemas of the core kinds that the library emits, for the tests, from a Kubernetes source tree:
 * `tsx tools/kubernetes-schema.ts <k8s.io/kubernetes>/api/openapi-spec/v3` (the Go module k8s.io/kubernetes contains it).
 */
const OUTPUT = 'test/schemas/kubernetes-1.34.json';
const KINDS = [
  'ConfigMap',
  'CronJob',
  'Job',
  'NetworkPolicy',
  'Namespace',
  'PersistentVolumeClaim',
  'Secret',
  'ServiceAccount',
  'Role',
  'RoleBinding',
  'ClusterRole',
  'ClusterRoleBinding',
  'StatefulSet',
  'Deployment',
  'Service',
];

interface Definition {
  readonly 'x-kubernetes-group-version-kind'?: readonly {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  }[];
}

const folder = process.argv[2];
if (folder === undefined) {
  throw new Error('give the folder api/openapi-spec/v3 of k8s.io/kubernetes');
}
const definitions: Record<string, Definition> = {};
for (const file of readdirSync(folder).filter((name) => /^api__v1|^apis__.*__v1_/.test(name))) {
  const document = JSON.parse(readFileSync(join(folder, file), 'utf8')) as {
    components?: { schemas?: Record<string, Definition> };
  };
  Object.assign(definitions, document.components?.schemas);
}

const kinds: Record<string, string> = {};
const wanted: Record<string, unknown> = {};
for (const [name, definition] of Object.entries(definitions)) {
  const [id, ...others] = definition['x-kubernetes-group-version-kind'] ?? [];
  if (id !== undefined && others.length === 0 && KINDS.includes(id.kind)) {
    kinds[`${id.group === '' ? '' : `${id.group}/`}${id.version}/${id.kind}`] = name;
    collect(name);
  }
}
writeFileSync(OUTPUT, `${JSON.stringify({ kinds: sorted(kinds), definitions: sorted(wanted) })}\n`);

function collect(name: string): void {
  if (name in wanted) {
    return;
  }
  const schema = compactSchema(definitions[name]);
  wanted[name] = schema;
  for (const [, reference] of JSON.stringify(schema).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
    collect(reference ?? '');
  }
}

function sorted(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
