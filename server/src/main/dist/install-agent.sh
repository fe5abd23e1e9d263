#!/usr/bin/env bash
# Installs the restic-fleet agent on this machine, or repairs it; as root, on Linux with systemd:
#
#   { echo RESTIC_FLEET_TOKEN=T; curl -fsS https://SERVER/agent/install.sh; } | sudo bash -s -- --server https://SERVER [OPTIONS]
#
# The token goes by standard input, as every user of the machine can read the arguments of programs.
# Steps: check that this machine meets the requirements; download the agent's jar from the server and verify its SHA-256;
# enrol the machine, unless it is enrolled already; install the jar and a systemd unit; start the service. No file is
# installed until every step that can fail has succeeded. Other backups with restic are listed and left alone.
set -euo pipefail

# Set by the server.
JAR_SHA256=

usage() {
    cat << 'END'
Installs, repairs or upgrades the restic-fleet agent.

  --server URL        URL of the restic-fleet server
  --token T           enrolment token from the server, if it does not precede this script on standard input, where other
                      users cannot read it; not needed if this machine is already enrolled
  --pin SHA256        trust the server by its public key, as in the server's install command
  --allow-plaintext   enrol over unencrypted http:// from another machine
  --backup-only       run as a separate user that can read every file and restore none; kept by later runs
  --full              run as root again after --backup-only
  --replace           take the place of a host's former machine, as in the command of the host's page; without --policy, the
                      strictest policy is written unless this machine has one
  --policy FILE       put this policy file in place: what the server may do on this machine
  --install-packages  install Java and restic with the package manager if they are missing
  --uninstall         stop and remove the agent, but keep its state for a later installation
  --purge             remove the state, too: the machine then has to be enrolled again
  --help              show this help
END
}

readonly lib=/usr/lib/restic-fleet
readonly jar=$lib/restic-fleet-agent.jar
readonly unit=/etc/systemd/system/restic-fleet-agent.service
readonly settings=/etc/default/restic-fleet-agent
readonly state=/var/lib/restic-fleet-agent
readonly user=restic-fleet-agent
readonly service=restic-fleet-agent.service

say() {
    printf '%s\n' "$*"
}

# Exits with a message: what is wrong, and what to do.
fail() {
    printf 'restic-fleet: %s\n' "$@" >&2
    exit 1
}

server='' token=${RESTIC_FLEET_TOKEN:-} pin=() plaintext=() policy=() replace=no mode='' packages=no action=install java=java restic=restic
unset RESTIC_FLEET_TOKEN
# Java prints its own warnings on stdout, which would end up in what is read from the agent.
quiet=(-Xlog:disable -Xlog:all=warning:stderr)

# value OPTION [VALUE]
value() {
    [[ $# -ge 2 && -n $2 && $2 != --* ]] || fail "$1 needs a value; see --help"
}

read_options() {
    while [[ $# -gt 0 ]]; do
        case $1 in
            --server)
                value "$@"
                server=${2%/}
                shift
                ;;
            --token)
                value "$@"
                token=$2
                shift
                ;;
            --pin)
                value "$@"
                [[ ${2//:/} =~ ^[0-9A-Fa-f]{64}$ || $2 =~ ^sha256/+[A-Za-z0-9+/]{43}=$ ]] \
                    || fail "--pin must be 64 hexadecimal digits, or sha256/ and 44 characters of Base64, but is '$2'"
                pin+=(--pin "$2")
                shift
                ;;
            --policy)
                value "$@"
                [[ -r $2 ]] || fail "--policy must be a file that can be read, but is '$2'"
                policy=(--policy "$2")
                shift
                ;;
            --replace) replace=yes ;;
            --allow-plaintext) plaintext=(--allow-plaintext) ;;
            --backup-only) mode=backup-only ;;
            --full) mode=full ;;
            --install-packages) packages=yes ;;
            --uninstall) action=uninstall ;;
            --purge) action=purge ;;
            --help | -h)
                usage
                exit 0
                ;;
            *) fail "'$1' is not an option; see --help" ;;
        esac
        shift
    done
}

# The service's settings apply here, too.
read_settings() {
    local name value
    [[ -r $settings ]] || return 0
    while IFS='=' read -r name value || [[ -n $name ]]; do
        if [[ $value == \"*\" || $value == \'*\' ]]; then
            value=${value:1:-1}
        fi
        case $name in
            JAVA) java=$value ;;
            RESTIC_FLEET_RESTIC) restic=$value ;;&
            RESTIC_FLEET_*) export "$name=$value" ;;
        esac
    done < "$settings"
}

# A backup-only agent stays one: running the same command again must not silently make it root.
decide_mode() {
    [[ -z $mode ]] || return 0
    mode=full
    if grep -qs "^User=$user$" "$unit" || [[ $(stat -c %U "$state" 2> /dev/null) == "$user" ]]; then
        mode=backup-only
        say "the agent of this machine is backup-only and stays so; use --full to run it as root"
    fi
}

# An agent has one server; the install command of another one must not appear to work.
need_same_server() {
    [[ -e $state/identity.json ]] || return 0
    local enrolled
    enrolled=$(sed -n 's/.*"server" *: *"\([^"]*\)".*/\1/p' "$state/identity.json")
    [[ -n $enrolled && ${enrolled%/} != "$server" ]] || return 0
    fail "this machine is enrolled with $enrolled, not with $server. Nothing was changed." \
        "If both are the same server, use $enrolled in the command. If the server has moved permanently, put its new URL" \
        "into $state/identity.json and run the command again." \
        "To move this machine to the other server, first run the command with --purge as its only option, then as it is"
}

need_root() {
    ((EUID == 0)) || fail "this must be run as root: put sudo before bash in the command"
}

need_systemd() {
    [[ -d /run/systemd/system ]] && command -v systemctl > /dev/null && return
    fail "there is no systemd on this machine, so nothing was installed. Run by hand, the last line under your service manager:" \
        "  curl -fsSo restic-fleet-agent.jar ${server:-SERVER}/agent/restic-fleet-agent.jar" \
        "  java -jar restic-fleet-agent.jar enroll --server ${server:-SERVER} --token -${pin:+ ${pin[*]}}" \
        "  java -jar restic-fleet-agent.jar run"
}

need_to_write() {
    local directory probe
    for directory in /etc/systemd/system /etc/default /usr/lib /var/lib; do
        mkdir -p "$directory" 2> /dev/null || fail "cannot create $directory: is the disk read-only? Nothing was installed."
        if ! probe=$(mktemp "$directory/.restic-fleet.XXXXXX" 2> /dev/null); then
            fail "cannot write to $directory: is it read-only? Nothing was installed."
        fi
        rm -f "$probe"
    done
}

# Prints the major version of Java; 0 if there is none.
java_version() {
    local output
    output=$("$java" -version 2>&1) || output=''
    if [[ $output =~ version\ \"([0-9]+) ]]; then
        printf '%s' "${BASH_REMATCH[1]}"
    else
        printf 0
    fi
}

# package PROGRAM: prints the name of its package in this distribution.
package() {
    case $manager-$1 in
        apt-get-java) printf 'default-jre-headless' ;;
        dnf-java) printf 'java-latest-openjdk-headless' ;;
        apk-java) printf 'openjdk17-jre-headless' ;;
        pacman-java) printf 'jre-openjdk-headless' ;;
        zypper-java) printf 'java-17-openjdk-headless' ;;
        *-restic) printf 'restic' ;;
        *) printf 'util-linux' ;;
    esac
}

install_command() {
    case $manager in
        apt-get) printf 'apt-get install -y --no-install-recommends' ;;
        dnf) printf 'dnf install -y' ;;
        apk) printf 'apk add' ;;
        pacman) printf 'pacman -S --noconfirm --needed' ;;
        zypper) printf 'zypper --non-interactive install' ;;
    esac
}

need_programs() {
    local missing=() descriptions=() manager='' name
    if (($(java_version) < 17)); then
        missing+=(java)
        descriptions+=("Java 17 or newer")
    fi
    if ! command -v "$restic" > /dev/null; then
        missing+=(restic)
        descriptions+=("restic")
    fi
    if ! command -v setsid > /dev/null; then
        missing+=(setsid)
        descriptions+=("setsid")
    fi
    ((${#missing[@]})) || return 0
    for name in apt-get dnf apk pacman zypper; do
        if command -v "$name" > /dev/null; then
            manager=$name
            break
        fi
    done
    local list
    list=$(printf ', %s' "${descriptions[@]}")
    [[ -n $manager ]] || fail "missing on this machine: ${list:2}. Install it, then run the same command again."
    local names=()
    for name in "${missing[@]}"; do
        names+=("$(package "$name")")
    done
    local command
    command="$(install_command) ${names[*]}"
    if [[ $packages == no ]]; then
        fail "missing on this machine: ${list:2}. Install it with" "  $command" \
            "then run the same command again; or add --install-packages to it, which does both."
    fi
    say "installing ${names[*]}"
    if [[ $manager == apt-get ]]; then
        apt-get update -qq || true
    fi
    # Bash reads this script from standard input, so no other program may.
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive $(install_command) "${names[@]}" < /dev/null \
        || fail "the packages could not be installed, see the output above"
    (($(java_version) >= 17)) || fail "Java on this machine is older than 17; install a newer version"
}

# With a pin, only the key is checked, as in the agent; without one, the certificate authorities of this machine decide.
fetch() {
    local options=(-fsS --retry 2 --connect-timeout 10)
    if ((${#pin[@]})); then
        options+=(--insecure --pinnedpubkey "$(pinned)")
    fi
    curl "${options[@]}" "$@"
}

# Prints the pins in curl's format: Base64, separated by semicolons.
pinned() {
    local word hex bytes i list=''
    for word in "${pin[@]}"; do
        case $word in
            --pin) continue ;;
            sha256/*) list+=";sha256//${word: -44}" ;; # Base64 has slashes too
            *)
                hex=${word//:/}
                bytes=''
                for ((i = 0; i < 64; i += 2)); do
                    bytes+="\\x${hex:i:2}"
                done
                list+=";sha256//$(printf '%b' "$bytes" | base64)"
                ;;
        esac
    done
    printf '%s' "${list:1}"
}

# A wrong clock makes the certificate look invalid; --insecure, so that the clock is reported as the reason.
need_clock() {
    local there skew
    there=$(fetch --insecure -I "$server/healthz" | sed -n 's/^[Dd]ate: *//p' | tr -d '\r') || true
    there=$(date -d "${there:-now}" +%s 2> /dev/null) || return 0
    skew=$(($(date +%s) - there))
    if ((skew > 86400 || skew < -86400)); then
        fail "the clock of this machine is at $(date -u '+%F %T') UTC, the server's at $(date -u -d "@$there" '+%F %T') UTC:" \
            "correct this machine's clock (timedatectl set-ntp true), then run the same command again"
    fi
}

# Downloads and checks $work/agent.jar.
download() {
    say "downloading the agent from $server"
    fetch -o "$work/agent.jar" "$server/agent/restic-fleet-agent.jar" \
        || fail "the agent could not be downloaded from $server, see the output above. Check the URL, and the certificate or --pin"
    local actual
    actual=$(sha256sum "$work/agent.jar")
    actual=${actual%% *}
    if [[ -n $JAR_SHA256 && $actual != "$JAR_SHA256" ]]; then
        fail "the downloaded file is not the agent: its SHA-256 is $actual, not $JAR_SHA256. Run the command again; if the" \
            "error stays, something between this machine and the server changes the file"
    fi
    "$java" "${quiet[@]}" -jar "$work/agent.jar" version > "$work/version" 2> /dev/null \
        || fail "the agent does not run with this machine's Java: $("$java" -version 2>&1 | head -n 1)"
    # An unusable restic is reported before anything is installed.
    local version
    version=$("$restic" version 2>&1 | head -n 1) || true
    [[ $version =~ ^restic\ ([0-9]+)\.([0-9]+) ]] || fail "'$restic version' did not print a version, but: $version"
    if ((BASH_REMATCH[1] == 0 && BASH_REMATCH[2] < 14)); then
        fail "$version is too old; 0.14 is the oldest supported version. Install a newer one"
    fi
}

# as_user COMMAND…: runs it as the agent's user.
as_user() {
    if [[ $mode == backup-only ]]; then
        runuser -u "$user" -- env HOME="$state" "$@"
    else
        "$@"
    fi
}

make_state() {
    if [[ $mode == backup-only ]]; then
        getent passwd "$user" > /dev/null \
            || useradd --system --user-group --home-dir "$state" --no-create-home --shell /usr/sbin/nologin "$user"
        install -d -m 0700 "$state"
        chown -R "$user:$user" "$state"
    else
        install -d -m 0700 "$state"
        chown -R root:root "$state"
    fi
}

# Only root can write the policy; the files that it leaves in the state directory get their owner in make_state.
as_owner() {
    if [[ $replace == yes || ${#policy[@]} -gt 0 ]]; then
        "$@"
    else
        as_user "$@"
    fi
}

# The token goes by standard input, as other users can read arguments.
enroll() {
    chmod 0755 "$work"
    chmod 0644 "$work/agent.jar"
    as_owner "$java" "${quiet[@]}" -jar "$work/agent.jar" enroll --server "$server" --token - "${pin[@]}" "${plaintext[@]}" \
        "${policy[@]}" --state-dir "$state" <<< "$token" > "$work/enrolled" || return
    head -n 1 "$work/enrolled"
    sed -n 's/^Policy: /policy: /p' "$work/enrolled"
    # The agent's user reads it, too.
    if [[ $mode == backup-only && -e ${RESTIC_FLEET_POLICY:-/etc/restic-fleet/policy.json} ]]; then
        chmod go+r "${RESTIC_FLEET_POLICY:-/etc/restic-fleet/policy.json}"
    fi
}

# Only a machine that was deleted on the server gets another identity; the server decides.
enrol_again() {
    if [[ -n $token ]]; then
        enroll 2> "$work/refused" && return
        grep -q 'enrolled already' "$work/refused" || cat "$work/refused" >&2
    fi
    ((${#policy[@]} == 0)) || fail "the policy was not put in place, as only a new enrolment does that: copy it to" \
        "${RESTIC_FLEET_POLICY:-/etc/restic-fleet/policy.json} yourself"
    say "this machine is already enrolled; its identity is kept"
}

enrol() {
    if [[ -e $state/identity.json ]]; then
        enrol_again
        return
    fi
    [[ -n $token ]] || fail "this machine is not enrolled yet, and the token is missing: see Add a machine on the server's page"
    make_state
    enroll || fail "this machine could not be enrolled; nothing was installed"
}

install_files() {
    make_state
    install -d -m 0755 "$lib"
    if [[ -e $jar ]] && ! cmp -s "$work/agent.jar" "$jar"; then
        cp -p "$jar" "$jar.previous"
    fi
    install -m 0644 "$work/agent.jar" "$jar.new"
    mv -f "$jar.new" "$jar"
    if [[ $mode == backup-only ]]; then
        "$java" "${quiet[@]}" -jar "$jar" unit --backup-only > "$work/unit"
    else
        "$java" "${quiet[@]}" -jar "$jar" unit > "$work/unit"
    fi
    # The class archive of another jar, or another user.
    rm -f "$state/agent.jsa"
    install -m 0644 "$work/unit" "$unit"
    if [[ ! -e $settings ]]; then
        install -m 0600 /dev/null "$settings"
        cat > "$settings" << 'END'
# Settings of the restic-fleet agent, one NAME=value per line; see java -jar restic-fleet-agent.jar --help
#RESTIC_FLEET_RESTIC=/usr/local/bin/restic
END
    fi
}

start() {
    systemctl daemon-reload
    systemctl enable --quiet "$service"
    # A running restic continues, and the new agent process takes it over.
    systemctl restart "$service" || fail "the agent did not start, see journalctl -u $service"
    say "$(< "$work/version") is installed and running: systemctl status ${service%.service}"
}

# Runs doctor. Its Java also writes a class archive, which saves memory and time from the next start on.
run_doctor() {
    # The server sends the repository's credentials when the agent first connects.
    timeout 10 bash -c "until [[ -e $state/credentials.json ]]; do sleep 0.2; done" || true
    local archive=$state/agent.jsa
    rm -f "$archive"
    as_user "$java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:ArchiveClassesAtExit="$archive" -Xlog:cds=off -Xlog:cds+dynamic=off \
        -jar "$jar" doctor --state-dir "$state" || true
}

# Lists other services and cron jobs that run restic; changes nothing.
list_others() {
    local file name found=()
    while IFS= read -r file; do
        name=${file##*/}
        [[ $name == restic-fleet* ]] && continue
        found+=("  $file: systemctl disable --now ${name%.*}.timer")
    done < <(grep -lsE '^Exec.*restic' /etc/systemd/system/*.service /usr/lib/systemd/system/*.service \
        /lib/systemd/system/*.service 2> /dev/null | sort -u || true)
    while IFS= read -r file; do
        found+=("  $file: comment out the lines with restic")
    done < <(grep -lsE '^[^#]*restic' /etc/crontab /etc/cron.d/* /etc/cron.hourly/* /etc/cron.daily/* /etc/cron.weekly/* \
        /etc/cron.monthly/* /var/spool/cron/* /var/spool/cron/crontabs/* 2> /dev/null | sort -u || true)
    ((${#found[@]})) || return 0
    say "These already run restic on this machine, and were not changed. Disable them once the first backup has succeeded:"
    printf '%s\n' "${found[@]}"
}

uninstall() {
    if [[ -e $unit ]]; then
        systemctl disable --now --quiet "$service" || true
        rm -f "$unit"
        systemctl daemon-reload
    fi
    rm -f "$jar" "$jar.previous" "$jar.new"
    rmdir --ignore-fail-on-non-empty "$lib" 2> /dev/null || true
    if [[ $action == purge ]]; then
        rm -rf "$state"
        rm -f "$settings"
        if getent passwd "$user" > /dev/null; then
            userdel "$user" || true
        fi
        say "the agent and its state were removed; also delete the machine on the server's page"
    else
        say "the agent was removed. $state and $settings are kept; --purge removes them"
    fi
    say "the repository was not changed"
}

main() {
    read_options "$@"
    need_root
    if [[ $action != install ]]; then
        need_systemd
        uninstall
        return
    fi
    [[ -n $server ]] || fail "--server is missing; see --help"
    need_systemd
    need_same_server
    need_to_write
    read_settings
    decide_mode
    need_programs
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    need_clock
    download
    enrol
    install_files
    start
    run_doctor
    list_others
}

# Called on the last line, so that a script that was cut off in transfer does nothing.
main "$@"
