#!/usr/bin/env bash
# Does api/README.md tell the truth? Writes each code block that names a file into a fresh directory, then runs each
# sh block there, in order:   readme.sh BUILD_DIR
set -euo pipefail
source=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "$1" && pwd)
work=$build/readme
rm -rf "$work"
mkdir -p "$work/build"
ln -s "$build" "$work/build/dev" # "build/dev" of the README, whatever the preset is
export HOME=$work

awk -v work="$work" '
  /^```/ && inside { inside = 0; close(file); next }
  /^```/ {
    inside = 1
    language = substr($1, 4)
    if (language == "text") { file = "/dev/null"; next }
    if (NF == 1 && language != "sh") { print FILENAME ":" FNR ": a code block without a file name"; exit 1 }
    file = work "/" (NF == 1 ? "commands.sh" : $2)
    system("mkdir -p \"$(dirname \"" file "\")\"")
    next
  }
  inside { if (file ~ /commands\.sh$/) print >>file; else print >file }
' "$source/api/README.md"

cd "$work"
bash -euo pipefail commands.sh
for library in "$work"/*.so "$work"/*/build/*.so; do
  exported=$(nm -D --defined-only "$library" | awk '{print $NF}')
  [ "$exported" = intray_plugin_entry_v1 ] || {
    echo "$library exports: $exported"
    exit 1
  }
done
