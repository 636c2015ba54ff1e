import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ADDRESSES, API_SERVER, NODE } from './addresses';
import { auditFlags } from './audit';
import { goBinary } from './go-binaries';
import { STATE } from './paths';
import { issue, type KeyPair, testAuthority } from './pki';
import { attempt, run, until } from './run';
import { inside, sandboxed, startInside } from './sandbox';

const PKI = join(STATE, 'pki');

/** Kubeconfig of the cluster's administrator. */
export const ADMIN_KUBECONFIG = join(STATE, 'admin.kubeconfig');

/** Gives the sandbox its addresses. */
export async function configureNetwork(): Promise<void> {
  const commands = [
    'ip link set lo up',
    // Kernels for small machines have no dummy devices; a pair of virtual cables will do.
    'ip link add node0 type veth peer name node1',
    'ip link set node1 up',
    `ip address add ${ADDRESSES.node}/24 dev node0`,
    ...[ADDRESSES.azure, ADDRESSES.s3, ADDRESSES.gcs, ADDRESSES.faults, ADDRESSES.dns].map(
      (address) => `ip address add ${address}/32 dev node0`,
    ),
    'ip link set node0 up',
    'ip route add default dev node0',
    'sysctl -qw net.ipv4.ip_forward=1',
  ];
  for (const command of commands) {
    await inside(command.split(' '));
  }
}

/**
 * Puts certificates of etcd's clients where kubeadm puts them. The sandbox is given a copy of /etc in memory for it, so that nothing is
 * left in the machine's own.
 */
export async function provideEtcdCertificates(): Promise<void> {
  const authority = await testAuthority();
  const folder = join(STATE, 'pki-etcd');
  await issue(folder, 'healthcheck-client', '/O=system:masters/CN=kube-etcd-healthcheck-client', ['DNS:client']);
  await copyFile(authority.certificateFile, join(folder, 'ca.crt'));
  const copy = join(STATE, 'etc');
  const target = '/etc/kubernetes/pki/etcd';
  for (const command of [
    ['mkdir', '-p', copy],
    ['mount', '-t', 'tmpfs', 'tmpfs', copy],
    ['cp', '-a', '/etc/.', copy],
    ['mkdir', '-p', `${copy}/kubernetes/pki/etcd`],
    ['mount', '--bind', copy, '/etc'],
    ['mount', '--bind', folder, target],
  ]) {
    await inside(command);
  }
}

/** Folder of etcd's data. */
export const ETCD_DATA = join(STATE, 'etcd');

/** Starts etcd, the API server, the controller manager and the scheduler, and waits until the API answers. */
export async function startControlPlane(): Promise<void> {
  const authority = await testAuthority();
  await identity('controller-manager', '/CN=system:kube-controller-manager');
  await identity('scheduler', '/CN=system:kube-scheduler');
  await identity('admin', '/O=system:masters/CN=admin');
  await run(['openssl', 'genrsa', '-out', join(PKI, 'sa.key'), '2048']);
  await run(['openssl', 'rsa', '-in', join(PKI, 'sa.key'), '-pubout', '-out', join(PKI, 'sa.pub')]);
  await startEtcd();
  await startApiServer();
  await startInside('kube-controller-manager', [
    goBinary('kube-controller-manager'),
    `--kubeconfig=${kubeconfigOf('controller-manager')}`,
    `--service-account-private-key-file=${join(PKI, 'sa.key')}`,
    `--root-ca-file=${authority.certificateFile}`,
    '--use-service-account-credentials',
    '--leader-elect=false',
  ]);
  await startInside('kube-scheduler', [
    goBinary('kube-scheduler'),
    `--kubeconfig=${kubeconfigOf('scheduler')}`,
    '--leader-elect=false',
  ]);
}

/** Starts etcd on the data that it finds. */
export async function startEtcd(): Promise<void> {
  const authority = await testAuthority();
  const etcd = await issue(PKI, 'etcd', '/CN=etcd', ['IP:127.0.0.1', 'DNS:localhost']);
  await startInside('etcd', [
    goBinary('etcd'),
    ...['--name', 'proving-ground', '--data-dir', ETCD_DATA],
    ...['--listen-client-urls', 'https://127.0.0.1:2379', '--advertise-client-urls', 'https://127.0.0.1:2379'],
    ...['--listen-peer-urls', 'http://127.0.0.1:2380', '--initial-advertise-peer-urls', 'http://127.0.0.1:2380'],
    ...['--initial-cluster', 'proving-ground=http://127.0.0.1:2380', '--client-cert-auth'],
    ...['--cert-file', etcd.certificateFile, '--key-file', etcd.keyFile],
    ...['--trusted-ca-file', authority.certificateFile],
  ]);
}

/** Starts the API server, and waits until it answers. */
export async function startApiServer(): Promise<void> {
  const authority = await testAuthority();
  const server = await issue(PKI, 'apiserver', '/CN=kube-apiserver', [
    ...[`IP:127.0.0.1`, `IP:${ADDRESSES.node}`, `IP:${ADDRESSES.apiService}`],
    ...['DNS:localhost', 'DNS:kubernetes.default.svc'],
  ]);
  await startInside('kube-apiserver', [
    goBinary('kube-apiserver'),
    '--etcd-servers=https://127.0.0.1:2379',
    `--etcd-cafile=${authority.certificateFile}`,
    `--etcd-certfile=${join(PKI, 'admin.crt')}`,
    `--etcd-keyfile=${join(PKI, 'admin.key')}`,
    '--secure-port=6443',
    `--advertise-address=${ADDRESSES.node}`,
    `--tls-cert-file=${server.certificateFile}`,
    `--tls-private-key-file=${server.keyFile}`,
    `--client-ca-file=${authority.certificateFile}`,
    `--service-account-key-file=${join(PKI, 'sa.pub')}`,
    `--service-account-signing-key-file=${join(PKI, 'sa.key')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-cluster-ip-range=${ADDRESSES.services}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--allow-privileged=true',
    `--kubelet-client-certificate=${join(PKI, 'admin.crt')}`,
    `--kubelet-client-key=${join(PKI, 'admin.key')}`,
    // The node's name is in no DNS.
    '--kubelet-preferred-address-types=InternalIP',
    ...(await auditFlags()),
  ]);
  await until('API server', 60, async () => {
    const outcome = await attempt(await kubectl(['get', '--raw', '/readyz']));
    return outcome.code === 0 ? '' : outcome.err.trim();
  });
}

/** Kills a program of the cluster, and waits until it is gone. Pods may have a process of the same name, without these flags. */
export async function kill(program: string): Promise<void> {
  const processes = async (): Promise<string[]> => {
    const outcome = await attempt(await sandboxed(['pgrep', '-f', `^${goBinary(program)} `]));
    return outcome.out.split('\n').filter((pid) => pid !== '');
  };
  for (const pid of await processes()) {
    await inside(['kill', '-KILL', pid]);
  }
  await until(`end of ${program}`, 30, async () => (await processes()).join(' '));
}

/** The kubectl command as administrator, inside the sandbox. */
export async function kubectl(args: readonly string[]): Promise<string[]> {
  return sandboxed([goBinary('kubectl'), '--kubeconfig', ADMIN_KUBECONFIG, ...args]);
}

/** Applies objects given as YAML or JSON. */
export async function apply(objects: string): Promise<void> {
  await run(await kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-']), { input: objects });
}

/** Issues a client certificate and writes its kubeconfig. */
export async function identity(name: string, subject: string, names = ['DNS:client']): Promise<KeyPair> {
  const pair = await issue(PKI, name, subject, names);
  const authority = await testAuthority();
  await mkdir(STATE, { recursive: true });
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: NODE, cluster: { server: API_SERVER, 'certificate-authority': authority.certificateFile } }],
    users: [{ name, user: { 'client-certificate': pair.certificateFile, 'client-key': pair.keyFile } }],
    contexts: [{ name: NODE, context: { cluster: NODE, user: name } }],
    'current-context': NODE,
  };
  await writeFile(kubeconfigOf(name), JSON.stringify(config));
  return pair;
}

/** Path of the kubeconfig of an identity. */
export function kubeconfigOf(name: string): string {
  return join(STATE, `${name}.kubeconfig`);
}
