# shellcheck shell=bash
# Sourced by bin/run and bin/test: finds a Python, makes .venv and installs requirements into it when they changed.
#
#   ROOT=...                              the folder of the checkout
#   ensure_environment requirements.txt   leaves PYTHON=$ROOT/.venv/bin/python, or exits 1 with one sentence
#
# A copy of each installed file, kept in .venv, makes the next start fast. Two starts at the same moment take turns.
# Traps for INT, TERM and HUP are reset; set your own afterwards.

say() { printf '%s\n' "$*"; }

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

ensure_environment() {
  # A Python of somebody's own environment must not leak its libraries into ours.
  unset PYTHONHOME PYTHONPATH
  find_python
  ROOT=$(cd "$ROOT" && pwd -P)
  [ -w "$ROOT" ] || fail "dsbs keeps its environment in $ROOT/.venv, but cannot write there."
  take_turn
  make_venv
  install_changed "$@"
  exec 9<&-
  PYTHON="$ROOT/.venv/bin/python"
}

# Leaves BASE_PYTHON. Names are tried by running them: a name on the path may be a shim that leads nowhere.
find_python() {
  local name version too_old="" incomplete=""
  for name in python3.13 python3.12 python3.11 python3 python; do
    version=$("$name" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
    if ! "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      too_old=${too_old:-$version}
    elif ! "$name" -c 'import venv, ensurepip' 2>/dev/null; then
      incomplete=${incomplete:-$version}
    else
      BASE_PYTHON=$name
      return
    fi
  done
  [ -z "$incomplete" ] || fail "Python $incomplete lacks venv or pip; on Debian or Ubuntu install python$incomplete-venv, then start again."
  [ -z "$too_old" ] || fail "dsbs needs Python 3.11 or newer; this machine has Python $too_old."
  fail "dsbs needs Python 3.11 or newer; no Python was found on this machine."
}

# Locks the folder itself, so no lock file lies around. The lock ends with descriptor 9, whatever happens to us.
take_turn() {
  exec 9<"$ROOT"
  "$BASE_PYTHON" -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)'
}

# An environment whose Python is gone, or that was made in another folder, is made anew: its scripts would not start.
make_venv() {
  local venv=$ROOT/.venv
  # What a link leads to is somebody else's: it would be emptied.
  [ ! -L "$venv" ] || fail "$venv is a link to another environment. Remove the link, and dsbs makes an environment of its own."
  if grep -qsF "$venv/bin/python" "$venv/bin/pip" &&
    "$venv/bin/python" -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    return
  fi
  say "Making .venv with $("$BASE_PYTHON" --version)"
  quietly "$BASE_PYTHON" -m venv --clear "$venv" || fail "The environment $venv could not be made; see the lines above."
}

install_changed() {
  local file kept=$ROOT/.venv/installed changed=()
  mkdir -p "$kept"
  for file in "$@"; do
    [ "$(cat "$ROOT/$file")" = "$(cat "$kept/$file" 2>/dev/null)" ] || changed+=("$file")
  done
  [ ${#changed[@]} -gt 0 ] || return 0
  say "Installing ${changed[*]}; the first time takes a minute or two"
  # Copied before, kept after: a file that changes meanwhile is installed again next time.
  for file in "${changed[@]}"; do cp "$ROOT/$file" "$kept/$file.new"; done
  quietly "$ROOT/.venv/bin/python" -m pip install --quiet --no-input --disable-pip-version-check \
    "${changed[@]/#/--requirement=$ROOT/}" || fail "Installing ${changed[*]} failed; see the lines above."
  for file in "${changed[@]}"; do mv "$kept/$file.new" "$kept/$file"; done
}

# Runs a command without a word, but shows what it said when it fails. Stopped meanwhile, it stops the command too.
quietly() {
  local said status=0
  said=$(mktemp)
  "$@" >"$said" 2>&1 </dev/null 9<&- &
  trap "kill $! 2>/dev/null; wait $!; rm -f '$said'; exit 130" INT TERM HUP
  wait $! || status=$?
  trap - INT TERM HUP
  [ $status -eq 0 ] || cat "$said" >&2
  rm -f "$said"
  return $status
}
