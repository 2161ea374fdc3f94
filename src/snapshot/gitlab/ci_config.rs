//! `.gitlab-ci.yml` of a project: which identity and secrets each job asks for.
//!
//! Kind `ci-job`, object `gitlab:ci-job/<project>/<job name>` (the file's path where no project is
//! named). Attributes, after `default`, `extends`, anchors and `!reference` within the file:
//! `project` (a URI, from the path), `line`, `id_tokens.<NAME>.aud` (one per audience),
//! `vault_auth_role`, `vault_auth_path`, `vault_server_url`, `vault_namespace` (the variables of
//! these names), `secrets.<VAR>.path`, `.field`, `.provider`, `.token`, `environment`, and
//! `login_role` (`<mount>/<role>`) and `command_role` (`<role>`), one per login by command, `vault_logins` (how many logins the
//! Vault secrets and the commands make), `retry`, `matrix` (`true` where one entry makes several
//! jobs), and `unresolved` for what only another file could tell. A value that still holds `$NAME` depends on
//! a variable set elsewhere.
//!
//! Kind `ci-file`, object `gitlab:ci-file/<project>`: `include` (one per included file, as
//! written), `refused` (a condition for which GitLab refuses the file) and `project`.

use std::collections::BTreeSet;

use crate::model::{
    About, Format, Framing, GitlabPath, Language, Record, Sample, Sink, SourceText, Verdict,
    unmarked_text, unpacked,
};
use crate::snapshot::redacted::redacted;

use super::ci::{CiFile, CommandLogin, Job, Node, Run};

/// The format of `.gitlab-ci.yml`.
pub struct CiConfigs;

/// Keys that only jobs have.
const JOB_KEYS: &[&str] = &[
    "script",
    "extends",
    "trigger",
    "id_tokens",
    "secrets",
    "stage",
    "before_script",
];
/// Keys at the top that only pipelines have.
const TOP_KEYS: &[&str] = &["stages", "include", "workflow", "default"];
/// Keys at the top of other YAML: Kubernetes, compose, GitHub, Kuma.
const FOREIGN_KEYS: &[&str] = &["apiVersion", "kind", "jobs", "on", "type", "steps"];

/// A fence at the margin is Markdown, which shows CI files as examples: no YAML has it there.
const NOT_YAML: &[&str] = &["```", "~~~"];

const VAULT_VARIABLES: &[(&str, &str)] = &[
    ("VAULT_AUTH_ROLE", "vault_auth_role"),
    ("VAULT_AUTH_PATH", "vault_auth_path"),
    ("VAULT_SERVER_URL", "vault_server_url"),
    ("VAULT_NAMESPACE", "vault_namespace"),
];

impl Format for CiConfigs {
    fn about(&self) -> &About {
        &About {
            source: &super::SOURCE,
            title: "GitLab CI configuration",
            framing: Framing::TextFile,
        }
    }

    /// Whoever may push chooses what the file holds.
    fn owns(&self, path: &str) -> bool {
        let name = unpacked(path.rsplit('/').next().unwrap_or(path));
        [".gitlab-ci.yml", ".gitlab-ci.yaml"]
            .iter()
            .any(|end| name.ends_with(end))
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        let Ok(head) = std::str::from_utf8(valid(sample.head)) else {
            return false;
        };
        let head = unmarked_text(head);
        if head.contains('\u{1b}') || head.trim_start().starts_with(['{', '[']) {
            return false;
        }
        let (mut top, mut inner) = (false, false);
        let is_yaml = [".yml", ".yaml"]
            .iter()
            .any(|end| sample.path.ends_with(end));
        for line in head.lines() {
            if NOT_YAML.iter().any(|fence| line.starts_with(fence)) {
                return false;
            }
            let Some(key) = key(line.trim_start()) else {
                continue;
            };
            if line.starts_with([' ', '\t']) {
                inner |= JOB_KEYS.contains(&key);
            } else if FOREIGN_KEYS.contains(&key) {
                return false;
            } else {
                // A file that others include may set variables and nothing else.
                top |= TOP_KEYS.contains(&key) || (key == "variables" && is_yaml);
            }
        }
        top || inner
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        let Ok(text) = std::str::from_utf8(record.bytes) else {
            return Verdict::Rejected("CI configuration is not UTF-8".into());
        };
        let file = match CiFile::parse(text) {
            Ok(file) => file,
            Err(error) => return Verdict::Rejected(format!("CI configuration: {error}").into()),
        };
        // An API's error, written where the file should be.
        if file.is_foreign() {
            return Verdict::Rejected("CI configuration: neither a job nor a keyword".into());
        }
        let hint = GitlabPath::parse(record.path);
        let prefix = hint.prefix(record.path);
        let mut say = |kind: &'static str, object: &str, name: &str, value: &str| {
            sink.attribute(redacted(kind, object, name, value, record.place));
        };
        let object = format!("gitlab:ci-file/{prefix}");
        let owner = hint.owner();
        if let Some(owner) = &owner {
            say("ci-file", &object, "project", owner);
        }
        for include in included(file.top.get("include")) {
            say("ci-file", &object, "include", &include);
        }
        for (line, why) in file.refused(text) {
            let refused = format!("line {line}: {why}");
            say("ci-file", &object, "refused", &refused);
        }
        for job in &file.jobs {
            let object = format!("gitlab:ci-job/{prefix}/{}", job.name);
            let mut say = |name: &str, value: &str| {
                if !value.is_empty() {
                    say("ci-job", &object, name, value);
                }
            };
            say("project", owner.as_deref().unwrap_or_default());
            say_job(&file, job, &mut say);
        }
        sink.source_text(SourceText {
            language: Language::GitlabCi,
            text: text.to_owned(),
            place: record.place,
        });
        Verdict::Parsed
    }
}

/// Says what a job asks for, by the name of each attribute.
fn say_job(file: &CiFile, job: &Job, say: &mut dyn FnMut(&str, &str)) {
    say("line", &job.line.to_string());
    say("environment", &job.environment);
    for (token, audiences) in &job.id_tokens {
        for audience in audiences {
            say(&format!("id_tokens.{token}.aud"), audience);
        }
    }
    let runs = file.login_runs(job);
    for (variable, name) in VAULT_VARIABLES {
        let values = runs.iter().filter_map(|run| run.job.variable(variable));
        for value in values.collect::<BTreeSet<String>>() {
            say(name, &value);
        }
    }
    for (variable, entry) in &job.secrets {
        say(&format!("secrets.{variable}.provider"), &entry.provider);
        say(&format!("secrets.{variable}.path"), &entry.path);
        say(&format!("secrets.{variable}.field"), &entry.field);
        say(&format!("secrets.{variable}.token"), &entry.token);
    }
    say_logins(job, &runs, say);
    let body = |key: &str| job.body.get(key);
    let retry = body("retry").and_then(|node| node.text().or_else(|| node.get("max")?.text()));
    say("retry", retry.unwrap_or(""));
    if body("parallel").is_some_and(|node| node.get("matrix").is_some()) {
        say("matrix", "true");
    }
    for missing in &job.unresolved {
        say("unresolved", missing);
    }
}

/// Says what a job's commands log in as, in any of its runs, and how many logins it makes.
fn say_logins(job: &Job, runs: &[Run], say: &mut dyn FnMut(&str, &str)) {
    let logins = job.command_logins();
    let others = runs.iter().flat_map(|run| run.job.command_logins());
    let others: BTreeSet<CommandLogin> = others.filter(|one| !logins.contains(one)).collect();
    for login in logins.iter().chain(&others) {
        if !login.role.is_empty() {
            say("login_role", &format!("{}/{}", login.mount, login.role));
            say("command_role", &login.role);
        }
    }
    let secrets = job.secrets.values().filter(|one| one.provider == "vault");
    let count = secrets.count() + logins.len();
    say("vault_logins", &count.to_string());
}

/// The key that a line of YAML begins with: `stages:`, `"stages":`, `'stages' : `.
fn key(line: &str) -> Option<&str> {
    let quoted = ['"', '\''].into_iter().find_map(|quote| {
        let (key, rest) = line.strip_prefix(quote)?.split_once(quote)?;
        Some((key, rest.trim_start().strip_prefix(':')?))
    });
    let (key, rest) = quoted.or_else(|| line.split_once(':'))?;
    let ends = rest.is_empty() || rest.starts_with([' ', '\t', '\r']);
    ends.then(|| key.trim_end())
}

/// What `include:` names, one text per entry: `local /a.yml`, `project g/p file /a.yml ref v1`.
fn included(node: Option<&Node>) -> Vec<String> {
    match node {
        None | Some(Node::Null | Node::Reference(_)) => Vec::new(),
        Some(Node::Scalar(text)) => vec![format!("local {text}")],
        Some(Node::List(items)) => items.iter().flat_map(|item| included(Some(item))).collect(),
        Some(map) => {
            let words: Vec<String> = [
                "local",
                "remote",
                "template",
                "component",
                "project",
                "file",
                "ref",
            ]
            .into_iter()
            .filter_map(|key| Some(format!("{key} {}", map.get(key)?.texts().join(","))))
            .collect();
            vec![words.join(" ")]
        }
    }
}

/// The head up to a character that its end cuts.
fn valid(head: &[u8]) -> &[u8] {
    match std::str::from_utf8(head) {
        Err(error) if error.error_len().is_none() => {
            head.get(..error.valid_up_to()).unwrap_or(head)
        }
        _ => head,
    }
}
