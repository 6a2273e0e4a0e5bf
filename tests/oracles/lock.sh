#!/bin/sh
# Pins the environment of every oracle again from the first line of its requirements.txt: tests/oracles/lock.sh [NAME...]
# For a newer SDK, write its version into that line first. No hashes: these environments have no key and only loopback.
set -eu
cd "$(dirname "$0")"
uv=../../.venv/bin/uv
for folder in "${@:-*/}"; do
    for lock in ${folder%/}/requirements.txt; do
        [ -f "$lock" ] || continue
        wanted=$(sed -n '1s/^# pins for: //p' "$lock")
        {
            echo "# pins for: $wanted"
            printf '%s\n' $wanted | "$uv" pip compile - --quiet --universal --python-version 3.12 --no-annotate --no-header |
                grep -v -E '^--(index|extra-index|find-links|trusted-host|default-index)'
        } >"$lock.new"
        mv "$lock.new" "$lock"
    done
done
