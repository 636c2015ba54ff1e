import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { nextgen } from '../../app';
import { objectsIn, render } from '../support/render';

const CRONJOBS = objectsIn(render(nextgen)).filter(({ kind }) => kind === 'CronJob');

/** What the manifests of the reference config tell the last step of a job to report, with the path of its URL. */
export function reportOf(job: string): { readonly path: string; readonly text: string } {
  const cronJob = CRONJOBS.find(({ metadata }) => metadata.name === job);
  const [step] = cronJob?.spec.jobTemplate.spec.template.spec.containers ?? [];
  const value = (name: string): string => step.env.find((variable: { name: string }) => variable.name === name).value;
  return { path: new URL(value('PUSH_URL')).pathname, text: value('PUSH_REPORT') };
}

/** How the stand-in answers. */
export type Behaviour = 'accept' | 'refuse' | 'hang';

/** A metric as it was pushed. */
export interface Pushed {
  readonly type: string;
  readonly help: string;
  /** Of the sample without labels of its own. */
  readonly value: string;
  /** Values by the labels of each sample, as they were written. */
  readonly samples: Readonly<Record<string, string>>;
}

/** A stand-in of a Pushgateway, in a process of its own, since steps are run while everything here waits. */
export class FakePushgateway {
  /** Starts one that listens on a free port. */
  public static async start(folder: string, behaviour: Behaviour = 'accept'): Promise<FakePushgateway> {
    const file = join(folder, `port-${behaviour}`);
    const child = spawn(process.execPath, [join(__dirname, 'fake-pushgateway.cjs'), file, behaviour]);
    while (!existsSync(file) || readFileSync(file, 'utf8') === '') {
      await setTimeout(20);
    }
    return new FakePushgateway(child, `http://127.0.0.1:${readFileSync(file, 'utf8')}`);
  }

  private constructor(
    private readonly child: ChildProcess,
    public readonly url: string,
  ) {}

  /** What was pushed: metrics by grouping key. */
  public async groups(): Promise<Record<string, Record<string, Pushed>>> {
    return (await (await fetch(`${this.url}/metrics`, { headers: { connection: 'close' } })).json()) as Record<
      string,
      Record<string, Pushed>
    >;
  }

  public stop(): void {
    this.child.kill();
  }
}
