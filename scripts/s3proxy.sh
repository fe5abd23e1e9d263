#!/usr/bin/env bash
# Puts S3Proxy, an S3 server in Java, under .tools/s3proxy-<version>/, for the tests to run against. It comes from Maven Central
# with its libraries, which must not meet those of the server. If it cannot be downloaded, this prints a note and succeeds: tests
# then skip what needs it.
set -euo pipefail
cd "$(dirname "$0")/.."

version=2.6.0
target=.tools/s3proxy-$version
if [[ -r $target/s3proxy-$version.jar ]]; then
    echo "s3proxy: have $target"
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sed "s/VERSION/$version/" scripts/s3proxy-pom.xml > "$work/pom.xml"
if ! timeout 300 mvn -B -ntp -q -f "$work/pom.xml" dependency:copy-dependencies -DincludeScope=runtime \
    -DoutputDirectory="$work/new" > "$work/log" 2>&1; then
    tail -3 "$work/log" | sed 's/^/  /'
    echo "s3proxy: SKIPPED: it could not be downloaded"
    exit 0
fi
# Whole or not at all: a test must never find half of it.
mkdir -p .tools
rm -rf "$target"
mv "$work/new" "$target"
echo "s3proxy: have $target"
