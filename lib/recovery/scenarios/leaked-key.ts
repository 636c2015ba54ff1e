import { SealMethod } from '../../config';
import type { RecoveryPlan } from '../../plan';
import { BASIC_AUTH_KEYS } from '../../plan';
import type { Step } from '../procedure';
import type { Scenario } from '../scenario';
import { jobsOf } from './bad-backup';
import { secretsOf } from './restore-order';

/** Somebody has a key of the store, or what opens backups. */
export function leakedKey(plan: RecoveryPlan): Scenario[] {
  const secrets = secretsOf(plan);
  if (secrets.length === 0) {
    return [];
  }
  return [
    {
      title: 'Leaked key',
      symptom:
        'A credential of the store, a passphrase, a private key or a database password is where it should not be.',
      decision: [
        "A key of the store: whoever has it can read and delete backups. Make a new one in the provider's console, put it into the Secret, and only then revoke the old one.",
        sealed(plan),
        ...(plan.configuration === undefined && plan.etcd === undefined
          ? []
          : [
              'Backups that could be read hold every Secret that was exported, or the whole of etcd: change those too.',
            ]),
        'Look into the access log of the store, and into object versions for deletions.',
      ],
      steps: [
        {
          text: 'Every Secret that jobs use, and where it is:',
          command: secrets.map(({ namespace, name }) => `kubectl get secret ${name} -n ${namespace}`).join('\n'),
        },
        ...secrets.map(
          ({ namespace, name }): Step => ({
            text: `To change \`${name}\` in \`${namespace}\` (${keysOf(plan, namespace, name)}), with the new values in files of that name in folder \`new/\`:`,
            command: `kubectl create secret generic ${name} -n ${namespace} ${typeOf(plan, namespace, name)}--from-file=new/ --dry-run=client -o yaml | kubectl apply --server-side --force-conflicts -f -`,
          }),
        ),
        {
          text: 'Take fresh backups with the new key, which later runs are verified with.',
          command: jobsOf(plan)
            .filter(({ prunes, verifies }) => !prunes && !verifies)
            .map(
              ({ name, namespace }) =>
                `kubectl create job -n ${namespace} --from=cronjob/${name} "${name.slice(0, 40)}-$(date +%s)"`,
            )
            .join('\n'),
        },
      ],
      procedures: [],
      worked: 'the old key is refused, and a run of every job has succeeded with the new one.',
      backOut: 'do not go back to a key that leaked; a job that fails with the new one says why in its log.',
    },
  ];
}

function sealed({ encryption }: RecoveryPlan): string {
  switch (encryption.method) {
    case SealMethod.PASSPHRASE:
      return 'The passphrase: with access to the store, every run that it sealed can be read. Older runs stay sealed with it, so keep it in the safe until they have expired, or remove them once fresh ones are verified.';
    case SealMethod.RECIPIENT:
      return 'The private key: with access to the store, every run that was sealed to it can be read. Older runs stay sealed to it, so keep it in the safe until they have expired, or remove them once fresh ones are verified.';
    case SealMethod.NONE:
      return 'Backups are not sealed: whoever reads the store reads the data (config `encryption`).';
  }
}

function keysOf(plan: RecoveryPlan, namespace: string, name: string): string {
  return `keys ${keys(plan, namespace, name)
    .map((key) => `\`${key}\``)
    .join(', ')}`;
}

/** A Secret keeps its type: one with a password is what CloudNativePG reads roles from. */
function typeOf(plan: RecoveryPlan, namespace: string, name: string): string {
  return keys(plan, namespace, name).includes(BASIC_AUTH_KEYS.password) ? '--type=kubernetes.io/basic-auth ' : '';
}

function keys({ externalReferences }: RecoveryPlan, namespace: string, name: string): readonly string[] {
  const found = externalReferences.find(
    (reference) => reference.kind === 'Secret' && reference.namespace === namespace && reference.name === name,
  );
  return found?.keys ?? [];
}
