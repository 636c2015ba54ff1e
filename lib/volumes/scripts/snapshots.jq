# The snapshots of one run: for each claim its manifest, and whether it exists already.
# $claims, $list: what the API server has. $class, $namespace, $schedule, $time, $labels: what a snapshot is made of.

($list[0].items | map(.metadata.name)) as $existing
| ($labels | split(",") | map(split("=") | {key: .[0], value: .[1]}) | from_entries) as $labels
| [
    $claims[0][].metadata.name as $claim
    | "\($claim)-\($schedule)-\($time | ascii_downcase)" as $name
    | {
        exists: any($existing[]; . == $name),
        manifest: {
          apiVersion: "snapshot.storage.k8s.io/v1",
          kind: "VolumeSnapshot",
          metadata: {name: $name, namespace: $namespace, labels: ($labels + {"cdk8s-dr/scheduled": $time})},
          spec: {volumeSnapshotClassName: $class, source: {persistentVolumeClaimName: $claim}}
        }
      }
  ]
