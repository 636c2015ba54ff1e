const started = Date.now();

/** Says what is happening, with the seconds since the start. */
export function say(text: string): void {
  process.stderr.write(`${seconds(started).padStart(6)} s  ${text}\n`);
}

/** Runs one step and says how long it took. */
export async function step<T>(title: string, work: () => Promise<T>): Promise<T> {
  const begin = Date.now();
  say(`${title} ...`);
  const result = await work();
  say(`${title}: done in ${seconds(begin)} s`);
  return result;
}

/** Seconds since a moment, with one decimal. */
export function seconds(since: number): string {
  return ((Date.now() - since) / 1000).toFixed(1);
}
