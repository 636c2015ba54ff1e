import type { EtcdMemberPlan, EtcdPlan, RecoveryPlan } from '../../plan';
import type { Parameter, Procedure, Step } from '../procedure';
import { variable } from '../procedure';
import { expectedOf } from './estimates';
import type { RunTier } from './newest-run';
import { TIER } from './newest-run';
import { fetchSteps, listRuns, RUN, storeAccess } from './store';

/** kubeadm's folder of static pods, and where they wait meanwhile. */
const MANIFESTS = '/etc/kubernetes/manifests';
const ASIDE = '/root/manifests-before-restore';

/** Etcd's data in kubeadm's clusters. */
const DATA = '/var/lib/etcd';

/** Beyond what a week of writes can have added, so that no revision comes twice (etcd.io op-guide/recovery). */
const BUMP = 1_000_000_000;

/** Restores etcd of a kubeadm cluster: every member from the same snapshot. */
export function restoreEtcd(site: RecoveryPlan, plan: EtcdPlan): Procedure {
  const { stream, members } = plan;
  const tiers = tiersOf(plan);
  return {
    title: 'Restore etcd',
    use: 'The API server cannot read its objects any more, or they are gone, and the control-plane nodes are there. For nodes that are gone as well, set up a new cluster first.',
    look: [storeAccess(site), ...tiers.map(({ prefix }) => listRuns(site, prefix))].join('\n'),
    parameters: [
      RUN,
      ...(stream === undefined ? [] : [tierParameter(tiers.map(({ tier }) => tier))]),
      ...(members.length === 0 ? [INITIAL_CLUSTER] : []),
    ],
    steps: [
      ...fetchSteps(site, stream === undefined ? plan.prefix : prefixOfTier(plan)),
      {
        text: `With the store out of reach, each control-plane node has the newest ${plan.localCopies} scheduled snapshots, sealed, in \`${plan.localPath}\`: copy \`etcd.db.gpg\` and \`backup.json\` of one into \`restore/$RUN/\`, and open it as above. Then copy the opened snapshot to every control-plane node as \`/root/etcd.db\`.`,
        ...(members.length === 0 ? {} : { command: members.map(copyTo).join('\n') }),
      },
      {
        text: 'On **every** control-plane node, with the variables set there as here: stop the API server and etcd, and put the old data aside. One member that still runs would go on with the old data, so go on only when all have stopped.',
        command: stopNode(),
      },
      ...(members.length === 0 ? [restoreUnnamed(plan)] : members.map((member) => restoreMember(plan, member))),
      {
        text: 'On **every** control-plane node: start both again, then the kubelet, which still knows what was.',
        command: [`mv ${ASIDE}/etcd.yaml ${ASIDE}/kube-apiserver.yaml ${MANIFESTS}/`, 'systemctl restart kubelet'].join(
          '\n',
        ),
      },
      {
        text: 'Validate. Objects of after the snapshot are gone, and pods that belong to them are removed; what the controllers make again comes back by itself.',
        command: [
          'until kubectl get --raw=/readyz; do sleep 5; done',
          ...memberHealth(plan),
          'kubectl get nodes',
          'kubectl get pods -A',
        ].join('\n'),
      },
    ],
    ...expectedOf(site, 'etcd', stream === undefined ? 'etcd snapshots' : 'etcd snapshot stream'),
    worked: '`/readyz` says `ok`, every member is healthy, every node is Ready, and a new Deployment starts its pods.',
    backOut: `on every control-plane node move both files to \`${ASIDE}\` again, rename \`${DATA}\` to \`${DATA}-restored\` and \`${DATA}-before-restore\` to \`${DATA}\`, and move the files back.`,
  };
}

/** Where snapshots are: the newest are in the stream where there is one. */
export function tiersOf({ stream, tier, prefix }: EtcdPlan): RunTier[] {
  return [...(stream === undefined ? [] : [{ tier: stream.tier, prefix: stream.prefix }]), { tier, prefix }];
}

const INITIAL_CLUSTER: Parameter = {
  name: 'INITIAL_CLUSTER',
  meaning: 'With several control-plane nodes: name=address of every member, joined by commas',
  example: 'cp1=https://10.0.0.1:2380,cp2=https://10.0.0.2:2380,cp3=https://10.0.0.3:2380',
  pattern: '[a-z0-9.-]+=https://[^, ]+(,[a-z0-9.-]+=https://[^, ]+)*',
  whenEmpty: 'there is one',
};

function tierParameter(tiers: readonly string[]): Parameter {
  return {
    name: TIER,
    meaning: `Tier of the run: ${tiers.join(' or ')}`,
    example: tiers[0] ?? '',
    pattern: tiers.join('|'),
  };
}

function prefixOfTier({ prefix, tier }: EtcdPlan): string {
  return `${prefix.slice(0, prefix.length - tier.length)}${variable(TIER)}`;
}

function copyTo({ peerUrl }: EtcdMemberPlan): string {
  const host = peerUrl.replace(/^https:\/\//, '').replace(/:\d+$/, '');
  return `scp "restore/${variable('RUN')}/etcd.db" root@${host}:/root/etcd.db`;
}

function stopNode(): string {
  return [
    `mkdir -p ${ASIDE}`,
    `mv ${MANIFESTS}/kube-apiserver.yaml ${MANIFESTS}/etcd.yaml ${ASIDE}/`,
    "while crictl ps --quiet --name '^(etcd|kube-apiserver)$' | grep -q .; do sleep 1; done",
    `mv ${DATA} ${DATA}-before-restore`,
  ].join('\n');
}

function restoreMember(plan: EtcdPlan, { name, peerUrl }: EtcdMemberPlan): Step {
  const cluster = plan.members.map((member) => `${member.name}=${member.peerUrl}`).join(',');
  return {
    text: `On \`${name}\`: restore its member. \`--bump-revision\` keeps controllers from going on with what they remember.`,
    command: restoreCommand(plan, name, peerUrl, cluster),
  };
}

/** The member's name and address are in the manifest that kubeadm wrote. */
function restoreUnnamed(plan: EtcdPlan): Step {
  const read = (flag: string): string => `$(sed -n 's/^ *- --${flag}=//p' ${ASIDE}/etcd.yaml)`;
  return {
    text: 'On **every** control-plane node: restore its member, with the name and address in its `etcd.yaml`. With several nodes each prints its part of `INITIAL_CLUSTER` first. `--bump-revision` keeps controllers from going on with what they remember.',
    command: [
      `NAME=${read('name')}`,
      `PEER_URL=${read('initial-advertise-peer-urls')}`,
      'echo "$NAME=$PEER_URL"',
      restoreCommand(plan, variable('NAME'), variable('PEER_URL'), `\${INITIAL_CLUSTER:-$NAME=$PEER_URL}`),
    ].join('\n'),
  };
}

/** kubeadm's static pods of etcd have this label and these files. */
function memberHealth({ endpoint, certificatesPath }: EtcdPlan): string[] {
  return [
    'MEMBER=$(kubectl get pods -n kube-system -l component=etcd -o name | head -n 1)',
    `kubectl exec -n kube-system "${variable('MEMBER')}" -- etcdctl --endpoints=${endpoint} --cacert=${certificatesPath}/ca.crt \\`,
    `  --cert=${certificatesPath}/healthcheck-client.crt --key=${certificatesPath}/healthcheck-client.key endpoint health --cluster`,
  ];
}

/** In the image of the jobs, which every control-plane node has and which fits the snapshot. */
function restoreCommand(plan: EtcdPlan, name: string, peerUrl: string, cluster: string): string {
  const mount = (path: string, mode: string): string =>
    `--mount type=bind,src=${path},dst=${path},options=rbind:${mode}`;
  return [
    `ctr --namespace k8s.io run --rm ${mount('/var/lib', 'rw')} ${mount('/root', 'ro')} \\`,
    `  ${plan.image.reference} etcd-restore etcdutl snapshot restore /root/etcd.db --data-dir ${DATA} \\`,
    `  --bump-revision ${BUMP} --mark-compacted --name "${name}" --initial-advertise-peer-urls "${peerUrl}" \\`,
    `  --initial-cluster "${cluster}" --initial-cluster-token "restored-${variable('RUN')}"`,
  ].join('\n');
}
