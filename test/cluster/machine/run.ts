import { spawn } from 'node:child_process';

/** How often the usual time everything may take: on a machine that is slow or busy, more than once. */
export const PATIENCE = Number(process.env.CDK8S_DR_PATIENCE ?? '1');

/** What a command did. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Standard output as it came. */
  readonly bytes: Buffer;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string | Buffer;
  readonly timeoutSeconds?: number;
}

/** Runs a command to its end and returns what it did, whatever its exit code; a timeout kills it and counts as 124. */
export function attempt(command: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const [file = '', ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let expired = false;
    const timer = setTimeout(
      () => {
        expired = true;
        child.kill('SIGKILL');
      },
      (options.timeoutSeconds ?? 1800) * 1000,
    );
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(new Error(`${file}: ${error.message}`));
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      const bytes = Buffer.concat(out);
      resolve({
        code: expired ? 124 : (code ?? 255),
        bytes,
        out: bytes.toString('utf8'),
        err: Buffer.concat(err).toString('utf8'),
      });
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}

/** Runs a command and returns its standard output; a failure carries everything that it printed. */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<string> {
  const outcome = await attempt(command, options);
  if (outcome.code !== 0) {
    const said = `${outcome.out}\n${outcome.err}`.trim().split('\n').slice(-40).join('\n');
    throw new Error(`exit ${outcome.code} from: ${command.join(' ').slice(0, 400)}\n${said}`);
  }
  return outcome.out;
}

/** Waits for some seconds. */
export function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

/** Waits until a probe holds; the error names what was waited for and what the probe said last. */
export async function until(
  what: string,
  timeoutSeconds: number,
  probe: () => Promise<string>,
  pauseMs = 250,
): Promise<void> {
  const limit = timeoutSeconds * PATIENCE;
  const end = Date.now() + limit * 1000;
  for (;;) {
    const asked = Date.now();
    const missing = await probe();
    if (missing === '') {
      return;
    }
    if (Date.now() > end) {
      throw new Error(`${what}: not after ${limit} s; last seen: ${missing}`);
    }
    // Starting kubectl is most of what a probe costs: a busy machine is asked less often.
    const pause = Math.max(pauseMs, 2 * (Date.now() - asked));
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
