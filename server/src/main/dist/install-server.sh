#!/usr/bin/env bash
# Run by `java -jar restic-fleet.jar install`: installs, repairs or upgrades the server's jar, user, settings and systemd
# unit, and starts the service. Also implements `uninstall` and `purge`.
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

# Exits with a message: what is wrong, and what to do.
fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

need_root() {
    ((EUID == 0)) || fail "this must be run as root: put sudo before the command"
}

need_systemd() {
    [[ -d /run/systemd/system ]] && command -v systemctl > /dev/null && return
    fail "there is no systemd on this machine, so nothing was installed or removed. Run the server by hand, or under your" \
        "service manager:" \
        "  RESTIC_FLEET_DATA_DIR=$state java -jar restic-fleet.jar"
}

need_to_write() {
    local directory probe
    for directory in /etc/systemd/system /etc/default /usr/lib /var/lib; do
        mkdir -p "$directory" 2> /dev/null || fail "cannot create $directory: is the disk read-only? Nothing was installed."
        probe=$(mktemp "$directory/.restic-fleet.XXXXXX" 2> /dev/null) \
            || fail "cannot write to $directory: is it read-only? Nothing was installed."
        rm -f "$probe"
    done
}

# systemd searches only these directories for programs.
need_java() {
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin command -v java > /dev/null && return
    [[ -e $settings ]] && grep -q '^JAVA=' "$settings" && return
    local argument
    for argument; do
        [[ $argument == JAVA=* ]] && return
    done
    fail "systemd does not find java: link it into /usr/bin, or put JAVA=/path/to/bin/java into $settings"
}

# set_to NAME VALUE: replaces a setting in the settings file.
set_to() {
    local kept
    kept=$(grep -v "^$1=" "$settings" || true)
    install -m 0600 /dev/null "$settings.new"
    printf '%s\n%s=%s\n' "$kept" "$1" "$2" > "$settings.new"
    mv -f "$settings.new" "$settings"
}

install_files() {
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
# Settings of the restic-fleet server, one NAME=value per line; see java -jar restic-fleet.jar --help
# After a change: systemctl restart restic-fleet
END
    fi
    for setting; do
        set_to "${setting%%=*}" "${setting#*=}"
    done
    install -m 0644 "$its_unit" "$unit"
}

# start HOST PORT: starts the service and waits until it accepts connections, which is its last step.
start() {
    systemctl daemon-reload
    systemctl enable --quiet "$service"
    systemctl restart "$service" || fail "the server did not start, see journalctl -u $service"
    timeout 40 bash -c "until (exec 3<> '/dev/tcp/$1/$2') 2> /dev/null; do sleep 0.3; done" && return
    journalctl --unit="$service" --lines=20 --output=cat --no-pager >&2 || true
    fail "the server is installed, but nothing answers at $1 port $2 after 40 seconds. Its log is above and in" \
        "journalctl -u $service; the reason may be a file that the user $user cannot read. systemd keeps trying to start it"
}

uninstall() {
    if [[ -e $unit ]]; then
        systemctl disable --now --quiet "$service" || true
        rm -f "$unit"
        systemctl daemon-reload
    fi
    rm -f "$jar" "$jar.previous" "$jar.new"
    rmdir --ignore-fail-on-non-empty "$lib" 2> /dev/null || true
    say "the server was removed. $state and $settings are kept; purge removes them"
}

purge() {
    uninstall > /dev/null
    rm -rf "$state"
    rm -f "$settings"
    if getent passwd "$user" > /dev/null; then
        userdel "$user"
    fi
    say "the server, its settings and its database were removed. Backups were not changed; agents keep running their schedules"
}

action=$1
shift
need_root
need_systemd
case $action in
    install)
        need_to_write
        need_java "$@"
        install_files "$@"
        start "$3" "$4"
        ;;
    uninstall) uninstall ;;
    purge) purge ;;
esac
