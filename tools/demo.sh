#!/usr/bin/env bash
# Classifies real recordings and writes demo/results.csv and demo/report.html.
#   SOUNDS=folder   classifies these instead
#   MODEL=name|dir  uses another model than the default
set -euo pipefail
cd "$(dirname "$0")/.."

sounds=${SOUNDS:-demo/sounds}
[[ -n ${SOUNDS:-} ]] || tools/sounds.sh demo/sounds
[[ -d $sounds || -f $sounds ]] || { echo "heterophony: SOUNDS=$sounds: there is no such folder or file" >&2; exit 1; }
mkdir -p demo
printf '\n== classifying %s\n' "$sounds" >&2
code=0
.venv/bin/heterophony classify "$sounds" ${MODEL:+--model "$MODEL"} --store demo/store \
  -o demo/results.csv --report demo/report.html || code=$?
if [[ $code -ne 0 && $code -ne 3 ]]; then # 3: some files were refused, and they are listed
  exit "$code"
fi
printf '\nOpen demo/report.html in a browser: the collection, a player for each sound, the least certain first.\n'
