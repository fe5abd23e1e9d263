#!/usr/bin/env bash
# Runs Maven. If tests fail, ends with those of all modules, as modules that are tested side by side end far apart.
set -u
begun=$(mktemp)
trap 'rm -f "$begun"' EXIT
"$@" && exit
result=$?
find . -path '*/target/surefire-reports/*.txt' -newer "$begun" -exec grep -hA4 -e ' <<< \(FAILURE\|ERROR\)!$' {} + \
    | grep -v '^--$'
exit $result
