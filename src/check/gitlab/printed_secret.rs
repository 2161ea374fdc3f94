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
    r"(?:^|[;&({]\s*|\b(?:then|else|do)\s+)(?:(?:command|sudo|time)\s+)*(?:/usr)?(?:/bin/)?(printenv|env|export\s+-p|export|(?:declare|typeset)\s+-[a-z]*[px]|set)\s*($|[;&)}|].*$)"
);
pattern!(
    ENVIRON,
    r"\b(?:cat|tr|strings|xargs)\b[^|>]*(/proc/(?:self|\$\$|\d+)/environ)([^>]*)$"
);
pattern!(PRINTENV, r"\bprintenv\s+([A-Za-z_]\w*)\s*(?:$|[;&])");
pattern!(ECHO, r"(?:^|[;&]\s*|&&\s*)(?:echo|printf)\s+(.*)$");
pattern!(
    CAT,
    r#"(?:^|[;&]\s*|&&\s*)cat\s+["']?\$\{?([A-Za-z_]\w*)\}?["']?\s*(?:$|[;&])"#
);
pattern!(
    VAULT_GET,
    r"(?:^|[;&]\s*|&&\s*)(?:vault|bao)\s+(?:kv\s+get|read)\s+([^|>]*)(.*)$"
);
pattern!(
    CURL,
    r"\bcurl\s.*(?:\s-[a-zA-Z]*v[a-zA-Z]*\b|--verbose|--trace)"
);
pattern!(
    HEADER,
    r"(?i)authorization:|x-vault-token|private-token|job-token"
);

/// Programs that print what they read, whole or changed.
const FILTERS: [&str; 20] = [
    "awk", "base32", "base64", "cat", "column", "cut", "fold", "grep", "head", "hexdump", "jq",
    "nl", "od", "rev", "sed", "sort", "tail", "tee", "tr", "xxd",
];

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
    let both = |pattern| {
        let groups = written::captures(pattern, line)?;
        Some((groups.get(1)?.as_str(), groups.get(2)?.as_str()))
    };
    for pattern in [&DUMP, &ENVIRON] {
        if let Some((name, _)) = both(pattern).filter(|(_, rest)| is_shown(rest)) {
            found.push(name.to_owned());
        }
    }
    let group = |pattern| Some(written::captures(pattern, line)?.get(1)?.as_str());
    if let Some(name) = group(&PRINTENV).filter(|name| job_secrets::held(job, name).is_some()) {
        found.push(format!("printenv {name}"));
    }
    if let Some(text) = group(&ECHO) {
        // What goes into a file or another program is not in the log; single quotes expand nothing.
        let shown = text.split(['|', '>']).next().unwrap_or("");
        let rest = text.get(shown.len()..).unwrap_or("");
        if is_shown(rest) && !shown.starts_with('\'') {
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
    let read =
        both(&VAULT_GET).filter(|(rest, behind)| !rest.contains("-field") && is_shown(behind));
    if let Some((rest, _)) = read {
        let path = rest.split_whitespace().find(|word| !word.starts_with('-'));
        found.push(format!("vault read {}", path.unwrap_or("")));
    }
    if written::matches(&CURL, line) && written::matches(&HEADER, line) {
        found.push("curl -v".to_owned());
    }
    found
}

/// Whether the output of a command is in the log, by what stands behind it: nothing, the next command,
/// or pipes to programs that print what they read.
fn is_shown(behind: &str) -> bool {
    let own = behind.split([';', ')', '}', '&']).next().unwrap_or("");
    if behind.starts_with(">&2") {
        return true;
    }
    let mut programs = own.split('|');
    let before = programs.next().unwrap_or("");
    before.trim().is_empty()
        && programs.all(|program| {
            let mut words = program.split_whitespace();
            let name = words.next().unwrap_or("");
            let name = name.rsplit('/').next().unwrap_or(name);
            let silent = |word: &str| {
                name == "grep" && (word == "--quiet" || word == "--count" || is_switch(word))
            };
            FILTERS.contains(&name) && !program.contains('>') && !words.any(silent)
        })
}

/// Whether a word switches off what `grep` prints: `-q`, `-c`, alone or among others.
fn is_switch(word: &str) -> bool {
    word.strip_prefix('-')
        .is_some_and(|letters| !letters.starts_with('-') && letters.contains(['q', 'c']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_compile() {
        for pattern in [
            &TRACE, &DUMP, &ENVIRON, &PRINTENV, &ECHO, &CAT, &VAULT_GET, &CURL, &HEADER,
        ] {
            assert!(pattern.is_some());
        }
    }
}
