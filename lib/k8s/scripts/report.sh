# Collects what a report says, and writes it as JSON; read with `.`, never run. Lists are files with one item a line, fields separated by tabs.

# Adds a text, or a number or truth value, to the report.
fact() { printf 'text\t%s\t%s\n' "$1" "$2" >>"$WORK_DIR/run/facts"; }
figure() { printf 'figure\t%s\t%s\n' "$1" "$2" >>"$WORK_DIR/run/facts"; }

# Prints the report: write_json [LIST=FIELDS FILE]...; fields are separated by commas.
write_json() {
  awk -F '\t' -f "${0%/*}/report.awk" "$WORK_DIR/run/facts" "$@"
}
