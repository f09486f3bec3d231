#!/usr/bin/env bash
# Takes the picture of demo/report.html that the README shows (needs chromium). Run `make demo` first.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p docs/images
chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1280,980 \
  --screenshot=docs/images/report.png "file://$PWD/demo/report.html"
