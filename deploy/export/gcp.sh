#!/bin/sh
# Exports IAM, Cloud Run, keys and secrets' versions of Google Cloud projects in the layout that
# piperoll reads.
#
#   gcp.sh DIR PROJECT...
#
# Needs `gcloud`, logged in with roles/iam.securityReviewer and the viewer roles that piperoll's
# README names, and `jq`. The first refusal ends the script: half an export passes for a whole one.
# No secret's value is read. A whole project is receipted in its collection.ndjson: what was asked,
# when, by whom, and how many records came, so that piperoll tells what was lost since.
set -eu

stop() {
  printf 'gcp.sh: %s\n' "$*" >&2
  exit 1
}

[ "$#" -ge 2 ] || stop "usage: gcp.sh DIR PROJECT..."
dir=$1
shift
command -v gcloud >/dev/null || stop "gcloud is not on the PATH"
command -v jq >/dev/null || stop "jq is not on the PATH"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

at=$(date -u +%Y-%m-%dT%H:%M:%SZ)
by=$(id -un)

# An answer goes to a file of the project only when it is whole, and is receipted.
save() { # FILE ARGUMENT...
  of=$1
  file=$to/$1
  shift
  mkdir -p "$(dirname -- "$file")"
  gcloud "$@" --format=json >"$work/answer" </dev/null || stop "refused: gcloud $*"
  mv "$work/answer" "$file"
  count=$(jq -s 'map(if type == "array" then length else 1 end) | add // 0' "$file")
  jq -cn --arg path "$of" --argjson count "$count" --arg command "gcloud $*" --arg at "$at" --arg by "$by" \
    '{path: $path, system: "gcp", command: $command, collected_at: $at, collected_by: $by, expect_records: $count}' \
    >>"$work/receipts"
}

for project in "$@"; do
  case $project in
    */* | -* | '') stop "no project: $project" ;;
  esac
  to="$dir/projects/$project"
  : >"$work/receipts"
  save "project.json" projects describe "$project"
  save "iam-policy.json" projects get-iam-policy "$project"
  save "asset-iam-policies.json" asset search-all-iam-policies --scope="projects/$project"
  save "run/services.json" run services list --project="$project"
  save "run/jobs.json" run jobs list --project="$project"
  save "log-buckets.json" logging buckets list --project="$project"
  save "secrets.json" secrets list --project="$project"
  jq -r '.[].name | split("/") | last' "$to/secrets.json" >"$work/secrets"
  while IFS= read -r secret; do
    save "secrets/$secret/versions.json" secrets versions list "$secret" --project="$project"
  done <"$work/secrets"
  save "service-accounts.json" iam service-accounts list --project="$project"
  jq -r '.[].email' "$to/service-accounts.json" >"$work/accounts"
  while IFS= read -r account; do
    save "keys/$account.json" iam service-accounts keys list \
      --iam-account="$account" --managed-by=user --project="$project"
  done <"$work/accounts"
  save "pools.json" iam workload-identity-pools list --location=global --project="$project"
  jq -r '.[].name | split("/") | last' "$to/pools.json" >"$work/pools"
  while IFS= read -r pool; do
    save "wif-$pool.json" iam workload-identity-pools providers list \
      --workload-identity-pool="$pool" --location=global --project="$project"
  done <"$work/pools"
  mv "$work/receipts" "$to/collection.ndjson"
done
printf 'gcp.sh: exported to %s\n' "$dir" >&2
