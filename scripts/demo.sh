#!/usr/bin/env bash
# The whole of it on one machine: a server, an agent and a local repository in a temporary folder. Backs up real files,
# shows them in the repository, and keeps running until Ctrl-C, which leaves nothing behind.
#
#   PORT=8080                  where the server listens; any free port by default
#   RESTIC_FLEET_DEMO_ONCE=1   end after showing everything
set -euo pipefail
cd "$(dirname "$0")/.."

once=${RESTIC_FLEET_DEMO_ONCE:-}
scripts/install-deps.sh demo
. scripts/lib.sh

for jar in "$server_jar" "$agent_jar"; do
    [[ -f $jar ]] || make --no-print-directory build
done

say() {
    printf '\n== %s\n' "$1"
}

make_work
repository=$work/repository
files=$work/files
mkdir "$files"
tar -cf - --exclude=target --exclude=.git --exclude=.tools --exclude=data . | tar -xf - -C "$files"

say "Starting the server"
start_server "$work/server" "${server_flags[@]}"
bootstrap "$work/server"
echo "$server_url, user $user"

say "Enrolling this machine"
enrol "$work/agent" demo "$repository" "$files"
start_agent "$work/agent" "${agent_flags[@]}"
agent_log=$work/agent/agent.log
wait_online "$work/agent"
api GET "/api/hosts/$host_id" | jq '{id, hostname, status}'

say "Backing up $(find "$files" -type f | wc -l) files"
run_host 180
job_id=$(jq -r .id <<< "$job")
jq . <<< "$job"
say "Its log"
api GET "/api/jobs/$job_id/log"
[[ $(jq -r .status <<< "$job") == succeeded ]] || fail "the backup did not succeed" "$agent_log"

say "A schedule for the nights to come"
api POST "/api/hosts/$host_id/schedules" "$(jq -n --arg path "$files" '{
    kind: "backup", name: "nightly", enabled: true, manual: false, cron: "30 2 * * *", time_zone: "Europe/London",
    paths: [$path], excludes: ["*.tmp"], tags: ["nightly"],
    retention: {keep_last: 0, keep_hourly: 0, keep_daily: 14, keep_weekly: 8, keep_monthly: 12, keep_yearly: 0},
    options: {one_file_system: true, exclude_caches: true, limit_upload_kib: 0},
    hooks: {}}')" | jq '{id, name, cron, time_zone}'

say "The repository, as restic sees it"
restic_on "$repository" "$repo_password" snapshots

say "The same, as the server sees it"
# shellcheck disable=SC2317 # wait_for calls it
has_snapshots() {
    snapshots=$(api GET "/api/hosts/$host_id/snapshots") || return 1
    [[ $(jq '.items | length' <<< "$snapshots") -gt 0 ]]
}
wait_log=$agent_log wait_for 30 "the list of snapshots" has_snapshots
jq '{refreshed_at, items: [.items[] | {short_id, time, hostname, paths, tags}]}' <<< "$snapshots"
restic_ids=$(restic_on "$repository" "$repo_password" snapshots --json | jq -r '.[].short_id' | sort)
[[ $(jq -r '.items[].short_id' <<< "$snapshots" | sort) == "$restic_ids" ]] ||
    fail "the server and restic list different snapshots" "$agent_log"

say "Look around"
cat << TEXT
  page      $server_url/
  user      $user
  password  $password
  files     $files
  restic    RESTIC_PASSWORD='$repo_password' restic --no-cache -r $repository snapshots
TEXT

[[ -z $once ]] || exit 0
echo
echo "Ctrl-C ends it and removes all of it."
trap 'exit 0' INT
wait -n "$server_pid" "$agent_pid" || true
fail "the server or the agent ended by itself" "$work/server/server.log"
