import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { quote } from '../../../lib/recovery/shell';
import { run } from '../machine/run';
import { kubectlCommand } from '../support/kubectl';

/** The shell of somebody on call, whose kubectl is the cluster's. */
export class Shell {
  /** Folder for what is needed on the way. */
  public readonly folder = mkdtempSync(join(tmpdir(), 'dr-game-day-'));

  public static async open(): Promise<Shell> {
    const shell = new Shell();
    const command = (await kubectlCommand([])).map(quote).join(' ');
    shell.provide('kubectl', `exec ${command} "$@"`);
    // What npx would run from an installed package.
    shell.provide('npx', `shift\nexec node --import tsx lib/cli/main.ts "$@"`);
    return shell;
  }

  /** Runs lines, and returns what they print; the first that fails ends them with an error. */
  public async paste(lines: string, input = ''): Promise<string> {
    const script = join(this.folder, 'pasted.sh');
    writeFileSync(script, lines);
    const env = { ...process.env, PATH: `${this.folder}${delimiter}${process.env.PATH ?? ''}` };
    return run(['sh', '-eu', script], { env, input });
  }

  private provide(program: string, lines: string): void {
    const path = join(this.folder, program);
    writeFileSync(path, `#!/bin/sh\n${lines}\n`);
    chmodSync(path, 0o755);
  }

  public close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
