#!/bin/sh
# Exports Okta's System Log in the layout that piperoll reads: one file for each page.
#
#   OKTA_TOKEN=... okta.sh DIR https://ORG.okta.com FROM TO
#
# FROM and TO are times as `2026-09-01T00:00:00Z`; TO must have passed, or the log has no end to ask
# for. The token is an API token of a read-only administrator (or, with OKTA_AUTH=Bearer, an access
# token with the scope okta.logs.read). Needs `curl` and `jq`. The token goes through standard input:
# a command line can be seen by everybody on the machine. The first refusal ends the script: half a
# log passes for a whole one. Every page is receipted in collection.ndjson: what was asked, when, by
# whom, and how many records came.
set -eu

stop() {
  printf 'okta.sh: %s\n' "$*" >&2
  exit 1
}

[ "$#" -eq 4 ] || stop "usage: okta.sh DIR https://ORG.okta.com FROM TO"
[ -n "${OKTA_TOKEN:-}" ] || stop "OKTA_TOKEN is not set"
dir=$1
org=${2%/}
case $org in
  https://*) ;;
  *) stop "no https address of an organisation: $2" ;;
esac
command -v curl >/dev/null || stop "curl is not on the PATH"
command -v jq >/dev/null || stop "jq is not on the PATH"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

at=$(date -u +%Y-%m-%dT%H:%M:%SZ)
by=$(id -un)
: >"$work/receipts"
mkdir -p "$dir"

next="$org/api/v1/logs?since=$3&until=$4&limit=1000&sortOrder=ASCENDING"
page=0
while [ -n "$next" ]; do
  # Where a page leads elsewhere, the token does not follow.
  case $next in
    "$org"/*) ;;
    *) stop "the next page lies elsewhere: $next" ;;
  esac
  page=$((page + 1))
  of=$(printf 'system-log-%04d.json' "$page")
  printf 'header = "Authorization: %s %s"\n' "${OKTA_AUTH:-SSWS}" "$OKTA_TOKEN" |
    curl -fsS -K - -H 'Accept: application/json' -D "$work/head" -o "$work/answer" "$next" ||
    stop "refused: $next"
  count=$(jq -e 'if type == "array" then length else error("no list") end' "$work/answer") ||
    stop "no list of events: $next"
  mv "$work/answer" "$dir/$of"
  jq -cn --arg path "$of" --argjson count "$count" --arg command "curl $next" --arg at "$at" --arg by "$by" \
    '{path: $path, system: "okta", command: $command, collected_at: $at, collected_by: $by, expect_records: $count}' \
    >>"$work/receipts"
  next=$(tr -d '\r' <"$work/head" | sed -n 's/^[Ll]ink: .*<\([^>]*\)>; *rel="next".*/\1/p' | tail -n 1)
  # An empty page ends a log: the server goes on naming a next one, for what is yet to come.
  [ "$count" -gt 0 ] || next=
done
mv "$work/receipts" "$dir/collection.ndjson"
printf 'okta.sh: exported %s page(s) to %s\n' "$page" "$dir" >&2
