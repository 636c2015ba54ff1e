# The pod that reads one restored volume. Input: its template. $claim: the claim that the snapshot is of, or null when it is gone.
# $snapshot, $size: what is restored. $job, $uid: the Job, with which the pod goes, and with the pod its volume.

(if $size == "" then $claim[0].status.capacity.storage else $size end // error("neither the snapshot nor its claim says how large it is")) as $storage
| .metadata.ownerReferences = [{apiVersion: "batch/v1", kind: "Job", name: $job, uid: $uid}]
| (.spec.volumes[] | select(.name == "restored")).ephemeral.volumeClaimTemplate.spec |= (. + {
    dataSource: {apiGroup: "snapshot.storage.k8s.io", kind: "VolumeSnapshot", name: $snapshot},
    resources: {requests: {storage: $storage}}
  } + ($claim[0].spec // {} | {storageClassName} | with_entries(select(.value != null))) + .)
