resource "aws_iam_openid_connect_provider" "g" {
  url = "https://gitlab.example"
}
data "aws_iam_policy_document" "t" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.g.arn]
    }
    condition {
      test     = "StringLike"
      variable = "gitlab.example:sub"
      values   = ["project_path:mill/*"]
    }
  }
}
resource "aws_iam_role" "a" {
  name               = "a"
  assume_role_policy = data.aws_iam_policy_document.t.json
}
resource "aws_iam_role" "b" {
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "*" } }] })
}
