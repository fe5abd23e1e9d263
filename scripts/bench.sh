#!/usr/bin/env bash
# What managing costs, measured on whole processes with public tools, each beside its comparison in the same run.
#
#   scripts/bench.sh                                       all of it, some 35 minutes; writes docs/benchmarks.md
#   scripts/bench.sh startup|backup|cpu|idle|page|lists|metrics|find|preview|live|hostile|sizes ... parts, to the terminal only
#
#   ROUNDS=5      repetitions, of which the median is reported
#   FILES=20000   files of 8 KiB in the backup
#   IDLE=60       seconds of watching idle processes
#   FIND_HOSTS=100  made-up machines with 100,000 files each, among whose names searches look
#   LIVE=60       seconds of watching a server with no, one and ten dashboards open, in each round
# shellcheck disable=SC2016 # the backquotes are Markdown's
set -euo pipefail
cd "$(dirname "$0")/.."

rounds=${ROUNDS:-5}
file_count=${FILES:-20000}
idle_seconds=${IDLE:-60}
live_seconds=${LIVE:-60}

scripts/install-deps.sh bench
. scripts/lib.sh
for jar in "$server_jar" "$agent_jar"; do
    [[ -f $jar ]] || make --no-print-directory build
done

make_work
report=$work/report.md
server_archive=$work/server.jsa
agent_archive=$work/agent.jsa

note() {
    echo "bench: $1" >&2
}

write() {
    printf '%s\n' "$@" | tee -a "$report"
}

median() {
    sort -n | awk '{ a[NR] = $1 } END { print NR % 2 ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2 }'
}

# of FILE: median and range of the numbers in it.
of() {
    awk -v median="$(median < "$1")" '
        NR == 1 { low = high = $1 } $1 < low { low = $1 } $1 > high { high = $1 }
        END { printf "%d (%d–%d)", median, low, high }' "$1"
}

# ratio FILE FILE: of the medians.
ratio() {
    awk -v a="$(median < "$1")" -v b="$(median < "$2")" 'BEGIN { printf "%.3f", a / b }'
}

# --- Archives of loaded classes, made by one run of each program ------------------------------------------------

train() {
    [[ ! -f $server_archive ]] || return 0
    note "making class archives"
    start_server "$work/train" "${server_flags[@]}" "-XX:ArchiveClassesAtExit=$server_archive"
    bootstrap "$work/train"
    enrol "$work/train/agent" train "$work/train/repository" /usr/share/doc
    start_agent "$work/train/agent" "${agent_flags[@]}" "-XX:ArchiveClassesAtExit=$agent_archive"
    wait_online "$work/train/agent"
    stop "$agent_pid"
    stop "$server_pid"
    [[ -f $server_archive ]] || note "the server left no class archive: its figures with one are without"
    [[ -f $agent_archive ]] || note "the agent left no class archive: its figures with one are without"
}

# --- Start-up ---------------------------------------------------------------------------------------------------

healthy() {
    [[ $(curl -sk -o /dev/null -w '%{http_code}' --max-time 2 "$server_url/healthz") == 200 ]]
}

server_startup() {
    local before
    before=$(now_ms)
    start_server "$work/startup" "${@:2}"
    wait_log=$work/startup/server.log wait_step=0.01 wait_for 60 "the server to be healthy" healthy
    echo $(($(now_ms) - before)) >> "$work/server-$1"
    stop "$server_pid"
}

agent_startup() {
    local before
    before=$(now_ms)
    start_agent "$work/startup-agent" "${@:2}"
    wait_step=0.01 wait_online "$work/startup-agent"
    echo $(($(now_ms) - before)) >> "$work/agent-$1"
    stop "$agent_pid"
    wait_log=$work/startup-agent/agent.log wait_for 60 "the host to be offline" host_is_away
}

bench_startup() {
    local i
    train
    note "start-up, $rounds rounds"
    server_startup warm-up # makes the database
    for ((i = 0; i < rounds; i++)); do
        server_startup defaults
        server_startup flags "${server_flags[@]}"
        server_startup cds "${server_flags[@]}" "-XX:SharedArchiveFile=$server_archive"
    done
    start_server "$work/startup-agents-server" "${server_flags[@]}" "-XX:SharedArchiveFile=$server_archive"
    bootstrap "$work/startup-agents-server"
    enrol "$work/startup-agent" startup "$work/startup-repository" /usr/share/doc
    for ((i = 0; i < rounds; i++)); do
        agent_startup defaults
        agent_startup flags "${agent_flags[@]}"
        agent_startup cds "${agent_flags[@]}" "-XX:SharedArchiveFile=$agent_archive"
    done
    stop "$server_pid"
    hyperfine -N --warmup 1 --runs 10 --export-json "$work/jvm.json" 'java -XX:+UseSerialGC -version' \
        > /dev/null 2>&1

    write '## Start-up' '' \
        'Milliseconds from exec; median (range) of '"$rounds"', taken in turns. The server: to the first 200 of `/healthz`.' \
        'The agent: to its host being shown as online. For scale, `java -version` takes '"$(
            jq '.results[0].median * 1000 | round' "$work/jvm.json"
        )"' ms here.' '' \
        '| | JVM defaults | the unit'"'"'s flags | flags and class archive |' '|---|---|---|---|' \
        "| server | $(of "$work/server-defaults") | $(of "$work/server-flags") | $(of "$work/server-cds") |" \
        "| agent | $(of "$work/agent-defaults") | $(of "$work/agent-flags") | $(of "$work/agent-cds") |" ''
}

# --- A managed backup beside restic alone -----------------------------------------------------------------------

make_files() {
    local folder i folders=$((file_count / 100))
    note "making $((folders * 100)) files"
    for ((i = 0; i < folders; i++)); do
        folder=$work/files/$((i / 20))/$i
        mkdir -p "$folder"
        head -c $((100 * 8192)) /dev/urandom | (cd "$folder" && split -b 8192 -a 3 - file-)
    done
    sync
}

ms_of() {
    date -d "$1" +%s%3N
}

managed_backup() {
    local before id
    before=$(now_ms)
    id=$(api POST "/api/hosts/$host_id/run" | jq -r .job_id)
    # The stream tells when it has ended: asking again and again would take the processor from restic.
    grep -qm1 '"finished_at":"' < <(curl -sSkN --max-time 300 -b "$cookies" "$server_url/api/jobs/$id/events" 2> /dev/null)
    echo $(($(now_ms) - before)) >> "$work/wall-$1"
    job_ended "$id" || fail "the stream of job $id ended before the job" "$agent_log"
    [[ $(jq -r .status <<< "$job") == succeeded ]] || fail "a backup did not succeed: $job" "$agent_log"
    echo $(($(ms_of "$(jq -r .finished_at <<< "$job")") - $(ms_of "$(jq -r .started_at <<< "$job")"))) \
        >> "$work/managed-$1"
}

# As the agent calls it.
bare_backup() {
    local before
    before=$(now_ms)
    RESTIC_REPOSITORY=$work/bare/repository RESTIC_PASSWORD=bare RESTIC_CACHE_DIR=$work/bare/cache RESTIC_PROGRESS_FPS=1 \
        restic --json backup --host=bench --tag=schedule:01J00000000000000000000000 -- "$work/files" \
        > "$work/bare/stdout" 2> "$work/bare/stderr" || fail "restic alone failed" "$work/bare/stderr"
    echo $(($(now_ms) - before)) >> "$work/bare-$1"
}

bench_backup() {
    local i run first second
    train
    make_files
    start_server "$work/backup-server" "${server_flags[@]}" "-XX:SharedArchiveFile=$server_archive"
    bootstrap "$work/backup-server"
    for ((i = 1; i <= rounds; i++)); do
        note "backup, round $i of $rounds"
        # Fresh repositories, made beforehand, so that both only back up.
        rm -rf "$work/bare" "$work/managed"
        mkdir "$work/bare"
        RESTIC_REPOSITORY=$work/bare/repository RESTIC_PASSWORD=bare RESTIC_CACHE_DIR=$work/bare/cache \
            restic init > /dev/null
        enrol "$work/managed/agent" "bench-$i" "$work/managed/repository" "$work/files"
        restic_on "$work/managed/repository" "$repo_password" init > /dev/null
        start_agent "$work/managed/agent" "${agent_flags[@]}" "-XX:SharedArchiveFile=$agent_archive"
        agent_log=$work/managed/agent/agent.log
        wait_online "$work/managed/agent"
        if ((i % 2)); then
            first=managed_backup second=bare_backup
        else
            first=bare_backup second=managed_backup
        fi
        for run in first unchanged unchanged; do
            sync
            "$first" "$run"
            sync
            "$second" "$run"
        done
        stop "$agent_pid"
    done
    stop "$server_pid"

    write '## A managed backup beside restic alone' '' \
        "$(find "$work/files" -type f | wc -l) files of 8 KiB of random bytes into a local repository that exists already; milliseconds, median (range) of" \
        "$rounds first and $((rounds * 2)) unchanged runs, taken in turns, each side going first every other time. *Job* is its \`finished_at − started_at\`;" \
        '*click to end* is from `POST …/run` to the event that says it has ended. Both call restic with the same arguments.' '' \
        '| | `restic backup` | job | job ÷ restic | click to end | click ÷ restic |' '|---|---|---|---|---|---|'
    for run in first unchanged; do
        write "| $run | $(of "$work/bare-$run") | $(of "$work/managed-$run") | $(ratio "$work/managed-$run" "$work/bare-$run") | $(of "$work/wall-$run") | $(ratio "$work/wall-$run" "$work/bare-$run") |"
    done
    write ''
}

# --- Processor time of an unchanged run --------------------------------------------------------------------------

# cpu_of PID: milliseconds of its own, and of the programs that it started and that have ended.
cpu_of() {
    sed 's/.*) //' "/proc/$1/stat" | awk -v tick="$(getconf CLK_TCK)" \
        '{ print 1000 * ($12 + $13) / tick, 1000 * ($14 + $15) / tick }'
}

# managed_cpu FILE: appends the agent's own and that of its programs in one run, to FILE.own and FILE.children.
managed_cpu() {
    local before after
    before=$(cpu_of "$agent_pid")
    run_host 120
    [[ $(jq -r .status <<< "$job") == succeeded ]] || fail "a backup did not succeed: $job" "$agent_log"
    sleep 1 # the agent sends the list of snapshots
    after=$(cpu_of "$agent_pid")
    awk -v file="$1" '{ print $3 - $1 >> (file ".own"); print $4 - $2 >> (file ".children"); print $3 + $4 - $1 - $2 >> file }' \
        <<< "$before $after"
}

# bare_cpu FILE: appends that of restic alone, called as the agent calls it.
bare_cpu() {
    local TIMEFORMAT='%3U %3S'
    {
        time RESTIC_REPOSITORY=$work/cpu/bare RESTIC_PASSWORD=bare RESTIC_CACHE_DIR=$work/cpu/cache RESTIC_PROGRESS_FPS=1 \
            "$program" --json backup --host=bench --tag=schedule:01J00000000000000000000000 -- "$work/files" \
            > "$work/cpu/stdout" 2> "$work/cpu/stderr" || fail "restic alone failed" "$work/cpu/stderr"
    } 2> "$work/cpu/time"
    awk '{ print 1000 * ($1 + $2) }' "$work/cpu/time" >> "$1"
}

bench_cpu() {
    local i program programs newest version file
    [[ -d $work/files ]] || make_files
    train
    programs=("$(command -v restic)")
    newest=$(find .tools -path '.tools/restic-*/restic' 2> /dev/null | sort -V | tail -1)
    [[ -z $newest ]] || programs+=("$PWD/$newest")
    start_server "$work/cpu-server" "${server_flags[@]}" "-XX:SharedArchiveFile=$server_archive"
    bootstrap "$work/cpu-server"
    write '## Processor time of an unchanged run' '' \
        "$file_count files of 8 KiB, as above; milliseconds of processor time (user and system), median (range) of" \
        "$((rounds * 4)) pairs of runs, each side going first every other time. *Managed* is the agent itself and everything that it" \
        'starts in the run. *managed ÷ restic* is the median of the pairs; goal: at most 1.10.' '' \
        '| restic | `restic backup` | managed | … agent itself | … its programs | managed ÷ restic |' '|---|---|---|---|---|---|'
    for program in "${programs[@]}"; do
        version=$("$program" version | cut -d' ' -f2)
        note "processor time with restic $version"
        rm -rf "$work/cpu"
        mkdir "$work/cpu"
        RESTIC_REPOSITORY=$work/cpu/bare RESTIC_PASSWORD=bare RESTIC_CACHE_DIR=$work/cpu/cache "$program" init > /dev/null
        enrol "$work/cpu/agent" "cpu-$version" "$work/cpu/repository" "$work/files"
        RESTIC_FLEET_RESTIC=$program start_agent "$work/cpu/agent" "${agent_flags[@]}" "-XX:SharedArchiveFile=$agent_archive"
        agent_log=$work/cpu/agent/agent.log
        wait_online "$work/cpu/agent"
        file=$work/cpu-$version
        for i in 1 2; do # the first run uploads; the agent's first unchanged one loads classes
            managed_cpu "$work/cpu/ignored"
            bare_cpu "$work/cpu/ignored"
        done
        for ((i = 0; i < rounds * 4; i++)); do
            if ((i % 2)); then
                managed_cpu "$file-managed"
                bare_cpu "$file-bare"
            else
                bare_cpu "$file-bare"
                managed_cpu "$file-managed"
            fi
        done
        stop "$agent_pid"
        write "| $version | $(of "$file-bare") | $(of "$file-managed") | $(of "$file-managed.own") | $(of "$file-managed.children") | $(
            paste "$file-managed" "$file-bare" | awk '{ print $1 / $2 }' | median | awk '{ printf "%.3f", $1 }'
        ) |"
    done
    stop "$server_pid"
    write ''
}

# --- Idle -------------------------------------------------------------------------------------------------------

# memory PID: Rss and Private in MiB.
memory() {
    awk '/^Rss:/ { rss = $2 } /^Private_(Clean|Dirty):/ { private += $2 }
        END { printf "%.1f | %.1f", rss / 1024, private / 1024 }' "/proc/$1/smaps_rollup"
}

ticks() {
    sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'
}

# start_pair NAME: a server and an agent over TLS; the arrays server_options and agent_options are their JVMs'.
start_pair() {
    RESTIC_FLEET_TLS_CERT=$work/cert.pem RESTIC_FLEET_TLS_KEY=$work/key.pem \
        start_server "$work/idle-$1" "${server_options[@]}"
    bootstrap "$work/idle-$1"
    enrol "$work/idle-$1-agent" "idle-$1" "$work/idle-$1-repository" /usr/share/doc --pin "$pin"
    start_agent "$work/idle-$1-agent" "${agent_options[@]}"
    wait_online "$work/idle-$1-agent"
    watched+=("$1 server:$server_pid" "$1 agent:$agent_pid")
}

bench_idle() {
    local watched=() entry pid pin server_options agent_options
    declare -A before=()
    train
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 \
        -keyout "$work/key.pem" -out "$work/cert.pem" 2> /dev/null
    pin=$(openssl x509 -in "$work/cert.pem" -outform der | sha256sum | cut -d' ' -f1)
    server_options=("${server_flags[@]}" "-XX:SharedArchiveFile=$server_archive")
    agent_options=("${agent_flags[@]}" "-XX:SharedArchiveFile=$agent_archive")
    start_pair unit
    server_options=()
    agent_options=()
    start_pair defaults
    note "letting it settle, then watching for $idle_seconds s"
    sleep 15
    for entry in "${watched[@]}"; do
        pid=${entry##*:}
        before[$pid]=$(ticks "$pid")
    done
    sleep "$idle_seconds"

    write '## Idle' '' \
        "A server with one agent connected over TLS, watched for $idle_seconds s: memory at the end of it (\`smaps_rollup\`), processor time during it" \
        '(`utime + stime`). *unit*: with the flags of the unit and a class archive; *defaults*: the JVM left to itself.' '' \
        '| | Rss, MiB | private, MiB | % of a core |' '|---|---|---|---|'
    for entry in "${watched[@]}"; do
        pid=${entry##*:}
        write "| ${entry%:*} | $(memory "$pid") | $(awk -v ticks=$(($(ticks "$pid") - ${before[$pid]})) \
            -v hertz="$(getconf CLK_TCK)" -v seconds="$idle_seconds" \
            'BEGIN { printf "%.2f", 100 * ticks / hertz / seconds }') |"
    done
    write ''
    for entry in "${watched[@]}"; do
        stop "${entry##*:}"
    done
}

# --- The first page of a large fleet ----------------------------------------------------------------------------

bench_page() {
    note "the page"
    start_server "$work/page" "${server_flags[@]}"
    bootstrap "$work/page"
    mvn -B -ntp -q verify -pl server -am -Dtest=PageBench -Dsurefire.failIfNoSpecifiedTests=false \
        "-Dpage.url=$server_url" "-Dpage.data=$work/page/data" "-Dpage.report=$work/page/rows" \
        "-Dpage.session=$(awk '$6 == "rf_session" { print $7 }' "$cookies")" > "$work/page/mvn.log" 2>&1 ||
        fail "the page could not be measured" "$work/page/mvn.log"
    stop "$server_pid"
    write '## The first page of a large fleet' '' "$(cat "$work/page/rows")" ''
}

# --- Lists with a million jobs ----------------------------------------------------------------------------------

bench_lists() {
    note "lists"
    start_server "$work/lists" "${server_flags[@]}"
    bootstrap "$work/lists"
    mvn -B -ntp -q verify -pl server -am -Dtest=ListBench -Dsurefire.failIfNoSpecifiedTests=false \
        "-Dlists.url=$server_url" "-Dlists.data=$work/lists/data" "-Dlists.report=$work/lists/rows" \
        "-Dlists.session=$(awk '$6 == "rf_session" { print $7 }' "$cookies")" > "$work/lists/mvn.log" 2>&1 ||
        fail "the lists could not be measured" "$work/lists/mvn.log"
    stop "$server_pid"
    write '## Lists with a million jobs' '' "$(cat "$work/lists/rows")" ''
}

# --- Figures for Prometheus -------------------------------------------------------------------------------------

bench_metrics() {
    note "the figures for Prometheus"
    metrics_of 1 1
    metrics_of 3 1000
    write '## Figures for Prometheus' '' "$(cat "$work"/metrics-1/rows)" '' "$(cat "$work"/metrics-3/rows)" ''
}

# backup schedules of each machine, and repositories of all
metrics_of() {
    local there="$work/metrics-$1"
    start_server "$there" "${server_flags[@]}"
    bootstrap "$there"
    mvn -B -ntp -q verify -pl server -am -Dtest=MetricsBench -Dsurefire.failIfNoSpecifiedTests=false \
        "-Dmetrics.url=$server_url" "-Dmetrics.data=$there/data" "-Dmetrics.report=$there/rows" \
        "-Dmetrics.schedules=$1" "-Dmetrics.repositories=$2" \
        "-Dmetrics.session=$(awk '$6 == "rf_session" { print $7 }' "$cookies")" > "$there/mvn.log" 2>&1 ||
        fail "the figures could not be measured" "$there/mvn.log"
    stop "$server_pid"
}

bench_find() {
    note "find"
    mvn -B -ntp -q verify -pl server -am -Dtest=FindBench -Dsurefire.failIfNoSpecifiedTests=false \
        "-Dfind.hosts=${FIND_HOSTS:-100}" "-Dfind.report=$work/find-rows" > "$work/find.log" 2>&1 ||
        fail "searches could not be measured" "$work/find.log"
    write '## Files found by name' '' "$(cat "$work/find-rows")" ''
}

# --- What retention would keep of 10,000 snapshots -------------------------------------------------------------

bench_preview() {
    note "the preview of retention"
    start_server "$work/preview" "${server_flags[@]}"
    bootstrap "$work/preview"
    mvn -B -ntp -q verify -pl server -am -Dtest=PreviewBench -Dsurefire.failIfNoSpecifiedTests=false \
        "-Dpreview.url=$server_url" "-Dpreview.data=$work/preview/data" "-Dpreview.report=$work/preview/rows" \
        "-Dpreview.session=$(awk '$6 == "rf_session" { print $7 }' "$cookies")" > "$work/preview/mvn.log" 2>&1 ||
        fail "the preview could not be measured" "$work/preview/mvn.log"
    stop "$server_pid"
    write '## What retention would keep of 10,000 snapshots' '' "$(cat "$work/preview/rows")" ''
}

# --- Open dashboards of a busy fleet ----------------------------------------------------------------------------

bench_live() {
    note "open dashboards"
    start_server "$work/live" "${server_flags[@]}"
    bootstrap "$work/live"
    mvn -B -ntp -q verify -pl server -am -Dtest=LiveBench -Dsurefire.failIfNoSpecifiedTests=false \
        "-Dlive.url=$server_url" "-Dlive.data=$work/live/data" "-Dlive.pid=$server_pid" \
        "-Dlive.seconds=$live_seconds" "-Dlive.rounds=$rounds" "-Dlive.report=$work/live/rows" \
        "-Dlive.session=$(awk '$6 == "rf_session" { print $7 }' "$cookies")" \
        > "$work/live/mvn.log" 2>&1 || fail "open dashboards could not be measured" "$work/live/mvn.log"
    stop "$server_pid"
    write '## Open dashboards of a busy fleet' '' \
        "1,000 machines, all of them connected, cause four commits a second: backups that start, log, end and list their snapshots," \
        "and machines that disconnect and reconnect. Each also sends a heartbeat every 10 s, and each running backup its progress" \
        "every second. Processor time of the server, with the unit's flags and after six minutes with ten dashboards: medians of" \
        "$rounds rounds of $live_seconds s with no, one and ten dashboards, in turn forwards and backwards, and the range. A" \
        "dashboard sends the requests of the page's script. Goals: one costs at most 1 % of a core more than none, ten at" \
        'most 2 %.' '' "$(cat "$work/live/rows")" ''
}

# --- Results of a machine while another one attacks -------------------------------------------------------------

bench_hostile() {
    note "a hostile machine"
    mvn -B -ntp -q verify -pl server -am -Dtest=HostileBench -Dsurefire.failIfNoSpecifiedTests=false \
        "-Dhostile.report=$work/hostile.rows" > "$work/hostile.log" 2>&1 ||
        fail "the hostile machine could not be measured" "$work/hostile.log"
    write '## Results of a machine while another one attacks' '' \
        'From sending a result to its acknowledgement, which the server sends after it is stored. Each attack is repeated until' \
        'there are 300 results. The server has the memory of the installed one (256 MiB); the attacker has joined, and uses the' \
        'same processor.' '' "$(cat "$work/hostile.rows")" ''
}

# --- Sizes ------------------------------------------------------------------------------------------------------

bench_sizes() {
    size() {
        awk -v bytes="$(stat -Lc %s "$1")" 'BEGIN { printf "%.2f", bytes / 1e6 }'
    }
    write '## Sizes' '' '| | MB |' '|---|---|' \
        "| \`restic-fleet.jar\`, the agent's jar in it | $(size "$server_jar") |" \
        "| \`restic-fleet-agent.jar\` | $(size "$agent_jar") |" \
        "| for comparison: \`restic\` | $(size "$(command -v restic)") |" ''
}

# ----------------------------------------------------------------------------------------------------------------

machine() {
    write '# Benchmarks' '' \
        'Made by `make bench`, which anyone can run; figures are of this one machine and run, and other work on it moves them.' '' \
        '| | |' '|---|---|' \
        "| date | $(date -u +%F) |" \
        "| processor | $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(nproc) cores |" \
        "| memory | $(awk '/^MemTotal/ { printf "%.1f GiB", $2 / 1048576 }' /proc/meminfo) |" \
        "| kernel | $(uname -r) |" \
        "| Java | $(java -version 2>&1 | sed -n 2p) |" \
        "| restic | $(restic version) |" \
        "| load before | $(cut -d' ' -f1-3 /proc/loadavg) |" \
        '| command | `'"ROUNDS=$rounds FILES=$file_count IDLE=$idle_seconds LIVE=$live_seconds scripts/bench.sh"'` |' ''
}

parts=("$@")
((${#parts[@]})) || parts=(startup backup cpu idle page lists metrics find preview live hostile sizes)
for part in "${parts[@]}"; do
    [[ $part =~ ^(startup|backup|cpu|idle|page|lists|metrics|find|preview|live|hostile|sizes)$ ]] ||
        fail "no part '$part'; there are startup, backup, cpu, idle, page, lists, metrics, find, preview, live, hostile, sizes"
done
machine
for part in "${parts[@]}"; do
    "bench_$part"
done
if (($# == 0)); then
    cp "$report" docs/benchmarks.md
    note "written to docs/benchmarks.md"
fi
