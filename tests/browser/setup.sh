#!/bin/sh
# Installs what the browser tests need: headless Chromium and axe-core. May be repeated.
set -eu

AXE_VERSION=4.14.1
CACHE="${CONFORMANCE_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/conformance-tests}"
AXE="$CACHE/axe-core-$AXE_VERSION/axe.min.js"

if ! command -v chromium >/dev/null; then
    apt-get update
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium
fi

if [ ! -s "$AXE" ]; then
    work="$(mktemp -d)"
    trap 'rm -rf "$work"' EXIT
    (cd "$work" && npm pack --silent "axe-core@$AXE_VERSION" && tar -xzf "axe-core-$AXE_VERSION.tgz")
    mkdir -p "$(dirname "$AXE")"
    mv "$work/package/axe.min.js" "$AXE"
fi

echo "chromium: $(command -v chromium)"
echo "axe-core: $AXE"
