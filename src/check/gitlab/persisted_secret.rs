//! GLC-010: a secret that outlives its job in an artifact, a cache or an image.

use super::written::{self, pattern};
use super::{Check, Known, Verdict, job_secrets, observe, of_secret_jobs};
use crate::posture::Posture;
use crate::snapshot::gitlab::ci::{Job, Node};

pub(in crate::check) struct PersistedSecret;

pattern!(
    TARGET,
    r#"(?:>>?|\|\s*tee(?:\s+-a)?)\s*["']?([^\s"'|;&>]+)"#
);
pattern!(
    READS,
    r"\b(?:vault|bao)\s+(?:kv\s+get|read|login|unwrap|token\s+create|write\s+(?:-\S+\s+)*\S*auth/\S*login)\b|\bgcloud\s+(?:secrets\s+versions\s+access|auth\s+print-(?:access|identity)-token)\b"
);
pattern!(DUMPS, r"^(?:env|printenv|export\s+-p)\s*(?:>|\|\s*tee)");
pattern!(
    BUILD_ARG,
    r#"--build-arg[= ]["']?(?:[A-Za-z_]\w*)(?:=["']?\$\{?([A-Za-z_]\w*))?"#
);

impl Check for PersistedSecret {
    fn name(&self) -> &'static str {
        "persisted-secret"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        of_secret_jobs(input, |file, job, observations| {
            let kept = kept_paths(job);
            for line in written::command_lines(job) {
                for name in written::all(&BUILD_ARG, &line) {
                    if job_secrets::held(job, name).is_some() {
                        observations.push(observe(file, job, format!("build-arg {name}"), &line));
                    }
                }
                if !writes_secret(job, &line) {
                    continue;
                }
                for target in written::all(&TARGET, &line) {
                    let target = target.trim_start_matches("./");
                    let found = kept.iter().find(|(_, path)| covers(path, target));
                    if let Some((kind, _)) = found {
                        observations.push(observe(file, job, format!("{kind} {target}"), &line));
                    }
                }
            }
        })
    }
}

/// Whether a line's output holds a secret.
fn writes_secret(job: &Job, line: &str) -> bool {
    let output = line.split('>').next().unwrap_or(line);
    let prints = output.starts_with("echo") || output.starts_with("printf");
    let copies = output.starts_with("cat");
    let held = written::references(output).into_iter().any(|name| {
        job_secrets::held(job, name)
            .is_some_and(|held| copies || (prints && held == job_secrets::Held::Value))
    });
    held || written::matches(&READS, output) || written::matches(&DUMPS, line)
}

/// What GitLab keeps of a job: where, and the path as written.
fn kept_paths(job: &Job) -> Vec<(&'static str, String)> {
    let mut kept = Vec::new();
    let mut keep = |kind: &'static str, node: Option<&Node>| {
        let paths = node.map(Node::texts).unwrap_or_default();
        kept.extend(paths.into_iter().map(|path| (kind, job.expanded(path))));
    };
    let artifacts = job.body.get("artifacts");
    keep("artifact", artifacts.and_then(|node| node.get("paths")));
    let dotenv = artifacts.and_then(|node| node.get("reports")?.get("dotenv"));
    keep("dotenv report", dotenv);
    match job.body.get("cache") {
        Some(Node::List(caches)) => {
            for cache in caches {
                keep("cache", cache.get("paths"));
            }
        }
        Some(cache) => keep("cache", cache.get("paths")),
        None => {}
    }
    kept
}

/// Whether a kept path holds `target`: the same, a folder above, or a pattern with that beginning.
fn covers(path: &str, target: &str) -> bool {
    let path = path.trim_start_matches("./").trim_end_matches('/');
    if let Some((head, tail)) = path.split_once('*') {
        let tail = tail.rsplit('*').next().unwrap_or("");
        return target.starts_with(head) && target.ends_with(tail);
    }
    let below = target
        .strip_prefix(path)
        .is_some_and(|rest| rest.starts_with('/'));
    path == target || below || path == "." || path.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_compile_and_paths_cover() {
        for pattern in [&TARGET, &READS, &DUMPS, &BUILD_ARG] {
            assert!(pattern.is_some());
        }
        assert!(covers("build/", "build/a") && covers("*.env", "x.env") && covers(".", "a"));
        assert!(!covers("build", "builder/a") && !covers("*.env", "x.txt"));
    }
}
