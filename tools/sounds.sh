#!/usr/bin/env bash
# Gets a few dozen real recordings into the folder that is the only argument; once there they are kept.
# From Debian's package sonic-pi-samples (CC0), unpacked without root; else from the wheel of a game library on PyPI.
set -euo pipefail

say() { printf '\n== %s\n' "$*" >&2; }
fail() { printf '\nheterophony: %s\n' "$*" >&2; exit 1; }

folder=$1
package=sonic-pi-samples
wheel=arcade==3.3.3 # its folder resources/assets/sounds, mostly CC0
per_kind=4          # of bd_*, guit_*, ambi_* ...
[[ -e $folder/done ]] && exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"

download_package() {
  command -v apt-get >/dev/null && command -v dpkg >/dev/null || return 1
  local options=()
  [[ $EUID -eq 0 ]] && options=(-o APT::Sandbox::User=root)
  if (cd "$work" && apt-get "${options[@]}" download "$package" 2>/dev/null); then
    return
  fi
  [[ $EUID -eq 0 ]] || return 1
  say "asking Debian for its lists of packages"
  apt-get update >&2 && (cd "$work" && apt-get "${options[@]}" download "$package")
}

from_debian() {
  say "getting recordings: Debian's $package (22 MB)"
  download_package || return 1
  dpkg -x "$work/$package"_*.deb "$work" || return 1
  local samples=$work/usr/share/sonic-pi/samples kind
  [[ -d $samples ]] || return 1
  for kind in $(cd "$samples" && printf '%s\n' *.flac | cut -d_ -f1 | sort -u); do
    find "$samples" -name "${kind}_*.flac" | sort | head -n "$per_kind" | xargs cp -t "$folder"
  done
}

from_wheel() {
  say "no recordings from Debian; getting those inside the wheel $wheel (43 MB)"
  .venv/bin/python -m pip download --disable-pip-version-check --no-deps -d "$work" "$wheel" || return 1
  .venv/bin/python -m zipfile -e "$work"/*.whl "$work"
  find "$work/arcade/resources/assets/sounds" -name '*.wav' -exec cp -t "$folder" {} +
}

mkdir -p "$folder"
from_debian || from_wheel || fail "neither Debian's packages nor PyPI can be reached, so there are no recordings to show.
Try your own: make demo SOUNDS=folder"
touch "$folder/done"
say "$(find "$folder" -type f ! -name done | wc -l) recordings in $folder"
