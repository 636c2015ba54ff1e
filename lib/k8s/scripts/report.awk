# Writes a report as JSON. The first file holds facts: text or figure, name, value. Before each file of a list, an assignment to
# `list` gives its name and fields, e.g. list=parts:name,seconds.

function text(value) {
  gsub(/[\\"]/, "\\\\&", value)
  gsub(/[[:cntrl:]]/, " ", value)
  return "\"" value "\""
}

# Only these fields are numbers; a text that looks like one stays a text.
function field(name, value) {
  return text(name) ": " (name ~ /^(seconds|rows|bytes|files)$/ && value ~ /^[0-9]+$/ ? value : text(value))
}

BEGIN {
  printf "{\n  \"version\": 1"
  for (i = 1; i < ARGC; i++) {
    if (ARGV[i] ~ /^list=/) {
      name = substr(ARGV[i], 6)
      sub(/:.*/, "", name)
      order[++lists] = name
    }
  }
}

list == "" {
  value = $0
  sub(/^[^\t]*\t[^\t]*\t/, "", value)
  printf ",\n  %s: %s", text($2), ($1 == "figure" ? value : text(value))
  next
}

{
  name = list
  sub(/:.*/, "", name)
  count = split(substr(list, length(name) + 2), names, ",")
  item = ""
  for (i = 1; i <= count; i++) {
    item = item (i > 1 ? ", " : "") field(names[i], $i)
  }
  items[name] = items[name] (items[name] == "" ? "" : ",") "\n    {" item "}"
}

END {
  for (i = 1; i <= lists; i++) {
    printf ",\n  %s: [%s%s]", text(order[i]), items[order[i]], (items[order[i]] == "" ? "" : "\n  ")
  }
  print "\n}"
}
