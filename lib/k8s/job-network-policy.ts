import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import type { NetworkPlan, PushPeer } from '../plan';
import type { StorePeer } from '../storage';
import type { ObjectDefaults } from './metadata';
import { argoAnnotations, labelsFor, SyncWave } from './metadata';

/** Pods in the same namespace, and the port they listen on. */
export interface PodPeer {
  readonly labels: Record<string, string>;
  readonly port: number;
}

/** Where a store answers. */
export interface StoreEndpoint {
  readonly cidrs: readonly string[];
  readonly port: number;
}

/** Which peers the pods of a job may reach. */
export interface JobNetworkPolicyProps {
  readonly defaults: ObjectDefaults;
  /** Name of the job; also of the policy. */
  readonly name: string;
  readonly component: string;
  readonly network: NetworkPlan;
  /** Peers that the store's credentials need. */
  readonly storePeers: StorePeer[];
  /** A store beside the first; none when the job needs only that. */
  readonly secondStore?: StoreEndpoint;
  /** Database pods to reach; none when the job needs no database. */
  readonly database?: PodPeer;
  /** Whether it talks to the API server. */
  readonly apiServer: boolean;
  /** The Pushgateway, for a job that reports to it. */
  readonly pushgateway?: PushPeer;
}

/** Lets nothing in, and out only DNS, the store and, where needed, the database, the API server and the Pushgateway. */
export class JobNetworkPolicy extends Construct {
  public constructor(scope: Construct, id: string, props: JobNetworkPolicyProps) {
    super(scope, id);
    const { defaults, name } = props;
    new k8s.KubeNetworkPolicy(this, 'Resource', {
      metadata: {
        name,
        namespace: defaults.namespace,
        labels: labelsFor(defaults, name, props.component),
        annotations: argoAnnotations(defaults, SyncWave.PREREQUISITE),
      },
      spec: {
        podSelector: { matchLabels: { 'app.kubernetes.io/managed-by': 'cdk8s-dr', 'app.kubernetes.io/name': name } },
        // No ingress rule lets nothing in. An empty list says the same, but the API server drops it, and would see a change at every apply.
        policyTypes: ['Ingress', 'Egress'],
        egress: [dns(), ...store(props), ...database(props), ...apiServer(props), ...pushgateway(props)],
      },
    });
  }
}

function dns(): k8s.NetworkPolicyEgressRule {
  return {
    to: [
      {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
        podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
      },
    ],
    ports: [port(53, 'UDP'), port(53, 'TCP')],
  };
}

function store(props: JobNetworkPolicyProps): k8s.NetworkPolicyEgressRule[] {
  const { storeCidrs, storePort } = props.network;
  const endpoints = [
    { cidrs: storeCidrs, port: storePort },
    ...(props.secondStore === undefined ? [] : [props.secondStore]),
    ...props.storePeers.map((peer) => ({ cidrs: [peer.cidr], port: peer.port })),
  ];
  const rules = endpoints.map((endpoint) => ({
    to: endpoint.cidrs.map((cidr) => ({ ipBlock: { cidr } })),
    ports: [port(endpoint.port, 'TCP')],
  }));
  // Two stores may answer at the same addresses.
  return [...new Map(rules.map((rule) => [JSON.stringify(rule), rule])).values()];
}

function database(props: JobNetworkPolicyProps): k8s.NetworkPolicyEgressRule[] {
  return props.database === undefined
    ? []
    : [{ to: [{ podSelector: { matchLabels: props.database.labels } }], ports: [port(props.database.port, 'TCP')] }];
}

function apiServer(props: JobNetworkPolicyProps): k8s.NetworkPolicyEgressRule[] {
  const { apiServerCidrs, apiServerPorts } = props.network;
  return props.apiServer
    ? [
        {
          to: apiServerCidrs.map((cidr) => ({ ipBlock: { cidr } })),
          ports: apiServerPorts.map((number) => port(number, 'TCP')),
        },
      ]
    : [];
}

function pushgateway({ pushgateway }: JobNetworkPolicyProps): k8s.NetworkPolicyEgressRule[] {
  if (pushgateway === undefined) {
    return [];
  }
  const { namespace, podLabels, ports } = pushgateway;
  const peer =
    namespace === undefined
      ? { ipBlock: { cidr: '0.0.0.0/0' } }
      : {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
          ...(podLabels === undefined ? {} : { podSelector: { matchLabels: { ...podLabels } } }),
        };
  return [{ to: [peer], ports: ports.map((number) => port(number, 'TCP')) }];
}

function port(number: number, protocol: string): k8s.NetworkPolicyPort {
  return { port: k8s.IntOrString.fromNumber(number), protocol };
}
