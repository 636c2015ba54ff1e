import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import type { DisasterRecoveryConfig, EtcdConfig } from '../../lib';
import { planRecovery, restoreEtcdFrom } from '../../lib';
import { variable } from '../../lib/recovery/procedure';
import { complete, completeEtcd } from '../support/configs';

const { members: _, ...unnamed } = completeEtcd;
const configs: [string, DisasterRecoveryConfig, readonly string[]][] = [
  ['one member', nextgen, ['etcd-node1']],
  ['three members', complete, ['cp1', 'cp2', 'cp3']],
  ['members that the config does not name', { ...complete, etcd: unnamed as EtcdConfig }, [variable('NAME')]],
];

describe.each(configs)('the restore of etcd with %s', (_name, config, names) => {
  const { steps } = restoreEtcdFrom(planRecovery(config), undefined, new Date('2024-01-16T00:00:00Z'));
  const where = (text: string): number[] =>
    steps.flatMap(({ command = '' }, index) => (command.includes(text) ? [index] : []));

  it('stops API server and etcd on all nodes, restores every member, starts all, and only then looks', () => {
    const [stop] = where('mv /etc/kubernetes/manifests/kube-apiserver.yaml /etc/kubernetes/manifests/etcd.yaml');
    const restore = where('etcdutl snapshot restore');
    const [start] = where('kube-apiserver.yaml /etc/kubernetes/manifests/\n');
    const [look] = where('kubectl get --raw=/readyz');
    expect(restore).toHaveLength(names.length);
    const order = [stop, ...restore, start, look].map(Number);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(new Set(order).size).toBe(order.length);
    for (const index of [stop, start]) {
      expect(steps[index ?? -1]?.text).toMatch(/^On \*\*every\*\* control-plane node/);
    }
  });

  it('waits until both have stopped, and puts the old data aside, before anything is restored', () => {
    const [stop = -1] = where('crictl ps');
    const lines = steps[stop]?.command?.split('\n') ?? [];
    expect(lines.at(-2)).toContain("crictl ps --quiet --name '^(etcd|kube-apiserver)$' | grep -q .; do sleep 1; done");
    expect(lines.at(-1)).toBe('mv /var/lib/etcd /var/lib/etcd-before-restore');
  });

  it('raises the revision of every member of one new cluster', () => {
    const commands = steps.map(({ command = '' }) => command).filter((command) => command.includes('etcdutl'));
    expect(commands.map((command) => /--name "([^"]+)"/.exec(command)?.[1])).toEqual(names);
    for (const command of commands) {
      expect(command).toContain('--bump-revision 1000000000 --mark-compacted');
      expect(command).toContain(`--initial-cluster-token "restored-${variable('RUN')}"`);
    }
    expect(new Set(commands.map((command) => /--initial-cluster "[^"]+"/.exec(command)?.[0])).size).toBe(1);
    expect(new Set(commands.map((command) => /--initial-advertise-peer-urls "[^"]+"/.exec(command)?.[0])).size).toBe(
      names.length,
    );
  });

  it('waits for the API server, and asks every member for its health', () => {
    const [look = -1] = where('/readyz');
    const [ready, ...others] = steps[look]?.command?.split('\n') ?? [];
    expect(ready).toBe('until kubectl get --raw=/readyz; do sleep 5; done');
    expect(others.join('\n')).toContain('endpoint health --cluster');
  });
});
