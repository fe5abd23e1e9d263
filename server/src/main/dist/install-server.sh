#!/usr/bin/env bash
# What `java -jar restic-fleet.jar install` runs: puts down the server's jar, its user, settings and systemd unit, and
# starts it; or repairs and upgrades what is there. With uninstall or purge it takes them away again.
#
#   install-server.sh install JAR UNIT HOST PORT [NAME=VALUE...]
#   install-server.sh uninstall | purge
set -euo pipefail

readonly lib=/usr/lib/restic-fleet
readonly jar=$lib/restic-fleet.jar
readonly unit=/etc/systemd/system/restic-fleet.service
readonly settings=/etc/default/restic-fleet
readonly state=/var/lib/restic-fleet
readonly user=restic-fleet
readonly service=restic-fleet.service

say() {
    printf '%s\n' "$*"
}

# Ends with what is wrong, and what to do about it.
fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

need_root() {
    ((EUID == 0)) || fail "this has to be run as root: put sudo before it"
}

need_systemd() {
    [[ -d /run/systemd/system ]] && command -v systemctl > /dev/null && return
    fail "there is no systemd on this machine, so nothing was installed or removed. By hand, and under whatever starts" \
        "programs here:" \
        "  RESTIC_FLEET_DATA_DIR=$state java -jar restic-fleet.jar"
}

need_to_write() {
    local directory probe
    for directory in /etc/systemd/system /etc/default /usr/lib /var/lib; do
        mkdir -p "$directory" 2> /dev/null || fail "cannot make $directory: is the disk read-only? Nothing was installed."
        probe=$(mktemp "$directory/.restic-fleet.XXXXXX" 2> /dev/null) \
            || fail "cannot write into $directory: is it read-only? Nothing was installed."
        rm -f "$probe"
    done
}

# systemd looks for programs in few places.
need_java() {
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin command -v java > /dev/null && return
    [[ -e $settings ]] && grep -q '^JAVA=' "$settings" && return
    local argument
    for argument; do
        [[ $argument == JAVA=* ]] && return
    done
    fail "java is not where systemd looks for it (/usr/bin); link it there, or put JAVA=/where/it/is/bin/java into $settings"
}

# set NAME VALUE: in the settings file, instead of what it had.
set_to() {
    local kept
    kept=$(grep -v "^$1=" "$settings" || true)
    install -m 0600 /dev/null "$settings.new"
    printf '%s\n%s=%s\n' "$kept" "$1" "$2" > "$settings.new"
    mv -f "$settings.new" "$settings"
}

put_down() {
    local from=$1 its_unit=$2 setting
    shift 4
    getent passwd "$user" > /dev/null \
        || useradd --system --user-group --home-dir "$state" --no-create-home --shell /usr/sbin/nologin "$user"
    install -d -m 0700 -o "$user" -g "$user" "$state"
    chown -R "$user:$user" "$state"
    install -d -m 0755 "$lib"
    if ! cmp -s "$from" "$jar"; then
        if [[ -e $jar ]]; then
            cp -p "$jar" "$jar.previous"
        fi
        install -m 0644 "$from" "$jar.new"
        mv -f "$jar.new" "$jar"
    fi
    if [[ ! -e $settings ]]; then
        install -m 0600 /dev/null "$settings"
        cat > "$settings" << 'END'
# Settings of the restic-fleet server, one NAME=value a line; see java -jar restic-fleet.jar --help
# After a change: systemctl restart restic-fleet
END
    fi
    for setting; do
        set_to "${setting%%=*}" "${setting#*=}"
    done
    install -m 0644 "$its_unit" "$unit"
}

# start HOST PORT: it listens once everything else has worked out.
start() {
    systemctl daemon-reload
    systemctl enable --quiet "$service"
    systemctl restart "$service" || fail "the server did not start: see journalctl -u $service"
    timeout 40 bash -c "until (exec 3<> '/dev/tcp/$1/$2') 2> /dev/null; do sleep 0.3; done" && return
    journalctl --unit="$service" --lines=20 --output=cat --no-pager >&2 || true
    fail "the server is installed, but nothing answers at $1 port $2 after 40 seconds. What it says is above and in" \
        "journalctl -u $service; it may be a file that the user $user cannot read. systemd goes on trying"
}

uninstall() {
    if [[ -e $unit ]]; then
        systemctl disable --now --quiet "$service" || true
        rm -f "$unit"
        systemctl daemon-reload
    fi
    rm -f "$jar" "$jar.previous" "$jar.new"
    rmdir --ignore-fail-on-non-empty "$lib" 2> /dev/null || true
    say "the server is removed. $state and $settings are kept; purge removes them"
}

purge() {
    uninstall > /dev/null
    rm -rf "$state"
    rm -f "$settings"
    if getent passwd "$user" > /dev/null; then
        userdel "$user"
    fi
    say "the server, its settings and its database are removed. Backups are where they were; agents go on with their schedules"
}

action=$1
shift
need_root
need_systemd
case $action in
    install)
        need_to_write
        need_java "$@"
        put_down "$@"
        start "$3" "$4"
        ;;
    uninstall) uninstall ;;
    purge) purge ;;
esac
