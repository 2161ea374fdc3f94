#!/bin/sh
# Exports the configuration of Vault or OpenBao in the layout that piperoll reads.
#
#   vault.sh [-a] DIR [NAMESPACE...]
#
# Needs `vault` or `bao` (or VAULT_BIN), `jq`, VAULT_ADDR and a token with vault-policy.hcl. Without
# a namespace the one of VAULT_NAMESPACE, or root, is written to DIR; each NAMESPACE besides goes
# below DIR/v1/NAMESPACE. With -a the audit devices are exported too, which takes `read` and `sudo` on
# sys/audit: an administrator's right, and not in the policy. The first refusal ends the script: half an export passes for a whole one.
# Nothing that opens a door is read: no secret, no role id, no configuration that holds a password.
# A whole export is receipted in its collection.ndjson: what was asked, when, by whom, and how many
# answers there were, so that piperoll tells a file that was lost or left over since.
set -eu

stop() {
  printf 'vault.sh: %s\n' "$*" >&2
  exit 1
}

devices=
if [ "${1:-}" = -a ]; then
  devices=1
  shift
fi
[ "$#" -ge 1 ] || stop "usage: vault.sh [-a] DIR [NAMESPACE...]"
dir=$1
shift
bin=${VAULT_BIN:-}
for name in vault bao; do
  [ -n "$bin" ] || ! command -v "$name" >/dev/null || bin=$name
done
[ -n "$bin" ] || stop "neither vault nor bao is on the PATH"
command -v jq >/dev/null || stop "jq is not on the PATH"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
at=$(date -u +%Y-%m-%dT%H:%M:%SZ)
by=$(id -un)

# A line of the receipts: the files, how many there are, and what was asked.
receipt() { # GLOB COUNT COMMAND
  [ "$2" -gt 0 ] || return 0
  jq -cn --arg path "$1" --argjson count "$2" --arg command "$3" --arg at "$at" --arg by "$by" \
    '{path: $path, system: "vault", command: $command, collected_at: $at, collected_by: $by, expect_records: $count}' \
    >>"$work/receipts"
}

# A name as the path of a receipt, which is a pattern.
literal() {
  printf '%s' "$1" | sed 's/[][*?{}]/[&]/g'
}

# A name becomes a file: one that leads elsewhere is no name.
safe() {
  case "/$1/" in
    *//* | */../* | */./*) stop "a name that is no file name: $1" ;;
  esac
}

# What a call prints goes to FILE only when it succeeded.
save() { # FILE COMMAND...
  file=$1
  shift
  mkdir -p "$(dirname -- "$file")"
  "$@" >"$work/answer" || stop "refused: $*"
  mv "$work/answer" "$file"
}

# The names below a path, one a line. An empty list is an answer, any other failure is none.
names() { # FILE PATH
  if "$bin" list -format=json "$2" >"$work/list" 2>"$work/error"; then
    jq -r '.[]' "$work/list" >"$1"
  elif [ "$(jq -c . "$work/list" 2>/dev/null)" = '{}' ] && ! [ -s "$work/error" ] ||
    grep -q '^No value found at ' "$work/error"; then
    : >"$1"
  else
    cat "$work/error" >&2
    stop "refused: list $2"
  fi
}

# Every thing below a list, one file each in a folder of the export.
things() { # LIST READ EXPORT FOLDER
  names "$work/names" "$1"
  count=0
  while IFS= read -r name; do
    case $name in '' | */) continue ;; esac
    safe "$name"
    save "$3/$4/$name.json" "$bin" read -format=json "$2/$name" </dev/null
    count=$((count + 1))
  done <"$work/names"
  receipt "$(literal "$4")/*.json" "$count" "list $1, read $2/NAME"
}

# The configuration of a method; one that was never configured has none.
config() { # MOUNT FOLDER
  if "$bin" read -format=json "auth/$1/config" >"$work/answer" 2>"$work/error" </dev/null; then
    mkdir -p "$2/auth/$1"
    mv "$work/answer" "$2/auth/$1/config.json"
    receipt "$(literal "auth/$1")/config.json" 1 "read auth/$1/config"
  elif ! grep -q '^No value found at ' "$work/error"; then
    cat "$work/error" >&2
    stop "refused: read auth/$1/config"
  fi
}

roles() { # MOUNT TYPE FOLDER
  case $2 in
    jwt | oidc) config "$1" "$3" ;;
  esac
  case ${2#ns_} in
    approle | azure | jwt | kubernetes | oidc) things "auth/$1/role" "auth/$1/role" "$3" "auth/$1/role" ;;
    alicloud | aws | gcp) things "auth/$1/roles" "auth/$1/role" "$3" "auth/$1/role" ;;
    userpass | radius) things "auth/$1/users" "auth/$1/users" "$3" "auth/$1/users" ;;
    cert) things "auth/$1/certs" "auth/$1/certs" "$3" "auth/$1/certs" ;;
    kerberos) things "auth/$1/groups" "auth/$1/groups" "$3" "auth/$1/groups" ;;
    ldap | okta)
      things "auth/$1/users" "auth/$1/users" "$3" "auth/$1/users"
      things "auth/$1/groups" "auth/$1/groups" "$3" "auth/$1/groups"
      ;;
    token) things "auth/$1/roles" "auth/$1/roles" "$3" "auth/$1/roles" ;;
    *) printf 'vault.sh: not exported: auth/%s (%s)\n' "$1" "$2" >&2 ;;
  esac
}

policies() { # FOLDER
  names "$work/policies" sys/policies/acl
  count=0
  while IFS= read -r name; do
    # The root policy has no text.
    case $name in '' | root) continue ;; esac
    safe "$name"
    save "$1/policies/$name.hcl" "$bin" read -field=policy "sys/policies/acl/$name" </dev/null
    count=$((count + 1))
  done <"$work/policies"
  receipt "policies/**" "$count" "list sys/policies/acl, read sys/policies/acl/NAME"
}

mounts() { # FILE: path and type of each mount, one a line
  jq -r 'to_entries[] | "\(.key | rtrimstr("/"))\t\(.value.type)"' "$1"
}

export_namespace() { # FOLDER
  mkdir -p "$1"
  : >"$work/receipts"
  save "$1/auth-list.json" "$bin" auth list -detailed -format=json
  save "$1/secrets-list.json" "$bin" secrets list -detailed -format=json
  receipt auth-list.json 1 "auth list -detailed"
  receipt secrets-list.json 1 "secrets list -detailed"
  mounts "$1/auth-list.json" >"$work/auth"
  while IFS='	' read -r mount type; do
    safe "$mount"
    roles "$mount" "$type" "$1"
  done <"$work/auth"
  things identity/entity/id identity/entity/id "$1" identity/entity/id
  things identity/group/id identity/group/id "$1" identity/group/id
  policies "$1"
  mounts "$1/secrets-list.json" >"$work/secrets"
  while IFS='	' read -r mount type; do
    [ "$type" = gcp ] || continue
    safe "$mount"
    things "$mount/impersonated-accounts" "$mount/impersonated-account" "$1" "$mount/impersonated-account"
  done <"$work/secrets"
  if [ -n "$devices" ]; then
    save "$1/audit-list.json" "$bin" audit list -detailed -format=json
    receipt audit-list.json 1 "audit list -detailed"
    devices=
  fi
  mv "$work/receipts" "$1/collection.ndjson"
}

# The devices are the server's: they are asked for once.
export_namespace "$dir"
above=${VAULT_NAMESPACE:-}
for namespace in "$@"; do
  namespace=${namespace%/}
  safe "$namespace"
  VAULT_NAMESPACE="${above:+${above%/}/}$namespace"
  export VAULT_NAMESPACE
  export_namespace "$dir/v1/$namespace"
done
printf 'vault.sh: exported to %s\n' "$dir" >&2
