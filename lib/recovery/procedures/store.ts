import type { SecretKey } from '../../config';
import { SealMethod } from '../../config';
import type { RecoveryPlan } from '../../plan';
import { dialectOf } from '../../storage';
import type { Parameter, Step } from '../procedure';
import { variable } from '../procedure';
import { quote } from '../shell';

/** A run of an asset, by the time of its capture. */
export const RUN: Parameter = {
  name: 'RUN',
  meaning: 'Run to restore',
  example: '20240115T143000Z',
  pattern: '[0-9]{8}T[0-9]{6}Z',
};

/** Where fetched runs are put on the workstation. */
const FOLDER = `"restore/${variable(RUN.name)}"`;

/** Prints the newest committed runs below a prefix. */
export function listRuns(plan: RecoveryPlan, prefix: string): string {
  return `${runsBelow(plan, prefix)} | sort | tail -n 20`;
}

/** Prints every committed run below a prefix in no order, with something behind each. */
export function runsBelow(plan: RecoveryPlan, prefix: string, behind: string = ''): string {
  const { rcloneRoot } = dialectOf(plan.storage);
  const marker = `sed -n 's#^\\([0-9]*T[0-9]*Z\\)/backup\\.json$#\\1${behind}#p'`;
  return `rclone lsf --recursive --files-only ${rcloneRoot}/${prefix} | ${marker}`;
}

/** Gives rclone on the workstation what jobs have: from the environment where it is set, otherwise from the cluster. */
export function storeAccess(plan: RecoveryPlan): string {
  const { rcloneEnvironment, rcloneFiles } = dialectOf(plan.storage);
  const files = rcloneFiles.map(({ secret, path }) => ({ secret, path, local: fileName(secret) }));
  return [
    'umask 077',
    'export RCLONE_CONFIG=/dev/null',
    ...files.map(({ secret, local }) => `[ -s ${local} ] || ${readSecret(plan, secret)} >${local}`),
    ...rcloneEnvironment.flatMap(({ name, value = '', secret }) => {
      if (secret !== undefined) {
        return [`: "\${${name}:=$(${readSecret(plan, secret)})}"`, `export ${name}`];
      }
      const file = files.find(({ path }) => path === value);
      if (file !== undefined) {
        return [`export ${name}="$PWD/${file.local}"`];
      }
      // Kubernetes writes a reference to an earlier variable as $(NAME).
      return [
        /\$\(/.test(value)
          ? `export ${name}="${value.replace(/\$\((\w+)\)/g, '$$$1')}"`
          : `export ${name}=${quote(value)}`,
      ];
    }),
  ].join('\n');
}

/** Fetches a run below a prefix, compares it with its commit marker, and opens every file of it. */
export function fetchSteps(plan: RecoveryPlan, prefix: string, sealed = true): Step[] {
  const { rcloneRoot } = dialectOf(plan.storage);
  const list = `sed -n 's/^ *{"name": "\\([^"]*\\)", "bytes": [0-9]*, "sha256": "\\([0-9a-f]*\\)"},\\{0,1\\}$/\\2  \\1/p' backup.json`;
  return [
    {
      text: 'Fetch the run and compare every file with its commit marker: each must be `OK`.',
      command: [
        `rclone copy "${rcloneRoot}/${prefix}/\${RUN:?}" ${FOLDER}`,
        `(cd ${FOLDER} && ${list} | sha256sum -c -)`,
      ].join('\n'),
    },
    ...(sealed ? openSteps(plan) : []),
  ];
}

function openSteps(plan: RecoveryPlan): Step[] {
  const { method, passphraseSecret, recipientKeys } = plan.encryption;
  const open = (options: string): string =>
    [
      `for file in ${FOLDER}/*.gpg; do`,
      `  gpg --batch --quiet --pinentry-mode loopback ${options}--output "\${file%.gpg}" --decrypt "$file"`,
      'done',
    ].join('\n');
  if (method === SealMethod.PASSPHRASE && passphraseSecret !== undefined) {
    return [
      {
        text: 'Open it with the passphrase.',
        command: [
          `[ -s passphrase ] || ${readSecret(plan, passphraseSecret)} >passphrase`,
          open('--passphrase-file passphrase '),
        ].join('\n'),
      },
    ];
  }
  if (method === SealMethod.RECIPIENT && recipientKeys !== undefined) {
    return [
      {
        text: 'Open it with the private key.',
        command: [
          `[ -s private.asc ] || ${readSecret(plan, recipientKeys.privateKey)} >private.asc`,
          'gpg --batch --quiet --import private.asc',
          open(''),
        ].join('\n'),
      },
    ];
  }
  return [];
}

/** Reads a Secret's key from a namespace that has it; with the cluster lost, from a safe. */
function readSecret(plan: RecoveryPlan, { secretName, key }: SecretKey): string {
  const found = plan.externalReferences.find(({ kind, name }) => kind === 'Secret' && name === secretName);
  const namespace = found?.namespace ?? plan.namespace;
  return `kubectl get secret ${secretName} -n ${namespace} -o jsonpath='{.data.${key.replace(/\./g, '\\.')}}' | base64 -d`;
}

function fileName({ secretName, key }: SecretKey): string {
  return `${secretName}.${key}`.replace(/[^A-Za-z0-9._-]/g, '-');
}

/** What a person must have at hand where the cluster is lost: secrets never leave the plan, only their names. */
export function safeNeeds(plan: RecoveryPlan): string[] {
  const { rcloneEnvironment, rcloneFiles } = dialectOf(plan.storage);
  const { passphraseSecret, recipientKeys } = plan.encryption;
  const describe = ({ secretName, key }: SecretKey, as: string): string =>
    `key \`${key}\` of Secret \`${secretName}\`, as ${as}`;
  return [
    ...rcloneEnvironment.flatMap(({ name, secret }) =>
      secret === undefined ? [] : [describe(secret, `variable \`${name}\``)],
    ),
    ...rcloneFiles.map(({ secret }) => describe(secret, `file \`${fileName(secret)}\``)),
    ...(passphraseSecret === undefined ? [] : [describe(passphraseSecret, 'file `passphrase`')]),
    ...(recipientKeys === undefined ? [] : [describe(recipientKeys.privateKey, 'file `private.asc`')]),
  ];
}
