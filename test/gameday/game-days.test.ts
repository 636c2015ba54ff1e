import { describe, expect, it } from 'vitest';
import { toYaml } from '../../lib/recovery';
import { Disaster, disasterOf } from '../cluster/gameday/disasters';
import { partsOf } from '../cluster/gameday/printed-restore';
import type { Observation, Result } from '../cluster/gameday/result';
import { resultOf } from '../cluster/gameday/result';
import { gameConfig, gameSite } from '../cluster/gameday/site';
import { median, missedOf, tableOf } from '../cluster/gameday/table';
import { databaseOf } from '../cluster/support/site';
import { draw } from '../support/draw';

const site = gameSite(90, 3);
const acknowledged = Array.from({ length: 100 }, (_, index) => ({ beat: index + 1, at: 1000 + index / 4 }));
const last = { beat: 100, at: 1024.75 };

/** A game in which ten heartbeats are lost, and validation ends 100 s after the disaster. */
const game: Observation = {
  game: 3,
  disaster: Disaster.DELETED,
  moment: 21.34,
  site,
  load: { acknowledged, last },
  held: { rows: 90, last: { beat: 90, at: 1022.25 } },
  checks: 't|8 MB\nt|501 rows, at least 1 expected\n',
  struck: 0,
  applied: 5_000,
  written: 65_000,
  validated: 100_000,
};

describe('the figures of a game', () => {
  it('are taken from the last heartbeats, and from the moments that were noted', () => {
    expect(resultOf(game)).toEqual({
      game: 3,
      disaster: 'Cluster deleted with its claims',
      moment: 21.3,
      serverName: 'nextgen-postgres-3',
      heartbeats: 100,
      lostHeartbeats: 10,
      lost: 2.5,
      restore: 60,
      outage: 65,
      // With the two minutes of detection that the plan assumes.
      total: 220,
      rpo: 90,
      rto: 900,
      worstCaseLoss: 90,
      estimate: 695,
      missed: [],
    });
  });

  it('meet a loss of the whole RPO, and miss at a tenth of a second more', () => {
    const at = (seconds: number): string[] =>
      resultOf({ ...game, held: { rows: 90, last: { beat: 90, at: last.at - seconds } } }).missed;
    expect(at(90)).toEqual([]);
    expect(at(90.1)).toEqual(['lost 90.1 s, RPO 90 s']);
  });

  it('meet a restore of the whole RTO with detection, and miss at a tenth of a second more', () => {
    expect(resultOf({ ...game, validated: 780_000 }).missed).toEqual([]);
    expect(resultOf({ ...game, validated: 780_100 }).missed).toEqual(['restored in 900.1 s, RTO 900 s']);
  });

  it('miss when heartbeats are missing between those that came back', () => {
    expect(resultOf({ ...game, held: { rows: 89, last: { beat: 90, at: 1022.25 } } }).missed).toEqual([
      'of the heartbeats up to 90 there are 89',
    ]);
  });

  it('miss when nothing of the load came back', () => {
    expect(resultOf({ ...game, held: { rows: 0 } }).missed).toEqual(['lost Infinity s, RPO 90 s']);
  });

  it('miss when a check fails, and when there was none', () => {
    expect(resultOf({ ...game, checks: 't|8 MB\nf|0 rows, at least 1 expected' }).missed).toEqual([
      'f|0 rows, at least 1 expected',
    ]);
    expect(resultOf({ ...game, checks: '' }).missed).toEqual(['the validation printed nothing']);
  });
});

describe('the table', () => {
  const results: Result[] = [
    resultOf(game),
    resultOf({ ...game, game: 4, disaster: Disaster.WIPED, written: 45_000, validated: 800_000 }),
  ];

  it('has a row for every game, and worst and median beside what they are compared with', () => {
    expect(tableOf(results).split('\n')).toEqual([
      '| game | disaster | at | heartbeats | of these lost | lost s | restore s | outage s | total s | objectives |',
      '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
      '| 3 | Cluster deleted with its claims | 21.3 | 100 | 10 | 2.5 | 60.0 | 65.0 | 220.0 | met |',
      '| 4 | storage of the node wiped | 21.3 | 100 | 10 | 2.5 | 40.0 | 45.0 | 920.0 | restored in 920 s, RTO 900 s |',
      '',
      'Loss: worst 2.5 s, median 2.5 s; the plan says at most 90 s, RPO 90 s',
      'Restore, from the creation to a write: worst 60.0 s, median 50.0 s; part of the following',
      'From the disaster to a write: worst 65.0 s, median 55.0 s; part of the following',
      'With detection as assumed, and validation: worst 920.0 s, median 570.0 s; the plan estimates 695 s, RTO 900 s',
      'Games: 2; with an objective missed: 1',
      '',
    ]);
    expect(missedOf(results).map((result) => result.game)).toEqual([4]);
  });

  it('says so when nothing was played', () => {
    expect(tableOf([])).toContain('No game was played.');
  });

  it.each([
    [[3], 3],
    [[5, 1, 3], 3],
    [[4, 1, 3, 2], 2.5],
  ])('takes the middle: of %j it is %d', (figures, middle) => {
    expect(median(figures)).toBe(middle);
  });
});

describe('what is drawn', () => {
  it('depends on seed, run and subject alone, and lies from 0 to 1', () => {
    const drawn = Array.from({ length: 1000 }, (_, run) => draw(7, run, 'moment'));
    expect(drawn).toEqual(Array.from({ length: 1000 }, (_, run) => draw(7, run, 'moment')));
    expect(new Set(drawn).size).toBe(1000);
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...drawn)).toBeLessThan(1);
    expect(draw(8, 1, 'moment')).not.toBe(draw(7, 1, 'moment'));
    expect(draw(7, 1, 'disaster')).not.toBe(draw(7, 1, 'moment'));
  });

  it.each([0, 0.49, 0.5, 0.99])('has both disasters in two runs, with the first drawn: %d', (drawn) => {
    expect(new Set([disasterOf(1, drawn), disasterOf(2, drawn)])).toEqual(new Set(Object.values(Disaster)));
  });
});

describe('what was printed', () => {
  const manifests = [{ apiVersion: 'v1', kind: 'Cluster' }];
  const block = (lines: string): string => `\`\`\`sh\n${lines}\n\`\`\`\n`;
  const steps = [
    block('look'),
    block('prepare'),
    block('npx cdk8s-dr restore database shop --own-name --step 3 | kubectl create --save-config -f -\nkubectl wait'),
    block('validate'),
    block('npx cdk8s-dr restore database shop --own-name --step 5 | kubectl create --save-config -f -'),
    '**It worked when** it worked.',
    block('back out'),
  ].join('\n');

  it('is used in its order, with the manifests of standard output', () => {
    expect(partsOf(toYaml(manifests), steps)).toEqual({
      manifests: toYaml(manifests),
      before: ['look\n', 'prepare\n'],
      create: 'kubectl create --save-config -f -',
      wait: 'kubectl wait\n',
      after: [
        'validate\n',
        'npx cdk8s-dr restore database shop --own-name --step 5 | kubectl create --save-config -f -\n',
      ],
    });
  });

  it('is not used when the steps create nothing', () => {
    expect(() => partsOf(toYaml(manifests), block('look'))).toThrow('the steps do not create what was printed');
  });
});

describe('the site of the games', () => {
  it('writes apart from every other site, and says which archives came before', () => {
    const database = databaseOf(site);
    expect([database.namespace, database.path]).toEqual(['production-gameday', 'gameday']);
    expect(database.archive.earlierServerNames).toEqual(['nextgen-postgres', 'nextgen-postgres-2']);
  });

  it('derives from its objective what any site derives', () => {
    expect([30, 240]).toEqual([90, 300].map((rpo) => databaseOf(gameSite(rpo, 1)).archive.archiveTimeout));
    expect(gameConfig(300, 1).databases?.[0]?.walArchiving).toBeUndefined();
  });
});
