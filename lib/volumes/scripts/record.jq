# The record of one snapshot. Input: all good snapshots. $name: its name. $content: its VolumeSnapshotContent. $claims: all claims.

def user_annotations: with_entries(select(.key | test("kubernetes\\.io/") | not));

first(.[] | select(.metadata.name == $name)) as $snapshot
| $content[0] as $content
| $snapshot.spec.source.persistentVolumeClaimName as $claim_name
| (first($claims[0][] | select(.metadata.name == $claim_name)) // error("the claim is gone")) as $claim
| ($content.status.snapshotHandle // error("it has no handle")) as $handle
| if $content.spec.volumeSnapshotRef.uid != $snapshot.metadata.uid then error("its content belongs to another snapshot") else . end
| {apiVersion: "snapshot.storage.k8s.io/v1", metadata: {name: $snapshot.metadata.name, namespace: $snapshot.metadata.namespace}} as $object
| {
    version: 1,
    asset: $snapshot.metadata.labels["cdk8s-dr/asset"],
    snapshot: $name,
    namespace: $snapshot.metadata.namespace,
    claim: $claim_name,
    scheduled: $snapshot.metadata.labels["cdk8s-dr/scheduled"],
    created: $snapshot.status.creationTime,
    driver: $content.spec.driver,
    snapshotHandle: $handle,
    restoreSize: $snapshot.status.restoreSize,
    # `kubectl apply` in a new cluster imports the snapshot and restores the claim from it; its storage class must be of the same driver.
    import: {
      apiVersion: "v1",
      kind: "List",
      items: [
        ($object + {kind: "VolumeSnapshotContent"}
          | .metadata = {name: $snapshot.status.boundVolumeSnapshotContentName}
          | .spec = {
              deletionPolicy: "Retain",
              driver: $content.spec.driver,
              source: {snapshotHandle: $handle},
              sourceVolumeMode: ($content.spec.sourceVolumeMode // $claim.spec.volumeMode // "Filesystem"),
              volumeSnapshotRef: {name: $name, namespace: $snapshot.metadata.namespace}
            }),
        ($object + {kind: "VolumeSnapshot", spec: {source: {volumeSnapshotContentName: $snapshot.status.boundVolumeSnapshotContentName}}}),
        {
          apiVersion: "v1",
          kind: "PersistentVolumeClaim",
          metadata: {
            name: $claim_name,
            namespace: $snapshot.metadata.namespace,
            labels: ($claim.metadata.labels // {}),
            annotations: ($claim.metadata.annotations // {} | user_annotations)
          },
          spec: ($claim.spec | {accessModes, storageClassName, volumeMode} | with_entries(select(.value != null)) + {
            dataSource: {apiGroup: "snapshot.storage.k8s.io", kind: "VolumeSnapshot", name: $name},
            # What was asked for may be less than what the provider made of it, and is then refused.
            resources: {requests: {storage: ($snapshot.status.restoreSize // $claim.status.capacity.storage)}}
          })
        }
      ]
    }
  }
