#!/bin/sh
# Exports the resources of Kuma and the insights of its proxies in the layout that piperoll reads.
#
#   kuma.sh DIR [MESH...]
#
# Needs `kumactl`, with a control plane configured and a token that may read the resources, and `jq`.
# Without MESH every mesh is exported. The first refusal ends the script: half an export passes for a
# whole one. Every answer is receipted in collection.ndjson: what was asked, when and by whom. The
# access logs lie where a MeshAccessLog sends them: copy them to DIR/logs.
set -eu

stop() {
  printf 'kuma.sh: %s\n' "$*" >&2
  exit 1
}

[ "$#" -ge 1 ] || stop "usage: kuma.sh DIR [MESH...]"
dir=$1
shift
command -v kumactl >/dev/null || stop "kumactl is not on the PATH"
command -v jq >/dev/null || stop "jq is not on the PATH"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

at=$(date -u +%Y-%m-%dT%H:%M:%SZ)
by=$(id -un)
: >"$work/receipts"
mkdir -p "$dir"

# An answer goes to its file only when it is whole.
ask() { # FILE ARGUMENT...
  of=$1
  shift
  kumactl "$@" >"$work/answer" </dev/null || stop "refused: kumactl $*"
  mkdir -p "$(dirname -- "$dir/$of")"
  mv "$work/answer" "$dir/$of"
  jq -cn --arg path "$of" --arg command "kumactl $*" --arg at "$at" --arg by "$by" \
    '{path: $path, system: "mesh", command: $command, collected_at: $at, collected_by: $by}' >>"$work/receipts"
}

ask meshes.json get meshes -o json
[ "$#" -gt 0 ] || {
  jq -er '.items[].name' "$dir/meshes.json" >"$work/meshes" || stop "no mesh in the answer of get meshes"
  while IFS= read -r mesh; do set -- "$@" "$mesh"; done <"$work/meshes"
}
for mesh in "$@"; do
  case $mesh in
    */* | -* | '') stop "no mesh: $mesh" ;;
  esac
  for kind in dataplanes meshtrafficpermissions meshaccesslogs meshtlses meshidentities; do
    ask "$mesh/$kind.json" get "$kind" --mesh "$mesh" -o json
  done
  ask "$mesh/insights.json" inspect dataplanes --mesh "$mesh" -o json
done
mv "$work/receipts" "$dir/collection.ndjson"
printf 'kuma.sh: exported to %s\n' "$dir" >&2
