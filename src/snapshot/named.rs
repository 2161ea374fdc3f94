//! What a file's path says about its kind, where no format could take it.

use crate::model::unpacked;

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
const FOLDERS: [&str; 6] = [
    "open-id-connect-providers/",
    "identity/entity/id/",
    "identity/group/id/",
    "impersonated-account/",
    "policies/",
    "sys/policies/acl/",
];
/// Names of lists below `gitlab/`, which may hold nothing.
const GITLAB_LISTS: [&str; 5] = [
    "audit_events.json",
    "jobs.json",
    "pipelines.json",
    "projects.json",
    "users.json",
];
/// Names below `gcp/projects/`, and folders whose files are named by what they hold.
const GCP_LISTS: [&str; 6] = [
    "jobs.json",
    "secrets.json",
    "service-accounts.json",
    "services.json",
    "versions.json",
    "worker-pools.json",
];
/// The names of [`NAMES`] that are no lists: an export of one is never empty.
const WHOLE: [&str; 6] = [
    "account-authorization-details.json",
    "audit-list.json",
    "auth-list.json",
    "iam-policy.json",
    "iam-policy.yaml",
    "secrets-list.json",
];

/// How an export that its path names is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export {
    /// It states something, or it is damaged.
    Whole,
    /// A list that may be empty.
    List,
}

/// The export that lies at a path, if it is one of those that piperoll asks for.
#[must_use]
pub fn export(path: &str) -> Option<Export> {
    let path = unpacked(path);
    let name = path.rsplit('/').next().unwrap_or(path);
    let json = name.ends_with(".json");
    let below = |folder: &str| path.starts_with(folder) || path.contains(&format!("/{folder}"));
    let gcp = || {
        GCP_LISTS.contains(&name) || (json && (name.starts_with("wif-") || path.contains("/keys/")))
    };
    if is_of_other_policies(path) {
        return None;
    }
    if WHOLE.contains(&name) || is_policy_path(path) && (json || name.ends_with(".hcl")) {
        return Some(Export::Whole);
    }
    let members = json && name.starts_with("all") && path.contains("/members/");
    if NAMES.contains(&name)
        || members
        || below("gitlab/") && GITLAB_LISTS.contains(&name)
        || below("gcp/projects/") && gcp()
    {
        return Some(Export::List);
    }
    let approvals = name == "approvals.json" && path.contains("/merge_requests/");
    let described = path.contains("/run/") && (json || name.ends_with(".yaml"));
    let whole = below("gcp/projects/") && (name == "project.json" || described)
        || approvals
        || json && FOLDERS.iter().any(|folder| below(folder))
        || is_of_method(path);
    whole.then_some(Export::Whole)
}

/// Whether a path is that of a role or of the settings of an auth method.
fn is_of_method(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let role = path.contains("/role/") || path.contains("/roles/");
    let below = path.starts_with("auth/") || path.contains("/auth/");
    name.ends_with(".json") && below && (role || name == "config.json")
}

/// Whether a file's path says that it is configuration of a kind that is linted.
#[must_use]
pub fn is_named_so(path: &str) -> bool {
    let named = is_text_so(path) || export(path).is_some_and(|_| !is_log(path));
    named && !is_of_other_policies(path)
}

/// Whether a path is that of a policy of the server that is no ACL: how passwords are made, Sentinel.
fn is_of_other_policies(path: &str) -> bool {
    let behind = |folder: &str| {
        let own = path.strip_prefix(folder);
        own.or_else(|| Some(path.split_once(&format!("/{folder}"))?.1))
    };
    let kinds = ["password/", "egp/", "rgp/"];
    behind("sys/policies/").is_some_and(|rest| kinds.iter().any(|kind| rest.starts_with(kind)))
}

/// Whether an export is one of logs, which are not linted.
fn is_log(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let gitlab = path.starts_with("gitlab/") || path.contains("/gitlab/");
    gitlab && ["audit_events.json", "jobs.json", "pipelines.json"].contains(&name)
}

/// Whether a file's name says that it is a policy, Terraform or a pipeline.
#[must_use]
pub fn is_text_so(path: &str) -> bool {
    let ends = [
        ".hcl",
        ".tf",
        ".tf.json",
        ".tfvars",
        ".tfvars.json",
        ".tofu",
        ".tofu.json",
        "gitlab-ci.yaml",
        "gitlab-ci.yml",
    ];
    ends.iter().any(|end| path.ends_with(end))
}

/// Whether a file's name says that it is a template, which no server reads as it is.
#[must_use]
pub fn is_template_path(path: &str) -> bool {
    [".tpl", ".tmpl", ".tftpl", ".ctmpl", ".j2", ".erb"]
        .iter()
        .any(|end| path.ends_with(end))
}

/// Whether a path is that of a policy's text.
#[must_use]
pub fn is_policy_path(path: &str) -> bool {
    path.starts_with("policies/") || path.contains("/policies/")
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
            "infra/main.tf.json",
            "infra/main.tofu",
            ".gitlab-ci.yml",
        ] {
            assert!(is_named_so(path), "{path}");
        }
        for path in [
            "package.json",
            "tsconfig.json",
            "app/config.json",
            "docs/policies.md",
            "vault/sys/policies/password/p.json",
            "sys/policies/password/p.hcl",
            "v1/team/sys/policies/egp/e.json",
        ] {
            assert!(!is_named_so(path), "{path}");
        }
    }

    #[test]
    fn an_export_that_may_be_empty_is_a_list() {
        for (path, expected) in [
            ("gcp/projects/p/iam-policy.json", Some(Export::Whole)),
            ("x/gcp/projects/p/run/services.json", Some(Export::List)),
            (
                "gcp/projects/p/secrets/a/versions.json.gz",
                Some(Export::List),
            ),
            ("gcp/projects/p/keys/a@b.json", Some(Export::List)),
            ("gitlab/projects/1/variables.json", Some(Export::List)),
            ("gitlab/projects/1/jobs.json", Some(Export::List)),
            ("vault/auth/gitlab/role/a.json", Some(Export::Whole)),
            ("vault/policies/team/a.hcl", Some(Export::Whole)),
            ("app/users.json", None),
            ("packages/projects/a/project.json", None),
            ("modules/a.hcl", None),
        ] {
            assert_eq!(export(path), expected, "{path}");
        }
    }
}
