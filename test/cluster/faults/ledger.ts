import { PASSPHRASE } from '../support/provide';
import type { Store } from '../support/store';

/** The commit marker of a run, by its name. */
const MARKER = /\/\d{8}T\d{6}Z\/backup\.json$/;

/** Reads every file of a run back with stock tools: size and checksum as its marker says, and opened where it is sealed. */
const PROVE = `set -euo pipefail
cd /work/ledger
sed -n 's/^ *{"name": "\\([^"]*\\)", "bytes": \\([0-9]*\\), "sha256": "\\([0-9a-f]*\\)"},\\{0,1\\}$/\\1 \\2 \\3/p' backup.json >listed
[ -s listed ] || { echo 'the marker lists nothing'; exit 1; }
[ "$(ls | grep -cv '^backup.json$\\|^listed$')" = "$(wc -l <listed)" ] || { echo 'stored are other files than the marker lists:' *; exit 1; }
while read -r name bytes sum; do
  [ "$(stat -c %s "$name")" = "$bytes" ] || { echo "$name is of another size"; exit 1; }
  [ "$(sha256sum <"$name")" = "$sum  -" ] || { echo "$name is of another checksum"; exit 1; }
  case "$name" in
    *.tar.gpg) gpg --batch --quiet --pinentry-mode loopback --passphrase "$1" --decrypt "$name" | tar -t >/dev/null ;;
    *.gpg) gpg --batch --quiet --pinentry-mode loopback --passphrase "$1" --decrypt "$name" >/dev/null ;;
  esac
done <listed
`;

/** An object as the store lists it. */
interface Entry {
  readonly size: number;
  readonly modified: string;
  readonly hash: string;
}

/** What was found wrong, and what has been added. */
export interface Change {
  /** Committed copies that are gone or are not the bytes that they were, by key. */
  readonly lost: readonly string[];
  /** Keys of the runs that have been committed since, each read back and found good. */
  readonly committed: readonly string[];
  /** Runs that are committed and cannot be opened, with the reason. */
  readonly untrue: readonly string[];
}

/** Keeps account of the copies in a store: what is once committed must stay as it is, and what is committed must be good. */
export class Ledger {
  /** Begins with what the store holds. */
  public static async open(store: Store): Promise<Ledger> {
    return new Ledger(store, await listing(store));
  }

  private constructor(
    private readonly store: Store,
    private entries: ReadonlyMap<string, Entry>,
  ) {}

  /** Compares the store with what it held at the last call, and reads every run back that has been committed since. */
  public async update(): Promise<Change> {
    const now = await listing(this.store);
    const runs = committedRuns(this.entries);
    const lost = [...this.entries]
      .filter(([key, before]) => runs.has(runOf(key)) && !same(before, now.get(key)))
      .map(([key]) => key);
    const committed = [...committedRuns(now)].filter((run) => !runs.has(run)).sort();
    const untrue: string[] = [];
    for (const run of committed) {
      const wrong = await this.prove(run);
      if (wrong !== '') {
        untrue.push(`${run}: ${wrong}`);
      }
    }
    this.entries = now;
    return { lost, committed, untrue };
  }

  /** Takes a run as it is now, after it was damaged and repaired on purpose, if it is good; says what is wrong otherwise. */
  public async repaired(run: string): Promise<string> {
    const now = [...(await listing(this.store))].filter(([key]) => runOf(key) === run);
    this.entries = new Map([...this.entries, ...now]);
    return this.prove(run);
  }

  /** Keys of all committed runs. */
  public runs(): string[] {
    return [...committedRuns(this.entries)].sort();
  }

  /** Says what is wrong with a committed run; nothing when it is good. */
  private async prove(run: string): Promise<string> {
    const { toolbox } = this.store;
    await toolbox.run('postgres', ['sh', '-c', 'rm -rf /work/ledger && mkdir -m 777 /work/ledger']);
    await this.store.downloadAll(run, '/work/ledger');
    const outcome = await toolbox.attempt('postgres', ['bash', '-c', PROVE, 'bash', PASSPHRASE]);
    return outcome.code === 0 ? '' : `${outcome.out}${outcome.err}`.trim() || `exit ${outcome.code}`;
  }
}

async function listing(store: Store): Promise<Map<string, Entry>> {
  const found = await store.describe();
  return new Map(
    found.map(({ Path, Size, ModTime, Hashes = {} }) => [
      Path,
      { size: Size, modified: ModTime, hash: Object.values(Hashes).join() },
    ]),
  );
}

function committedRuns(entries: ReadonlyMap<string, Entry>): Set<string> {
  return new Set([...entries.keys()].filter((key) => MARKER.test(key)).map(runOf));
}

function runOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/'));
}

function same(before: Entry, now: Entry | undefined): boolean {
  return now !== undefined && now.size === before.size && now.modified === before.modified && now.hash === before.hash;
}
