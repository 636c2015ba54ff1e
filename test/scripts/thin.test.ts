import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { LABELS, NAMESPACE, SnapshotApi } from './snapshot-api';
import type { Outcome } from './support';
import { run } from './support';
import { type ModelRules, type ModelSnapshot, verdicts } from './tier-model';
import { tool } from './tools';

const HOUR = 3600;
const DAY = 86400;
let api: SnapshotApi;

// biome-ignore lint/suspicious/noExplicitAny: an object as the API server returns it
type Snapshot = any;

const environment = {
  NAMESPACE,
  LABELS,
  TIERS: `all=${DAY}`,
  KEEP_AT_LEAST: '2',
  ABANDONED_AFTER_SECONDS: String(DAY),
};

const idOf = (seconds: number): string => new Date(seconds * 1000).toISOString().replace(/[-:]|\.\d+/g, '');

const labels = Object.fromEntries(LABELS.split(',').map((pair) => pair.split('=')));

/** A good snapshot of so many days ago. */
function aged(
  name: string,
  days: number,
  changes: { metadata?: object; status?: object; claim?: string } = {},
): Snapshot {
  const scheduled = idOf(Math.floor(Date.now() / 1000) - days * DAY);
  return {
    metadata: {
      name,
      namespace: NAMESPACE,
      uid: `uid-${name}`,
      labels: { ...labels, 'cdk8s-dr/scheduled': scheduled },
      ...changes.metadata,
    },
    spec: { source: { persistentVolumeClaimName: changes.claim ?? 'data' } },
    status: { readyToUse: true, boundVolumeSnapshotContentName: `content-${name}`, ...changes.status },
  };
}

const unready = { status: { readyToUse: false } };

function contentOf({ metadata, status }: Snapshot, uid: string = metadata.uid): Snapshot {
  return {
    metadata: { name: status.boundVolumeSnapshotContentName },
    spec: {
      deletionPolicy: 'Retain',
      volumeSnapshotRef: { name: metadata.name, namespace: metadata.namespace, uid },
    },
  };
}

function provide(snapshots: Snapshot[], contents: Snapshot[] = snapshots.map((snapshot) => contentOf(snapshot))): void {
  api.set({ snapshots, contents });
}

const thin = (env: Record<string, string> = {}): Outcome => run(api.folder, 'thin.sh', { ...environment, ...env });

const left = (): string[] => api.state.snapshots.map(({ metadata }) => metadata.name);

beforeEach(() => {
  api = new SnapshotApi();
  return () => rmSync(api.folder, { recursive: true, force: true });
});

describe('thin.sh', () => {
  it('removes what has expired, and the snapshot of the provider with it', () => {
    provide([aged('a', 5), aged('b', 4), aged('c', 0.5), aged('d', 0.1)]);
    expect(thin()).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringContaining('4 snapshots, 2 to remove, 0 not removed'),
    });
    expect(left()).toEqual(['c', 'd']);
    expect(api.state.contents.map(({ spec }) => spec.deletionPolicy)).toEqual(['Delete', 'Delete', 'Retain', 'Retain']);
    expect(
      api.calls.filter((call) => /^(patch|delete)/.test(call)).map((call) => call.split(' ').slice(0, 3).join(' ')),
    ).toEqual([
      'patch volumesnapshotcontents content-a',
      'delete volumesnapshots a',
      'patch volumesnapshotcontents content-b',
      'delete volumesnapshots b',
    ]);
  });

  it('keeps the floor of newest good ones of each claim, whatever their age', () => {
    provide([aged('a', 9), aged('b', 8), aged('c', 7), aged('other', 30, { claim: 'redis' })]);
    expect(thin().code).toBe(0);
    expect(left()).toEqual(['b', 'c', 'other']);
  });

  it('counts neither an unready one, nor one with an error, nor one that is being deleted for the floor', () => {
    provide(
      [
        aged('a', 9),
        aged('b', 8),
        aged('unready', 3, unready),
        aged('error', 2, { status: { error: { message: 'x' } } }),
        aged('going', 1.5, { metadata: { deletionTimestamp: '2024-01-15T14:00:00Z' } }),
        aged('unbound', 1.2, { status: { boundVolumeSnapshotContentName: null } }),
      ],
      [],
    );
    expect(thin().code).toBe(0);
    expect(left()).toEqual(['a', 'b', 'unready', 'error', 'going', 'unbound']);
  });

  it('removes an unready one only when it is old and a good one is newer, and with it what the provider may have', () => {
    const old = aged('old', 3, { status: { readyToUse: false, boundVolumeSnapshotContentName: null } });
    const litter = contentOf({ ...old, status: { boundVolumeSnapshotContentName: 'snapcontent-uid-old' } });
    provide([old, aged('young', 0.8, unready), aged('good', 0.5), aged('newest', 0.4, unready)], [litter]);
    expect(thin()).toMatchObject({ code: 0, out: expect.stringContaining('removed old (abandoned)') });
    expect(left()).toEqual(['young', 'good', 'newest']);
    expect(api.state.contents[0].spec.deletionPolicy).toBe('Delete');
  });

  it('touches nothing that it did not make: without our labels, of another asset, taken once, or with a time that cannot be read', () => {
    const foreign = (name: string, changed: object): Snapshot =>
      aged(name, 20, { metadata: { labels: { ...labels, 'cdk8s-dr/scheduled': '20200101T000000Z', ...changed } } });
    provide([
      aged('no-labels', 20, { metadata: { labels: {} } }),
      foreign('by-hand', { 'app.kubernetes.io/managed-by': 'me' }),
      foreign('other-asset', { 'cdk8s-dr/asset': 'files' }),
      foreign('other-site', { 'app.kubernetes.io/part-of': 'bank-dr' }),
      foreign('once', { 'cdk8s-dr/tier': 'one-off' }),
      foreign('odd', { 'cdk8s-dr/scheduled': '20201345T000000Z' }),
      aged('c', 0.5),
      aged('d', 0.1),
    ]);
    expect(thin()).toMatchObject({ code: 0, out: expect.stringContaining('2 snapshots, 0 to remove') });
    expect(left()).toHaveLength(8);
  });

  it('removes nothing when a snapshot is from the future', () => {
    provide([aged('a', 9), aged('b', 0.2), aged('c', 0.1), aged('future', -2, { claim: 'redis' })]);
    expect(thin()).toMatchObject({
      code: 1,
      err: 'error: future is from the future: a clock is wrong, nothing is removed\n',
    });
    expect(left()).toHaveLength(4);
  });

  it('does not patch a content that is bound to another snapshot, and leaves the snapshot too', () => {
    const snapshots = [aged('a', 9), aged('b', 8), aged('c', 0.5), aged('d', 0.1)];
    provide(
      snapshots,
      snapshots.map((snapshot, index) => contentOf(snapshot, index === 0 ? 'another' : undefined)),
    );
    expect(thin()).toMatchObject({
      code: 1,
      err: 'error: cannot remove a: content-a is not the content of this snapshot\n',
    });
    expect(left()).toEqual(['a', 'c', 'd']);
    expect(api.state.contents[0].spec.deletionPolicy).toBe('Retain');
  });

  it('goes on after a deletion that is refused, and fails at its end', () => {
    const snapshots = [aged('a', 9), aged('b', 8), aged('c', 0.5), aged('d', 0.1)];
    const refuse = { 'patch volumesnapshotcontents content-a': 'Error from server (Forbidden): no' };
    api.set({ snapshots, contents: snapshots.map((snapshot) => contentOf(snapshot)), refuse });
    expect(thin()).toMatchObject({ code: 1, err: 'error: cannot remove a: Error from server (Forbidden): no\n' });
    expect(left()).toEqual(['a', 'c', 'd']);
  });

  it('refuses a floor of nothing', () => {
    provide([aged('a', 9)]);
    expect(thin({ KEEP_AT_LEAST: '0' })).toMatchObject({ code: 1, err: expect.stringContaining('the floor is 0') });
    expect(left()).toEqual(['a']);
  });
});

describe('the tiers', () => {
  const rules: [string, ModelRules][] = [
    ['everything for a day', { tiers: { all: DAY }, floor: 1, abandoned: DAY }],
    ['the reference config', { tiers: { all: DAY, hourly: 7 * DAY }, floor: 3, abandoned: DAY }],
    [
      'all four',
      { tiers: { all: 2 * HOUR, hourly: DAY, daily: 10 * DAY, weekly: 40 * DAY }, floor: 2, abandoned: HOUR },
    ],
    ['weeks only', { tiers: { weekly: 30 * DAY }, floor: 1, abandoned: 5 * DAY }],
    ['longer hours than days', { tiers: { hourly: 20 * DAY, daily: 3 * DAY }, floor: 4, abandoned: DAY }],
  ];
  // Over a turn of the year, in which the ISO week is not that of the calendar.
  const NOW = Date.UTC(2027, 0, 4, 1, 30) / 1000;

  it.each(rules)('are what the definition says, for any snapshots: %s', (_, { tiers, floor, abandoned }) => {
    const snapshot = fc.record({
      claim: fc.constantFrom('data', 'redis'),
      age: fc.oneof(
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 45 * DAY }) },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 200 }).map((quarters) => quarters * 900) },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 1080 }).map((hours) => hours * HOUR + 1800) },
      ),
      good: fc.integer({ min: 0, max: 9 }).map((chance) => chance > 1),
      deleted: fc.integer({ min: 0, max: 9 }).map((chance) => chance === 0),
    });
    const future = fc.integer({ min: 0, max: 40 }).map((chance) => chance === 0);
    const cases = fc
      .sample(fc.tuple(fc.array(snapshot, { maxLength: 40 }), future), { numRuns: 300, seed: 7 })
      .map(([drawn, hasFuture]) =>
        drawn.map(
          ({ age, ...rest }, index): ModelSnapshot => ({
            ...rest,
            name: `s${String(index).padStart(3, '0')}`,
            time: hasFuture && index === 0 ? NOW + 2 * DAY : NOW - age,
          }),
        ),
      );
    const args = [
      ...['--compact-output', '--argjson', 'now', String(NOW)],
      ...[
        '--arg',
        'tiers',
        Object.entries(tiers)
          .map(([tier, seconds]) => `${tier}=${seconds}`)
          .join(' '),
      ],
      ...['--argjson', 'floor', String(floor), '--argjson', 'abandoned', String(abandoned)],
      ...['--from-file', 'lib/volumes/scripts/tiers.jq'],
    ];
    const input = cases.map((snapshots) => JSON.stringify({ items: snapshots.map(asObject) })).join('\n');
    const outcome = spawnSync(tool('jq'), args, { input, encoding: 'utf8', maxBuffer: 1 << 28 });
    expect({ status: outcome.status, stderr: outcome.stderr }).toEqual({ status: 0, stderr: '' });
    const answers = outcome.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { name: string; verdict: string }[]);
    expect(answers).toHaveLength(cases.length);
    const seen = new Set<string>();
    for (const [index, snapshots] of cases.entries()) {
      const expected = verdicts(snapshots, NOW, { tiers, floor, abandoned });
      expect(Object.fromEntries((answers[index] ?? []).map(({ name, verdict }) => [name, verdict]))).toEqual(expected);
      for (const verdict of Object.values(expected)) {
        seen.add(verdict);
      }
    }
    // The cases would prove little if they did not meet every verdict.
    expect([...seen].sort()).toEqual(['abandoned', 'expired', 'future', 'kept']);
  });

  function asObject({ name, claim, time, good, deleted }: ModelSnapshot): object {
    return {
      metadata: {
        name,
        uid: name,
        labels: { 'cdk8s-dr/scheduled': idOf(time) },
        ...(deleted ? { deletionTimestamp: '2027-01-01T00:00:00Z' } : {}),
      },
      spec: { source: { persistentVolumeClaimName: claim } },
      status: { readyToUse: good, boundVolumeSnapshotContentName: name },
    };
  }
});
