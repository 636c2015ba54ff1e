import { createHash } from 'node:crypto';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { ETCD_IMAGE } from '../config';
import { argoAnnotations, labelsFor, podBase, SCRIPTS_PATH, SyncWave, scriptData, stepContainers } from '../k8s';
import type { EtcdPlan, EtcdStreamPlan, RecoveryPlan } from '../plan';
import { dialectOf } from '../storage';
import { ETCD_SCRIPTS, EtcdSteps } from './etcd-steps';
import { scriptsNameOf } from './snapshot-jobs';

/** Seconds between two looks at the newest snapshot. */
const PROBE_PERIOD = 10;

/** A container that ran this long is restarted without back-off (kubernetes pkg/kubelet), so that a restart never adds to the loss. */
const RESTART_AFTER = 600;

/** Nothing of a cycle that was cut off is worth waiting for. */
const GRACE = 5;

/** The snapshot stream of an etcd whose plan has one. */
export interface SnapshotStreamProps {
  readonly site: RecoveryPlan;
  readonly plan: EtcdPlan;
  readonly stream: EtcdStreamPlan;
}

/** A StatefulSet of one, since two writers would double the load on etcd: at most one pod of its name exists at a time. */
export class SnapshotStream extends Construct {
  public constructor(scope: Construct, id: string, props: SnapshotStreamProps) {
    super(scope, id);
    const { site, plan, stream } = props;
    const defaults = { site: site.site, namespace: plan.namespace, argoCd: site.argoCd };
    const labels = labelsFor(defaults, stream.name, 'etcd-stream');
    const pod = {
      serviceAccountName: plan.serviceAccountName,
      scriptsName: scriptsNameOf(plan),
      steps: new EtcdSteps(site, plan).stream(stream),
      uid: ETCD_IMAGE.uid,
      workspaceBytes: stream.workspaceBytes,
      controlPlane: true,
    };
    new k8s.KubeStatefulSet(this, 'Resource', {
      metadata: {
        name: stream.name,
        namespace: plan.namespace,
        labels,
        annotations: argoAnnotations(defaults, SyncWave.JOB),
      },
      spec: {
        replicas: 1,
        // Nobody talks to the pod, so there is no such Service.
        serviceName: stream.name,
        selector: { matchLabels: { 'app.kubernetes.io/name': stream.name } },
        updateStrategy: { type: 'RollingUpdate' },
        template: {
          metadata: {
            labels: { ...labels, ...dialectOf(site.storage).podLabels },
            // A running loop keeps the scripts it began with.
            annotations: { 'cdk8s-dr/scripts': scriptsHash() },
          },
          spec: {
            ...podBase(pod),
            terminationGracePeriodSeconds: GRACE,
            containers: stepContainers(pod).map((container) => ({
              ...container,
              readinessProbe: probe(1),
              livenessProbe: probe(RESTART_AFTER / PROBE_PERIOD),
            })),
          },
        },
      },
    });
  }
}

/** Every container looks at the age of the newest committed snapshot: not ready when stale, restarted when stale for long. */
function probe(failureThreshold: number): k8s.Probe {
  return {
    exec: { command: ['/bin/sh', `${SCRIPTS_PATH}/fresh.sh`] },
    periodSeconds: PROBE_PERIOD,
    // A busy node may take seconds to start a shell.
    timeoutSeconds: 5,
    failureThreshold,
  };
}

function scriptsHash(): string {
  return createHash('sha256')
    .update(JSON.stringify(scriptData(ETCD_SCRIPTS)))
    .digest('hex')
    .slice(0, 16);
}
