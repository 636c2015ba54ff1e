import { mkdir, statfs } from 'node:fs/promises';

/** Fails with a clear message when a folder's file system has less free space than a step needs. */
export async function requireFreeDisk(folder: string, gibibytes: number, purpose: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { bavail, bsize } = await statfs(folder);
  const free = (bavail * bsize) / 2 ** 30;
  if (free < gibibytes) {
    throw new Error(
      `${purpose} needs ${gibibytes} GiB of free disk at ${folder}; ${free.toFixed(1)} GiB are free. Free some space, or set XDG_CACHE_HOME to a larger disk.`,
    );
  }
}
