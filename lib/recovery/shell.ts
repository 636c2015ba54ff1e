import { Document, Scalar, visit } from 'yaml';
import type { Parameter, Step } from './procedure';
import { REFERENCE, variable } from './procedure';

/** Everything of a here-document that a shell would expand, except references to variables. */
const SPECIAL = /\\|`|\$(?!\{[A-Z_]+:?\?\})/g;

/** Quotes a text for a POSIX shell. */
export function quote(text: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(text) ? text : `'${text.replace(/'/g, "'\\''")}'`;
}

/** Objects as YAML documents; references to variables are quoted, so that what they become stays a text. */
export function toYaml(manifests: readonly object[]): string {
  return manifests
    .map((manifest) => {
      const document = new Document(manifest, { version: '1.1', aliasDuplicateObjects: false });
      visit(document, {
        Scalar(_, node) {
          if (typeof node.value === 'string' && REFERENCE.test(node.value)) {
            node.type = Scalar.QUOTE_DOUBLE;
          }
        },
      });
      return document.toString({ lineWidth: 0 });
    })
    .join('---\n');
}

/** The lines of a step. What exists is never changed: `create` refuses it, and `--save-config` lets a later `apply` take over. */
export function stepLines({ manifests = [], needs, emptiedByFailure, command = '' }: Step): string {
  if (manifests.length === 0) {
    return command;
  }
  const yaml = toYaml(manifests);
  const expands = REFERENCE.test(yaml);
  const create = [
    ...(needs === undefined ? [] : [`: "${variable(needs)}" &&`]),
    `kubectl create --save-config -f - <<${expands ? 'YAML' : "'YAML'"}`,
    ...(emptiedByFailure === undefined ? [] : [`|| ${emptiedByFailure}=''`]),
  ].join(' ');
  const body = expands ? yaml.replace(SPECIAL, '\\$&') : yaml;
  return [create, `${body}YAML`, ...(command === '' ? [] : [command])].join('\n');
}

/** The lines in which a person fills in a parameter, and which empty it again when it cannot be right. */
export function parameterLines({ name, meaning, example, pattern, whenEmpty }: Parameter): string {
  const optional = whenEmpty === undefined ? '' : `; empty: ${whenEmpty}`;
  const skipped = whenEmpty === undefined ? '' : `[ -z "$${name}" ] || `;
  const check = `printf '%s\\n' "$${name}" | grep -Eqx ${quote(pattern)}`;
  return [
    `# ${meaning}, e.g. ${example}${optional}`,
    `${name}=''`,
    `${skipped}${check} || { echo ${quote(`${name} must look like ${example}`)} >&2; ${name}=''; }`,
  ].join('\n');
}
