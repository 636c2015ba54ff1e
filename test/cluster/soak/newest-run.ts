/** The run that a verification takes, as fetch-latest.sh chooses it: the newest of any prefix, and of the first one if two are of one second. */
export function newestRun(prefixes: readonly string[], runs: readonly string[]): string {
  const id = (run: string): string => run.slice(run.lastIndexOf('/') + 1);
  let newest = '';
  for (const prefix of prefixes) {
    for (const run of runs.filter((one) => one.startsWith(`${prefix}/`))) {
      newest = newest === '' || id(run) > id(newest) ? run : newest;
    }
  }
  if (newest === '') {
    throw new Error(`nothing is committed below ${prefixes.join(', ')}`);
  }
  return newest;
}
