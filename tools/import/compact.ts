/** Keys of an OpenAPI schema that say what is valid; all others are prose or hints. */
const KEPT = new Set([
  '$ref',
  'type',
  'format',
  'enum',
  'pattern',
  'required',
  'properties',
  'items',
  'additionalProperties',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'uniqueItems',
  'nullable',
  'anyOf',
  'allOf',
  'oneOf',
  'not',
  'x-kubernetes-int-or-string',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-list-type',
  'x-kubernetes-validations',
]);

/** Removes upstream prose: every `description` that is text (a property may be called so, and then it is a schema). */
export function withoutProse(node: unknown): unknown {
  if (Array.isArray(node)) {
    return node.map(withoutProse);
  }
  if (typeof node !== 'object' || node === null) {
    return node;
  }
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key, value]) => !(key === 'description' && typeof value === 'string'))
      .map(([key, value]) => [key, withoutProse(value)]),
  );
}

/** The part of a schema that validation needs, with the CEL rules as text. */
export function compactSchema(node: unknown): unknown {
  if (typeof node !== 'object' || node === null || Array.isArray(node)) {
    return node;
  }
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key]) => KEPT.has(key))
      .map(([key, value]) => [key, compactKeyword(key, value)]),
  );
}

function compactKeyword(key: string, value: unknown): unknown {
  if (key === 'properties') {
    return Object.fromEntries(Object.entries(value as object).map(([name, schema]) => [name, compactSchema(schema)]));
  }
  if (key === 'x-kubernetes-validations') {
    return (value as { rule: string }[]).map((validation) => validation.rule);
  }
  if (['anyOf', 'allOf', 'oneOf'].includes(key)) {
    return (value as unknown[]).map(compactSchema);
  }
  return ['items', 'additionalProperties', 'not'].includes(key) ? compactSchema(value) : value;
}
