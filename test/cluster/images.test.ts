import { describe, expect, it } from 'vitest';
import { ETCD_IMAGE, type KnownImage, KUBECTL_IMAGE, postgresTools, RCLONE_IMAGE } from '../../lib/config/images';
import { IMAGES, POSTGRES_MAJOR } from './images';
import { until } from './machine/run';
import { get, kubectl, remove } from './support/kubectl';

const STEP_IMAGES: readonly KnownImage[] = [RCLONE_IMAGE, KUBECTL_IMAGE, postgresTools(POSTGRES_MAJOR)];

describe('the images of the library', () => {
  it.each(STEP_IMAGES.map((image) => ({ name: image.image.reference, image })))(
    '$name has a shell and every command that scripts may call',
    async ({ name, image }) => {
      const script = 'for name in "$@"; do command -v "$name" >/dev/null || echo "$name"; done';
      expect(await runIn(name, ['sh', '-c', script, 'sh', ...image.commands])).toBe('');
    },
  );

  it('the one with jq keeps numbers that a floating-point number cannot hold', async () => {
    const script = 'echo 9007199254740993 >/tmp/number; jq . /tmp/number';
    expect(await runIn(KUBECTL_IMAGE.image.reference, ['sh', '-c', script])).toBe('9007199254740993');
  });

  it('etcd has its three binaries and no shell', async () => {
    const reference = ETCD_IMAGE.image.reference;
    expect(await runIn(reference, ['etcdctl', 'version'])).toContain('etcdctl version');
    expect(await runIn(reference, ['etcdutl', 'version'])).toContain('etcdutl version');
    await expect(runIn(reference, ['sh', '-c', 'true'])).rejects.toThrow('executable file not found');
  });

  it('each runs in the proving ground under its production name', () => {
    const references = Object.values(IMAGES).map((image) => image.reference);
    for (const image of [...STEP_IMAGES, ETCD_IMAGE]) {
      expect(references).toContain(image.image.reference);
    }
  });
});

let counter = 0;

/** Runs a command in a throw-away pod and returns its output. */
async function runIn(image: string, command: readonly string[]): Promise<string> {
  counter += 1;
  const pod = `image-${counter}`;
  await remove('pod', pod, 'default');
  try {
    await kubectl(['run', pod, '-n', 'default', `--image=${image}`, '--restart=Never', '--command', '--', ...command]);
    await until(`end of ${pod}`, 60, async () => {
      const { phase } = (await get('pod', pod, 'default')).status;
      return phase === 'Succeeded' || phase === 'Failed' ? '' : phase;
    });
    const { status } = await get('pod', pod, 'default');
    if (status.phase === 'Failed') {
      throw new Error(JSON.stringify(status.containerStatuses));
    }
    return (await kubectl(['logs', '-n', 'default', pod])).trim();
  } finally {
    await remove('pod', pod, 'default');
  }
}
