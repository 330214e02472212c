#!/usr/bin/env bash
# Installs the package, builds plugins against it as somebody else would, and leaves them where a test with a
# host finds them:   package.sh BUILD_DIR   ->  BUILD_DIR/outside/plugins/*.so
set -euo pipefail
source=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "$1" && pwd)
outside=$build/outside
prefix=$outside/prefix
rm -rf "$outside"
mkdir -p "$outside/plugins"

cmake --install "$build" --component api --prefix "$prefix" >/dev/null

# With CMake: the outside project, and each sample as a project of its own.
for project in tests/api/outside/cpp samples/services/scan_to_cloud samples/services/secure_print \
  samples/services/toner_watch; do
  name=$(basename "$project")
  cmake -S "$source/$project" -B "$outside/$name" -DCMAKE_PREFIX_PATH="$prefix" \
    -DCMAKE_LIBRARY_OUTPUT_DIRECTORY="$outside/$name" >"$outside/$name.log"
  cmake --build "$outside/$name" >>"$outside/$name.log" || {
    cat "$outside/$name.log"
    exit 1
  }
done
cp "$outside/cpp/outside_cpp.so" "$outside/plugins/"

# Without CMake: C99 with clang and pkg-config.
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name intray.pc)")
export PKG_CONFIG_PATH
compiler=$(command -v clang || command -v cc)
# shellcheck disable=SC2046
"$compiler" -std=c99 -pedantic -Wall -Wextra -Werror -fPIC -shared $(pkg-config --cflags intray) \
  -Wl,-z,defs "-Wl,--version-script=$(pkg-config --variable=exports intray)" \
  "$source/tests/api/outside/c99/plugin.c" -o "$outside/plugins/outside_c99.so"

# The program of device_sdk/README.md, with pkg-config as it says there.
cmake --install "$build" --component device --prefix "$prefix" >/dev/null
mkdir -p "$outside/printer"
awk '/^```c$/ { inside = 1; next } /^```/ { inside = 0 } inside' "$source/device_sdk/README.md" >"$outside/printer/main.c"
# (A sanitizer's archive links into a sanitizer's program only.)
if ! nm "$(dirname "$PKG_CONFIG_PATH")/libintray_device.a" | grep -E '__(a|t)san_' >/dev/null; then
  # shellcheck disable=SC2046
  "$compiler" -std=c99 -pedantic -Wall -Wextra -Werror "$outside/printer/main.c" \
    $(pkg-config --cflags --libs intray-device) -o "$outside/printer/printer"
fi

# Each exports its entry and nothing else.
libraries=("$outside"/plugins/*.so "$outside"/{scan_to_cloud,secure_print,toner_watch}/*.so)
for library in "${libraries[@]}"; do
  exported=$(nm -D --defined-only "$library" | awk '{print $NF}' | grep -v '^_\(init\|fini\)$' || true)
  if [ "$exported" != intray_plugin_entry_v1 ]; then
    printf '%s exports not its entry alone but:\n%s\n' "$library" "$exported"
    exit 1
  fi
done
# A plugin built by the outside must not be writable by others, or a host would refuse it.
chmod go-w "$outside/plugins" "$outside"/plugins/*.so
echo "${#libraries[@]} plugins built against the installed package with $(basename "$compiler") and CMake, one exported symbol each"
