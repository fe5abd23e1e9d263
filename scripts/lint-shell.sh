#!/usr/bin/env bash
# Checks the shell scripts: that they parse, and with shellcheck where it is installed.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts=(scripts/*.sh .ci/run server/src/main/dist/*.sh e2e/src/test/resources/machine/*)
for script in "${scripts[@]}"; do
    bash -n "$script"
done
if command -v shellcheck > /dev/null; then
    shellcheck --source-path=SCRIPTDIR --external-sources "${scripts[@]}"
fi
