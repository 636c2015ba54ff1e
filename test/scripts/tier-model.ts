/** A snapshot as the model sees it. */
export interface ModelSnapshot {
  readonly name: string;
  readonly claim: string;
  /** Scheduled time in seconds. */
  readonly time: number;
  readonly good: boolean;
  readonly deleted: boolean;
}

/** What is kept, in seconds by tier, and how many whatever their age. */
export interface ModelRules {
  readonly tiers: Readonly<Record<string, number>>;
  readonly floor: number;
  readonly abandoned: number;
}

/** What becomes of every snapshot, worked out one by one from the definition of the tiers and with nothing of the script's arithmetic. */
export function verdicts(snapshots: readonly ModelSnapshot[], now: number, rules: ModelRules): Record<string, string> {
  const wrongClock = snapshots.some(({ time }) => time > now + 3600);
  return Object.fromEntries(
    snapshots.map((snapshot) => [snapshot.name, verdict(snapshot, snapshots, now, rules, wrongClock)]),
  );
}

function verdict(
  snapshot: ModelSnapshot,
  all: readonly ModelSnapshot[],
  now: number,
  { tiers, floor, abandoned }: ModelRules,
  wrongClock: boolean,
): string {
  if (snapshot.time > now + 3600) {
    return 'future';
  }
  if (wrongClock || snapshot.deleted) {
    return 'kept';
  }
  const good = all.filter(({ claim, good: ready, deleted }) => claim === snapshot.claim && ready && !deleted);
  const age = now - snapshot.time;
  if (!snapshot.good) {
    return age > abandoned && good.some(({ time }) => time > snapshot.time) ? 'abandoned' : 'kept';
  }
  const newer = good.filter((other) => isBefore(snapshot, other)).length;
  const isWanted = Object.entries(tiers).some(([tier, keep]) => {
    const first = !good.some((other) => isBefore(other, snapshot) && period(tier, other) === period(tier, snapshot));
    return age <= keep && (first || tier === 'all');
  });
  return newer < floor || isWanted ? 'kept' : 'expired';
}

function isBefore(a: ModelSnapshot, b: ModelSnapshot): boolean {
  return a.time < b.time || (a.time === b.time && a.name < b.name);
}

/** The calendar says which hour, day or ISO week a time lies in. */
function period(tier: string, { time }: ModelSnapshot): string {
  const date = new Date(time * 1000);
  if (tier === 'hourly') {
    return date.toISOString().slice(0, 13);
  }
  if (tier === 'weekly') {
    date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  }
  return date.toISOString().slice(0, 10);
}
