#!/bin/sh
# Exports IAM, Cloud Run, keys and secrets' versions of Google Cloud projects in the layout that
# piperoll reads.
#
#   gcp.sh DIR PROJECT...
#
# Needs `gcloud`, logged in with roles/iam.securityReviewer and the viewer roles that piperoll's
# README names, and `jq`. The first refusal ends the script: half an export passes for a whole one.
# No secret's value is read.
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

# An answer goes to a file only when it is whole.
save() { # FILE ARGUMENT...
  file=$1
  shift
  mkdir -p "$(dirname -- "$file")"
  gcloud "$@" --format=json >"$work/answer" </dev/null || stop "refused: gcloud $*"
  mv "$work/answer" "$file"
}

for project in "$@"; do
  case $project in
    */* | -* | '') stop "no project: $project" ;;
  esac
  to="$dir/projects/$project"
  save "$to/project.json" projects describe "$project"
  save "$to/iam-policy.json" projects get-iam-policy "$project"
  save "$to/asset-iam-policies.json" asset search-all-iam-policies --scope="projects/$project"
  save "$to/run/services.json" run services list --project="$project"
  save "$to/run/jobs.json" run jobs list --project="$project"
  save "$to/log-buckets.json" logging buckets list --project="$project"
  save "$to/secrets.json" secrets list --project="$project"
  jq -r '.[].name | split("/") | last' "$to/secrets.json" >"$work/secrets"
  while IFS= read -r secret; do
    save "$to/secrets/$secret/versions.json" secrets versions list "$secret" --project="$project"
  done <"$work/secrets"
  save "$to/service-accounts.json" iam service-accounts list --project="$project"
  jq -r '.[].email' "$to/service-accounts.json" >"$work/accounts"
  while IFS= read -r account; do
    save "$to/keys/$account.json" iam service-accounts keys list \
      --iam-account="$account" --managed-by=user --project="$project"
  done <"$work/accounts"
  save "$to/pools.json" iam workload-identity-pools list --location=global --project="$project"
  jq -r '.[].name | split("/") | last' "$to/pools.json" >"$work/pools"
  while IFS= read -r pool; do
    save "$to/wif-$pool.json" iam workload-identity-pools providers list \
      --workload-identity-pool="$pool" --location=global --project="$project"
  done <"$work/pools"
done
printf 'gcp.sh: exported to %s\n' "$dir" >&2
