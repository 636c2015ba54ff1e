# Decides about every snapshot of an asset: kept, expired, abandoned, or future when a clock is wrong.
# Input: a list of VolumeSnapshots. $now: seconds. $tiers: <tier>=<seconds> separated by spaces. $floor: good ones of each claim that are kept.
# $abandoned: age in seconds.

# Clocks of two nodes may differ a little.
def tolerance: 3600;

def seconds: (capture("^(?<d>\\d{4})(?<m>\\d\\d)(?<e>\\d\\d)T(?<h>\\d\\d)(?<i>\\d\\d)(?<s>\\d\\d)Z$") | "\(.d)-\(.m)-\(.e)T\(.h):\(.i):\(.s)Z" | fromdateiso8601)? // null;

# Number of the hour, the day, or the ISO week, which begins on Monday: day 0 was a Thursday.
def period($tier; $id):
  if $tier == "hourly" then .time / 3600 | floor
  elif $tier == "daily" then .time / 86400 | floor
  elif $tier == "weekly" then (.time / 86400 | floor) + 3 | . / 7 | floor
  else $id end;

# The first of each period, while it is young enough; input is one claim's good snapshots from old to new.
def wanted($tier; $keep): [to_entries | group_by(.key as $id | .value | period($tier; $id))[] | min_by(.key).value | select($now - .time <= $keep).name];

($tiers | split(" ") | map(split("=") | {tier: .[0], keep: (.[1] | tonumber)})) as $tiers
| [.items[]
    | select(.spec.source.persistentVolumeClaimName != null)
    | {
        name: .metadata.name,
        uid: .metadata.uid,
        claim: .spec.source.persistentVolumeClaimName,
        content: (.status.boundVolumeSnapshotContentName // "snapcontent-\(.metadata.uid)"),
        time: (.metadata.labels["cdk8s-dr/scheduled"] // "" | seconds),
        deleted: (.metadata.deletionTimestamp != null),
        good: (.status.readyToUse == true and .status.error == null and .status.boundVolumeSnapshotContentName != null and .metadata.deletionTimestamp == null)
      }
    # A time that cannot be read is not ours to judge.
    | select(.time != null)]
| any(.[]; .time > $now + tolerance) as $wrong_clock
| group_by(.claim)
| map(
    sort_by(.time, .name)
    | map(select(.good)) as $good
    | ($good[-1].time // -1) as $newest
    | ($good | [.[-$floor:][].name]) as $kept
    | ([$tiers[] as {$tier, $keep} | $good | wanted($tier; $keep)[]] + $kept | unique) as $wanted
    | .[]
    | .verdict =
        if .time > $now + tolerance then "future"
        elif $wrong_clock or .deleted then "kept"
        elif .good then .name as $name | if any($wanted[]; . == $name) then "kept" else "expired" end
        elif .time < $newest and $now - .time > $abandoned then "abandoned"
        else "kept" end
  )
