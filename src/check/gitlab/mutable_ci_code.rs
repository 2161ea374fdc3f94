//! GLC-008: code that others can change, in a job or a file with secrets.

use super::written::{self, pattern};
use super::{Check, Known, Verdict, job_secrets, jobs, observe, observe_file, without_files};
use crate::posture::Posture;
use crate::snapshot::gitlab::ci::Node;

pub(in crate::check) struct MutableCiCode;

pattern!(SHA, r"^[0-9a-fA-F]{40,64}$");
pattern!(RELEASE, r"^v?[0-9]+\.[0-9]+(?:\.[0-9]+)?(?:[-+].*)?$");
pattern!(VERSION, r"^v?[0-9]+\.[0-9]+\.[0-9]+(?:[-+].*)?$");
pattern!(
    PIPED,
    r"\b(?:curl|wget)\b[^|;]*\|\s*(?:sudo\s+)?(?:ba|z|da)?sh\b|\b(?:ba)?sh\s+(?:<\(|-c\s+.?\$\()\s*(?:curl|wget)\b"
);

/// Tags that move by their nature.
const MOVING: [&str; 8] = [
    "dev", "develop", "edge", "latest", "main", "master", "nightly", "stable",
];

impl Check for MutableCiCode {
    fn name(&self) -> &'static str {
        "mutable-ci-code"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        if let Some(verdict) = without_files(input) {
            return verdict;
        }
        let (mut population, mut observations) = (0, Vec::new());
        for file in &input.ci_files {
            if !file.ci.jobs.iter().any(job_secrets::holds_secrets) {
                continue;
            }
            population += 1;
            let mut found = Vec::new();
            includes(file.ci.top.get("include"), &mut found);
            for (object, needle) in found {
                observations.push(observe_file(file, object, &needle));
            }
        }
        for (file, job) in jobs(input) {
            if !job_secrets::holds_secrets(job) {
                continue;
            }
            population += 1;
            let image = job.body.get("image");
            let image = image.and_then(|image| image.text().or_else(|| image.get("name")?.text()));
            if let Some(image) = image.filter(|image| is_moving(image)) {
                observations.push(observe(file, job, format!("image {image}"), image));
            }
            let lines = written::command_lines(job);
            if let Some(line) = lines.iter().find(|line| written::matches(&PIPED, line)) {
                observations.push(observe(file, job, "download piped to a shell", line));
            }
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}

/// The includes whose content can change, each with the text to look for.
fn includes(node: Option<&Node>, found: &mut Vec<(String, String)>) {
    let entry = match node {
        Some(Node::List(items)) => {
            items.iter().for_each(|item| includes(Some(item), found));
            return;
        }
        Some(Node::Scalar(text)) if text.starts_with("http") => {
            found.push((format!("remote {text}"), text.clone()));
            return;
        }
        Some(map @ Node::Map(_)) => map,
        _ => return,
    };
    let text = |key: &str| entry.get(key).and_then(Node::text);
    let is_fixed = |name: &str| written::matches(&SHA, name) || written::matches(&RELEASE, name);
    // A component's version may leave its end open: `1.2` is the newest of 1.2.
    let is_pinned = |name: &str| written::matches(&SHA, name) || written::matches(&VERSION, name);
    if let Some(url) = text("remote").filter(|_| text("integrity").is_none()) {
        found.push((format!("remote {url}"), url.to_owned()));
    }
    if let Some(project) = text("project")
        && !text("ref").is_some_and(is_fixed)
    {
        let at = text("ref").map_or_else(String::new, |name| format!("@{name}"));
        found.push((format!("project {project}{at}"), project.to_owned()));
    }
    if let Some(component) = text("component")
        && !component
            .rsplit_once('@')
            .is_some_and(|(_, name)| is_pinned(name))
    {
        found.push((format!("component {component}"), component.to_owned()));
    }
}

/// Whether an image has no tag, or one that moves; one named by a variable is not judged.
fn is_moving(image: &str) -> bool {
    if image.contains('@') {
        return false;
    }
    let name = image.rsplit('/').next().unwrap_or(image);
    match name.rsplit_once(':') {
        Some((_, tag)) => MOVING.contains(&tag),
        None => !image.contains('$'),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn patterns_compile() {
        assert!(
            super::SHA.is_some()
                && super::VERSION.is_some()
                && super::RELEASE.is_some()
                && super::PIPED.is_some()
        );
    }
}
