# Shared by the steps that talk to the API server; read with `.`, never run. They set $run.
# shellcheck disable=SC2154

# No call may outlast the time that a pod has to end. kubectl's own --request-timeout would do, but with any setting of the connection
# it no longer looks for the API server of its pod (kubernetes client-go tools/clientcmd, IsDefaultConfig).
api() { timeout 20 kubectl "$@"; }

# What the API server said last; lines before it are about retries.
refused() { fail "$1: $(tail -n 1 "$run/error")"; }

# What fails must not keep the rest from being done; the run fails at its end.
failure() { printf '%s: %s\n' "$1" "$2" >>"$run/failures"; }
