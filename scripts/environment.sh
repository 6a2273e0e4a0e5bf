# What ./run and ./test share: find a Python, make .venv, install the lock. Sourced; POSIX sh.

unset PYTHONDONTWRITEBYTECODE # set in many images; without cached bytecode a dozen processes start twice as slowly

die() {
    printf '%s\n' "$*" >&2
    exit 1
}

find_python() { # sets PYTHON to the first Python >= 3.12 on PATH that starts (a pyenv shim may not)
    before=$IFS
    for name in python3.13 python3.12 python3.14 python3 python; do
        IFS=:
        for folder in $PATH; do
            IFS=$before
            PYTHON=$folder/$name
            [ -x "$PYTHON" ] && "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1 && return
        done
    done
    IFS=$before
    die "Tapwari needs Python 3.12 or newer and found none; install it (Debian: apt install python3 python3-venv," \
        "macOS: brew install python) and start again."
}

need_writable() { # need_writable FOLDER
    error=$( { LC_ALL=C && export LC_ALL && mkdir -p "$1" && echo >"$1/.writable" && rm "$1/.writable"; } 2>&1) && return
    case $error in
    *"No space left"*) die "The disk that holds $1 is full; free some room and start again." ;;
    *) die "Tapwari cannot write to $1; give this user write permission there and start again." ;;
    esac
}

need_room() { # need_room FOLDER MEGABYTES
    folder=$1
    while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
    free=$(df -Pk "$folder" | awk 'NR == 2 { print int($4 / 1024) }')
    [ "$free" -ge "$2" ] ||
        die "The disk that holds $1 is full: Tapwari needs $2 MB and $free MB are free."
}

as_root() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; }

apt_install() { # apt_install PACKAGE...
    echo "Installing with apt-get: $*"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@"; } \
        </dev/null >"$LOG" 2>&1 || explain "apt-get could not install $*"
}

explain() { # explain WHAT: the reason in one sentence, found in $LOG
    if grep -qi 'no space left' "$LOG"; then
        die "$1: the disk is full."
    elif grep -qiE 'dns error|name resolution|network is unreachable|connection (refused|error|aborted)|could not connect|could not resolve|failed to (connect|fetch|establish)|error sending request|timed out' "$LOG"; then
        die "$1: no network. The first start downloads the Python packages; later starts need no network."
    elif grep -qi 'permission denied' "$LOG"; then
        die "$1: no write permission in $PWD."
    fi
    tail -n 15 "$LOG" >&2
    die "$1; the lines above say why."
}

make_venv() {
    [ -x .venv/bin/python ] && .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null && return
    find_python
    echo "Creating .venv with $("$PYTHON" --version) ..."
    "$PYTHON" -c 'import ensurepip, venv' >/dev/null 2>&1 || {
        as_root || die "This Python has no venv module; run 'apt install python3-venv' as root and start again."
        apt_install "$("$PYTHON" -c 'import sys; print("python{}.{}-venv".format(*sys.version_info))')"
    }
    "$PYTHON" -m venv --clear .venv >"$LOG" 2>&1 || explain "The virtual environment .venv could not be made"
}

install_lock() { # install_lock LOCK: only when the lock differs from the one installed last
    cmp -s "$1" ".venv/installed-$1" && return
    need_room .venv 1000
    echo "Installing Python packages (once; about half a minute) ..."
    uv=$(command -v uv || true)
    if [ -z "$uv" ] || ! "$uv" --version >/dev/null 2>&1; then
        uv=.venv/bin/uv
        [ -x "$uv" ] || install_uv || uv=
    fi
    if [ -n "$uv" ]; then
        "$uv" pip install --quiet --python .venv/bin/python --require-hashes --no-deps -r "$1" >"$LOG" 2>&1
    else
        .venv/bin/python -m pip install --quiet --require-hashes --no-deps -r "$1" >"$LOG" 2>&1
    fi || explain "The Python packages could not be installed"
    cp "$1" ".venv/installed-$1"
}

install_uv() { # uv installs the rest about five times faster than pip; its pin stands in the developers' lock
    awk '/^uv==/ { on = 1 } on { print; if (!/\\$/) exit }' requirements-dev.txt >.venv/uv.txt
    .venv/bin/python -m pip install --quiet --retries 1 --require-hashes --no-deps -r .venv/uv.txt >"$LOG" 2>&1
}
