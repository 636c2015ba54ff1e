import type { DatabasePlan } from '../../lib';
import { dumpsOf } from '../../test/cluster/support/dumps';
import { get } from '../../test/cluster/support/kubectl';
import type { Store } from '../../test/cluster/support/store';

/** A way to dump: what pg_dump is given. */
export interface DumpWay {
  readonly compression: string;
  readonly jobs: number;
}

/** Seconds that a dump took, and the bytes that came of it. */
export interface BareDump {
  readonly seconds: number;
  readonly bytes: number;
}

/** What a person would do without this project: pg_dump to files, a copy of them to the store, pg_restore. The same programs, no manifests. */
export class Bare {
  public static async begin(database: DatabasePlan, store: Store): Promise<Bare> {
    const { secretName, username } = dumpsOf(database);
    const { data } = await get('secret', secretName, database.namespace);
    const password = Buffer.from(String(data.password), 'base64').toString();
    return new Bare(database, store, username, password);
  }

  private constructor(
    private readonly database: DatabasePlan,
    private readonly store: Store,
    private readonly username: string,
    private readonly password: string,
  ) {}

  /** Dumps and returns the seconds it took and the bytes that came of it. */
  public dump({ compression, jobs }: DumpWay): Promise<BareDump> {
    return this.dumped(['--format=directory', `--jobs=${jobs}`, `--compress=${compression}`]);
  }

  /** The same to one file, with what pg_dump does when it is told nothing else. */
  public dumpToFile(): Promise<BareDump> {
    return this.dumped(['--format=custom']);
  }

  /** Reads the dump and uncompresses it, and returns the seconds it took. */
  public async read(): Promise<number> {
    return (await this.timed('postgres', 'begin\npg_restore --file=/dev/null /work/bare\nend', [])).seconds;
  }

  /** Copies the dump to the store and returns the seconds it took. */
  public async copy(): Promise<number> {
    const script = 'begin\nrclone copy --ignore-times /work/bare "$1"\nend\nrclone purge "$1"';
    return (await this.timed('rclone', script, [this.store.at('bench-bare')])).seconds;
  }

  /** Restores the dump into an empty throw-away server, as the verification does, and returns the seconds it took. */
  public async restore(jobs: number): Promise<number> {
    const script = `cd /work && rm -rf pgdata socket && mkdir socket && export PGHOST=/work/socket PGUSER=postgres
initdb --pgdata=pgdata --username=postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync >/dev/null
options="-c listen_addresses= -c unix_socket_directories=$PGHOST -c fsync=off -c full_page_writes=off -c max_wal_size=4GB"
pg_ctl --pgdata=pgdata --log=server.log --silent --wait --options="$options" start
psql --quiet --no-psqlrc --dbname=postgres --command='CREATE DATABASE restored TEMPLATE template0' && begin
pg_restore --exit-on-error --no-owner --no-privileges --jobs="$1" --dbname=restored /work/bare
end
pg_ctl --pgdata=pgdata --mode=immediate --silent stop
rm -rf pgdata`;
    return (await this.timed('postgres', script, [String(jobs)])).seconds;
  }

  private async dumped(options: readonly string[]): Promise<BareDump> {
    const { name, namespace, database } = this.database;
    const out = await this.timed(
      'postgres',
      `rm -rf /work/bare && export PGPASSWORD="$1" PGSSLMODE=require && shift && begin
pg_dump --file=/work/bare "$@"
end && du -sb /work/bare | cut -f 1`,
      [
        this.password,
        `--host=${name}-rw.${namespace}.svc.cluster.local`,
        `--username=${this.username}`,
        `--dbname=${database}`,
        ...options,
      ],
    );
    return { seconds: out.seconds, bytes: Number(out.rest) };
  }

  private async timed(
    container: 'rclone' | 'postgres',
    script: string,
    args: readonly string[],
  ): Promise<{ readonly seconds: number; readonly rest: string }> {
    // Busybox knows no fractions of a second but in /proc.
    const clock = `set -eu
begin() { read -r from _ </proc/uptime; }
end() { read -r to _ </proc/uptime; awk -v a="$from" -v b="$to" 'BEGIN { printf "%.2f\\n", b - a }'; }
`;
    const out = await this.store.toolbox.run(container, ['sh', '-c', `${clock}${script}`, 'sh', ...args]);
    const [seconds = '', ...rest] = out.trim().split('\n');
    return { seconds: Number(seconds), rest: rest.join('\n') };
  }
}
