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
    const wrapper = join(shell.folder, 'kubectl');
    writeFileSync(wrapper, `#!/bin/sh\nexec ${command} "$@"\n`);
    chmodSync(wrapper, 0o755);
    return shell;
  }

  /** Runs lines, and returns what they print; the first that fails ends them with an error. */
  public async paste(lines: string, input = ''): Promise<string> {
    const script = join(this.folder, 'pasted.sh');
    writeFileSync(script, lines);
    const env = { ...process.env, PATH: `${this.folder}${delimiter}${process.env.PATH ?? ''}` };
    return run(['sh', '-eu', script], { env, input });
  }

  public close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
