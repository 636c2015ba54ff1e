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
}

/** The hardened pod of a job. */
export function jobPod(props: JobPodProps): k8s.PodSpec {
  const onNode = props.workspaceStorageClass === undefined;
  const containers = props.steps.map((step) => renderStep(step, onNode ? props.workspaceBytes : 0));
  return {
    restartPolicy: 'Never',
    serviceAccountName: props.serviceAccountName,
    // A step that talks to the API server mounts a token of its own; the others of its pod have none.
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: props.uid,
      runAsGroup: props.uid,
      fsGroup: props.uid,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    ...(containers.length === 1 ? {} : { initContainers: containers.slice(0, -1) }),
    containers: containers.slice(-1),
    volumes: [
      { name: 'scripts', configMap: { name: props.scriptsName, defaultMode: 0o555 } },
      { name: 'tmp', emptyDir: { sizeLimit: k8s.Quantity.fromString('64Mi') } },
      { name: 'work', ...workspace(props) },
      ...stepVolumes(props.steps),
    ],
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
