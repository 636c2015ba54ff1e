import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ADDRESSES, NODE } from './addresses';
import { RUNTIME_SOCKET, runContainerRuntime } from './container-runtime';
import { apply, identity, kubeconfigOf, kubectl } from './control-plane';
import { goBinary } from './go-binaries';
import { STATE } from './paths';
import { testAuthority } from './pki';
import { attempt, run, until } from './run';
import { CGROUP, cgroupHierarchies, sandboxed, startInside } from './sandbox';

/** Folder of the kubelet. */
export const KUBELET = join(STATE, 'kubelet');

/** Starts the kubelet and kube-proxy, and waits until the node is ready. */
export async function startNode(): Promise<void> {
  const authority = await testAuthority();
  const certificate = await identity('kubelet', `/O=system:nodes/CN=system:node:${NODE}`, [
    `DNS:${NODE}`,
    `IP:${ADDRESSES.node}`,
  ]);
  await identity('kube-proxy', '/CN=system:kube-proxy');
  for (const hierarchy of await cgroupHierarchies()) {
    await mkdir(join(hierarchy, CGROUP), { recursive: true });
    await inheritCpuset(join(hierarchy, CGROUP));
  }
  await writeFile(
    join(STATE, 'kubelet.json'),
    JSON.stringify({
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      kind: 'KubeletConfiguration',
      cgroupDriver: 'cgroupfs',
      cgroupRoot: `/${CGROUP}`,
      // Version 1 control groups are refused by default.
      failCgroupV1: false,
      failSwapOn: false,
      enforceNodeAllocatable: [],
      evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
      imageGCHighThresholdPercent: 100,
      authentication: {
        x509: { clientCAFile: authority.certificateFile },
        anonymous: { enabled: false },
        webhook: { enabled: true },
      },
      authorization: { mode: 'Webhook' },
      containerRuntimeEndpoint: `unix://${RUNTIME_SOCKET}`,
      tlsCertFile: certificate.certificateFile,
      tlsPrivateKeyFile: certificate.keyFile,
      clusterDNS: [ADDRESSES.dns],
      clusterDomain: 'cluster.local',
      resolvConf: '/dev/null',
      podLogsDir: join(STATE, 'pod-logs'),
      // Tests wait for volumes and deletions; the default of a minute would make them slow.
      syncFrequency: '10s',
    }),
  );
  await apply(
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: [binding('kube-proxy', 'system:node-proxier', 'system:kube-proxy')],
    }),
  );
  await startKubelet();
  await startInside('kube-proxy', [
    goBinary('kube-proxy'),
    `--kubeconfig=${kubeconfigOf('kube-proxy')}`,
    '--proxy-mode=nftables',
    `--hostname-override=${NODE}`,
    `--cluster-cidr=${ADDRESSES.pods}`,
    // These settings belong to the whole machine.
    ...['max-per-core', 'tcp-timeout-established', 'tcp-timeout-close-wait'].map((name) => `--conntrack-${name}=0`),
  ]);
  await nodeReady();
  await run(await kubectl(['label', 'node', NODE, 'node-role.kubernetes.io/control-plane=', '--overwrite']));
}

/**
 * Ends every container of the node with runtime and kubelet at one moment, as a loss of power does, and starts them again. The control
 * plane and the object stores run beside the node and stay.
 */
export async function restartNode(): Promise<void> {
  for (const program of ['kubelet', 'containerd', 'containerd-shim']) {
    await attempt(await sandboxed(['pkill', '-KILL', '-x', program]));
  }
  await attempt(await sandboxed(['pkill', '-KILL', '-f', 'containerd-shim']));
  for (const hierarchy of await cgroupHierarchies()) {
    const script =
      'find "$1" -name cgroup.procs -exec cat {} + 2>/dev/null | sort -u | xargs -r kill -KILL 2>/dev/null || :';
    await run(['sh', '-c', script, 'sh', join(hierarchy, CGROUP)]);
  }
  await runContainerRuntime();
  const begun = new Date().toISOString();
  await startKubelet();
  await until('report of the new kubelet', 60, async () => {
    const path = 'jsonpath={.status.conditions[?(@.type=="Ready")].lastHeartbeatTime}';
    const { out, err } = await attempt(await kubectl(['get', 'node', NODE, '-o', path]));
    return out > begun ? '' : out || err.trim();
  });
  await nodeReady();
}

async function startKubelet(): Promise<void> {
  await startInside('kubelet', [
    goBinary('kubelet'),
    `--config=${join(STATE, 'kubelet.json')}`,
    `--kubeconfig=${kubeconfigOf('kubelet')}`,
    `--root-dir=${KUBELET}`,
    `--hostname-override=${NODE}`,
    `--node-ip=${ADDRESSES.node}`,
  ]);
}

async function nodeReady(): Promise<void> {
  await until('node', 60, async () => {
    const outcome = await attempt(
      await kubectl(['get', 'node', NODE, '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}']),
    );
    return outcome.out === 'True' ? '' : outcome.out || outcome.err.trim();
  });
}

function binding(name: string, clusterRole: string, user: string): unknown {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: clusterRole },
    subjects: [{ kind: 'User', name: user, apiGroup: 'rbac.authorization.k8s.io' }],
  };
}

/** A new cpuset group of version 1 starts empty, and no process may enter an empty one. */
async function inheritCpuset(folder: string): Promise<void> {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    const script = 'if [ -e "$1/$2" ] && [ -z "$(cat "$1/$2")" ]; then cat "$1/../$2" >"$1/$2"; fi';
    await run(['sh', '-c', script, 'sh', folder, file]);
  }
}
