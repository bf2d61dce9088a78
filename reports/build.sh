#!/bin/sh
# Makes the published example anew: the demonstration's two platforms, their sealed reports, the register of both.
# The keys are test keys, made for this one time and thrown away; what they seal has no legal value.
set -eu
cd "$(dirname "$0")"
conformance=${CONFORMANCE:-../.venv/bin/conformance}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
printf 'name: Grünfurt Geodaten GmbH\nid: https://geodaten.example\nrole: vendor\n' > "$scratch/vendor.yaml"
printf 'name: Stadt Musterstadt\nid: https://musterstadt.example\nrole: buyer\n' > "$scratch/buyer.yaml"
"$conformance" --lang de demo --out "$scratch/runs" > /dev/null
"$conformance" attest --new-key "$scratch/key.p12"
rm -rf attestations register
mkdir attestations
"$conformance" --lang de attest "$scratch/runs/reference" --issuer "$scratch/vendor.yaml" --key "$scratch/key.p12" \
  --public --land DE-HE --ags 06411000 --out attestations/reference
"$conformance" --lang de attest "$scratch/runs/facade" --issuer "$scratch/buyer.yaml" --key "$scratch/key.p12" \
  --public --land DE-BW --ags 08222000 --out attestations/facade
for name in reference facade; do
  cp "$scratch/runs/$name/report.de.html" "$scratch/runs/$name/report.en.html" "attestations/$name/"
done
"$conformance" --lang de register build attestations --out register --base-url https://register.example
