#!/bin/sh
# Exports CloudTrail's events, roles and identity providers of an AWS account in the layout that
# piperoll reads: one file of `lookup-events` for each region, and the files of a trail where its
# bucket is named.
#
#   aws.sh DIR FROM TO REGION...
#   TRAIL=s3://bucket/prefix aws.sh DIR FROM TO REGION...
#
# FROM and TO are times as `2026-09-01T00:00:00Z`. Needs `aws`, signed in with
# cloudtrail:LookupEvents, iam:GetAccountAuthorizationDetails, iam:List and Get of identity providers
# (and s3:ListBucket, s3:GetObject on the bucket), and `jq`. The first
# refusal ends the script: half an export passes for a whole one. `lookup-events` holds management
# events of 90 days; what else a trail records is in its bucket alone. Every answer is receipted in
# collection.ndjson: what was asked, when, by whom, and how many records came.
set -eu

stop() {
  printf 'aws.sh: %s\n' "$*" >&2
  exit 1
}

[ "$#" -ge 4 ] || stop "usage: aws.sh DIR FROM TO REGION..."
dir=$1
from=$2
to=$3
shift 3
command -v aws >/dev/null || stop "aws is not on the PATH"
command -v jq >/dev/null || stop "jq is not on the PATH"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

at=$(date -u +%Y-%m-%dT%H:%M:%SZ)
by=$(id -un)

# An answer goes to its file only when it is whole.
ask() { # FILE ARGUMENT...
  file=$1
  shift
  aws "$@" --output json >"$work/answer" </dev/null || stop "refused: aws $*"
  mkdir -p "$(dirname -- "$file")"
  mv "$work/answer" "$file"
}

ask "$work/identity.json" sts get-caller-identity
account=$(jq -er '.Account' "$work/identity.json") || stop "no account in the answer of sts get-caller-identity"
out="$dir/$account"
: >"$work/receipts"

# Receipts an answer of as many records.
receipt() { # FILE COUNT COMMAND
  jq -cn --arg path "$1" --argjson count "$2" --arg command "aws $3" --arg at "$at" --arg by "$by" \
    '{path: $path, system: "aws", command: $command, collected_at: $at, collected_by: $by, expect_records: $count}' \
    >>"$work/receipts"
}

of=account-authorization-details.json
ask "$out/$of" iam get-account-authorization-details
receipt "$of" 1 "iam get-account-authorization-details"
of=saml-providers.json
ask "$out/$of" iam list-saml-providers
receipt "$of" 1 "iam list-saml-providers"
ask "$work/providers.json" iam list-open-id-connect-providers
jq -r '.OpenIDConnectProviderList[].Arn' "$work/providers.json" >"$work/providers"
while IFS= read -r arn; do
  host=$(printf '%s' "${arn#*:oidc-provider/}" | tr '/' '_')
  of="open-id-connect-providers/$host.json"
  ask "$out/$of" iam get-open-id-connect-provider --open-id-connect-provider-arn "$arn"
  receipt "$of" 1 "iam get-open-id-connect-provider --open-id-connect-provider-arn $arn"
done <"$work/providers"

for region in "$@"; do
  case $region in
    */* | -* | '') stop "no region: $region" ;;
  esac
  of="cloudtrail/lookup-events-$region.json"
  ask "$out/$of" cloudtrail lookup-events --region "$region" --start-time "$from" --end-time "$to"
  count=$(jq '.Events | length' "$out/$of")
  receipt "$of" "$count" "cloudtrail lookup-events --region $region --start-time $from --end-time $to"
done
if [ -n "${TRAIL:-}" ]; then
  mkdir -p "$out/trail"
  aws s3 sync "$TRAIL" "$out/trail" --exclude '*CloudTrail-Digest*' --only-show-errors </dev/null ||
    stop "refused: aws s3 sync $TRAIL"
fi
mkdir -p "$out"
mv "$work/receipts" "$out/collection.ndjson"
printf 'aws.sh: exported to %s\n' "$out" >&2
