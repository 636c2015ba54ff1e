import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { asPostgres, tool } from './tools';

/** A real PostgreSQL server in a folder, reached through a socket, with the role that dumps. */
export class PostgresServer {
  public readonly data: string;
  public readonly socket: string;

  public constructor(private readonly root: string) {
    this.data = join(root, 'pgdata');
    this.socket = join(root, 'socket');
  }

  /** What `dump.sh` is given. */
  public get environment(): Record<string, string> {
    return {
      PGHOST: this.socket,
      PGPORT: '5432',
      PGDATABASE: 'shop',
      PGUSER: 'backup',
      PGPASSWORD: 'secret',
      PGSSLMODE: 'disable',
      PGSSLROOTCERT: '/dev/null',
      PGCONNECT_TIMEOUT: '5',
      DUMP_JOBS: '2',
      DUMP_COMPRESSION: '6',
    };
  }

  /** Makes and starts a server with an empty database `shop`. */
  public create(): void {
    mkdirSync(this.socket);
    spawnSync('chown', ['postgres', this.socket]);
    this.sh([tool('initdb'), '-D', this.data, '-U', 'postgres', '-A', 'trust', '-N', '--no-instructions']);
    this.start();
    this.sql('postgres', 'CREATE DATABASE shop');
    this.sql('postgres', 'CREATE ROLE backup LOGIN BYPASSRLS IN ROLE pg_read_all_data');
  }

  public start(): void {
    const options = `-c listen_addresses= -c unix_socket_directories=${this.socket} -c fsync=off`;
    this.sh([tool('pg_ctl'), '-D', this.data, '-l', join(this.root, 'server.log'), '-w', '-s', '-o', options, 'start']);
  }

  /** Starts again after a kill: children of the killed postmaster hold its socket and memory for a moment longer. */
  public async restart(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      try {
        this.start();
        return;
      } catch (error) {
        if (attempt === 20) {
          throw error;
        }
      }
    }
  }

  public stop(): void {
    this.sh([tool('pg_ctl'), '-D', this.data, '-m', 'immediate', '-s', 'stop']);
  }

  /** Runs SQL as superuser. */
  public sql(database: string, statement: string): string {
    return this.sh(
      [tool('psql'), '-X', '-At', '-v', 'ON_ERROR_STOP=1', '-h', this.socket, '-U', 'postgres', '-d', database],
      statement,
    );
  }

  /** Runs a command outside the scripts, as the user that owns the files. */
  public sh(command: string[], input = ''): string {
    const full = [...asPostgres(), ...command];
    const result = spawnSync(full[0] ?? '', full.slice(1), {
      encoding: 'utf8',
      input,
      cwd: this.root,
      env: { ...process.env, HOME: this.root },
    });
    if (result.status !== 0) {
      throw new Error(`${command.join(' ')}: ${result.stderr}`);
    }
    return result.stdout;
  }
}
