//! What a file's path or text says about its kind, where no format could take it.

use std::io::Read as _;
use std::path::Path;

/// How much of a damaged file is looked at.
const HEAD: u64 = 64 * 1024;

/// Names of exports, whichever folder they lie in.
const NAMES: [&str; 9] = [
    "audit-list.json",
    "auth-list.json",
    "iam-policy.json",
    "iam-policy.yaml",
    "merge_requests.json",
    "protected_branches.json",
    "protected_environments.json",
    "secrets-list.json",
    "variables.json",
];
/// Folders of exports whose files are named by what they hold.
const FOLDERS: [&str; 5] = [
    "identity/entity/id/",
    "identity/group/id/",
    "impersonated-account/",
    "policies/",
    "sys/policies/acl/",
];
/// Keys that stand in the exports that are linted and hardly anywhere else.
const KEYS: [&str; 14] = [
    "\"allowed_entity_aliases\"",
    "\"bindings\"",
    "\"bound_audiences\"",
    "\"bound_claims\"",
    "\"bound_service_accounts\"",
    "\"bound_subject\"",
    "\"capabilities\"",
    "\"deploy_access_levels\"",
    "\"iamPolicy\"",
    "\"merge_access_levels\"",
    "\"push_access_levels\"",
    "\"serving.knative.dev",
    "\"token_policies\"",
    "\"user_claim\"",
];

/// Whether a file's path says that it is configuration of a kind that is linted.
pub(super) fn is_named_so(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let json = name.ends_with(".json");
    let role = path.contains("/role/") || path.contains("/roles/");
    let below = |folder: &str| path.starts_with(folder) || path.contains(&format!("/{folder}"));
    is_text_so(path)
        || NAMES.contains(&name)
        || (json && FOLDERS.iter().any(|folder| below(folder)))
        || (json && below("auth/") && (role || name == "config.json"))
}

/// Whether a file's name says that it is a policy, Terraform or a pipeline.
pub(super) fn is_text_so(path: &str) -> bool {
    [".hcl", ".tf", "gitlab-ci.yml", "gitlab-ci.yaml"]
        .iter()
        .any(|end| path.ends_with(end))
}

/// Whether a file's name says that it is a template, which no server reads as it is.
pub(super) fn is_template_path(path: &str) -> bool {
    [".tpl", ".tmpl", ".tftpl", ".ctmpl", ".j2", ".erb"]
        .iter()
        .any(|end| path.ends_with(end))
}

/// Whether a path is that of a policy's text.
pub(super) fn is_policy_path(path: &str) -> bool {
    path.starts_with("policies/") || path.contains("/policies/")
}

/// Whether the text of a damaged file begins as an export that is linted.
pub(super) fn reads_so(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    let text = String::from_utf8_lossy(&head);
    read.is_ok() && KEYS.iter().any(|key| text.contains(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paths_of_exports_are_known() {
        for path in [
            "gcp/projects/p/iam-policy.json",
            "vault/auth/gitlab/role/orders.json",
            "auth/gitlab/config.json",
            "policies/a.json",
            "x/identity/entity/id/e.json",
            "a.hcl",
            "infra/main.tf",
            ".gitlab-ci.yml",
        ] {
            assert!(is_named_so(path), "{path}");
        }
        for path in [
            "package.json",
            "tsconfig.json",
            "app/config.json",
            "docs/policies.md",
        ] {
            assert!(!is_named_so(path), "{path}");
        }
    }
}
