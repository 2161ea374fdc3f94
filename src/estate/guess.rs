//! What a file that was not read may be of.

/// What a file may be of, by the folders of its path; nothing where they do not tell.
#[must_use]
pub fn guesses(path: &str) -> Vec<&'static str> {
    let folder = |name: &str| path.split('/').any(|part| part == name);
    let name = path.rsplit('/').next().unwrap_or(path);
    let mut found = Vec::new();
    if folder("policies") || folder("auth") || folder("role") || name.ends_with("-list.json") {
        found.push("vault-config");
    } else if folder("vault") || name.contains("audit") && name.contains(".log") {
        found.extend(["vault", "vault-config"]);
    }
    if name.starts_with("trace") || name.starts_with("job.log") {
        found.push("gitlab-trace");
    } else if name.starts_with("jobs") {
        found.push("gitlab-jobs");
    } else if name.starts_with("pipelines") {
        found.push("gitlab-pipelines");
    } else if folder("gitlab") {
        found.extend(["gitlab-jobs", "gitlab-config", "gitlab-audit"]);
    }
    if name.contains("iam-policy") {
        found.push("gcp-config");
    } else if path.contains("cloudaudit.googleapis.com") {
        found.extend(["gcp-audit", "gcp-config"]);
    } else if folder("gcp") {
        found.extend(["gcp-audit", "gcp-requests", "gcp-config"]);
    } else if path.contains("run.googleapis.com") {
        found.push("gcp-requests");
    }
    if folder("reviews") {
        found.push("review");
    }
    if folder("hoop") {
        found.extend(["hoop", "hoop-config"]);
    }
    if folder("kuma") || folder("mesh") {
        found.extend(["mesh-config", "mesh"]);
    }
    if folder("okta") {
        found.push("okta");
    }
    if folder("CloudTrail") || folder("cloudtrail") {
        found.push("cloudtrail");
    } else if folder("aws") {
        found.extend(["aws-config", "cloudtrail"]);
    }
    found
}
