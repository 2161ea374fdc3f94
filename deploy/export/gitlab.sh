#!/bin/sh
# Exports projects, pipelines, jobs and CI files of a GitLab group in the layout that piperoll reads.
#
#   gitlab.sh DIR GROUP [FROM TO]
#
# Needs `glab`, logged in with the scope read_api, and `jq`; GITLAB_HOST names an instance of your
# own. FROM and TO (RFC 3339, at most 30 days apart) bound the audit events, which need Premium and
# are left out without them. What an answer of 403 or 404 refuses is said and left out, with exit
# code 1 at the end; any other failure ends the script. What was asked, when, by whom, and how many
# records came is receipted in DIR/collection.ndjson, so that piperoll tells what was lost since.
set -eu

stop() {
  printf 'gitlab.sh: %s\n' "$*" >&2
  exit 1
}

[ "$#" = 2 ] || [ "$#" = 4 ] || stop "usage: gitlab.sh DIR GROUP [FROM TO]"
dir=$1
group=$2
command -v glab >/dev/null || stop "glab is not on the PATH"
command -v jq >/dev/null || stop "jq is not on the PATH"
mkdir -p "$dir"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
left_out=0
at=$(date -u +%Y-%m-%dT%H:%M:%SZ)
by=$(id -un)
: >"$work/receipts"

# A line of the receipts: a file below DIR, and what was asked.
receipt() { # FILE PATH
  case $1 in
    *.json) count=$(jq -s 'map(if type == "array" then length else 1 end) | add // 0' "$dir/$1") ;;
    *) count=1 ;;
  esac
  jq -cn --arg path "$1" --argjson count "$count" --arg command "glab api $2" --arg at "$at" --arg by "$by" \
    '{path: $path, system: "gitlab", command: $command, collected_at: $at, collected_by: $by, expect_records: $count}' \
    >>"$work/receipts"
}

# All pages of a path are in the answer; a refusal is said, any other failure ends the script.
answered() { # PATH FILE
  if glab api --paginate "$1" >"$work/answer" 2>"$work/error" </dev/null; then
    return 0
  fi
  if ! grep -Eq '\b(403|404)\b' "$work/error"; then
    cat "$work/error" >&2
    stop "failed: $1"
  fi
  printf 'gitlab.sh: not exported: %s\n' "$2" >&2
  left_out=1
  return 1
}

# All pages of a path go to a file below DIR, once all of them were answered.
fetch() { # PATH FILE
  if answered "$1" "$2"; then
    mkdir -p "$(dirname -- "$dir/$2")"
    mv "$work/answer" "$dir/$2"
    receipt "$2" "$1"
  fi
}

# A path is one segment of a URL.
encoded() {
  printf '%s' "$1" | jq -sRr @uri
}

projects="groups/$(encoded "$group")/projects?include_subgroups=true&per_page=100"
fetch "$projects" projects.json
[ -f "$dir/projects.json" ] || stop "the projects of $group may not be read"
fetch "users?per_page=100" users.json
jq -r '.[].id' "$dir/projects.json" >"$work/projects"
while IFS= read -r id; do
  to="projects/$id"
  for list in pipelines merge_requests protected_branches protected_environments members/all access_tokens; do
    fetch "projects/$id/$list?per_page=100" "$to/$list.json"
  done
  # A job that was tried again is a job of its own.
  fetch "projects/$id/jobs?include_retried=true&per_page=100" "$to/jobs.json"
  fetch "projects/$id/repository/files/.gitlab-ci.yml/raw?ref=HEAD" "$to/.gitlab-ci.yml"
  # Who may see variables sees their values: these do not leave the pipe.
  variables="projects/$id/variables?per_page=100"
  if answered "$variables" "$to/variables.json"; then
    mkdir -p "$dir/$to"
    jq 'map(del(.value))' "$work/answer" >"$dir/$to/variables.json"
    rm "$work/answer"
    receipt "$to/variables.json" "$variables"
  fi
  [ -f "$dir/$to/merge_requests.json" ] || continue
  jq -r '.[] | select(.state == "merged") | .iid' "$dir/$to/merge_requests.json" >"$work/requests"
  while IFS= read -r iid; do
    fetch "projects/$id/merge_requests/$iid/approvals" "$to/merge_requests/$iid/approvals.json"
  done <"$work/requests"
done <"$work/projects"
if [ "$#" = 4 ]; then
  fetch "audit_events?created_after=$(encoded "$3")&created_before=$(encoded "$4")&per_page=100" audit_events.json
fi
mv "$work/receipts" "$dir/collection.ndjson"
printf 'gitlab.sh: exported to %s\n' "$dir" >&2
exit "$left_out"
