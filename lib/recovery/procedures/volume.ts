import type { RecoveryPlan, VolumePlan } from '../../plan';
import { dialectOf } from '../../storage';
import { guarded } from '../deletion';
import type { Parameter, Procedure } from '../procedure';
import { variable } from '../procedure';
import { expectedOf } from './estimates';
import { storeAccess } from './store';
import { claimFrom, importOf, lookInto } from './volume-manifests';

const SNAPSHOTS = 'volumesnapshots.snapshot.storage.k8s.io';
const CONTENTS = 'volumesnapshotcontents.snapshot.storage.k8s.io';

/** Seconds until a claim from a snapshot is bound and mounted. */
const MOUNT_SECONDS = 300;

/** Variable of the key of a record. */
export const RECORD = 'RECORD';

const CLAIM = variable('CLAIM');
const SNAPSHOT = variable('SNAPSHOT');
const SUBDOMAIN = '[a-z0-9]([-a-z0-9.]*[a-z0-9])?';

/** Restores a claim from a snapshot of this cluster: beside the old one, looked into, and only then in its place. */
export function restoreVolume(site: RecoveryPlan, plan: VolumePlan): Procedure {
  const { namespace } = plan;
  const beside = `${CLAIM}-restored`;
  const claim = {
    snapshot: SNAPSHOT,
    size: variable('SIZE'),
    storageClassName: variable('STORAGE_CLASS'),
    accessMode: variable('ACCESS_MODE'),
    volumeMode: variable('VOLUME_MODE'),
  };
  return {
    title: `Restore a claim of volumes ${plan.name} from a snapshot`,
    use: 'The data of a claim is damaged or gone, and the cluster has its snapshots.',
    look: [
      `kubectl get persistentvolumeclaims -n ${namespace}`,
      `kubectl get ${SNAPSHOTS} -n ${namespace} --sort-by=.metadata.creationTimestamp`,
    ].join('\n'),
    parameters: [claimParameter(plan), snapshotParameter(plan)],
    steps: [
      { text: 'Read what the restored claim needs. The snapshot must be of this claim.', command: readClaim(plan) },
      {
        text: 'Make a claim beside the old one, and a pod that mounts it: many classes make the volume only then.',
        manifests: [
          ...claimFrom(plan, { ...claim, name: beside }),
          ...lookInto(site, plan, `look-into-${CLAIM}`, beside),
        ],
        command: `kubectl wait pod/look-into-"${CLAIM}" -n ${namespace} --for=condition=Ready --timeout=${MOUNT_SECONDS}s`,
      },
      {
        text: 'Look whether it is the right data. What only its owner may read shows as denied, which says nothing about the data.',
        command: `kubectl exec -n ${namespace} look-into-"${CLAIM}" -- ls -la /data`,
      },
      {
        text: 'See who uses the old claim, and stop them: scale their workload to 0, and keep the GitOps controller from starting it.',
        command: usersOf(namespace),
      },
      {
        text: 'Put it in the place of the old one. The old volume is kept, whatever its class says, until somebody deletes it. A snapshot of the claim that is not ready yet keeps it from going: where the command waits, see which, and delete that one if it never gets ready.',
        command: removeOldClaim(namespace),
      },
      {
        text: 'Make the claim again under its own name, from the same snapshot, and start the workload.',
        manifests: claimFrom(plan, { ...claim, name: CLAIM }),
      },
      {
        text: 'Remove what was for looking.',
        command: [
          `kubectl delete pod/look-into-"${CLAIM}" -n ${namespace}`,
          guarded({
            what: 'The claim beside the old one',
            name: beside,
            command: `kubectl delete persistentvolumeclaim/"${beside}" -n ${namespace}`,
          }),
        ].join('\n'),
      },
    ],
    ...expectedOf(site, `volumes ${plan.name}`, 'volume snapshots'),
    worked: 'the claim is bound, its pod is ready, and the application finds its data.',
    backOut:
      'delete the pod and the restored claim as in the last step. After the fifth step the old volume is still there as a released PersistentVolume, whose name that step printed: clear its `claimRef` and make a claim with that `volumeName`.',
  };
}

/** Imports the snapshot of a lost cluster from its record in the store, and makes the claim from it. */
export function importVolume(site: RecoveryPlan, plan: VolumePlan): Procedure {
  const { namespace } = plan;
  return {
    title: `Import a claim of volumes ${plan.name} from the record of its snapshot`,
    use: `The cluster is lost, and a new one has the same CSI driver and access to the same account. Namespace \`${namespace}\` exists, and the claim does not.`,
    look: [storeAccess(site), listRecords(site, plan)].join('\n'),
    parameters: [
      claimParameter(plan),
      {
        name: RECORD,
        meaning: 'Record of the snapshot, as listed',
        example: `20240115T143010Z/${claimExample(plan)}-${plan.name}-20240115t143000z.json`,
        pattern: `[0-9]{8}T[0-9]{6}Z/${SUBDOMAIN}\\.json`,
      },
    ],
    steps: [
      { text: 'Read the record.', command: readRecord(site, plan) },
      {
        text: 'Import the snapshot, and make the claim from it.',
        manifests: [
          ...importOf(plan, {
            name: SNAPSHOT,
            driver: variable('DRIVER'),
            snapshotHandle: variable('HANDLE'),
            volumeMode: variable('VOLUME_MODE'),
          }),
          ...claimFrom(plan, {
            name: CLAIM,
            snapshot: SNAPSHOT,
            size: variable('SIZE'),
            storageClassName: variable('STORAGE_CLASS'),
            accessMode: variable('ACCESS_MODE'),
            volumeMode: variable('VOLUME_MODE'),
          }),
        ],
        command: `kubectl wait ${SNAPSHOTS}/"${SNAPSHOT}" -n ${namespace} --for=jsonpath='{.status.readyToUse}'=true --timeout=${MOUNT_SECONDS}s`,
      },
      {
        text: 'Mount it, and look whether it is the right data.',
        manifests: lookInto(site, plan, `look-into-${CLAIM}`, CLAIM),
        command: [
          `kubectl wait pod/look-into-"${CLAIM}" -n ${namespace} --for=condition=Ready --timeout=${MOUNT_SECONDS}s`,
          `kubectl exec -n ${namespace} look-into-"${CLAIM}" -- ls -la /data`,
          `kubectl delete pod/look-into-"${CLAIM}" -n ${namespace}`,
        ].join('\n'),
      },
    ],
    ...expectedOf(site, `volumes ${plan.name}`, 'volume snapshots'),
    worked: 'the claim is bound, and the data is there.',
    backOut: "remove the claim and what was imported; the provider's snapshot stays.",
    backOutCommand: guarded({
      what: 'The claim that was imported',
      name: CLAIM,
      command: [
        `kubectl delete persistentvolumeclaim/"${CLAIM}" ${SNAPSHOTS}/"${SNAPSHOT}" -n ${namespace}`,
        // It outlives the snapshot that it was bound to, and would never be bound to another one.
        `kubectl delete ${CONTENTS}/"${SNAPSHOT}"`,
      ].join('\n'),
    }),
  };
}

function claimExample({ claims, name }: VolumePlan): string {
  return claims[0] ?? name;
}

function claimParameter(plan: VolumePlan): Parameter {
  return {
    name: 'CLAIM',
    meaning:
      plan.claims.length === 0 ? `Claim with labels ${plan.claimSelector}` : `Claim: ${plan.claims.join(' or ')}`,
    example: claimExample(plan),
    pattern: plan.claims.length === 0 ? SUBDOMAIN : plan.claims.join('|').replace(/\./g, '\\.'),
  };
}

function snapshotParameter(plan: VolumePlan): Parameter {
  return {
    name: 'SNAPSHOT',
    meaning: 'VolumeSnapshot of the claim that is ready to use',
    example: `${claimExample(plan)}-${plan.name}-20240115t143000z`,
    pattern: SUBDOMAIN,
  };
}

function readClaim({ namespace }: VolumePlan): string {
  const snapshot = (path: string): string =>
    `$(kubectl get ${SNAPSHOTS} "${SNAPSHOT}" -n ${namespace} -o jsonpath='{${path}}')`;
  const claim = (path: string): string =>
    `$(kubectl get persistentvolumeclaim "${CLAIM}" -n ${namespace} -o jsonpath='{${path}}')`;
  return [
    `[ "${snapshot('.spec.source.persistentVolumeClaimName')}" = "${CLAIM}" ] || SNAPSHOT=''`,
    `SIZE=${snapshot('.status.restoreSize')}`,
    `STORAGE_CLASS=${claim('.spec.storageClassName')}`,
    `ACCESS_MODE=${claim('.spec.accessModes[0]')}`,
    `VOLUME_MODE=${claim('.spec.volumeMode')}`,
  ].join('\n');
}

function usersOf(namespace: string): string {
  const columns =
    '{range .items[*]}{.metadata.name}{"\\t"}{.metadata.ownerReferences[0].kind}/{.metadata.ownerReferences[0].name}{"\\t"}{.spec.volumes[*].persistentVolumeClaim.claimName}{"\\n"}{end}';
  return `kubectl get pods -n ${namespace} -o jsonpath='${columns}' |\n  awk -F '\\t' -v claim="${CLAIM}" 'index(" " $3 " ", " " claim " ")'`;
}

function removeOldClaim(namespace: string): string {
  return guarded({
    what: 'The old claim',
    name: CLAIM,
    command: [
      `VOLUME=$(kubectl get persistentvolumeclaim "${CLAIM}" -n ${namespace} -o jsonpath='{.spec.volumeName}')`,
      `kubectl patch persistentvolume "\${VOLUME:?}" -p '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}' &&`,
      `  kubectl delete persistentvolumeclaim "${CLAIM}" -n ${namespace}`,
    ].join('\n'),
  });
}

function listRecords(site: RecoveryPlan, plan: VolumePlan): string {
  const { rcloneRoot } = dialectOf(site.storage);
  return `rclone lsf --recursive --files-only ${rcloneRoot}/${plan.prefix} | grep -v '/backup\\.json$' | sort | tail -n 20`;
}

function readRecord(site: RecoveryPlan, plan: VolumePlan): string {
  const { rcloneRoot } = dialectOf(site.storage);
  const claim = '.import.items[2].spec';
  const fields: [string, string][] = [
    ['SNAPSHOT', '.snapshot'],
    ['DRIVER', '.driver'],
    ['HANDLE', '.snapshotHandle'],
    ['SIZE', `${claim}.resources.requests.storage`],
    ['STORAGE_CLASS', `${claim}.storageClassName`],
    ['ACCESS_MODE', `${claim}.accessModes[0]`],
    ['VOLUME_MODE', '.import.items[0].spec.sourceVolumeMode'],
  ];
  return [
    `rclone cat "${rcloneRoot}/${plan.prefix}/${variable(RECORD)}" >record.json`,
    `[ "$(jq -r .claim record.json)" = "${CLAIM}" ] || CLAIM=''`,
    ...fields.map(([name, path]) => `${name}=$(jq -r '${path}' record.json)`),
  ].join('\n');
}
