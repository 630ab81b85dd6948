#!/usr/bin/env bash
# Makes everything that Microblog needs, brings the database up to date and serves the site.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

LOG=venv/install.log

usage() {
    cat <<'TEXT'
Usage: ./boot.sh                  install what is missing, migrate and serve on HOST:PORT (127.0.0.1:5000)
       ./boot.sh test [ARGUMENT]  install the test requirements and run `python -m unittest [ARGUMENT]`
       ./boot.sh install          install both requirements.txt and end
       ./boot.sh lock             write every requirements.txt anew from pyproject.toml
       ./boot.sh --help           show this text
PYTHON names the interpreter to make venv/ with. README.md lists the settings.
TEXT
}

say() { printf '%s\n' "$*" >&2; }

die() {
    say "boot.sh: $*"
    exit 1
}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    local candidate
    if [[ -n ${PYTHON:-} ]]; then
        is_new_enough "$PYTHON" || die "PYTHON is \"$PYTHON\", but Microblog needs Python 3.11 or newer."
        echo "$PYTHON"
        return
    fi
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        if is_new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    die "Microblog needs Python 3.11 or newer, and there is none on the PATH; PYTHON may name one elsewhere."
}

# The whole list is the stamp: nothing is installed while it is the same for the same Python.
stamp() { venv/bin/python -V && cat "$1"; }

is_installed() { [[ -x venv/bin/python ]] && stamp "$1" 2>/dev/null | cmp -s - "$2"; }

# venv/.busy is left behind when an installation was broken off: its files cannot be trusted.
is_venv_sound() {
    [[ ! -e venv/.busy ]] && is_new_enough venv/bin/python && venv/bin/python -m pip --version >/dev/null 2>&1
}

make_venv() {
    local python
    python=$(find_python)
    "$python" deploy/checks.py
    "$python" -c 'import venv, ensurepip' 2>/dev/null ||
        die "Python's venv module is missing; on Debian and Ubuntu \"apt install python3-venv\" brings it."
    say 'Making venv/ ...'
    if ! { rm -rf venv && mkdir venv && touch venv/.busy; } 2>/dev/null; then
        die 'The folder venv/ cannot be written.'
    fi
    "$python" -m venv venv >$LOG 2>&1 || explain_failure
}

install() {
    local list=$1 mark=$2
    is_installed "$list" "$mark" && return
    is_venv_sound || make_venv
    say "Installing the packages of $list ..."
    touch venv/.busy 2>/dev/null || die 'The folder venv/ cannot be written.'
    venv/bin/python -m pip install --no-input --disable-pip-version-check --retries 2 --timeout 20 \
        --require-hashes -r "$list" >$LOG 2>&1 || explain_failure
    stamp "$list" >"$mark"
    rm venv/.busy
}

explain_failure() {
    if grep -qi 'no space left' $LOG || ! head -c 1000000 /dev/zero 2>/dev/null >venv/.probe; then
        die "The disk is full; whatever fitted is in $LOG."
    elif grep -qiE 'read-only file system|permission denied' $LOG; then
        die "The folder venv/ cannot be written; details are in $LOG."
    elif grep -qi 'do not match the hashes' $LOG; then
        die "A package is not the one that the list of hashes names; details are in $LOG."
    elif grep -qiE 'connection|name resolution|timed out|proxy|ssl' $LOG; then
        rm -f venv/.busy
        die "The package index does not answer; details are in $LOG."
    fi
    die "The packages could not be installed; details are in $LOG."
}

serve() {
    install requirements.txt venv/.installed
    umask 077 # the database and the log are nobody else's to read
    exec venv/bin/python -m deploy.serve
}

install_tests() {
    install requirements.txt venv/.installed
    install tests/requirements.txt venv/.installed-tests
}

# Without its __init__.py a folder of tests is not found, and unittest calls that a success.
check_count() {
    local files ran
    files=$(find tests -name 'test*.py' | wc -l)
    ran=$(sed -nE 's/^Ran ([0-9]+) tests? in .*/\1/p' "$1" | tail -n 1)
    [[ ${ran:-0} -ge $files ]] || die "Only ${ran:-0} tests ran, but there are $files files of tests."
}

compile_translations() {
    local catalogue
    for catalogue in app/translations/*/LC_MESSAGES/*.po; do
        if [[ -e $catalogue && ! ${catalogue%.po}.mo -nt $catalogue ]]; then
            say 'Compiling the translations ...'
            venv/bin/python -m flask translate compile >/dev/null
            return
        fi
    done
}

run_tests() {
    install_tests
    compile_translations
    (($#)) && exec venv/bin/python -m unittest "$@"
    local output
    output=$(mktemp)
    # shellcheck disable=SC2064  # the name is known now and gone later
    trap "rm -f '$output'" EXIT
    venv/bin/python -m unittest discover --start-directory tests --top-level-directory . 2>&1 | tee "$output"
    check_count "$output"
}

lock() {
    install_tests
    local compile=(venv/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11
        --no-emit-index-url --custom-compile-command './boot.sh lock')
    "${compile[@]}" pyproject.toml --output-file requirements.txt >/dev/null
    "${compile[@]}" --group test --constraints requirements.txt --output-file tests/requirements.txt >/dev/null
    "${compile[@]}" --group scan --output-file .ci/requirements.txt >/dev/null
}

main() {
    local command=${1:-serve}
    shift || true
    case $command in
        serve) serve ;;
        test) run_tests "$@" ;;
        install) install_tests ;;
        lock) lock ;;
        -h | --help | help) usage ;;
        *) usage >&2 && exit 2 ;;
    esac
}

main "$@"
