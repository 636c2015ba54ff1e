import { k8s } from 'cdk8s-plus-27';
import { quantityOf } from '../config';
import type { Step } from './step';
import { renderStep, stepVolumes } from './step';

/** One pod whose steps run one after another over a shared workspace. */
export interface JobPodProps {
  /** Name of the ServiceAccount. */
  readonly serviceAccountName: string;
  /** ConfigMap with the scripts. */
  readonly scriptsName: string;
  /** Steps in order; the last is the pod's container, the others its init containers. */
  readonly steps: Step[];
  /** Numeric user and group of all steps, so that each can read what another wrote. */
  readonly uid: number;
  /** Bytes of the workspace. */
  readonly workspaceBytes: number;
  /** StorageClass of an ephemeral workspace volume; the node's disk otherwise. */
  readonly workspaceStorageClass?: string;
  /** Whether it runs on a control-plane node, in the node's network. */
  readonly controlPlane?: boolean;
}

/** kubeadm's label and taints of control-plane nodes, the second of them before Kubernetes 1.24. */
const CONTROL_PLANE = 'node-role.kubernetes.io/control-plane';
const TAINTS = [CONTROL_PLANE, 'node-role.kubernetes.io/master'];

/** The hardened pod of a job. */
export function jobPod(props: JobPodProps): k8s.PodSpec {
  const containers = stepContainers(props);
  const initContainers = containers.slice(0, -1);
  return {
    ...podBase(props),
    restartPolicy: 'Never',
    ...(initContainers.length === 0 ? {} : { initContainers }),
    containers: containers.slice(-1),
  };
}

/** The containers of a pod's steps, in their order. */
export function stepContainers(props: JobPodProps): k8s.Container[] {
  const onNode = props.workspaceStorageClass === undefined;
  return props.steps.map((step) => renderStep(step, onNode ? props.workspaceBytes : 0));
}

/** What a pod of steps has beside its containers. */
export function podBase(props: JobPodProps): Omit<k8s.PodSpec, 'containers'> {
  const { uid } = props;
  return {
    serviceAccountName: props.serviceAccountName,
    // A step that talks to the API server mounts a token of its own; the others of its pod have none.
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...(props.controlPlane === true ? onControlPlane() : {}),
    securityContext: {
      ...(uid === 0 ? {} : { runAsNonRoot: true }),
      runAsUser: uid,
      runAsGroup: uid,
      fsGroup: uid,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    volumes: [
      { name: 'scripts', configMap: { name: props.scriptsName, defaultMode: 0o555 } },
      { name: 'tmp', emptyDir: { sizeLimit: k8s.Quantity.fromString('64Mi') } },
      { name: 'work', ...workspace(props) },
      ...stepVolumes(props.steps),
    ],
  };
}

/** etcd listens on the node's own address; names of the cluster and of the store are still asked of the cluster's DNS. */
function onControlPlane(): Partial<k8s.PodSpec> {
  return {
    hostNetwork: true,
    dnsPolicy: 'ClusterFirstWithHostNet',
    nodeSelector: { [CONTROL_PLANE]: '' },
    tolerations: TAINTS.map((key) => ({ key, operator: 'Exists', effect: 'NoSchedule' })),
  };
}

function workspace(props: JobPodProps): Pick<k8s.Volume, 'emptyDir' | 'ephemeral'> {
  const size = k8s.Quantity.fromString(quantityOf(props.workspaceBytes));
  if (props.workspaceStorageClass === undefined) {
    return { emptyDir: { sizeLimit: size } };
  }
  return {
    ephemeral: {
      volumeClaimTemplate: {
        spec: {
          accessModes: ['ReadWriteOnce'],
          storageClassName: props.workspaceStorageClass,
          resources: { requests: { storage: size } },
        },
      },
    },
  };
}
