#!/usr/bin/env bash
# Checks the systemd units: that they are understood, and how much they leave open (systemd-analyze security, 0 to 10).
set -euo pipefail
cd "$(dirname "$0")/.."

if ! systemd-analyze security --help 2> /dev/null | grep -q -- --offline; then
    echo "lint-units: SKIPPED, there is no systemd-analyze of version 250 or newer (apt-get install systemd)"
    exit 0
fi

# unit FILE MOST: MOST is the exposure allowed, in tenths.
unit() {
    local said
    said=$(systemd-analyze verify "$1" 2>&1) || true
    # Of programs that are not on this machine it complains, too.
    if grep -v 'is not executable\|^$' <<< "$said"; then
        echo "lint-units: $1 is not understood" >&2
        exit 1
    fi
    if ! said=$(systemd-analyze security --offline=yes --no-pager --threshold="$2" "$1" 2>&1); then
        grep -v '^✓' <<< "$said" >&2
        echo "lint-units: $1 leaves more open than $2 tenths" >&2
        exit 1
    fi
}

unit server/src/main/dist/restic-fleet.service 15
unit agent/src/main/dist/restic-fleet-agent.service 40
unit agent/src/main/dist/restic-fleet-agent-backup-only.service 20
