#!/usr/bin/env bash
# A machine of its own for a test: this one's programs, with directories /etc, /usr/lib, /var and /run that are its own.
#
#   unshare --mount machine.sh DIRECTORY    stays until it is ended
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
mount --make-rprivate /
mount -t tmpfs tmpfs "$1"
for directory in etc usr var; do
    mkdir -p "$1/$directory" "$1/.$directory"
    mount -t overlay overlay -o "lowerdir=/$directory,upperdir=$1/$directory,workdir=$1/.$directory" "/$directory"
done
mount -t tmpfs -o mode=0755,nosuid,nodev,noexec tmpfs /run # as distributions have it
mkdir -p /run/systemd/system
install -m 0755 "$here/systemctl" /usr/bin/systemctl
echo ready
exec sleep infinity
