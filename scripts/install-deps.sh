#!/usr/bin/env bash
# Installs what the named groups need and this machine lacks: install-deps.sh [build|lint|demo|test|faults|bench]...
# Debian and its relatives only. Does nothing, quickly, when all is there.
set -euo pipefail

packages=()

# need COMMAND PACKAGE: PACKAGE is wanted if COMMAND is not there.
need() {
    command -v "$1" > /dev/null || packages+=("$2")
}

need_jdk() {
    local major
    major=$(javac -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p') || true
    ((${major:-0} >= 17)) || packages+=(default-jdk-headless)
}

for group in "${@:-build}"; do
    case $group in
        build)
            need_jdk
            need mvn maven
            ;;
        demo | test | bench)
            need_jdk
            need mvn maven
            need restic restic
            need curl curl
            need jq jq
            need setsid util-linux
            ;;&
        test)
            need openssl openssl
            need chromium chromium
            need dpkg-deb dpkg
            need promtool prometheus
            [[ -x /usr/lib/openssh/sftp-server ]] || packages+=(openssh-sftp-server)
            # What only root may use: a machine to install on; who is not skips the tests with it.
            if ((EUID == 0)); then
                need systemd-analyze systemd
                need pkill procps
            fi
            ;;
        bench)
            need openssl openssl
            need hyperfine hyperfine
            need chromium chromium
            ;;
        faults)
            # What only root may use; who is not skips the tests with it.
            if ((EUID == 0)); then
                need strace strace
                need ip iproute2
                need mkfs.ext4 e2fsprogs
                need perl perl-base
            fi
            ;;
        lint)
            # Without them their part is skipped; only root is asked to have them.
            if ((EUID == 0)); then
                need shellcheck shellcheck
                need systemd-analyze systemd
            fi
            ;;
        demo) ;;
        *)
            echo "install-deps.sh: no group '$group'; there are build, lint, demo, test, faults, bench" >&2
            exit 2
            ;;
    esac
done

((${#packages[@]})) || exit 0
mapfile -t packages < <(printf '%s\n' "${packages[@]}" | sort -u)

if ((EUID != 0)); then
    echo "apt-get update && apt-get install -y --no-install-recommends ${packages[*]}"
    exit 1
fi

install() {
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"
}

echo "installing ${packages[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# The package lists may be missing or old: update them only if the installation fails.
if ! install > "$log" 2>&1; then
    if ! { apt-get update -qq && install; } > "$log" 2>&1; then
        cat "$log" >&2
        exit 1
    fi
fi
