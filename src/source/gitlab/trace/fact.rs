//! What single lines of a trace say about the job: runner, project, ref, end, refused logins.

use std::sync::LazyLock;

use memchr::memmem;
use regex::bytes::Regex;

/// One fact: attribute name and value.
pub(super) type Fact = (&'static str, String);

/// Classes of refusals (rule GLB-002): the words that Vault, its JWT plugin and KMS print.
const REFUSALS: &[(&str, &str)] = &[
    ("audience", "aud claim does not match"),
    ("audience", "audience claim does not match"),
    (
        "audience",
        "audience claim found in JWT but no audiences bound to the role",
    ),
    ("claims", "error validating claims"),
    ("role", "could not be found"),
    ("expired", "token is expired"),
    ("expired", "token expired"),
    ("forbidden", "Code: 403"),
    ("denied", "permission denied"),
    ("kms-denied", "useToDecrypt' denied"),
];

static REFUSAL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let words: Vec<String> = REFUSALS
        .iter()
        .map(|(_, words)| regex::escape(words))
        .collect();
    Regex::new(&format!("(?-u){}", words.join("|"))).ok()
});

/// The classes of refusal that a line shows.
pub(super) fn refusals(line: &[u8]) -> impl Iterator<Item = &'static str> {
    let found = REFUSAL
        .as_ref()
        .into_iter()
        .flat_map(move |regex| regex.find_iter(line));
    found.filter_map(|found| {
        REFUSALS
            .iter()
            .find(|(_, words)| words.as_bytes() == found.as_bytes())
            .map(|(class, _)| *class)
            // Anything may be missing; only a role is a refused login.
            .filter(|class| *class != "role" || memmem::find(line, b"role").is_some())
    })
}

/// First bytes that a line with a fact can have; all other lines are passed over.
fn may_tell(line: &[u8]) -> bool {
    matches!(
        line.first(),
        Some(b'R' | b' ' | b'C' | b'J' | b'E' | b'P' | b'U')
    )
}

/// What a line says, given without control sequences.
pub(super) fn facts(line: &[u8]) -> Vec<Fact> {
    if !may_tell(line) {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(line.get(..line.len().min(LONGEST)).unwrap_or_default());
    let text = text.as_ref();
    let mut facts = Vec::new();
    if let Some(rest) = text.strip_prefix("Running with gitlab-runner ") {
        let (version, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        facts.push(("runner_version", version.to_owned()));
        if let Some(revision) = between(rest, "(", ")") {
            facts.push(("runner_revision", revision.to_owned()));
        }
    } else if let Some(rest) = text.strip_prefix("  on ") {
        runner(rest, &mut facts);
    } else if let Some(rest) = text.strip_prefix("Running on ") {
        host(rest, &mut facts);
    } else if let Some(rest) = text.strip_prefix("Checking out ") {
        checkout(rest, &mut facts);
    } else if let Some(rest) = text.strip_prefix("Resolving secret \"") {
        if let Some((name, _)) = rest.split_once('"') {
            facts.push(("secret", name.to_owned()));
        }
    } else if let Some(rest) = text.strip_prefix("Using \"") {
        if let Some((name, rest)) = rest.split_once('"')
            && rest.starts_with(" secret resolver")
        {
            facts.push(("secret_resolver", name.to_owned()));
        }
    } else if let Some(rest) = text.strip_prefix("Preparing the \"") {
        if let Some((name, _)) = rest.split_once('"') {
            facts.push(("executor", name.to_owned()));
        }
    } else if let Some(rest) = text.strip_prefix("Job's log exceeded limit of ") {
        let limit: String = rest.chars().take_while(char::is_ascii_digit).collect();
        facts.push(("truncated_at_bytes", limit));
    } else if text.trim_end() == "Job succeeded" {
        facts.push(("end_state", "success".to_owned()));
    } else if let Some(rest) = text.strip_prefix("ERROR: Job failed") {
        facts.push(("end_state", "failed".to_owned()));
        facts.push(("end_reason", rest.trim_start_matches(':').trim().to_owned()));
    }
    facts.retain(|(_, value)| !value.is_empty());
    facts
}

/// Lines of the runner are shorter than this; the rest of a longer one says nothing.
const LONGEST: usize = 4096;

/// `<description> <short token>, system ID: s_...`
fn runner(rest: &str, facts: &mut Vec<Fact>) {
    let (rest, system) = match rest.split_once(", system ID: ") {
        Some((rest, system)) => (rest, Some(system.trim())),
        None => (rest, None),
    };
    let Some((description, token)) = rest.trim_end().rsplit_once(' ') else {
        return;
    };
    facts.push(("runner_description", description.to_owned()));
    facts.push(("runner_token", token.to_owned()));
    facts.extend(system.map(|system| ("runner_system_id", system.to_owned())));
}

/// `runner-<token>-project-<id>-concurrent-N via <host>...`
fn host(rest: &str, facts: &mut Vec<Fact>) {
    if let Some(id) = between(rest, "-project-", "-concurrent-")
        && id.bytes().all(|byte| byte.is_ascii_digit())
    {
        facts.push(("project_id", id.to_owned()));
    }
    if let Some((_, via)) = rest.split_once(" via ") {
        facts.push((
            "runner_host",
            via.trim_end().trim_end_matches('.').to_owned(),
        ));
    }
}

/// `<sha8> as detached HEAD (ref is <ref>)...`, in older runners `<sha8> as <ref>...`
fn checkout(rest: &str, facts: &mut Vec<Fact>) {
    let Some((sha, rest)) = rest.split_once(" as ") else {
        return;
    };
    if sha.is_empty() || !sha.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return;
    }
    facts.push(("sha", sha.to_owned()));
    let rest = rest.trim_end();
    let rest = rest.strip_suffix("...").unwrap_or(rest);
    let git_ref = match rest.strip_prefix("detached HEAD (ref is ") {
        Some(rest) => rest.strip_suffix(')').unwrap_or(rest),
        None => rest,
    };
    facts.push(("ref", git_ref.to_owned()));
}

fn between<'t>(text: &'t str, open: &str, close: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(open)?;
    rest.split_once(close).map(|(inner, _)| inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str) -> Vec<(&'static str, String)> {
        facts(line.as_bytes())
    }

    fn pair(name: &'static str, value: &str) -> Fact {
        (name, value.to_owned())
    }

    #[test]
    fn the_runner_introduces_itself() {
        assert_eq!(
            told("Running with gitlab-runner 17.5.0 (66a723c3)"),
            [
                pair("runner_version", "17.5.0"),
                pair("runner_revision", "66a723c3")
            ]
        );
        assert_eq!(
            told("  on blue 4 deploy t1_abc, system ID: s_77"),
            [
                pair("runner_description", "blue 4 deploy"),
                pair("runner_token", "t1_abc"),
                pair("runner_system_id", "s_77")
            ]
        );
        assert_eq!(
            told("Running on runner-bd091556-project-250833-concurrent-0 via host-1..."),
            [pair("project_id", "250833"), pair("runner_host", "host-1")]
        );
    }

    #[test]
    fn the_ref_is_read_in_old_and_new_words() {
        let expected = [pair("sha", "cf91d5e1"), pair("ref", "v11.4.2")];
        assert_eq!(told("Checking out cf91d5e1 as v11.4.2..."), expected);
        assert_eq!(
            told("Checking out cf91d5e1 as detached HEAD (ref is v11.4.2)..."),
            expected
        );
        assert_eq!(told("Checking out the branch as asked"), []);
    }

    #[test]
    fn the_end_and_its_reason_are_read() {
        assert_eq!(told("Job succeeded"), [pair("end_state", "success")]);
        assert_eq!(
            told("ERROR: Job failed (system failure): x"),
            [
                pair("end_state", "failed"),
                pair("end_reason", "(system failure): x")
            ]
        );
        assert_eq!(
            told("Job's log exceeded limit of 4194304 bytes."),
            [pair("truncated_at_bytes", "4194304")]
        );
    }

    #[test]
    fn refusals_are_classed() {
        let classes = |line: &str| refusals(line.as_bytes()).collect::<Vec<_>>();
        assert_eq!(
            classes("* error validating claims: claim \"project_id\" does not match"),
            ["claims"]
        );
        assert_eq!(
            classes("Code: 403. Errors: * permission denied"),
            ["forbidden", "denied"]
        );
        assert!(classes("all is well").is_empty());
    }
}
