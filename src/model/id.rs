//! The URIs by which people, workloads, credentials and resources are named in every table.

/// How the id begins that a record of Vault is given because it bears none.
pub const NAMELESS: &str = "no-id-";

/// Joins a Vault namespace and a path or name; root has no prefix.
#[must_use]
pub fn in_namespace(namespace: Option<&str>, name: &str) -> String {
    match namespace.map(|ns| ns.trim_matches('/')) {
        None | Some("") => name.to_owned(),
        Some(ns) => format!("{ns}/{name}"),
    }
}

/// `gitlab:user/<username>`.
#[must_use]
pub fn gitlab_user(username: &str) -> String {
    format!("gitlab:user/{username}")
}

/// `gitlab:project/<id>`.
#[must_use]
pub fn gitlab_project(id: u64) -> String {
    format!("gitlab:project/{id}")
}

/// `gitlab:job/<project>/<job>`.
#[must_use]
pub fn gitlab_job(project: u64, job: u64) -> String {
    format!("gitlab:job/{project}/{job}")
}

/// `vault:login/<request id>`.
#[must_use]
pub fn vault_login(request_id: &str) -> String {
    format!("vault:login/{request_id}")
}

/// The request id of a `vault:login/<request id>`.
#[must_use]
pub fn login_of_vault(id: &str) -> Option<&str> {
    id.strip_prefix("vault:login/")
}

/// `vault:request/<request id>`.
#[must_use]
pub fn vault_request(request_id: &str) -> String {
    format!("vault:request/{request_id}")
}

/// `vault:entity/<id>`.
#[must_use]
pub fn vault_entity(id: &str) -> String {
    format!("vault:entity/{id}")
}

/// `vault:accessor/<hmac>`.
#[must_use]
pub fn vault_accessor(accessor: &str) -> String {
    format!("vault:accessor/{accessor}")
}

/// `vault:role/<mount>/<name>`: the mount without `auth/` and slashes at its ends.
#[must_use]
pub fn vault_role(namespace: Option<&str>, mount: &str, role: &str) -> String {
    let mount = mount
        .strip_prefix("auth/")
        .unwrap_or(mount)
        .trim_matches('/');
    format!(
        "vault:role/{}",
        in_namespace(namespace, &format!("{mount}/{role}"))
    )
}

/// Where Vault's API writes a policy, before its name.
pub const POLICY_PATHS: [&str; 2] = ["sys/policies/acl/", "sys/policy/"];

/// `vault:policy/<name>`.
#[must_use]
pub fn vault_policy(namespace: Option<&str>, name: &str) -> String {
    format!("vault:policy/{}", in_namespace(namespace, name))
}

/// `vault:path/<path>`.
#[must_use]
pub fn vault_path(namespace: Option<&str>, path: &str) -> String {
    format!("vault:path/{}", in_namespace(namespace, path))
}

/// `vault:mount/<path>`.
#[must_use]
pub fn vault_mount(namespace: Option<&str>, path: &str) -> String {
    format!("vault:mount/{}", in_namespace(namespace, path))
}

/// `vault:lease/<id>`.
#[must_use]
pub fn vault_lease(lease_id: &str) -> String {
    format!("vault:lease/{lease_id}")
}

/// `gcp:sa/<email>`, the e-mail in lower case.
#[must_use]
pub fn gcp_service_account(email: &str) -> String {
    format!("gcp:sa/{}", email.to_ascii_lowercase())
}

/// `gcp:principal/<subject>`.
#[must_use]
pub fn gcp_principal(subject: &str) -> String {
    format!("gcp:principal/{subject}")
}

/// The id of a Google caller known by e-mail: a service account, or `user:<email>`.
#[must_use]
pub fn gcp_email(email: &str) -> String {
    let lower = email.to_ascii_lowercase();
    if lower.ends_with(".gserviceaccount.com") {
        gcp_service_account(&lower)
    } else {
        gcp_principal(&format!("user:{lower}"))
    }
}

/// The id of an IAM member or a principal subject: `serviceAccount:` becomes `gcp:sa/...`, e-mails
/// are compared in lower case, everything else (`principal://...`, `allUsers`) stays as written.
///
/// Logs and policies name the same caller in this one form, so that they join.
#[must_use]
pub fn gcp_member(member: &str) -> String {
    match member.split_once(':') {
        Some(("serviceAccount", account)) => gcp_service_account(account),
        Some(("user", email)) if email.contains('@') => gcp_email(email),
        Some((kind @ ("group" | "domain"), name)) => {
            gcp_principal(&format!("{kind}:{}", name.to_ascii_lowercase()))
        }
        _ => gcp_principal(member),
    }
}

/// `gcp:resource/<full name>`: `//<service>/<resource name>` without the leading slashes.
#[must_use]
pub fn gcp_resource(service: &str, name: &str) -> String {
    let name = name.trim_start_matches('/');
    if service.is_empty() || name.starts_with(service) {
        format!("gcp:resource/{name}")
    } else {
        format!("gcp:resource/{service}/{name}")
    }
}

/// `gcp:event/<insertId>`.
#[must_use]
pub fn gcp_event(insert_id: &str) -> String {
    format!("gcp:event/{insert_id}")
}

/// The id of an AWS access key: a user's own, or that of a session.
#[must_use]
pub fn aws_key(key: &str) -> String {
    let kind = if key.starts_with("AKIA") {
        "key"
    } else {
        "session"
    };
    format!("aws:{kind}/{key}")
}

/// `run:service/<project>/<region>/<name>`.
#[must_use]
pub fn run_service(project: &str, region: &str, name: &str) -> String {
    format!("run:service/{project}/{region}/{name}")
}
