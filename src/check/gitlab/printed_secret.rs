//! GLC-007: a job that prints its secrets.

use super::job_secrets::{self, Held};
use super::written::{self, pattern};
use super::{Check, Known, Verdict, observe, of_secret_jobs};
use crate::posture::Posture;
use crate::snapshot::gitlab::ci::Job;

pub(in crate::check) struct PrintedSecret;

pattern!(
    TRACE,
    r"(?:^|[;&|]\s*)(?:set\s+-[a-wyzA-Z]*x|set\s+-o\s+xtrace|(?:ba|z|da)?sh\s+-[a-wyz]*x)"
);
pattern!(
    DUMP,
    r"(?:^|[;&]\s*|&&\s*)(printenv|env|export\s+-p|declare\s+-x)\s*(?:$|[;&]|\|\s*(?:sort|grep|cat|tee)\b)"
);
pattern!(PRINTENV, r"\bprintenv\s+([A-Za-z_]\w*)\s*(?:$|[;&])");
pattern!(ECHO, r"(?:^|[;&]\s*|&&\s*)(?:echo|printf)\s+(.*)$");
pattern!(
    CAT,
    r#"(?:^|[;&]\s*|&&\s*)cat\s+["']?\$\{?([A-Za-z_]\w*)\}?["']?\s*(?:$|[;&])"#
);
pattern!(
    VAULT_GET,
    r"(?:^|[;&]\s*|&&\s*)vault\s+(?:kv\s+get|read)\s+([^|>]*)$"
);
pattern!(
    CURL,
    r"\bcurl\s.*(?:\s-[a-zA-Z]*v[a-zA-Z]*\b|--verbose|--trace)"
);
pattern!(
    HEADER,
    r"(?i)authorization:|x-vault-token|private-token|job-token"
);

const DEBUG: [&str; 2] = ["CI_DEBUG_SERVICES", "CI_DEBUG_TRACE"];

impl Check for PrintedSecret {
    fn name(&self) -> &'static str {
        "printed-secret"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        of_secret_jobs(input, |file, job, observations| {
            for name in DEBUG {
                let value = job.variables.get(name).map(|value| value.to_lowercase());
                if matches!(value.as_deref(), Some("true" | "1" | "yes")) {
                    observations.push(observe(file, job, name, name));
                }
            }
            let mut known: Vec<String> = Vec::new();
            for line in written::command_lines(job) {
                for leak in leaks(job, &line) {
                    if !known.contains(&leak) {
                        observations.push(observe(file, job, leak.clone(), &line));
                        known.push(leak);
                    }
                }
            }
        })
    }
}

/// What a command line prints, by a name that holds no value.
fn leaks(job: &Job, line: &str) -> Vec<String> {
    let mut found = Vec::new();
    if line.contains("/dev/null") {
        return found;
    }
    if written::matches(&TRACE, line) {
        found.push("set -x".to_owned());
    }
    if let Some(name) = written::captures(&DUMP, line).and_then(|groups| groups.get(1)) {
        found.push(name.as_str().to_owned());
    }
    let group = |pattern| Some(written::captures(pattern, line)?.get(1)?.as_str());
    if let Some(name) = group(&PRINTENV).filter(|name| job_secrets::held(job, name).is_some()) {
        found.push(format!("printenv {name}"));
    }
    if let Some(text) = group(&ECHO) {
        // What goes into a pipe or a file is not in the log; single quotes expand nothing.
        let shown = text.split(['|', '>']).next().unwrap_or("");
        let kept = shown.len() == text.len() || text.contains("| tee") || text.contains(">&2");
        if kept && !shown.starts_with('\'') {
            for name in written::references(shown) {
                if job_secrets::held(job, name) == Some(Held::Value) {
                    found.push(format!("echo ${name}"));
                }
            }
        }
    }
    if let Some(name) = group(&CAT).filter(|name| job_secrets::held(job, name).is_some()) {
        found.push(format!("cat ${name}"));
    }
    if let Some(rest) = group(&VAULT_GET).filter(|rest| !rest.contains("-field")) {
        let path = rest.split_whitespace().find(|word| !word.starts_with('-'));
        found.push(format!("vault read {}", path.unwrap_or("")));
    }
    if written::matches(&CURL, line) && written::matches(&HEADER, line) {
        found.push("curl -v".to_owned());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_compile() {
        for pattern in [
            &TRACE, &DUMP, &PRINTENV, &ECHO, &CAT, &VAULT_GET, &CURL, &HEADER,
        ] {
            assert!(pattern.is_some());
        }
    }
}
