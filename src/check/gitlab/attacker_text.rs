//! GLC-009: text that anybody with push access chooses, run as a command.

use super::written::{self, pattern};
use super::{Check, Known, Verdict, observe, of_secret_jobs};
use crate::posture::Posture;

pub(in crate::check) struct AttackerText;

// A variable that is expanded once is data; what a second shell reads is code.
pattern!(
    EVALUATED,
    r#"\beval\s+(.*)$|\b(?:ba|z|da)?sh\s+-[a-z]*c\s+"([^"]*)"|\bssh\s+[^"]*"([^"]*)"|\bpython3?\s+-c\s+"([^"]*)""#
);
pattern!(
    COMMAND,
    r#"(?:^|[;&|]\s*|\$\(\s*|`\s*)(\$\{?[A-Z_]+\}?)(?:\s|$|\))"#
);

/// Variables whose text the author of a commit, branch or merge request chooses.
const CHOSEN: [&str; 10] = [
    "CI_COMMIT_AUTHOR",
    "CI_COMMIT_BRANCH",
    "CI_COMMIT_DESCRIPTION",
    "CI_COMMIT_MESSAGE",
    "CI_COMMIT_REF_NAME",
    "CI_COMMIT_TITLE",
    "CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME",
    "CI_MERGE_REQUEST_DESCRIPTION",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME",
    "CI_MERGE_REQUEST_TITLE",
];

impl Check for AttackerText {
    fn name(&self) -> &'static str {
        "attacker-text"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        of_secret_jobs(input, |file, job, observations| {
            let mut known: Vec<String> = Vec::new();
            for line in written::command_lines(job) {
                for name in run_as_code(&line) {
                    if CHOSEN.contains(&name) && !known.iter().any(|found| found == name) {
                        known.push(name.to_owned());
                        observations.push(observe(file, job, name, &line));
                    }
                }
            }
        })
    }
}

/// The variables whose text a line runs.
fn run_as_code(line: &str) -> Vec<&str> {
    let groups = written::captures(&EVALUATED, line).into_iter();
    let evaluated: Vec<&str> = groups
        .flat_map(|found| (1..=4).filter_map(move |at| found.get(at)))
        .flat_map(|text| written::references(text.as_str()))
        .collect();
    let commands = written::all(&COMMAND, line);
    let commands = commands.into_iter().flat_map(written::references);
    evaluated.into_iter().chain(commands).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_second_shell_reads_is_code() {
        assert_eq!(
            run_as_code("eval echo $CI_COMMIT_TITLE"),
            ["CI_COMMIT_TITLE"]
        );
        assert_eq!(run_as_code("sh -c \"x $A\""), ["A"]);
        assert!(run_as_code("echo \"$CI_COMMIT_TITLE\"").is_empty());
        assert!(run_as_code("git checkout $CI_COMMIT_REF_NAME").is_empty());
    }
}
