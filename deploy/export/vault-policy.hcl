# What deploy/export/vault.sh reads, and nothing else. A list is asked for with a slash at its end.
# For a namespace, write the same policy there.

path "sys/auth" {
  capabilities = ["read"]
}
path "sys/mounts" {
  capabilities = ["read"]
}
path "sys/policies/acl/" {
  capabilities = ["list"]
}
path "sys/policies/acl/*" {
  capabilities = ["read"]
}

# Methods and their roles. The second form is for mounts with a slash in their path.
path "auth/+/config" {
  capabilities = ["read"]
}
path "auth/+/+/config" {
  capabilities = ["read"]
}
# narrow
path "auth/+/role/" {
  capabilities = ["list"]
}
# narrow
path "auth/+/+/role/" {
  capabilities = ["list"]
}
# narrow
path "auth/+/roles/" {
  capabilities = ["list"]
}
# Roles by which tokens make others.
path "auth/token/roles/" {
  capabilities = ["list"]
}
path "auth/token/roles/+" {
  capabilities = ["read"]
}
path "auth/+/role/+" {
  capabilities = ["read"]
}
path "auth/+/+/role/+" {
  capabilities = ["read"]
}
# Of an AppRole that is called `role`, the line above would also match half a credential.
path "auth/+/role/+/role-id" {
  capabilities = ["deny"]
}

# Which policies people, groups and certificates get. No password is part of an answer.
# narrow
path "auth/+/users/" {
  capabilities = ["list"]
}
path "auth/+/users/+" {
  capabilities = ["read"]
}
# narrow
path "auth/+/groups/" {
  capabilities = ["list"]
}
path "auth/+/groups/+" {
  capabilities = ["read"]
}
# narrow
path "auth/+/certs/" {
  capabilities = ["list"]
}
path "auth/+/certs/+" {
  capabilities = ["read"]
}

path "identity/entity/id/" {
  capabilities = ["list"]
}
path "identity/entity/id/+" {
  capabilities = ["read"]
}
path "identity/group/id/" {
  capabilities = ["list"]
}
path "identity/group/id/+" {
  capabilities = ["read"]
}

# Where a Google engine is mounted, add for its mount:
#   path "gcp/impersonated-accounts/"  { capabilities = ["list"] }
#   path "gcp/impersonated-account/+"  { capabilities = ["read"] }
