variable "x" {}
resource "vault_policy" "a" {
  name   = "a"
  policy = <<-EOT
    path "secret/data/*" {
      capabilities = ["read"]
    }
  EOT
}
resource "vault_jwt_auth_backend_role" "r" {
  backend        = "gitlab"
  role_name      = "orders"
  bound_claims   = { project_id = "101", ref = "main" }
  token_policies = [vault_policy.a.name]
}
