#!/usr/bin/env bash
# Prints the home of the newest JDK on this machine, if it is newer than the default one.
set -euo pipefail

major_of() {
    "$1" -version 2>&1 | sed -n '1s/.* version "\([0-9]*\).*/\1/p'
}

newest=$(major_of java 2> /dev/null) || exit 0
home=
for java in /usr/lib/jvm/*/bin/java; do
    [[ -x $java && -x ${java%/java}/javac ]] || continue
    major=$(major_of "$java")
    if ((${major:-0} > ${newest:-0})); then
        newest=$major
        home=${java%/bin/java}
    fi
done
[[ -z $home ]] || echo "$home"
