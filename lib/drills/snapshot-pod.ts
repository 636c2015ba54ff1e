import { k8s } from 'cdk8s-plus-27';
import type { ImageRef } from '../config';
import { TOOLS_IMAGE } from '../config';
import type { ObjectDefaults } from '../k8s';
import { labelsFor, SCRIPTS_PATH } from '../k8s';
import type { SnapshotDrillPlan } from '../plan';

/** Name of the volume; the claim that is made for it is called `<pod>-<volume>` (kubernetes pkg/controller/volume/ephemeral). */
export const RESTORED = 'restored';

const MOUNT = '/restored';
const MESSAGE = '/dev/termination-log';

/** The pod that reads a restored volume, but for the snapshot that it is restored from, which the drill chooses. */
export function podTemplate(
  defaults: ObjectDefaults,
  plan: SnapshotDrillPlan,
  image: ImageRef,
  scriptsName: string,
): object {
  const { podName, namespace, storageClassName, user = TOOLS_IMAGE.uid } = plan;
  const resources = { memory: k8s.Quantity.fromString('256Mi') };
  return k8s.KubePod.manifest({
    metadata: { name: podName, namespace, labels: labelsFor(defaults, podName, 'drill') },
    spec: {
      restartPolicy: 'Never',
      activeDeadlineSeconds: plan.seconds,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: user,
        runAsGroup: user,
        // The files are a copy, so that giving them to a group harms nothing.
        fsGroup: user,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name: 'read',
          image: image.reference,
          command: ['/bin/sh', `${SCRIPTS_PATH}/read-volume.sh`],
          env: [
            { name: 'WORK_DIR', value: MOUNT },
            { name: 'MESSAGE_FILE', value: MESSAGE },
            { name: 'MINIMUM_FILES', value: String(plan.minimumFiles) },
          ],
          resources: {
            requests: { cpu: k8s.Quantity.fromString('100m'), ...resources },
            limits: { cpu: k8s.Quantity.fromString('2'), ...resources },
          },
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
            readOnlyRootFilesystem: true,
          },
          terminationMessagePath: MESSAGE,
          terminationMessagePolicy: 'FallbackToLogsOnError',
          volumeMounts: [
            { name: 'scripts', mountPath: SCRIPTS_PATH, readOnly: true },
            { name: 'tmp', mountPath: '/tmp' },
            { name: RESTORED, mountPath: MOUNT },
          ],
        },
      ],
      volumes: [
        { name: 'scripts', configMap: { name: scriptsName, defaultMode: 0o555 } },
        { name: 'tmp', emptyDir: { sizeLimit: k8s.Quantity.fromString('1Gi') } },
        {
          name: RESTORED,
          ephemeral: {
            volumeClaimTemplate: {
              spec: {
                accessModes: ['ReadWriteOnce'],
                ...(storageClassName === undefined ? {} : { storageClassName }),
              },
            },
          },
        },
      ],
    },
  });
}
