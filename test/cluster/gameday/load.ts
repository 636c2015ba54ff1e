import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { DatabasePlan } from '../../../lib';
import { query } from '../support/database';
import { get, kubectlCommand } from '../support/kubectl';
import type { Toolbox } from '../support/toolbox';

/** Milliseconds from an acknowledged heartbeat to the next. */
const PAUSE = 250;

/** A heartbeat that the database has acknowledged: committed, as the client sees it. */
export interface Heartbeat {
  readonly beat: number;
  /** When it was written, by the clock of the server, in seconds. */
  readonly at: number;
}

/** Makes the table of heartbeats, and rows that are changed with each of them. */
export async function createHeartbeats(database: DatabasePlan): Promise<void> {
  await query(
    database,
    `SET ROLE "${database.owner}";
CREATE TABLE heartbeats (run int, beat int, at timestamptz NOT NULL, PRIMARY KEY (run, beat));
CREATE TABLE changing (id int PRIMARY KEY, content text NOT NULL);
INSERT INTO changing SELECT n, repeat(md5(n::text), 30) FROM generate_series(1, 2000) n;`,
  );
}

/** An application that writes a heartbeat and other changes in one transaction after the other, through the Service, until it is cut off. */
export class Load {
  /** Heartbeats in their order. */
  public readonly acknowledged: Heartbeat[] = [];
  private readonly complaints: string[] = [];
  private readonly first: Promise<void>;
  private ended = false;

  /** Starts to write as the owner, with the password that the Secret of the Cluster holds now. Returns when a heartbeat is acknowledged. */
  public static async start(toolbox: Toolbox, database: DatabasePlan, run: number): Promise<Load> {
    const { name, namespace, owner } = database;
    const { data } = await get('secret', `${name}-app`, namespace);
    const connection = [
      `host=${name}-rw.${namespace}.svc user=${owner} dbname=${database.database}`,
      'connect_timeout=2 tcp_user_timeout=5000',
    ].join(' ');
    const script = 'IFS= read -r PGPASSWORD; export PGPASSWORD; exec psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$1"';
    const [program = '', ...args] = await kubectlCommand(
      toolbox.command('postgres', ['sh', '-c', script, 'sh', connection]),
    );
    const load = new Load(spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] }), run);
    load.child.stdin?.write(`${Buffer.from(data.password, 'base64').toString('utf8')}\n`);
    load.write();
    await load.first;
    return load;
  }

  private constructor(
    private readonly child: ChildProcess,
    public readonly run: number,
  ) {
    child.stdin?.on('error', () => undefined);
    child.stderr?.on('data', (text: Buffer) => this.complaints.push(text.toString('utf8')));
    this.first = new Promise((resolve, reject) => {
      createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
        const [beat, at] = line.split('|').map(Number);
        if (beat !== undefined && at !== undefined) {
          this.acknowledged.push({ beat, at });
          resolve();
          setTimeout(() => this.write(), PAUSE);
        }
      });
      child.on('close', () => {
        this.ended = true;
        reject(new Error(this.complaints.join('').trim()));
      });
    });
  }

  /** The newest heartbeat that the application knows to be safe. */
  public get last(): Heartbeat {
    const last = this.acknowledged.at(-1);
    if (last === undefined) {
      throw new Error('no heartbeat was ever acknowledged');
    }
    return last;
  }

  /** Whether the application still has its connection. */
  public get writes(): boolean {
    return !this.ended;
  }

  /** Ends what the disaster has not ended. */
  public stop(): void {
    this.child.kill('SIGKILL');
  }

  /** psql prints the row when the transaction has committed, and not before. */
  private write(): void {
    const beat = this.acknowledged.length + 1;
    this.child.stdin?.write(
      [
        `WITH change AS (UPDATE changing SET content = repeat(md5(random()::text), 30) WHERE id % 50 = ${beat % 50})`,
        `INSERT INTO heartbeats VALUES (${this.run}, ${beat}, clock_timestamp())`,
        'RETURNING beat, extract(epoch FROM at);\n',
      ].join(' '),
    );
  }
}

/** Heartbeats of a run that a database holds: how many, and the newest. */
export async function recovered(database: DatabasePlan, run: number): Promise<{ rows: number; last?: Heartbeat }> {
  const answer = await query(
    database,
    `SELECT count(*), max(beat), extract(epoch FROM max(at)) FROM heartbeats WHERE run = ${run}`,
  );
  const [rows = '', beat = '', at = ''] = answer.split('|');
  return { rows: Number(rows), ...(beat === '' ? {} : { last: { beat: Number(beat), at: Number(at) } }) };
}
