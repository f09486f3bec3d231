#!/usr/bin/env bash
# Makes .venv and installs this package in it, with the versions of constraints.txt.
#   tools/environment.sh          what `make demo` needs
#   tools/environment.sh dev      and what tests and checks need
#   tools/environment.sh docs     and what the pages of docs/ need
# Does nothing where that has been done since pyproject.toml and constraints.txt last changed.
# PYTHON=... chooses the interpreter.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\n== %s\n' "$*" >&2; }
fail() { printf '\nheterophony: %s\n' "$*" >&2; exit 1; }

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
  local name
  for name in ${PYTHON:-python3 python3.11 python3.12 python3.13 python3.14}; do
    if new_enough "$name"; then
      echo "$name"
      return
    fi
  done
  fail "Python 3.11 or newer is needed; ${PYTHON:-python3} is $(${PYTHON:-python3} --version 2>&1 || true).
Install a newer one, or name it: make PYTHON=/path/to/python3.12 ..."
}

make_venv() {
  local python
  python=$(find_python)
  "$python" -c 'import ensurepip, venv' 2>/dev/null || fail "$python cannot make virtual environments.
On Debian and Ubuntu: sudo apt-get install python3-venv"
  say "making .venv with $("$python" --version)"
  "$python" -m venv --clear .venv
}

extras=${1:-}
for stamp in .venv/installed-${extras:-*}; do
  if [[ $stamp -nt pyproject.toml && $stamp -nt constraints.txt ]]; then
    exit 0
  fi
done
.venv/bin/python -c 'import pip' 2>/dev/null && new_enough .venv/bin/python || make_venv
say "installing heterophony${extras:+ with what \"$extras\" needs} (torch and its friends are a few hundred MB)"
install() { .venv/bin/python -m pip install --disable-pip-version-check -c constraints.txt -e ".${extras:+[$extras]}"; }
# A registry that fails to answer once looks to pip like a version that does not exist: it is asked a second time.
install || { say "that failed; trying once more"; install; } ||
  fail "pip could not install the package; its last lines above say why.
If they speak of connections, time-outs or 'no matching distribution': the package registry could not be reached.
Check the network, the proxy (HTTPS_PROXY) or the mirror (PIP_INDEX_URL), then run the same command again."
.venv/bin/python -m pip check --disable-pip-version-check || fail "the installed versions do not fit together (above)"
touch ".venv/installed-${extras:-core}"
