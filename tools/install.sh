#!/usr/bin/env bash
# Installs what the named purposes need and nothing else:   tools/install.sh build [test] [fuzz] [bench] [aws] [arm64]
# Idempotent, and quick when all is there: only then are no package lists, registries or sudo touched.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }

as_root() {
    if [[ $(id -u) -eq 0 ]]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        say "Root or sudo is needed to install: $*"
        exit 1
    fi
}

missing_packages() {
    local purpose package command
    while read -r purpose package command; do
        [[ $purpose == '#'* || -z $package || " $* " != *" $purpose "* ]] && continue
        [[ -n $command ]] && command -v "$command" >/dev/null && continue
        [[ $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) == *' installed' ]] && continue
        echo "$package"
    done <tools/packages.txt
}

install_packages() {
    local missing
    mapfile -t missing < <(missing_packages "$@" | sort -u)
    [[ ${#missing[@]} -eq 0 ]] && return
    say "Installing from Debian: ${missing[*]}"
    # Packages of another architecture, beside this machine's own.
    [[ " ${missing[*]} " != *':arm64 '* ]] || as_root dpkg --add-architecture arm64
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${missing[@]}"
}

# A folder is up to date while the stamp inside it holds the hash of the file that it was made from.
up_to_date() { [[ -f $2/.stamp && $(<"$2/.stamp") == "$(sha256sum <"$1")" ]]; }
stamp() { sha256sum <"$1" >"$2/.stamp"; }

install_python() {
    local wanted=tests/requirements.txt venv=tests/.venv
    up_to_date "$wanted" "$venv" && [[ -x $venv/bin/python ]] && return
    say "Installing the Python test tools into $venv"
    rm -rf "$venv"
    /usr/bin/python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$wanted"
    stamp "$wanted" "$venv"
}

install_node() {
    local wanted=tests/node/package-lock.json modules=tests/node/node_modules
    up_to_date "$wanted" "$modules" && return
    say "Installing the Node test tools into $modules"
    (cd tests/node && npm ci --silent --no-audit --no-fund)
    stamp "$wanted" "$modules"
}

for purpose in "$@"; do
    if ! grep -q "^$purpose " tools/packages.txt; then
        say "tools/packages.txt knows no purpose $purpose."
        exit 2
    fi
done
install_packages "$@"
if [[ " $* " == *' test '* ]]; then
    install_python
    install_node
fi
