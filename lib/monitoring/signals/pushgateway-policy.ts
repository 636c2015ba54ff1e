import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import type { PushgatewayPlan } from '../../plan';

/** Who reaches the Pushgateway. */
export interface PushgatewayPolicyProps {
  readonly metadata: k8s.ObjectMeta;
  readonly pushgateway: PushgatewayPlan;
}

/** Lets in the jobs that report and the Prometheus that scrapes, since whoever reaches the port can forge a report; lets nothing out. */
export class PushgatewayPolicy extends Construct {
  public constructor(scope: Construct, id: string, { metadata, pushgateway }: PushgatewayPolicyProps) {
    super(scope, id);
    const { name, port, clientNamespaces, nodeCidrs, prometheus } = pushgateway;
    new k8s.KubeNetworkPolicy(this, 'Resource', {
      metadata,
      spec: {
        podSelector: { matchLabels: { 'app.kubernetes.io/managed-by': 'cdk8s-dr', 'app.kubernetes.io/name': name } },
        // No egress rule lets nothing out.
        policyTypes: ['Ingress', 'Egress'],
        ingress: [
          {
            from: [
              ...clientNamespaces.map((namespace) => ({
                namespaceSelector: namespaceLabels(namespace),
                podSelector: { matchLabels: { 'app.kubernetes.io/managed-by': 'cdk8s-dr' } },
              })),
              ...nodeCidrs.map((cidr) => ({ ipBlock: { cidr } })),
              {
                namespaceSelector: prometheus.namespace === undefined ? {} : namespaceLabels(prometheus.namespace),
                podSelector: { matchLabels: { ...prometheus.podLabels } },
              },
            ],
            ports: [{ port: k8s.IntOrString.fromNumber(port), protocol: 'TCP' }],
          },
        ],
      },
    });
  }
}

function namespaceLabels(namespace: string): k8s.LabelSelector {
  return { matchLabels: { 'kubernetes.io/metadata.name': namespace } };
}
