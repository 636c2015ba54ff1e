import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv, { type ValidateFunction } from 'ajv';

/** A rendered Kubernetes object. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: tests look into many kinds of objects
  readonly [key: string]: any;
}

type Schema = Record<string, unknown>;

const CORE = join(__dirname, '../schemas/kubernetes-1.34.json');
const IMPORTS = join(__dirname, '../../imports');
const OPERATOR = join(__dirname, '../schemas/azure-service-operator.json');
const LIFECYCLE = join(__dirname, '../schemas/lifecycle.json');

const ajv = new Ajv({
  strict: false,
  allErrors: true,
  validateFormats: false,
  inlineRefs: false,
  code: { optimize: false, regExp: Object.assign(goExpression, { code: 'goExpression' }) },
});
const validators = new Map<string, ValidateFunction>();
const schemas = loadSchemas();

/** CRDs are written for Go, whose expressions may have a flag in them. */
function goExpression(pattern: string, flags: string): RegExp {
  const bare = pattern.replace('(?i)', '');
  return new RegExp(bare, bare === pattern ? flags : `${flags}i`);
}

/** What a strict API server would refuse about an object: unknown fields, wrong types, enums and patterns, missing fields. */
export function schemaErrors(manifest: Manifest): string[] {
  const id = `${manifest.apiVersion}/${manifest.kind}`;
  const validate = validatorOf(id);
  if (validate === undefined) {
    return [`${id}: no schema is known for this kind`];
  }
  validate(manifest);
  return (validate.errors ?? []).map((error) => {
    const detail = error.params.additionalProperty === undefined ? '' : ` (${error.params.additionalProperty})`;
    return `${manifest.kind}/${manifest.metadata.name}: ${error.instancePath || '/'} ${error.message}${detail}`;
  });
}

/** What a provider would refuse about its lifecycle policy, by a schema written from its documentation. */
export function lifecycleErrors(provider: string, policy: unknown): string[] {
  const validate = ajv.compile((JSON.parse(readFileSync(LIFECYCLE, 'utf8')) as Record<string, Schema>)[provider] ?? {});
  validate(policy);
  return (validate.errors ?? []).map((error) => `${error.instancePath || '/'} ${error.message}`);
}

function validatorOf(id: string): ValidateFunction | undefined {
  const schema = schemas.get(id);
  if (schema !== undefined && !validators.has(id)) {
    validators.set(id, ajv.compile(schema));
  }
  return validators.get(id);
}

function loadSchemas(): Map<string, Schema> {
  const found = new Map<string, Schema>();
  for (const file of readdirSync(IMPORTS).filter((name) => name.endsWith('.schema.json'))) {
    const kinds = JSON.parse(readFileSync(join(IMPORTS, file), 'utf8')) as Record<string, Schema>;
    for (const [id, schema] of Object.entries(kinds)) {
      found.set(id, strict(schema) as Schema);
    }
  }
  for (const [id, schema] of Object.entries(JSON.parse(readFileSync(OPERATOR, 'utf8')) as Record<string, Schema>)) {
    found.set(id, schema);
  }
  const core = JSON.parse(readFileSync(CORE, 'utf8')) as { kinds: Record<string, string>; definitions: Schema };
  const definitions = strict(core.definitions) as Schema;
  ajv.addSchema({ $id: 'core', components: { schemas: definitions } });
  for (const [id, name] of Object.entries(core.kinds)) {
    found.set(id, { $ref: `core#/components/schemas/${name}` });
  }
  found.set('v1/Pod', podSchema());
  return found;
}

/** A pod has what the template of a Job has, and its kind. */
function podSchema(): Schema {
  const of = (name: string): Schema => ({ $ref: `core#/components/schemas/io.k8s.${name}` });
  return {
    type: 'object',
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: of('apimachinery.pkg.apis.meta.v1.ObjectMeta'),
      spec: of('api.core.v1.PodSpec'),
    },
    required: ['metadata', 'spec'],
    additionalProperties: false,
  };
}

/** Closes every object whose properties are listed, as strict field validation does; metadata of a CRD is the core one. */
function strict(node: unknown): unknown {
  if (Array.isArray(node)) {
    return node.map(strict);
  }
  if (typeof node !== 'object' || node === null) {
    return node;
  }
  const schema = node as Schema;
  const copy: Schema = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, strict(value)]));
  if (schema['x-kubernetes-int-or-string'] === true) {
    return { type: ['integer', 'string'] };
  }
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true || 'additionalProperties' in schema;
  return typeof schema.properties === 'object' && schema.type === 'object' && !open
    ? { ...copy, additionalProperties: false }
    : copy;
}
