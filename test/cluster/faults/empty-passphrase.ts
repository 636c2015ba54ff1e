import { type JobManifest, stepsOf } from '../support/jobs';
import { apply } from '../support/kubectl';

/** A Secret of the tests with an empty passphrase in it. */
const EMPTY_PASSPHRASE = 'empty-passphrase';

/** Makes it in namespaces. */
export async function provideEmptyPassphrase(namespaces: readonly string[]): Promise<void> {
  await apply(
    [...new Set(namespaces)].map((namespace) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: EMPTY_PASSPHRASE, namespace },
      stringData: { passphrase: '' },
    })),
  );
}

/** Has the volume of the passphrase come from a Secret that holds an empty one. */
export function withoutPassphrase(job: JobManifest): void {
  if (!stepsOf(job).some(({ volumeMounts = [] }) => volumeMounts.some(({ name }) => name === 'seal'))) {
    throw new Error('this run seals nothing');
  }
  for (const volume of job.spec.template.spec.volumes ?? []) {
    if (volume.name === 'seal') {
      volume.secret = { ...(volume.secret as object), secretName: EMPTY_PASSPHRASE };
    }
  }
}
