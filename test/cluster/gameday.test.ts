import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Disaster } from './gameday/disasters';
import { GameDays } from './gameday/game-day';
import type { Result } from './gameday/result';
import { USUAL_RPO } from './gameday/site';

const RUNS = 2;
const MINUTES = 60_000;

describe('a database that is lost under load, and recovered by what the command prints', () => {
  let games: GameDays;
  const results: Result[] = [];

  beforeAll(async () => {
    games = await GameDays.begin({ seed: 1, rpo: USUAL_RPO });
    for (let run = 1; run <= RUNS; run += 1) {
      results.push(await games.play());
    }
  }, 40 * MINUTES);

  afterAll(() => games.end(), 10 * MINUTES);

  it('is lost once with its Cluster and once with its storage', () => {
    expect(results.map(({ disaster }) => disaster).sort()).toEqual([Disaster.DELETED, Disaster.WIPED].sort());
  });

  it('loses no more than its objective, of what was acknowledged', () => {
    for (const { heartbeats, lost, rpo } of results) {
      expect(heartbeats).toBeGreaterThan(0);
      expect(lost).toBeGreaterThanOrEqual(0);
      expect(lost).toBeLessThanOrEqual(rpo);
    }
  });

  it('takes writes again within its objective, though its applications need a new password', () => {
    for (const { restore, outage, total, rto } of results) {
      expect(restore).toBeGreaterThan(0);
      expect(outage).toBeGreaterThanOrEqual(restore);
      expect(total).toBeLessThanOrEqual(rto);
    }
  });

  it('is recovered the second time from the archive that the first recovery began', () => {
    expect(results.map(({ serverName }) => serverName)).toEqual(['nextgen-postgres', 'nextgen-postgres-2']);
  });

  it('has no hole in what came back, and passes the printed validation', () => {
    expect(results.map(({ missed }) => missed)).toEqual([[], []]);
  });
});
