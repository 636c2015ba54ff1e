import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildCsiDriver, testCsiDriver } from './csi';
import { goBinary } from './go-binaries';
import { attempt, until } from './run';

describe('the CSI driver of the proving ground', () => {
  it('passes csi-sanity', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dr-csi-'));
    const socket = join(folder, 'csi.sock');
    const driver = spawn(
      await buildCsiDriver(),
      ['--node-id=node', `--data=${join(folder, 'data')}`, `--socket=${socket}`],
      {
        stdio: 'ignore',
      },
    );
    try {
      await until('driver', 10, async () => (existsSync(socket) ? '' : 'no socket'), 50);
      const sanity = await attempt([
        goBinary('csi-sanity'),
        ...[
          `-csi.endpoint=${socket}`,
          `-csi.mountdir=${join(folder, 'mount')}`,
          `-csi.stagingdir=${join(folder, 'staging')}`,
        ],
        '-ginkgo.no-color',
      ]);
      expect(sanity.out).toMatch(/SUCCESS! -- \d+ Passed \| 0 Failed/);
      expect(sanity.code).toBe(0);
    } finally {
      driver.kill();
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('passes its own tests: a killed or failed copy counts for nothing, a restore has the same bytes', () =>
    testCsiDriver());
});
