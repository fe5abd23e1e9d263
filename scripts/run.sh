#!/usr/bin/env bash
# The server with the flags of its unit, and its data in ./data. Arguments go to the server.
set -euo pipefail
cd "$(dirname "$0")/.."

. scripts/lib.sh
archive=server/target/server.jsa
options=("${server_flags[@]}")
major=$(java -version 2>&1 | sed -n '1s/.* version "\([0-9]*\).*/\1/p')
# An archive of loaded classes halves the start-up. Before 19, Java makes one only when told to, at its end.
if ((major >= 19)); then
    options+=(-XX:+AutoCreateSharedArchive "-XX:SharedArchiveFile=$archive")
elif [[ $archive -nt $server_jar ]]; then
    options+=("-XX:SharedArchiveFile=$archive")
else
    rm -f "$archive"
    options+=("-XX:ArchiveClassesAtExit=$archive")
fi
exec java "${options[@]}" -jar "$server_jar" "$@"
