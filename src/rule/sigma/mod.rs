//! Rules in the form of Sigma, as rules of ours: the same SQL over the table `event`.
//!
//! Read are detections and correlations of logs that `fields.toml` knows. What of them cannot be
//! said in that SQL is a rule that is not assessed, and its reason says why; rules of other logs are
//! counted. Nothing is left out of a rule so that the rest of it can be asked.

mod correlation;
mod detection;
mod field;
mod item;
mod junction;
mod pattern;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use rsigma_parser::{CorrelationRule, Level, SigmaRule, Status, parse_sigma_yaml};

use super::own::nothing;
use super::{Requires, Rule, RuleError, RuleKind, lint};
use crate::model::Severity;
use correlation::Base;
use field::{Log, Logs};

/// What the files of Sigma rules come to.
#[derive(Debug, Default)]
pub struct SigmaRules {
    /// Rules of logs that are read; one that cannot be asked says why.
    pub rules: Vec<Rule>,
    /// Rules of other logs: file and log.
    pub elsewhere: Vec<(String, String)>,
    /// Files, or documents in them, that are no Sigma rules.
    pub faults: Vec<RuleError>,
}

/// The rules that correlations may name, by id and name; or why one cannot be asked.
type Bases<'l> = BTreeMap<String, Result<Base<'l>, String>>;

/// A rule as it was read, and where.
struct Read<R> {
    file: String,
    text: String,
    rule: R,
}

impl SigmaRules {
    /// Reads files, by name and text.
    ///
    /// # Errors
    ///
    /// What the box says of fields is wrong, which a test rules out.
    pub fn read(files: &[(String, String)]) -> Result<SigmaRules, String> {
        let logs = Logs::embedded()?;
        let mut set = SigmaRules::default();
        let (mut detections, mut correlations) = (Vec::new(), Vec::new());
        for (file, text) in files {
            let fault = |message: String| RuleError {
                file: file.clone(),
                line: None,
                message,
                help: "write it as https://sigmahq.io/docs says, or take the file away".to_owned(),
            };
            let collection = match parse_sigma_yaml(text) {
                Ok(collection) => collection,
                Err(error) => {
                    set.faults.push(fault(error.to_string()));
                    continue;
                }
            };
            set.faults.extend(collection.errors.into_iter().map(fault));
            for filter in &collection.filters {
                let what = format!("the filter `{}` is not applied", filter.title);
                set.faults.push(fault(what));
            }
            fn read<R>((file, text): (&String, &String), rule: R) -> Read<R> {
                Read {
                    file: file.clone(),
                    text: text.clone(),
                    rule,
                }
            }
            let rules = collection.rules.into_iter();
            detections.extend(rules.map(|rule| read((file, text), rule)));
            let rules = collection.correlations.into_iter();
            correlations.extend(rules.map(|rule| read((file, text), rule)));
        }
        set.named_once(&detections, &correlations);
        set.translate(&logs, &detections, &correlations);
        set.rules.sort_by(|a, b| a.id.cmp(&b.id));
        set.elsewhere.sort();
        Ok(set)
    }

    /// Faults of rules that cannot be told from another.
    fn named_once(
        &mut self,
        detections: &[Read<SigmaRule>],
        correlations: &[Read<CorrelationRule>],
    ) {
        let one = detections.iter().map(|read| (&read.file, &read.rule.id));
        let two = correlations.iter().map(|read| (&read.file, &read.rule.id));
        let mut known: BTreeMap<String, &String> = BTreeMap::new();
        for (file, id) in one.chain(two) {
            let (message, help) = match id.as_deref().map(str::to_lowercase) {
                None => (
                    "the rule has no `id`".to_owned(),
                    "give it a UUID: its findings bear it",
                ),
                Some(id) => match known.insert(id.clone(), file) {
                    None => continue,
                    Some(other) => (
                        format!("the id {id} is that of a rule in {other}"),
                        "give each rule an id of its own",
                    ),
                },
            };
            self.faults.push(RuleError {
                file: file.clone(),
                line: None,
                message,
                help: help.to_owned(),
            });
        }
    }

    fn translate(
        &mut self,
        logs: &Logs,
        detections: &[Read<SigmaRule>],
        correlations: &[Read<CorrelationRule>],
    ) {
        let mut taken = BTreeSet::new();
        let quiet = within_correlations(correlations);
        let mut held: Vec<(BTreeSet<&str>, Rule)> = Vec::new();
        let mut bases = Bases::new();
        for read in detections {
            let rule = &read.rule;
            let Some(id) = own_id(rule.id.as_deref(), &mut taken) else {
                continue;
            };
            let log = match held_log(logs, &rule.logsource) {
                Ok(log) => log,
                Err(Unheld::Elsewhere(log)) => {
                    self.elsewhere.push((read.file.clone(), log));
                    continue;
                }
                Err(Unheld::Unread(why)) => {
                    let rule = stated(rule, &id, &read.text);
                    self.rules.push(refused(rule, &why));
                    continue;
                }
            };
            let asked =
                alive(rule.status).and_then(|()| detection::condition(&rule.detection, log));
            let names = [rule.id.as_ref(), rule.name.as_ref()];
            for name in names.into_iter().flatten() {
                let base = asked.clone().map(|condition| Base { log, condition });
                bases.insert(name.clone(), base);
            }
            let stated = stated(rule, &id, &read.text);
            let names: BTreeSet<&str> = names.into_iter().flatten().map(String::as_str).collect();
            if !names.is_disjoint(&quiet) {
                held.push((names, stated));
                continue;
            }
            self.rules.push(match asked {
                Ok(condition) => asking(stated, log, &condition, rule.level),
                Err(why) => refused(stated, &why),
            });
        }
        self.correlate(correlations, (&bases, held), &mut taken);
    }

    /// Takes the correlations over `bases`; rules in `held` are told where none of theirs is asked.
    fn correlate(
        &mut self,
        correlations: &[Read<CorrelationRule>],
        (bases, mut held): (&Bases<'_>, Vec<(BTreeSet<&str>, Rule)>),
        taken: &mut BTreeSet<String>,
    ) {
        for read in correlations {
            let Some(id) = own_id(read.rule.id.as_deref(), taken) else {
                continue;
            };
            let rule = correlated(read, &id, bases);
            if rule.broken.is_none() {
                let asked = |name: &str| read.rule.rules.iter().any(|other| other == name);
                held.retain(|(names, _)| !names.iter().any(|name| asked(name)));
            }
            self.rules.push(rule);
        }
        let why = "it is meant for a correlation, which cannot be asked";
        self.rules
            .extend(held.into_iter().map(|(_, rule)| refused(rule, why)));
    }

    /// The rules of other logs as one that is not assessed, so that a pack names them.
    #[must_use]
    pub fn of_other_logs(&self) -> Option<Rule> {
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for (_, log) in &self.elsewhere {
            let product = log.split('/').next().unwrap_or(log);
            *counts.entry(product).or_default() += 1;
        }
        if counts.is_empty() {
            return None;
        }
        let counts: Vec<String> = counts
            .iter()
            .map(|(product, count)| format!("{product} {count}"))
            .collect();
        let files = self.elsewhere.iter().map(|(file, log)| {
            let name = file.rsplit('/').next().unwrap_or(file);
            format!("{name}: {log}\n")
        });
        let rule = Rule {
            title: "Sigma rules of logs that are not read".to_owned(),
            question: "Which Sigma rules are of logs that piperoll does not read?".to_owned(),
            own: Some(files.collect()),
            ..nothing("SIGMA-OTHER-LOGS")
        };
        let why = format!(
            "{} rules of other logs: {}",
            self.elsewhere.len(),
            counts.join(", ")
        );
        Some(Rule {
            broken: Some(why),
            ..rule
        })
    }
}

/// `SIGMA-` and the rule's id, once.
fn own_id(id: Option<&str>, taken: &mut BTreeSet<String>) -> Option<String> {
    let id = format!("SIGMA-{}", id?.to_lowercase());
    taken.insert(id.clone()).then_some(id)
}

/// The rules that are asked within correlations only: a correlation that does not `generate` stands
/// in for them.
fn within_correlations(correlations: &[Read<CorrelationRule>]) -> BTreeSet<&str> {
    let quiet = correlations.iter().filter(|read| !read.rule.generate);
    quiet
        .flat_map(|read| read.rule.rules.iter().map(String::as_str))
        .collect()
}

fn named(source: &rsigma_parser::LogSource) -> String {
    let parts = [&source.product, &source.category, &source.service];
    let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    match parts.is_empty() {
        true => "no log".to_owned(),
        false => parts.join("/"),
    }
}

/// Why no table holds a log.
enum Unheld {
    /// It is of a system that is not read.
    Elsewhere(String),
    /// It is of one that is, and not read.
    Unread(String),
}

fn held_log<'l>(logs: &'l Logs, source: &rsigma_parser::LogSource) -> Result<&'l Log, Unheld> {
    let product = source.product.as_deref().unwrap_or_default();
    let log = logs.of(product, source.service.as_deref());
    match log.filter(|_| source.category.is_none()) {
        Some(log) => Ok(log),
        None if logs.knows(product) => {
            let why = format!("the log {} is in no table", named(source));
            Err(Unheld::Unread(why))
        }
        None => Err(Unheld::Elsewhere(named(source))),
    }
}

fn alive(status: Option<Status>) -> Result<(), String> {
    match status {
        Some(Status::Deprecated) => Err("its status is deprecated".to_owned()),
        Some(Status::Unsupported) => Err("its status is unsupported".to_owned()),
        _ => Ok(()),
    }
}

fn severity(level: Level) -> Severity {
    match level {
        Level::Critical => Severity::Crit,
        Level::High => Severity::High,
        Level::Medium => Severity::Med,
        Level::Low => Severity::Low,
        Level::Informational => Severity::Info,
    }
}

/// What a rule says of itself.
fn stated(rule: &SigmaRule, id: &str, text: &str) -> Rule {
    let falsepositives = rule.falsepositives.join("; ");
    said(
        (id, &rule.title, rule.level, text),
        rule.description.as_deref(),
        &falsepositives,
        rule.author.as_deref(),
    )
}

fn said(
    (id, title, level, text): (&str, &str, Option<Level>, &str),
    description: Option<&str>,
    falsepositives: &str,
    author: Option<&str>,
) -> Rule {
    // Braces would be taken for what a message shows.
    let shown = title.replace(['{', '}'], "'");
    let remediation = match falsepositives {
        "" => "Look at the records; the rule names no false positives.".to_owned(),
        known => format!("Look at the records. False positives that the rule names: {known}"),
    };
    let author = author.map_or(String::new(), |author| format!(", by {author}"));
    Rule {
        title: title.to_owned(),
        severity: level.map_or(Severity::Info, severity),
        question: format!("Did the Sigma rule \"{title}\" match?"),
        logic: description.unwrap_or_default().trim().to_owned(),
        subject: "who did it".to_owned(),
        object: "what it was done to".to_owned(),
        message: format!(
            "{shown}: {{subject}} at {{object}}, {{count}} time(s), first {{first_seen}}, last {{last_seen}} ({{detail}})."
        ),
        remediation,
        source: format!("Sigma rule {}{author}", id.trim_start_matches("SIGMA-")),
        own: Some(text.to_owned()),
        ..nothing(id)
    }
}

fn refused(rule: Rule, why: &str) -> Rule {
    Rule {
        broken: Some(format!("the Sigma rule cannot be asked: {why}")),
        ..rule
    }
}

/// The rule with its SQL.
fn asking(rule: Rule, log: &Log, condition: &str, level: Option<Level>) -> Rule {
    let sql = format!(
        "SELECT coalesce(e.principal, 'unknown') AS subject, e.object AS object, e.at AS at, \
         e.source_file AS source_file, e.source_line AS source_line, e.source_byte AS source_byte, \
         e.operation AS detail\nFROM event e\nWHERE {} AND e.in_period = 1 AND {condition}",
        log.rows
    );
    complete(rule, &[log], sql, level)
}

/// The rule with its SQL, if it keeps to the subset that every engine reads alike.
fn complete(rule: Rule, logs: &[&Log], sql: String, level: Option<Level>) -> Rule {
    if level.is_none() {
        return refused(rule, "it has no level");
    }
    if let Some(fault) = lint(&sql).first() {
        return refused(rule, fault);
    }
    let rows: BTreeSet<&str> = logs.iter().map(|log| log.rows.as_str()).collect();
    let rows: Vec<String> = rows.iter().map(|rows| format!("({rows})")).collect();
    let sources: BTreeSet<&str> = logs.iter().map(|log| log.source.as_str()).collect();
    let population = format!(
        "SELECT count(*) AS n FROM event e WHERE e.in_period = 1 AND ({})",
        rows.join(" OR ")
    );
    Rule {
        requires: Requires {
            sources: sources.into_iter().map(str::to_owned).collect(),
            ..Requires::default()
        },
        population: Some(population),
        sql: Some(sql),
        ..rule
    }
}

/// A correlation as a rule.
fn correlated(read: &Read<CorrelationRule>, id: &str, known: &Bases<'_>) -> Rule {
    let rule = &read.rule;
    let falsepositives = rule.falsepositives.join("; ");
    let stated = said(
        (id, &rule.title, rule.level, &read.text),
        rule.description.as_deref(),
        &falsepositives,
        rule.author.as_deref(),
    );
    let stated = Rule {
        kind: RuleKind::Aggregate,
        ..stated
    };
    if let Err(why) = alive(rule.status) {
        return refused(stated, &why);
    }
    let mut bases = Vec::new();
    for name in &rule.rules {
        match known.get(name) {
            Some(Ok(base)) => bases.push((name.as_str(), base)),
            Some(Err(why)) => return refused(stated, &format!("its rule `{name}`: {why}")),
            None => {
                let why = format!("its rule `{name}` is no detection of a log that is read");
                return refused(stated, &why);
            }
        }
    }
    if bases.is_empty() {
        return refused(stated, "it names no rule");
    }
    let logs: Vec<&Log> = bases.iter().map(|(_, base)| base.log).collect();
    match correlation::sql(rule, &bases) {
        Ok(sql) => complete(stated, &logs, sql, rule.level),
        Err(why) => refused(stated, &why),
    }
}
