# The newest good snapshot of each claim. Input: a list of VolumeSnapshots.

[.items[]
  | select(.spec.source.persistentVolumeClaimName != null and .metadata.labels["cdk8s-dr/scheduled"] != null)
  | select(.status.readyToUse == true and .status.error == null and .metadata.deletionTimestamp == null)]
| group_by(.spec.source.persistentVolumeClaimName)
| map(max_by(.metadata.labels["cdk8s-dr/scheduled"])
  | {claim: .spec.source.persistentVolumeClaimName, name: .metadata.name, size: .status.restoreSize})
