import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runbookOf } from '../../lib';
import { proceduresOf, shellBlocks } from '../../lib/recovery';
import { sectionOf } from '../support/runbook';
import { ADDRESSES } from './machine/addresses';
import { RUNTIME_SOCKET } from './machine/container-runtime';
import { ADMIN_KUBECONFIG, ETCD_DATA, kill, startApiServer, startEtcd } from './machine/control-plane';
import { goBinary } from './machine/go-binaries';
import { STATE } from './machine/paths';
import { testAuthority } from './machine/pki';
import { run, until } from './machine/run';
import { inside, sandboxed } from './machine/sandbox';
import { STORES } from './stores';
import { healthy, query } from './support/database';
import { apply, get, kubectl, remove, tryKubectl, waitForField } from './support/kubectl';
import { PASSPHRASE } from './support/provide';
import { newRun } from './support/runs';
import { databaseOf, NEXTGEN, ready } from './support/site';
import { etcdPlanOf } from './support/snapshots';
import { Store } from './support/store';
import { storeCredentials } from './support/store-credentials';
import { allowForbidden } from './support/watch';
import { OWN_CLUSTER } from './support/which-cluster';

const MINUTES = 60_000;
const plan = etcdPlanOf(NEXTGEN);
const database = databaseOf(NEXTGEN);
const { storage } = NEXTGEN.plan;
const BEFORE = 'before-the-snapshot';
const AFTER = 'after-the-snapshot';
const WORKLOAD = 'after-the-restore';

const blocks = shellBlocks(sectionOf(runbookOf(NEXTGEN.plan), proceduresOf(NEXTGEN.plan).etcd?.title ?? ''));

/** The block of the runbook that holds a text. */
function block(text: string): string {
  const found = blocks.filter((lines) => lines.includes(text));
  if (found.length !== 1) {
    throw new Error(`${found.length} blocks of the runbook hold ${text}`);
  }
  return found[0] ?? '';
}

const look = block('rclone lsf');
const parameters = block("RUN=''");
const fetch = block('sha256sum -c');
const open = block('--decrypt');
const restore = block('etcdutl snapshot restore');
/** Here etcd is a program of the node and no static pod, in which its members could be asked for their health. */
const validate = block('/readyz').replace(/^MEMBER=[\s\S]*?endpoint health --cluster\n/m, '');

/** The node's own folders are this machine's too; what the runbook puts there goes below the state of the cluster instead. */
const SNAPSHOT = join(STATE, 'restore', 'etcd.db');
const onThisNode = (lines: string): string =>
  lines.replace(' /root/etcd.db ', ` ${SNAPSHOT} `).replace('--data-dir /var/lib/etcd ', `--data-dir ${ETCD_DATA} `);

async function writeObject(name: string): Promise<void> {
  await apply([{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data: { name } }]);
}

describe.runIf(OWN_CLUSTER)('etcd, destroyed under the API server', () => {
  let store: Store;
  let workstation: string;
  let id: string;

  /** Runs lines where the store, the container runtime and the API server can be reached, with what a safe holds. */
  async function paste(lines: string): Promise<string> {
    const script = join(workstation, 'pasted.sh');
    await writeFile(script, lines);
    const authority = await testAuthority();
    const paths = [workstation, dirname(goBinary('rclone')), process.env.PATH ?? ''].join(delimiter);
    const env = {
      ...{ PATH: paths, GNUPGHOME: workstation, SSL_CERT_FILE: authority.certificateFile },
      ...{
        CONTAINERD_ADDRESS: RUNTIME_SOCKET,
        RCLONE_CONFIG_STORE_KEY: storeCredentials(storage)['storage-key'] ?? '',
      },
    };
    const settings = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const inFolder = 'cd "$1" && exec sh -eu "$2"';
    return run(await sandboxed(['env', ...settings, 'sh', '-c', inFolder, 'sh', workstation, script]));
  }

  beforeAll(async () => {
    workstation = await mkdtemp(join(tmpdir(), 'dr-workstation-'));
    await ready(NEXTGEN);
    store = await Store.open(storage);
    await writeFile(join(workstation, 'passphrase'), PASSPHRASE);
    const wrapper = join(workstation, 'kubectl');
    await writeFile(wrapper, `#!/bin/sh\nexec ${goBinary('kubectl')} --kubeconfig ${ADMIN_KUBECONFIG} "$@"\n`);
    await chmod(wrapper, 0o755);
    await inside(['sh', '-c', `echo "$1" >>/etc/hosts`, 'sh', `${ADDRESSES.azure} ${STORES.azure.host}`]);
    await writeObject(BEFORE);
    id = await newRun(store, plan, plan.namespace, plan.jobName);
    await writeObject(AFTER);
  }, 20 * MINUTES);

  afterAll(async () => {
    await remove('deployment', WORKLOAD, 'default');
    await remove('configmap', BEFORE, 'default');
    await rm(workstation, { recursive: true, force: true });
  });

  it(
    'comes back from the store by the printed steps, and the API server serves the objects of the snapshot',
    async () => {
      await kill('etcd');
      await rm(ETCD_DATA, { recursive: true });
      expect((await tryKubectl(['get', 'configmap', BEFORE, '-n', 'default'])).code).not.toBe(0);

      expect(await paste(look)).toContain(id);
      const filledIn = parameters.replace("RUN=''", `RUN=${id}`).replace("TIER=''", `TIER=${plan.tier}`);
      const fetched = await paste([look, filledIn, fetch, open].join('\n'));
      expect(fetched).toContain('etcd.db.gpg: OK');
      await mkdir(dirname(SNAPSHOT), { recursive: true });
      await copyFile(join(workstation, 'restore', id, 'etcd.db'), SNAPSHOT);

      // kubeadm's static pods would be stopped and started by moving their manifests.
      await kill('kube-apiserver');
      await paste([filledIn, onThisNode(restore)].join('\n'));
      // An API server that has just started denies what it has not read the roles of yet, and everybody asks at once.
      await allowForbidden(/^403 system:(kube-[a-z-]+|serviceaccount:kube-system:[a-z-]+): (watch|get|list|update) /);
      await allowForbidden(/^403 system:serviceaccount:[^:]+:[^:]+: (get|update) leases\//);
      await startEtcd();
      await startApiServer();

      expect(validate).not.toContain('MEMBER');
      expect(await paste(validate)).toContain('ok');
      expect((await get('configmap', BEFORE, 'default')).data.name).toBe(BEFORE);
      expect((await tryKubectl(['get', 'configmap', AFTER, '-n', 'default'])).err).toContain('NotFound');
    },
    20 * MINUTES,
  );

  it(
    'gives revisions that no controller has seen, and all of them go on working',
    async () => {
      await apply([deployment()]);
      await waitForField('deployment', WORKLOAD, 'default', '.status.readyReplicas', '1', 300);
      const { metadata } = await get('deployment', WORKLOAD, 'default');
      expect(Number(metadata.resourceVersion)).toBeGreaterThan(1_000_000_000);
      await healthy(database, 600);
      expect(await query(database, 'SELECT count(*) FROM invoices')).toBe('3000');
      // The operator sees what happens now: it makes a lost instance anew.
      const selector = `cnpg.io/cluster=${database.name},cnpg.io/instanceRole=replica`;
      await kubectl(['delete', 'pods', '-n', database.namespace, '-l', selector]);
      await until('an instance that is missing', 120, async () => {
        const { status } = await get('cluster', database.name, database.namespace);
        return status.readyInstances < database.cluster.instances ? '' : 'all ready';
      });
      await healthy(database, 600);
    },
    30 * MINUTES,
  );
});

function deployment(): object {
  const labels = { app: WORKLOAD };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: WORKLOAD, namespace: 'default' },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'idle', image: plan.image.reference }] } },
    },
  };
}
