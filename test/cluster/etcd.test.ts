import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { draw } from '../support/draw';
import { PATIENCE, pause, until } from './machine/run';
import { inside } from './machine/sandbox';
import { runToFailure } from './support/jobs';
import { apply, get, kubectl, remove, tryKubectl } from './support/kubectl';
import { committedIds, markerOf, newRun, RUN_ID, sha256 } from './support/runs';
import { NEXTGEN, ready } from './support/site';
import { begunAt, etcdPlanOf, openSnapshot, readFromRestored } from './support/snapshots';
import { Store } from './support/store';
import { OWN_CLUSTER } from './support/which-cluster';

const plan = etcdPlanOf(NEXTGEN);
const { namespace, jobName, localPath, stream } = plan;
if (stream === undefined) {
  throw new Error('the reference config plans a snapshot stream');
}
const POD = `${stream.name}-0`;
/** A round takes half a minute. */
const ROUNDS = Number(process.env.CDK8S_DR_ROUNDS ?? (process.env.CDK8S_DR_ALL === undefined ? '3' : '10'));
const MARK = 'written before the snapshot';
const OBJECT = 'etcd-proof';
const OBJECT_KEY = `/registry/configmaps/default/${OBJECT}`;

const now = (): number => Date.now() / 1000;

async function writeObject(mark: string): Promise<void> {
  const metadata = { name: OBJECT, namespace: 'default' };
  await apply([{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { mark } }]);
}

describe('the scheduled snapshots of etcd', () => {
  let store: Store;
  let id: string;
  beforeAll(async () => {
    await ready(NEXTGEN);
    store = await Store.open(NEXTGEN.plan.storage);
    await writeObject(MARK);
    id = await newRun(store, plan, namespace, jobName);
  });
  afterAll(() => remove('configmap', OBJECT, 'default'));

  it('are stored under the planned keys, with a marker that verifies', async () => {
    expect(id).toMatch(RUN_ID);
    const key = `${plan.prefix}/${id}`;
    expect(await store.list(key)).toEqual([`${key}/backup.json`, `${key}/etcd.db.gpg`]);
    const marker = await markerOf(store, plan, id);
    expect(marker).toMatchObject({ asset: 'etcd', tier: plan.tier, runId: id });
    for (const { name, bytes, sha256: expected } of marker.files) {
      const stored = await store.read(`${key}/${name}`);
      expect([stored.length, sha256(stored)]).toEqual([bytes, expected]);
      expect(stored.includes(MARK)).toBe(false);
    }
  });

  it('are of the etcd under this API server: a restored member has its objects', async () => {
    const snapshot = await openSnapshot(store, `${plan.prefix}/${id}`);
    expect(await readFromRestored(snapshot, OBJECT_KEY)).toContain(MARK);
  });

  it.runIf(OWN_CLUSTER)('stay sealed on the node, each with its marker', async () => {
    const files = (await inside(['find', localPath, '-type', 'f'])).trim().split('\n').sort();
    expect(files).toEqual(expect.arrayContaining([`${localPath}/${id}/backup.json`, `${localPath}/${id}/etcd.db.gpg`]));
    expect(files.filter((file) => !/\/\d{8}T\d{6}Z\/(backup\.json|etcd\.db\.gpg)$/.test(file))).toEqual([]);
    expect(files.length / 2).toBeLessThanOrEqual(plan.localCopies);
  });

  it.runIf(OWN_CLUSTER)(
    'fail with a line that says so, and leave no marker, when the certificate is not trusted',
    async () => {
      const before = await committedIds(store, plan);
      const file = '/etc/kubernetes/pki/etcd/healthcheck-client.crt';
      await inside(['mount', '--bind', '/dev/null', file]);
      try {
        expect(await runToFailure(namespace, jobName)).toMatch(/capture: .*(certificate|PEM|tls)/);
      } finally {
        await inside(['umount', file]);
      }
      expect(await committedIds(store, plan)).toEqual(before);
    },
  );
});

describe('the snapshot stream of etcd', () => {
  let store: Store;
  beforeAll(async () => {
    await ready(NEXTGEN);
    store = await Store.open(NEXTGEN.plan.storage);
  });
  afterAll(() => remove('configmap', OBJECT, 'default'));

  const newest = async (): Promise<string> => (await committedIds(store, stream)).sort().at(-1) ?? '';
  const committedAfter = async (moment: number): Promise<string> => {
    let id = '';
    await until('a snapshot of the stream', 180, async () => {
      id = await newest();
      return id !== '' && begunAt(id) > moment ? '' : `newest is ${id || 'none'}`;
    });
    return id;
  };

  it('is ready, and what it stores is restored by etcdutl with the objects of the cluster', async () => {
    await writeObject('seen by the stream');
    const id = await committedAfter(now());
    expect(await readFromRestored(await openSnapshot(store, `${stream.prefix}/${id}`), OBJECT_KEY)).toContain(
      'seen by the stream',
    );
    await until('ready stream', 60, async () => {
      const { status } = await get('statefulset', stream.name, namespace);
      return status.readyReplicas === 1 ? '' : 'not ready';
    });
  });

  it.runIf(OWN_CLUSTER)(
    `loses no more than planned when it is killed at ${ROUNDS} random moments`,
    async () => {
      const losses: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        await committedAfter(now());
        // One in each tenth of a cycle, which ends with the next commit.
        await pause(((round + draw(20_240_115, round, 'kill')) / ROUNDS) * stream.period);
        const killed = now();
        await inside(['pkill', '-KILL', '-f', '/scripts/stream.sh']);
        // An upload that was already on its way may still arrive.
        await pause(2);
        losses.push(killed - begunAt(await newest()));
        // A pod of its own, so that no round waits for the back-off of the one before.
        await kubectl(['delete', 'pod', POD, '-n', namespace, '--grace-period=0', '--force']);
      }
      expect(losses.filter((loss) => loss > stream.worstCaseLoss)).toEqual([]);
      expect(Math.max(...losses)).toBeGreaterThan(1);
    },
    1_800_000 * PATIENCE,
  );

  it('is not ready when the store has taken nothing for longer than planned', async () => {
    const secret = NEXTGEN.plan.encryption.passphraseSecret;
    await committedAfter(now());
    const value = (await get('secret', secret?.secretName ?? '', namespace)).data;
    const set = (data: unknown): Promise<string> =>
      kubectl([
        'patch',
        'secret',
        secret?.secretName ?? '',
        '-n',
        namespace,
        '--type=merge',
        '-p',
        JSON.stringify({ data }),
      ]);
    await set(Object.fromEntries(Object.keys(value).map((key) => [key, ''])));
    try {
      await until('a stream that is not ready', 300, async () => {
        const { out } = await tryKubectl([
          ...['get', 'pod', POD, '-n', namespace, '-o'],
          'jsonpath={.status.conditions[?(@.type=="Ready")].status}',
        ]);
        return out === 'False' ? '' : out;
      });
    } finally {
      await set(value);
    }
    await committedAfter(now());
  });
});
