import { PASSPHRASE } from './provide';
import type { Store } from './store';

/** What docs/backups.md tells a person to do, and nothing else; then a throw-away server prints the rows. */
const SCRIPT = `set -eu
cd /work
rm -rf opened
mkdir -m 700 opened
cd opened
cat >passphrase
gpg --batch --quiet --pinentry-mode loopback --passphrase-file passphrase --decrypt ../database.tar.gpg >database.tar
tar -xf database.tar
initdb --pgdata=data --username=postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync >initdb.log
pg_ctl --pgdata=data --log=server.log --silent --wait --options="-c listen_addresses= -c unix_socket_directories=$PWD" start
export PGHOST="$PWD" PGUSER=postgres
psql -X -q -d postgres -c 'CREATE DATABASE restored'
pg_restore --exit-on-error --no-owner --no-privileges --jobs=2 --dbname=restored database
psql -X -q -A -t -v ON_ERROR_STOP=1 -d restored -c "$1" >rows
pg_ctl --pgdata=data --mode=immediate --silent stop
cat rows
`;

/** Downloads a dump, opens it with stock tools only, restores it, and returns what a query prints. */
export async function openByHand(store: Store, key: string, query: string): Promise<string> {
  await store.download(`${key}/database.tar.gpg`, '/work/database.tar.gpg');
  const rows = await store.toolbox.run('postgres', ['bash', '-c', SCRIPT, 'bash', query], `${PASSPHRASE}\n`);
  return rows.trimEnd();
}
