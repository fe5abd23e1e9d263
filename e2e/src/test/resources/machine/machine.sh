#!/usr/bin/env bash
# A machine for a test: this one's programs, with its own systemd, process tree and directories /etc, /usr, /var and /run.
#
#   unshare --mount machine.sh DIRECTORY    runs until TERM, and then kills everything that runs on it
set -euo pipefail

start() {
    mount --make-rprivate /
    mount -t tmpfs tmpfs "$1"
    mkdir "$1/groups"
    mount -t cgroup2 cgroup2 "$1/groups"
    local group=$1/groups/restic-fleet-test-$$
    mkdir "$group"
    echo $$ > "$group/cgroup.procs"
    setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --cgroup --ipc --uts "$0" "$1" boot &
    local life=$!
    trap 'pkill -KILL --parent "$life"' TERM
    # Twice, as the signal interrupts the first wait.
    wait "$life" || wait "$life" || true
    echo $$ > "$1/groups/cgroup.procs"
    find "$group" -depth -type d -exec rmdir {} +
}

boot() {
    local directory
    for directory in etc usr var; do
        mkdir -p "$1/$directory" "$1/.$directory"
        mount -t overlay overlay -o "lowerdir=/$directory,upperdir=$1/$directory,workdir=$1/.$directory" "/$directory"
    done
    mount -t proc proc /proc
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
    mount -t tmpfs -o mode=0755,nosuid,nodev,noexec tmpfs /run # as distributions have it
    # Only the journal starts by default, and it must not touch /dev, which is shared with this machine.
    rm -rf /usr/lib/systemd/system/*.wants /etc/systemd/system/*.wants
    ln -sf /dev/null /etc/systemd/system/systemd-journald-dev-log.socket
    ln -sf /dev/null /etc/systemd/system/systemd-journald-audit.socket
    printf '[Unit]\nDescription=Minimal target\nWants=systemd-journald.service\n' > /etc/systemd/system/default.target
    export container=other
    echo ready
    exec /usr/lib/systemd/systemd --system --log-target=console --show-status=no
}

"${2:-start}" "$1"
