#!/usr/bin/env bash
# Checks the samples of docs/proxy with the real programs: that nginx and Caddy understand them, and that a server behind
# nginx serves its page, a live stream and an agent. Needs nginx, caddy, openssl, curl, jq, restic, and `make build` before.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
pids=()
end() {
    ((${#pids[@]} == 0)) || kill "${pids[@]}" 2> /dev/null || true
    wait || true
    rm -rf "$work"
}
trap end EXIT

free_port() {
    local port
    for ((port = 20000 + RANDOM % 20000; ; port++)); do
        if ! ss -Hltn "sport = :$port" | grep -q .; then
            printf '%s' "$port"
            return
        fi
    done
}

# until_done SECONDS COMMAND...
until_done() {
    timeout "$1" bash -c 'until "$@" > /dev/null 2>&1; do sleep 0.2; done' until_done "${@:2}"
}

caddy validate --adapter caddyfile --config docs/proxy/Caddyfile > "$work/caddy.log" 2>&1 \
    || { cat "$work/caddy.log"; exit 1; }
echo "Caddyfile: $(caddy version | cut -d' ' -f1) understands it"

inner=$(free_port)
outer=$(free_port)
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost -keyout "$work/key.pem" -out "$work/cert.pem" 2> /dev/null
{
    printf 'worker_processes 1;\npid %s/nginx.pid;\nerror_log %s/error.log;\nevents {}\nhttp {\naccess_log off;\n' "$work" "$work"
    sed -e "s|443 ssl|$outer ssl|" -e '/\[::\]/d' -e 's/fleet.example.org/localhost/' -e "s|/etc/ssl/fleet.pem|$work/cert.pem|" \
        -e "s|/etc/ssl/fleet.key|$work/key.pem|" -e "s|127.0.0.1:8080|127.0.0.1:$inner|" docs/proxy/nginx.conf
    printf '}\n'
} > "$work/nginx.conf"
nginx -t -c "$work/nginx.conf" 2> "$work/nginx.log" || { cat "$work/nginx.log"; exit 1; }
echo "nginx.conf: $(nginx -v 2>&1 | sed 's/.*: //') understands it"

url=https://localhost:$outer
nginx -c "$work/nginx.conf" -g 'daemon off;' &
pids+=($!)
java -jar server/target/restic-fleet.jar --data-dir "$work/data" --listen "127.0.0.1:$inner" --public-url "$url" \
    --trusted-proxies 127.0.0.1 > "$work/server.log" 2>&1 &
pids+=($!)
ask() {
    curl -fsS --cacert "$work/cert.pem" "$@"
}
until_done 30 curl -fsS --cacert "$work/cert.pem" "$url/healthz"
ask "$url/api/bootstrap" -d "{\"token\":\"$(cat "$work/data/bootstrap-token")\",\"username\":\"admin\",\"password\":\"choose-a-good-one\"}" > /dev/null
ask -c "$work/cookies" "$url/api/auth/login" -H "Origin: $url" -d '{"username":"admin","password":"choose-a-good-one"}' > /dev/null
grep -q TRUE "$work/cookies" || { echo "the cookie is not Secure behind nginx"; exit 1; }
ask -b "$work/cookies" "$url/" | grep -q '<h1' || { echo "no page through nginx"; exit 1; }
echo "nginx: a page, and a cookie that is Secure"

token=$(ask -b "$work/cookies" -H "Origin: $url" "$url/api/enrollment-tokens" \
    -d "{\"repository\":{\"url\":\"$work/repo\"},\"initial_paths\":[\"$PWD/docs\"]}" | jq -r .token)
trust=(-Djavax.net.ssl.trustStore="$work/trust.p12" -Djavax.net.ssl.trustStorePassword=in-test)
keytool -importcert -noprompt -alias server -file "$work/cert.pem" -keystore "$work/trust.p12" -storepass in-test 2> /dev/null
java "${trust[@]}" -jar agent/target/restic-fleet-agent.jar enroll --server "$url" --token "$token" --state-dir "$work/state" > /dev/null
java "${trust[@]}" -jar agent/target/restic-fleet-agent.jar run --state-dir "$work/state" > "$work/agent.log" 2>&1 &
pids+=($!)
host=$(ask -b "$work/cookies" "$url/api/hosts" | jq -r '.items[0].id')
online() {
    [[ $(ask -b "$work/cookies" "$url/api/hosts/$host" | jq -r .status) == online ]]
}
export -f online ask
export work url host
until_done 30 online
job=$(ask -b "$work/cookies" -H "Origin: $url" -X POST "$url/api/hosts/$host/run" | jq -r .job_id)
timeout 60 curl -fsSN --cacert "$work/cert.pem" -b "$work/cookies" "$url/api/jobs/$job/events" > "$work/events"
grep -q succeeded "$work/events" || { cat "$work/events"; exit 1; }
echo "nginx: an agent over its WebSocket, a backup, and the live stream of its job"
