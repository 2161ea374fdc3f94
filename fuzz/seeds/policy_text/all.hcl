# comment
path "secret/data/+/{{identity.entity.id}}/*" {
  capabilities = ["create", "read"]
  allowed_parameters = { "a" = ["x", "*"], "*" = [] }
  denied_parameters = { "b" = [] }
  required_parameters = ["a"]
  min_wrapping_ttl = "1s"
  max_wrapping_ttl = "90m"
}
path "old" { policy = "sudo" }
