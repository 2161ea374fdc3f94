//! Rule files: read, checked, and embedded in the binary.

use super::{Rule, lint, template, waived};
use crate::model::Severity;

/// What is wrong with a rule file.
#[derive(Debug, thiserror::Error)]
#[error("{}: {message}\nhelp: {help}", self.place())]
pub struct RuleError {
    /// The file.
    pub file: String,
    /// The line, from 1, where it stands in one.
    pub line: Option<usize>,
    /// What is wrong, with the offending value.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl RuleError {
    /// File and line.
    fn place(&self) -> String {
        match self.line {
            Some(line) => format!("{}:{line}", self.file),
            None => self.file.clone(),
        }
    }
}

/// Every embedded rule file: path below `rules/`, text; the build script finds them.
pub(super) static FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// Every framework of controls in the box: path below `rules/`, and its text.
pub static FRAMEWORKS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/frameworks.rs"));

/// Every embedded rule file: path below `rules/`, and its text.
pub fn files() -> impl Iterator<Item = (&'static str, &'static str)> {
    FILES.iter().copied()
}

/// The ids of the rules in the binary, sorted.
#[must_use]
pub fn ids() -> Vec<&'static str> {
    let names = files().map(|(path, _)| path.rsplit('/').next().unwrap_or(path));
    let mut ids: Vec<&str> = names.map(|name| name.trim_end_matches(".toml")).collect();
    ids.sort_unstable();
    ids
}

/// The rules in the binary, by id.
///
/// # Errors
///
/// Every fault of every file; a test proves that there is none.
pub fn embedded() -> Result<Vec<Rule>, Vec<RuleError>> {
    each(parse)
}

/// The same without their examples, and without asking anew whether each is sound: a run needs
/// neither, and the examples are most of the text.
///
/// # Errors
///
/// As [`embedded`].
pub fn shipped() -> Result<Vec<Rule>, Vec<RuleError>> {
    each(|file, text| read(file, head(text)))
}

/// The text of a rule before its examples.
fn head(text: &str) -> &str {
    text.split_once("\n[[example]]")
        .map_or(text, |(head, _)| head)
}

fn each(
    read: impl Fn(&str, &str) -> Result<Rule, Vec<RuleError>>,
) -> Result<Vec<Rule>, Vec<RuleError>> {
    let (mut rules, mut errors) = (Vec::new(), Vec::new());
    for (path, text) in FILES {
        match read(path, text) {
            Ok(rule) => rules.push(rule),
            Err(faults) => errors.extend(faults),
        }
    }
    rules.sort_by(|a: &Rule, b: &Rule| a.id.cmp(&b.id));
    if errors.is_empty() {
        Ok(rules)
    } else {
        Err(errors)
    }
}

/// Reads one rule file and checks it; `file` is its path in messages, its stem must be the id.
///
/// # Errors
///
/// Every fault found.
pub fn parse(file: &str, text: &str) -> Result<Rule, Vec<RuleError>> {
    let mut rule = read(file, text)?;
    let mut faults = Faults {
        file,
        text,
        found: Vec::new(),
    };
    for problem in waived::complete(&mut rule) {
        faults.add("[[example]]", problem, "see the examples of VLT-POL-001");
    }
    check_keys(&rule, &mut faults);
    check_queries(&rule, &mut faults);
    check_message(&rule, &mut faults);
    if faults.found.is_empty() {
        Ok(rule)
    } else {
        Err(faults.found)
    }
}

/// Reads a rule file, without asking what its keys say.
fn read(file: &str, text: &str) -> Result<Rule, Vec<RuleError>> {
    toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        vec![RuleError {
            file: file.to_owned(),
            line: before.map(|before| before.matches('\n').count() + 1),
            message: error.to_string().trim_end().to_owned(),
            help: "`piperoll rules explain VLT-EVT-001` shows a whole rule".to_owned(),
        }]
    })
}

/// What is wrong with a file.
struct Faults<'f> {
    file: &'f str,
    text: &'f str,
    found: Vec<RuleError>,
}

impl Faults<'_> {
    fn at(&self, key: &str, message: String, help: &str) -> RuleError {
        RuleError {
            file: self.file.to_owned(),
            line: line_of(self.text, key),
            message,
            help: help.to_owned(),
        }
    }

    fn add(&mut self, key: &str, message: String, help: &str) {
        self.found.push(self.at(key, message, help));
    }
}

/// The id, one way of asking, and controls.
fn check_keys(rule: &Rule, faults: &mut Faults<'_>) {
    let name = faults.file.rsplit('/').next();
    if name.and_then(|name| name.strip_suffix(".toml")) != Some(rule.id.as_str()) {
        let message = format!("the rule's id is `{}`", rule.id);
        faults.add("id", message, "name the file after the id");
    }
    match (&rule.sql, &rule.check) {
        (Some(_), None) | (None, Some(_)) => {}
        _ => {
            let message = "a rule has either `sql` or `check`".to_owned();
            faults.add("id", message, "write one of the two");
        }
    }
    if rule.sql.is_some() && rule.population.is_none() {
        let message = "`population` is missing".to_owned();
        faults.add("sql", message, "count the things the SQL examines");
    }
    if rule.soc2.is_empty() || rule.iso27001.is_empty() {
        let message = "`soc2` or `iso27001` is empty".to_owned();
        let help = "name at least one control of each, primary first";
        faults.add("soc2", message, help);
    }
}

/// The SQL: what it weighs, that it is portable, and that its thresholds are declared.
fn check_queries(rule: &Rule, faults: &mut Faults<'_>) {
    if let Some(table) = unweighed(rule) {
        let message =
            format!("a rule that may be critical reads `{table}` and returns no `confidence`");
        let help = "return the confidence of the edge it rests on; a critical finding needs an established one";
        faults.add("sql", message, help);
    }
    for (key, sql) in [("sql", &rule.sql), ("population", &rule.population)] {
        let Some(sql) = sql else { continue };
        for problem in lint(&drop_placeholders(sql)) {
            faults.add(key, problem, "keep to the portable SQL subset");
        }
        for name in template::placeholders(sql) {
            if !rule.thresholds.contains_key(name) {
                let message = format!("`{{{name}}}` is no threshold of this rule");
                faults.add(key, message, "declare it under [thresholds]");
            }
        }
    }
}

fn check_message(rule: &Rule, faults: &mut Faults<'_>) {
    for name in template::placeholders(&rule.message) {
        if !MESSAGE_NAMES.contains(&name) {
            let message = format!("`{{{name}}}` is no value a message can show");
            let help = "use one of subject, object, count, first_seen, last_seen, detail";
            faults.add("message", message, help);
        }
    }
}

/// The line, from 1, on which a key of the rule itself stands.
fn line_of(text: &str, key: &str) -> Option<usize> {
    let written = |line: &str| {
        let rest = line.strip_prefix(key);
        rest.is_some_and(|rest| rest.trim_start().starts_with('=') || key.starts_with('['))
    };
    let found = text.lines().position(written);
    found.filter(|_| !key.is_empty()).map(|line| line + 1)
}

/// Tables that say how sure they are of a join.
const WEIGHED: [&str; 4] = ["chain", "credential", "edge", "mismatch"];

/// The table of joins that a rule rests a critical finding on without saying how sure the join is:
/// without it, merging would take a guess (K4, K5) for certain.
fn unweighed(rule: &Rule) -> Option<&'static str> {
    let sql = rule.sql.as_deref()?;
    let critical = rule.severity == Severity::Crit || sql.contains("'crit'");
    if !critical || sql.contains(" AS confidence") {
        return None;
    }
    let names = |word: &str| WEIGHED.into_iter().find(|table| *table == word);
    sql.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .find_map(names)
}

/// What a message can show.
pub(super) const MESSAGE_NAMES: [&str; 6] = [
    "subject",
    "object",
    "count",
    "first_seen",
    "last_seen",
    "detail",
];

fn drop_placeholders(sql: &str) -> String {
    sql.replace(['{', '}'], " ")
}
