# shellcheck shell=bash disable=SC2034
# Starting a server and agents for the demo and the benchmarks, talking to them, and leaving nothing behind.
# To be sourced, from the root of the project, by a script that has `set -euo pipefail`.

server_jar=server/target/restic-fleet.jar
agent_jar=agent/target/restic-fleet-agent.jar

# What the units run with.
server_flags=(-XX:+UseSerialGC -Xms16m -Xmx256m -XX:MinHeapFreeRatio=10 -XX:MaxHeapFreeRatio=30 -XX:TieredStopAtLevel=1)
agent_flags=(-XX:+UseSerialGC -Xms6m -Xmn2m -Xmx64m -Xss256k -XX:TieredStopAtLevel=1
    -XX:ReservedCodeCacheSize=12m -XX:-UsePerfData -XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0)

# forget_settings: what the caller has set for its own server or repository is no business of ours.
forget_settings() {
    local name
    while IFS= read -r name; do
        unset "$name"
    done < <(compgen -e | grep '^RESTIC_' || true)
}

work=
pids=()
server_pid=''
server_url=''
agent_pid=''

# make_work: a folder for everything, which goes when the script ends, however it ends.
make_work() {
    forget_settings
    work=$(mktemp -d)
    trap cleanup EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

cleanup() {
    local status=$? pid
    trap - EXIT
    trap '' INT TERM
    for pid in "${pids[@]}"; do
        stop "$pid"
    done
    if [[ -n $work ]]; then
        # A backup outlives its agent by design, but not its repository.
        for pid in $(pids_in_work); do
            end "$pid" INT
        done
        rm -rf "$work"
    fi
    exit "$status"
}

# pids_in_work: what was started with an environment that names our folder.
pids_in_work() {
    local environment
    for environment in /proc/[0-9]*/environ; do
        if grep -qsF "$work/" "$environment"; then
            basename "${environment%/environ}"
        fi
    done
}

# stop PID: ends a process that this script started.
stop() {
    # Its number may have gone to somebody else's process since.
    if [[ $(sed 's/.*) . //' "/proc/$1/stat" 2> /dev/null | cut -d' ' -f1) == "$$" ]]; then
        end "$1" TERM
    fi
    wait "$1" 2> /dev/null || true
}

# end PID SIGNAL: asks it to end, and after 15 s makes it.
end() {
    local i
    kill "-$2" "$1" 2> /dev/null || return 0
    for ((i = 0; i < 300; i++)); do
        alive "$1" || return 0
        sleep 0.05
    done
    kill -KILL "$1" 2> /dev/null || true
}

fail() {
    echo "$(basename "$0"): $1" >&2
    [[ -z ${2:-} ]] || tail -n 30 "$2" >&2
    exit 1
}

now_ms() {
    echo $((${EPOCHREALTIME/[.,]/} / 1000))
}

# wait_for SECONDS WHAT COMMAND...: until COMMAND succeeds.
wait_for() {
    local deadline=$(($(now_ms) + $1 * 1000)) what=$2
    shift 2
    until "$@"; do
        (($(now_ms) < deadline)) || fail "waited in vain for $what" "${wait_log:-}"
        sleep "${wait_step:-0.1}"
    done
}

alive() {
    kill -0 "$1" 2> /dev/null
}

# start_server DIR [JAVA_OPTION... [-- SERVER_ARGUMENT...]]: sets server_pid and server_url.
# setsid, so that a Ctrl-C reaches this script alone, which then ends things in order.
start_server() {
    local dir=$1 options=() log=$1/server.log
    shift
    while (($#)) && [[ $1 != -- ]]; do
        options+=("$1")
        shift
    done
    (($#)) && shift
    mkdir -p "$dir"
    server_url=
    : > "$log" # that of an earlier start would be taken for this one's
    setsid java "${options[@]}" -jar "$server_jar" --listen "127.0.0.1:${PORT:-0}" --data-dir "$dir/data" "$@" \
        > "$log" 2>&1 < /dev/null &
    server_pid=$!
    pids+=("$server_pid")
    wait_log=$log wait_step=0.01 wait_for 60 "the server to listen" server_listens "$log"
    cookies=$dir/cookies
}

server_listens() {
    alive "$server_pid" || fail "the server ended at once" "$1"
    server_url=$(sed -n 's|.*listening on \(https\{0,1\}://[^ ]*\).*|\1|p' "$1" | head -1)
    server_url=${server_url%/}
    [[ -n $server_url ]]
}

# api METHOD PATH [JSON]: prints the answer; fails, showing it, unless it is a 2xx.
# Bodies go by standard input: arguments can be read by everybody on the machine.
api() {
    local method=$1 path=$2 answer
    if ! answer=$(curl -sS -k --fail-with-body --max-time 30 -X "$method" -b "$cookies" -c "$cookies" \
        -H "Origin: $server_url" ${3+-H 'Content-Type: application/json' --data-binary @-} \
        "$server_url$path" <<< "${3:-}"); then
        fail "$method $path was refused: $answer"
    fi
    printf '%s\n' "$answer"
}

# bootstrap DIR: makes the first user, and logs in; sets user and password.
# The body is made from the environment, for the same reason.
bootstrap() {
    user='admin'
    password=$(head -c 18 /dev/urandom | base64 | tr '+/' '-_')
    local token
    token=$(< "$1/data/bootstrap-token")
    api POST /api/bootstrap "$(TOKEN=$token USERNAME=$user PASSWORD=$password jq -nc \
        '{token: env.TOKEN, username: env.USERNAME, password: env.PASSWORD}')" > /dev/null
    api POST /api/auth/login "$(USERNAME=$user PASSWORD=$password jq -nc \
        '{username: env.USERNAME, password: env.PASSWORD}')" > /dev/null
}

# enrol DIR NAME REPOSITORY PATH [--pin SHA256]: a new agent with its state in DIR; sets host_id and repo_password.
enrol() {
    local dir=$1 name=$2 answer
    answer=$(api POST /api/enrollment-tokens "$(jq -nc --arg name "$name" --arg url "$3" --arg path "$4" \
        '{hostname: $name, repository: {url: $url}, initial_paths: [$path]}')")
    repo_password=$(jq -r .repo_password <<< "$answer")
    mkdir -p "$dir"
    java "${agent_flags[@]}" -jar "$agent_jar" enroll --server "$server_url" --token "$(jq -r .token <<< "$answer")" \
        --state-dir "$dir/state" "${@:5}" > "$dir/enroll.log" 2>&1 || fail "the agent could not enrol" "$dir/enroll.log"
    host_id=$(api GET '/api/hosts?limit=200' |
        jq -r --arg name "$name" '.items[] | select(.hostname == $name) | .id')
    [[ -n $host_id ]] || fail "the server does not list the host $name"
}

# start_agent DIR [JAVA_OPTION...]: sets agent_pid.
start_agent() {
    setsid java "${@:2}" -jar "$agent_jar" run --state-dir "$1/state" >> "$1/agent.log" 2>&1 < /dev/null &
    agent_pid=$!
    pids+=("$agent_pid")
}

host_status_is() {
    [[ $(api GET "/api/hosts/$host_id" | jq -r .status) == "$1" ]]
}

wait_online() {
    wait_log=$1/agent.log wait_for 60 "the host to be online" host_status_is online
}

host_is_away() {
    ! host_status_is online
}

job_ended() {
    job=$(api GET "/api/jobs/$1") || return 1
    case $(jq -r .status <<< "$job") in
        queued | running) return 1 ;;
        *) return 0 ;;
    esac
}

# run_host: runs what the host backs up; sets job to how it ended.
run_host() {
    local id
    id=$(api POST "/api/hosts/$host_id/run" | jq -r .job_id)
    wait_log=${agent_log:-} wait_for "${1:-120}" "job $id to end" job_ended "$id"
}

# restic_on REPOSITORY PASSWORD ARGUMENT...: restic itself, as an operator would use it.
restic_on() {
    RESTIC_REPOSITORY=$1 RESTIC_PASSWORD=$2 RESTIC_CACHE_DIR=$work/cache restic "${@:3}"
}
