locals { a = "secret/${var.team}/*" }
module "m" { source = "./m"
  for_each = toset(["a","b"]) }
resource "vault_policy" "p" {
  name   = "p"
  policy = <<-EOT
    path "${local.a}" { capabilities = ["read"] }
    %{ for x in ["a"] }path "${x}" { capabilities = ["list"] }%{ endfor }
  EOT
}
data "vault_policy_document" "d" {
  rule {
    path         = join("/", ["secret", "data", "*"])
    capabilities = ["read", "list"]
  }
  dynamic "rule" { for_each = ["x"]
    content { path = rule.value
      capabilities = ["sudo"] } }
}
resource "vault_generic_endpoint" "e" {
  path      = "auth/approle/role/r"
  data_json = jsonencode({ token_policies = ["p"] })
}
