#!/usr/bin/env bash
# Puts newer releases of restic and of its REST server under .tools/, for the tests to run against:
#
#   .tools/restic-<version>/restic
#   .tools/rest-server-<version>/rest-server, the newest of them also as .tools/rest-server
#   .tools/rclone-<version>/rclone
#
# They come from Debian's later releases, from the mirror that this machine already uses. apt runs with its own directories:
# it verifies signatures and hashes as usual, and the machine's lists and settings stay unchanged.
#
# If they cannot be downloaded, this prints a note and succeeds: tests then run with the installed versions.
set -euo pipefail
cd "$(dirname "$0")/.."

releases=(trixie sid)
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# Looked up again once a week, as sid changes.
fresh=.tools/.looked-up
summary() {
    local tool
    for tool in .tools/restic-*/restic .tools/rest-server-*/rest-server .tools/rest-server .tools/rclone-*/rclone; do
        [[ -x $tool ]] && echo "  $tool"
    done
    return 0
}

give_up() {
    echo "newer restic: $1"
    if compgen -G '.tools/restic-*/restic' > /dev/null; then
        echo "newer restic: what was fetched before is still there:"
        summary
    else
        echo "newer restic: SKIPPED restic 0.18 and 0.19, rest-server 0.13 and 0.14; tests use only the installed restic"
    fi
    exit 0
}

if [[ -n $(find "$fresh" -mtime -7 2> /dev/null) ]]; then
    echo "newer restic: have"
    summary
    cat "$fresh" # what was skipped
    exit 0
fi

command -v apt-get > /dev/null || give_up "this machine has no apt"
[[ -r $keyring ]] || give_up "there is no $keyring to check signatures with"

# The main archive's address, whichever way it is written down, and whether or not it was ever read.
# shellcheck disable=SC2016 # the $(…) are apt's
mirror=$(apt-get indextargets --no-release-info --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 2> /dev/null |
    awk '$3 == "main" && $2 !~ /-/ && $1 ~ /debian/ && $1 !~ /security/ {
        if (!any) any = $1
        if ($1 ~ /\/debian\/?$/ && !best) best = $1
    }
    END { print best ? best : any }')
[[ -n $mirror ]] || give_up "apt has no Debian mirror configured"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
: > "$work/status"
for release in "${releases[@]}"; do
    echo "deb [signed-by=$keyring] $mirror $release main"
done > "$work/sources.list"
options=(
    -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null
    -o "Dir::State::Lists=$work/lists" -o "Dir::State::Status=$work/status" -o "Dir::Cache=$work/cache"
    -o Dir::Cache::pkgcache=packages.bin
    -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false
    -o Acquire::Retries=2 -o Acquire::http::Timeout=20
    -o "APT::Sandbox::User=$(id -un)" # the folders are ours, not _apt's
)

echo "newer restic: reading the indexes of ${releases[*]}"
# It succeeds even if it could not read or would not trust them: what counts is what is there then.
timeout 180 apt-get "${options[@]}" -qq update > "$work/log" 2>&1 || true
has_index() {
    compgen -G "$work/lists/*_dists_$1_main_*Packages*" > /dev/null
}
readable=()
for release in "${releases[@]}"; do
    if has_index "$release"; then
        readable+=("$release")
    fi
done
if ((${#readable[@]} == 0)); then
    sed 's/^/  /' "$work/log"
    give_up "no index of the mirror could be read and trusted"
fi

skip() {
    echo "newer restic: SKIPPED $1" | tee -a "$work/skipped"
}

mkdir -p .tools
: > "$work/skipped"
# fetch PACKAGE BINARY NAME: the release's BINARY becomes .tools/NAME-<version>/NAME.
fetch() {
    local package=$1 binary=$2 name=$3 version upstream target
    version=$(apt-cache "${options[@]}" madison "$package" |
        awk -F' *[|] *' -v release="$release" '$3 ~ " " release "/" { print $2; exit }')
    if [[ -z $version ]]; then
        skip "$package of $release: it has none"
        return
    fi
    upstream=$(sed 's/^[0-9]*://; s/-[^-]*$//' <<< "$version")
    target=.tools/$name-$upstream
    [[ ! -x $target/$name ]] || return 0
    mkdir -p "$work/$package-$version"
    (cd "$work/$package-$version" &&
        timeout 120 apt-get "${options[@]}" -qq download "$package=$version" &&
        dpkg-deb -x ./*.deb .) > "$work/log" 2>&1 || {
        sed 's/^/  /' "$work/log"
        skip "$package $version: it could not be fetched"
        return
    }
    if ! "$work/$package-$version/$binary" "${@:4}" > /dev/null 2>&1; then
        skip "$package $version: it does not run on this machine"
        return
    fi
    # Whole or not at all: a test must never find half of it.
    mkdir "$work/new"
    mv "$work/$package-$version/$binary" "$work/new/$name"
    rm -rf "$target"
    mv "$work/new" "$target"
}

for release in "${releases[@]}"; do
    if ! has_index "$release"; then
        skip "$release: its index could not be read and trusted"
        continue
    fi
    fetch restic usr/bin/restic restic version
    fetch restic-rest-server usr/bin/restic-rest-server rest-server --version
done
release=trixie
if has_index $release; then
    fetch rclone usr/bin/rclone rclone version
fi
newest=$(find .tools -path '.tools/rest-server-*/rest-server' | sort -V | tail -1)
[[ -z $newest ]] || ln -sfn "${newest#.tools/}" .tools/rest-server

if ((${#readable[@]} == ${#releases[@]})); then
    cp "$work/skipped" "$fresh"
fi
echo "newer restic: have"
summary
