#!/bin/sh
# Fetches what some unit tests compare with: the W3C's tests of SHACL; pdfsig, pdftotext and friends of poppler;
# the MQTT broker Mosquitto.
# May be repeated.
set -eu
python=.venv/bin/python
"$python" -m tests.unit.w3c_shacl || echo "the W3C's tests of SHACL are not to be had; their tests will skip"
if ! command -v pdfsig >/dev/null || ! test -x /usr/sbin/mosquitto; then
    apt-get update
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends poppler-utils mosquitto
fi
