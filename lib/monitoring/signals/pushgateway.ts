import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { PUSHGATEWAY_IMAGE, quantityOf } from '../../config';
import type { ObjectDefaults } from '../../k8s';
import { argoAnnotations, labelsFor, SyncWave } from '../../k8s';
import type { PushgatewayPlan } from '../../plan';
import { PushgatewayPolicy } from './pushgateway-policy';
import { PUSHGATEWAY_PORT_NAME } from './scrape-targets';

const DATA_PATH = '/data';

/** The generated Pushgateway of a site. */
export interface PushgatewayProps {
  readonly defaults: ObjectDefaults;
  readonly pushgateway: PushgatewayPlan;
  /** Whether a NetworkPolicy is generated. */
  readonly policies: boolean;
}

/** One Pushgateway, which keeps what runs report until the next run, also when it is restarted. Two of them would each know a half. */
export class Pushgateway extends Construct {
  private readonly labels: Record<string, string>;

  public constructor(
    scope: Construct,
    id: string,
    private readonly props: PushgatewayProps,
  ) {
    super(scope, id);
    const { defaults, pushgateway, policies } = props;
    this.labels = labelsFor(defaults, pushgateway.name, 'monitoring');
    this.volume();
    this.service();
    this.deployment();
    if (policies) {
      const metadata = this.metadata(SyncWave.PREREQUISITE);
      new PushgatewayPolicy(this, 'Network', { metadata, pushgateway });
    }
  }

  private volume(): void {
    const { storageBytes, storageClass } = this.props.pushgateway;
    new k8s.KubePersistentVolumeClaim(this, 'Volume', {
      metadata: this.metadata(SyncWave.PREREQUISITE, true),
      spec: {
        accessModes: ['ReadWriteOnce'],
        ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
        resources: { requests: { storage: k8s.Quantity.fromString(quantityOf(storageBytes)) } },
      },
    });
  }

  private service(): void {
    const { name, port } = this.props.pushgateway;
    new k8s.KubeService(this, 'Service', {
      metadata: this.metadata(SyncWave.STATEFUL),
      spec: {
        selector: { 'app.kubernetes.io/name': name },
        ports: [
          {
            name: PUSHGATEWAY_PORT_NAME,
            port,
            targetPort: k8s.IntOrString.fromString(PUSHGATEWAY_PORT_NAME),
            protocol: 'TCP',
          },
        ],
      },
    });
  }

  private deployment(): void {
    const { name } = this.props.pushgateway;
    const { uid } = PUSHGATEWAY_IMAGE;
    new k8s.KubeDeployment(this, 'Deployment', {
      metadata: this.metadata(SyncWave.STATEFUL),
      spec: {
        replicas: 1,
        // The volume can be mounted once, and a new pod must find what the old one wrote.
        strategy: { type: 'Recreate' },
        selector: { matchLabels: { 'app.kubernetes.io/name': name } },
        template: {
          metadata: { labels: this.labels },
          spec: {
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            securityContext: {
              runAsNonRoot: true,
              runAsUser: uid,
              runAsGroup: uid,
              fsGroup: uid,
              seccompProfile: { type: 'RuntimeDefault' },
            },
            containers: [this.container()],
            volumes: [{ name: 'data', persistentVolumeClaim: { claimName: name } }],
          },
        },
      },
    });
  }

  private container(): k8s.Container {
    const { image, port } = this.props.pushgateway;
    const disk = k8s.Quantity.fromString('64Mi');
    return {
      name: 'pushgateway',
      image: image.reference,
      args: [
        `--web.listen-address=:${port}`,
        `--persistence.file=${DATA_PATH}/metrics.store`,
        // A node that fails takes the reports of so long with it.
        '--persistence.interval=10s',
      ],
      ports: [{ name: PUSHGATEWAY_PORT_NAME, containerPort: port, protocol: 'TCP' }],
      readinessProbe: probe('/-/ready'),
      livenessProbe: probe('/-/healthy'),
      resources: {
        requests: {
          cpu: k8s.Quantity.fromString('10m'),
          memory: k8s.Quantity.fromString('32Mi'),
          'ephemeral-storage': disk,
        },
        limits: {
          cpu: k8s.Quantity.fromString('200m'),
          memory: k8s.Quantity.fromString('128Mi'),
          'ephemeral-storage': disk,
        },
      },
      securityContext: {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        readOnlyRootFilesystem: true,
      },
      volumeMounts: [{ name: 'data', mountPath: DATA_PATH }],
    };
  }

  private metadata(wave: SyncWave, holdsData: boolean = false): k8s.ObjectMeta {
    const { defaults, pushgateway } = this.props;
    return {
      name: pushgateway.name,
      namespace: defaults.namespace,
      labels: this.labels,
      annotations: argoAnnotations(defaults, wave, holdsData),
    };
  }
}

function probe(path: string): k8s.Probe {
  return { httpGet: { path, port: k8s.IntOrString.fromString(PUSHGATEWAY_PORT_NAME) }, timeoutSeconds: 5 };
}
