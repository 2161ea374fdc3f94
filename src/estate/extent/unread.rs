//! Files and records that lay in the inputs and were not read.

use crate::model::{FileCoverage, Hole};

/// A hole for every file that was read in part or not at all.
pub(super) fn holes(coverage: &[FileCoverage], unreadable: &[(String, String)]) -> Vec<Hole> {
    let mut holes = Vec::new();
    for file in coverage {
        if file.rejected > 0 {
            let words = format!("{}: {} unit(s) could not be read", file.path, file.rejected);
            holes.extend(named(file, words));
        } else if file.parsed == 0 && file.bytes > 0 {
            let mut why = file.skip_reasons.iter().map(|(why, _)| why.as_str());
            let why = why.find(|why| *why != "blank");
            if let Some(why) = why {
                holes.extend(named(file, format!("{} was not read: {why}", file.path)));
            }
        }
    }
    for (path, reason) in unreadable {
        let words = format!("{path} could not be read: {reason}");
        let guesses = guesses(path).into_iter();
        holes.extend(guesses.map(|of| Hole::somewhere(of, words.clone())));
    }
    holes
}

/// The hole of a file's source, or of what its path says it is.
fn named(file: &FileCoverage, words: String) -> Vec<Hole> {
    if file.source != "unrecognised" {
        return vec![Hole::somewhere(file.source.as_str(), words)];
    }
    let guesses = guesses(&file.path).into_iter();
    guesses
        .map(|of| Hole::somewhere(of, words.clone()))
        .collect()
}

/// What a file may be of, by the folders of its path; nothing where they do not tell.
pub(in crate::estate) fn guesses(path: &str) -> Vec<&'static str> {
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
    } else if folder("gcp") || path.contains("cloudaudit.googleapis.com") {
        found.extend(["gcp-audit", "gcp-config"]);
    }
    if folder("okta") {
        found.push("okta");
    }
    found
}
