#!/usr/bin/env bash
# Installs the restic-fleet agent on this machine, or repairs it; as root, on Linux with systemd:
#
#   curl -fsS https://SERVER/agent/install.sh | sudo bash -s -- --server https://SERVER --token T [OPTIONS]
#
# What it does, in this order: looks whether this machine has what an agent needs; fetches the agent's jar from the server
# and compares its SHA-256; joins the server (enrolment), unless that was done before; puts down the jar and a systemd
# unit; starts it. Until all that can be refused has been, nothing is put down. Backups that were set up otherwise
# are left alone, and named.
set -euo pipefail

# Filled in by the server.
JAR_SHA256=

usage() {
    cat << 'END'
Installs the restic-fleet agent, or repairs it.

  --server URL        where the restic-fleet server is
  --token T           the enrolment token it gave; not needed where the agent has joined before
  --pin SHA256        trust the server by this key, as the server's install line has it
  --allow-plaintext   join over http:// from another machine, unencrypted
  --backup-only       run as a user of its own that may read every file and restore none; one that does so stays so
  --full              run as root, where it was backup-only before
  --install-packages  install Java and restic if they are missing, with the package manager of this machine
  --uninstall         stop and remove the agent; keeps its state, so that it can come back
  --purge             remove its state, too: the machine has to join anew
  --help              this
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

# Ends with what is wrong, and what to do about it.
fail() {
    printf 'restic-fleet: %s\n' "$@" >&2
    exit 1
}

server='' token='' pin=() plaintext=() mode='' packages=no action=install java=java restic=restic

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
                    || fail "--pin must be 64 hexadecimal digits, or sha256/ and 44 of Base64, but is '$2'"
                pin+=(--pin "$2")
                shift
                ;;
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

# What the owner of this machine has written for the service counts here, too.
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

# An agent that may only read stays one: a line that is run again must not make it root unasked.
decide_mode() {
    [[ -z $mode ]] || return 0
    mode=full
    if grep -qs "^User=$user$" "$unit" || [[ $(stat -c %U "$state" 2> /dev/null) == "$user" ]]; then
        mode=backup-only
        say "the agent of this machine is backup-only and stays so; --full makes it run as root"
    fi
}

# A machine has one server; the line of another must not seem to work.
need_same_server() {
    [[ -e $state/identity.json ]] || return 0
    local joined
    joined=$(sed -n 's/.*"server" *: *"\([^"]*\)".*/\1/p' "$state/identity.json")
    [[ -n $joined && ${joined%/} != "$server" ]] || return 0
    fail "this machine has joined $joined and not $server. Nothing was changed." \
        "If both are the same server: type $joined in the line instead; if it has moved for good, put its new address into" \
        "$state/identity.json, and run the line again." \
        "To leave it for the other: run the line with --purge instead of its options, then as it is"
}

need_root() {
    ((EUID == 0)) || fail "this has to be run as root: put sudo before bash in the line you typed"
}

need_systemd() {
    [[ -d /run/systemd/system ]] && command -v systemctl > /dev/null && return
    fail "there is no systemd on this machine, so nothing was installed. By hand, and under whatever starts programs here:" \
        "  curl -fsSo restic-fleet-agent.jar ${server:-SERVER}/agent/restic-fleet-agent.jar" \
        "  java -jar restic-fleet-agent.jar enroll --server ${server:-SERVER} --token ${token:-TOKEN}${pin:+ ${pin[*]}}" \
        "  java -jar restic-fleet-agent.jar run"
}

need_to_write() {
    local directory probe
    for directory in /etc/systemd/system /etc/default /usr/lib /var/lib; do
        mkdir -p "$directory" 2> /dev/null || fail "cannot make $directory; is the disk read-only?"
        if ! probe=$(mktemp "$directory/.restic-fleet.XXXXXX" 2> /dev/null); then
            fail "cannot write into $directory: is it read-only? Nothing was installed."
        fi
        rm -f "$probe"
    done
}

# The major version of the Java that systemd would find; 0 if there is none.
java_version() {
    local said
    said=$("$java" -version 2>&1) || said=''
    if [[ $said =~ version\ \"([0-9]+) ]]; then
        printf '%s' "${BASH_REMATCH[1]}"
    else
        printf 0
    fi
}

# package NAME-OF-WHAT: how this distribution calls it.
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
    local missing=() what=() manager='' name
    if (($(java_version) < 17)); then
        missing+=(java)
        what+=("Java 17 or newer")
    fi
    if ! command -v "$restic" > /dev/null; then
        missing+=(restic)
        what+=("restic")
    fi
    if ! command -v setsid > /dev/null; then
        missing+=(setsid)
        what+=("setsid")
    fi
    ((${#missing[@]})) || return 0
    for name in apt-get dnf apk pacman zypper; do
        if command -v "$name" > /dev/null; then
            manager=$name
            break
        fi
    done
    local list
    list=$(printf ', %s' "${what[@]}")
    [[ -n $manager ]] || fail "this machine lacks: ${list:2}. Install that, and run the same line again."
    local names=()
    for name in "${missing[@]}"; do
        names+=("$(package "$name")")
    done
    local command
    command="$(install_command) ${names[*]}"
    if [[ $packages == no ]]; then
        fail "this machine lacks: ${list:2}. Install it with" "  $command" \
            "and run the same line again; or add --install-packages to it, which does both."
    fi
    say "installing ${names[*]}"
    if [[ $manager == apt-get ]]; then
        apt-get update -qq || true
    fi
    # What is read from this script's own standard input is lost to bash.
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive $(install_command) "${names[@]}" < /dev/null \
        || fail "the packages could not be installed: see above"
    (($(java_version) >= 17)) || fail "the Java of this machine is older than 17; install a newer one"
}

# The pinned key alone decides, as for the agent itself; without a pin the authorities that this machine trusts.
fetch() {
    local how=(-fsS --retry 2 --connect-timeout 10)
    if ((${#pin[@]})); then
        how+=(--insecure --pinnedpubkey "$(pinned)")
    fi
    curl "${how[@]}" "$@"
}

# The pins, as curl wants them: in Base64, with ; between.
pinned() {
    local word hex bytes i said=''
    for word in "${pin[@]}"; do
        case $word in
            --pin) continue ;;
            sha256/*) said+=";sha256//${word: -44}" ;; # Base64 has slashes too
            *)
                hex=${word//:/}
                bytes=''
                for ((i = 0; i < 64; i += 2)); do
                    bytes+="\\x${hex:i:2}"
                done
                said+=";sha256//$(printf '%b' "$bytes" | base64)"
                ;;
        esac
    done
    printf '%s' "${said:1}"
}

# A certificate that seems to be of another time must not keep the reason from being said.
need_clock() {
    local there skew
    there=$(fetch --insecure -I "$server/healthz" | sed -n 's/^[Dd]ate: *//p' | tr -d '\r') || true
    there=$(date -d "${there:-now}" +%s 2> /dev/null) || return 0
    skew=$(($(date +%s) - there))
    if ((skew > 86400 || skew < -86400)); then
        fail "the clock of this machine says $(date -u '+%F %T') UTC, the server's $(date -u -d "@$there" '+%F %T'):" \
            "set this one right (timedatectl set-ntp true), and run the same line again"
    fi
}

# Sets $work/agent.jar.
download() {
    say "fetching the agent from $server"
    fetch -o "$work/agent.jar" "$server/agent/restic-fleet-agent.jar" \
        || fail "the agent could not be fetched from $server: see above. Is the address right, and its certificate or --pin?"
    local got
    got=$(sha256sum "$work/agent.jar")
    got=${got%% *}
    if [[ -n $JAR_SHA256 && $got != "$JAR_SHA256" ]]; then
        fail "what was fetched is not the agent: its SHA-256 is $got, not $JAR_SHA256. Run the line again; if it stays" \
            "so, something on the way changes it"
    fi
    "$java" -jar "$work/agent.jar" version > "$work/version" 2> /dev/null \
        || fail "the agent does not run with the Java of this machine: $("$java" -version 2>&1 | head -n 1)"
    # Also of the right form: restic that it cannot use is said before anything is put down.
    local said
    said=$("$restic" version 2>&1 | head -n 1) || true
    [[ $said =~ ^restic\ ([0-9]+)\.([0-9]+) ]] || fail "restic does not say its version, but: $said"
    if ((BASH_REMATCH[1] == 0 && BASH_REMATCH[2] < 14)); then
        fail "$said is too old; 0.14 is the oldest that can be used. Install a newer one"
    fi
}

# as_user COMMAND…: as the user that the agent will be.
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

join() {
    if [[ -e $state/identity.json ]]; then
        say "this machine has joined before; its identity is kept"
        return
    fi
    [[ -n $token ]] || fail "this machine has not joined yet: --token is missing, see Add a machine on the server's page"
    make_state
    chmod 0755 "$work"
    chmod 0644 "$work/agent.jar"
    as_user "$java" -jar "$work/agent.jar" enroll --server "$server" --token "$token" "${pin[@]}" "${plaintext[@]}" \
        --state-dir "$state" > "$work/joined" || fail "the server did not let this machine join; nothing was installed"
    head -n 1 "$work/joined"
}

put_down() {
    make_state
    install -d -m 0755 "$lib"
    if [[ -e $jar ]] && ! cmp -s "$work/agent.jar" "$jar"; then
        cp -p "$jar" "$jar.previous"
    fi
    install -m 0644 "$work/agent.jar" "$jar.new"
    mv -f "$jar.new" "$jar"
    if [[ $mode == backup-only ]]; then
        "$java" -jar "$jar" unit --backup-only > "$work/unit"
    else
        "$java" -jar "$jar" unit > "$work/unit"
    fi
    # Classes that another jar, or another user, has put there.
    rm -f "$state/agent.jsa"
    install -m 0644 "$work/unit" "$unit"
    if [[ ! -e $settings ]]; then
        install -m 0600 /dev/null "$settings"
        cat > "$settings" << 'END'
# Settings of the restic-fleet agent, one NAME=value a line; see java -jar restic-fleet-agent.jar --help
#RESTIC_FLEET_RESTIC=/usr/local/bin/restic
END
    fi
}

start() {
    systemctl daemon-reload
    systemctl enable --quiet "$service"
    # A running restic goes on, and the new agent takes it over.
    systemctl restart "$service" || fail "the agent did not start: see journalctl -u $service"
    say "$(< "$work/version") is installed and runs: systemctl status ${service%.service}"
}

# What is wrong, if something is. The archive of loaded classes, written here, saves memory and time from the next start on.
examine() {
    # The server tells the agent its repository once they have met.
    timeout 10 bash -c "until [[ -e $state/credentials.json ]]; do sleep 0.2; done" || true
    local archive=$state/agent.jsa
    rm -f "$archive"
    as_user "$java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:ArchiveClassesAtExit="$archive" -Xlog:cds=off -Xlog:cds+dynamic=off \
        -jar "$jar" doctor --state-dir "$state" || true
}

# Names what backs up with restic already; changes nothing.
others() {
    local file name found=()
    while IFS= read -r file; do
        name=${file##*/}
        [[ $name == restic-fleet* ]] && continue
        found+=("  $file: systemctl disable --now ${name%.*}.timer")
    done < <(grep -lsE '^Exec.*restic' /etc/systemd/system/*.service /usr/lib/systemd/system/*.service \
        /lib/systemd/system/*.service 2> /dev/null | sort -u || true)
    while IFS= read -r file; do
        found+=("  $file: put # before the lines with restic")
    done < <(grep -lsE '^[^#]*restic' /etc/crontab /etc/cron.d/* /etc/cron.hourly/* /etc/cron.daily/* /etc/cron.weekly/* \
        /etc/cron.monthly/* /var/spool/cron/* /var/spool/cron/crontabs/* 2> /dev/null | sort -u || true)
    ((${#found[@]})) || return 0
    say "These run restic on this machine already. They were left alone; once the first backup here is green, stop them:"
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
        say "the agent and its state are removed; delete the machine on the server's page, too"
    else
        say "the agent is removed. $state and $settings are kept; --purge removes them"
    fi
    say "The repository is as it was."
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
    join
    put_down
    start
    examine
    others
}

# Nothing is done before the whole script was read, so that a cut connection does half of nothing.
main "$@"
