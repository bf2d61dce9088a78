#!/bin/sh
# Installs what some unit tests compare with: pdfsig, pdftotext and friends of poppler. May be repeated.
set -eu
if ! command -v pdfsig >/dev/null; then
    apt-get update
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends poppler-utils
fi
