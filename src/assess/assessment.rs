//! Runs every rule over an estate and judges the controls.

use std::collections::{BTreeMap, BTreeSet};

use super::judge::{Judged, judge};
use super::seen::{seen, void};
use super::{Answers, Engine, Error, Law, query};
use crate::check::Known;
use crate::config::Settings;
use crate::estate::Estate;
use crate::finding::{self, Framework, Naming};
use crate::model::{ControlRow, Digest, Finding, Phase, RuleRun, Severity, Watch};
use crate::posture::{Posture, RefusedPolicy, Stated};
use crate::rule::{self, Facts, Rule};

/// What the rules say of an estate.
#[derive(Debug)]
pub struct Assessment {
    /// Findings, worst first.
    pub findings: Vec<Finding>,
    /// How every rule ran, by id.
    pub runs: Vec<RuleRun>,
    /// Control matrix of every framework asked for.
    pub controls: Vec<ControlRow>,
    /// Frameworks asked for.
    pub frameworks: Vec<Framework>,
    /// Settings that nothing in the inputs matches, in words; the notes begin with them.
    pub unmatched: Vec<String>,
    /// What waivers, weak evidence and coverage have to say.
    pub notes: Vec<String>,
    /// Why the pack is interim.
    pub interim: Option<String>,
    /// Texts of the rules that are not in the box, by id.
    pub own_rules: BTreeMap<String, String>,
}

/// The text of every rule file, by id: those in the box, and one's own over them.
#[must_use]
pub fn rule_texts(own: &BTreeMap<String, String>) -> BTreeMap<&str, &str> {
    let in_the_box = rule::files().map(|(path, text)| {
        let stem = path.rsplit('/').next().unwrap_or(path);
        (stem.trim_end_matches(".toml"), text)
    });
    let own = own.iter().map(|(id, text)| (id.as_str(), text.as_str()));
    in_the_box.chain(own).collect()
}

/// Digest of every rule file, by id, and of all of them together; `own` are the texts of those that
/// are not in the box.
#[must_use]
pub fn ruleset_digests(own: &BTreeMap<String, String>) -> (Vec<(String, String)>, String) {
    let rules: Vec<(String, String)> = rule_texts(own)
        .into_iter()
        .map(|(id, text)| (id.to_owned(), Digest::of(text.as_bytes()).to_string()))
        .collect();
    let all: String = rules
        .iter()
        .map(|(id, digest)| format!("{id} {digest}\n"))
        .collect();
    let digest = Digest::of(all.as_bytes()).to_string();
    (rules, digest)
}

/// Runs `rules` over an estate; `watch` is told of every answer.
///
/// # Errors
///
/// When a rule is wrong, or a framework is asked for that is not in the box.
pub fn assess(
    estate: &Estate,
    rules: &[Rule],
    settings: &Settings,
    watch: &mut dyn Watch,
) -> Result<Assessment, Error> {
    assess_answered(estate, rules, settings, None, watch)
}

/// The same, where another engine may have answered what rules ask in SQL.
///
/// # Errors
///
/// As [`assess`]; also where a rule is asked that the other engine was not.
pub fn assess_answered(
    estate: &Estate,
    rules: &[Rule],
    settings: &Settings,
    answers: Option<&Answers>,
    watch: &mut dyn Watch,
) -> Result<Assessment, Error> {
    let engine = Engine {
        store: &estate.store,
        answers,
    };
    let settings = &without_folder(settings);
    let read = estate.coverage.iter().filter(|file| file.parsed > 0);
    let facts = Facts {
        hidden_addresses: estate.identity.hidden_addresses.clone(),
        ..Facts::new(read.map(|file| file.source.clone()).collect(), settings)
    };
    let names: Vec<String> = estate.files.iter().map(|file| file.name.clone()).collect();
    let mut input = Posture::new(Stated {
        settings,
        facts: &facts,
        attributes: &estate.identity.directory.attributes,
        policies: &estate.policies,
        services: &estate.identity.directory.services,
        grants: &estate.grants,
        texts: &estate.texts,
        files: &names,
        as_of: estate.as_of,
    });
    if let Some(usage) = &estate.usage {
        input.logged_paths = usage.paths.iter().cloned().collect();
    }
    input.own_rules = rule::own_ids(rules);
    let seen = seen(estate, &input)?;
    let unmatched = seen.unmatched(settings);
    let mut holes = estate.holes.clone();
    holes.extend(seen.undeclared.holes(settings));
    holes.extend(input.ci_holes());
    let matched = facts.clone().without(void(&unmatched, settings));
    input.facts = &matched;
    let all: Vec<&Rule> = rules.iter().collect();
    let law = Law {
        holes: &holes,
        logs: Some(&estate.logs),
        unmatched: &unmatched,
    };
    // Two files of the same content are told apart by their paths.
    let mut digests: BTreeMap<&str, String> = BTreeMap::new();
    let mut paths: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for file in &estate.coverage {
        let digest = file.sha256.to_string();
        digests.insert(&file.path, digest.clone());
        paths.entry(digest).or_default().push(&file.path);
    }
    let naming = Naming {
        identity: &|file| {
            let digest = digests.get(file)?;
            let alone = paths.get(digest).is_some_and(|paths| paths.len() == 1);
            alone.then(|| format!("sha256:{digest}"))
        },
        by_file: false,
    };
    let judged = judge(
        &all,
        &input,
        Known {
            usage: estate.usage.as_ref(),
            calls: estate.calls.as_ref(),
            unused_waivers: None,
        },
        &naming,
        law,
        |rule, known| {
            watch.asked();
            query::run(rule, engine, &input, known)
                .inspect(|answer| watch.answered(&rule.id, answer.population))
        },
    )?;
    let Judged {
        findings,
        runs,
        notes: dropped,
        uses,
        ..
    } = judged;
    let unmatched = unmatched.iter().map(ToString::to_string);
    let unmatched: Vec<String> = unmatched.chain(estate.provenance.unmatched()).collect();
    let mut notes: Vec<String> = unmatched.clone();
    notes.extend(input.refused.iter().map(refused));
    notes.extend(dropped);
    notes.extend(
        uses.iter()
            .zip(&settings.waivers)
            .filter_map(|(used, waiver)| used.note(waiver)),
    );
    notes.extend(settings.warnings.iter().map(ToString::to_string));
    let gap = gap(estate, rules);
    let interim = if estate.as_of < estate.period.to {
        Some(format!(
            "the report speaks from {}, before the period ends",
            estate.as_of
        ))
    } else {
        gap.clone()
    };
    let frameworks = finding::frameworks(settings)?;
    let controls = frameworks
        .iter()
        .flat_map(|framework| finding::matrix(framework, &runs, &findings, gap.as_deref()))
        .collect();
    watch.ended(Phase::Rules, runs.len() as u64);
    Ok(Assessment {
        findings,
        runs,
        controls,
        frameworks,
        notes,
        unmatched,
        interim,
        own_rules: rules
            .iter()
            .filter_map(|rule| Some((rule.id.clone(), rule.own.clone()?)))
            .collect(),
    })
}

impl Assessment {
    /// The worst severity of an open finding.
    #[must_use]
    pub fn worst_open(&self) -> Option<Severity> {
        let open = self
            .findings
            .iter()
            .filter(|finding| finding.status.as_str() == "open");
        open.map(|finding| finding.severity).max()
    }
}

/// The settings with waivers placed in `piperoll.toml` by its name alone: where the file lies on
/// this machine is no part of what was found.
fn without_folder(settings: &Settings) -> Settings {
    let mut settings = settings.clone();
    for waiver in &mut settings.waivers {
        if let Some((_, name)) = waiver.declared_at.rsplit_once(['/', '\\']) {
            waiver.declared_at = name.to_owned();
        }
    }
    for warning in &mut settings.warnings {
        if let Some((_, name)) = warning.file.rsplit_once(['/', '\\']) {
            warning.file = name.to_owned();
        }
    }
    settings
}

/// A policy that no check sees, because the server would refuse it.
fn refused(policy: &RefusedPolicy<'_>) -> String {
    let first = policy.errors.first().map(ToString::to_string);
    format!(
        "{}: policy `{}` is not judged: the server refuses it ({})",
        policy.path,
        policy.name,
        first.unwrap_or_default()
    )
}

/// Which needed log ends too long before the period does, in words.
fn gap(estate: &Estate, rules: &[Rule]) -> Option<String> {
    let needed: BTreeSet<&str> = rules
        .iter()
        .flat_map(|rule| &rule.requires.sources)
        .map(String::as_str)
        .collect();
    let silent = estate.ended.iter();
    let silent = silent.filter(|hole| needed.contains(hole.of.as_str()));
    let silent: Vec<&str> = silent.map(|hole| hole.words.as_str()).collect();
    (!silent.is_empty()).then(|| {
        format!(
            "{}, before the period ends at {}",
            silent.join(" and "),
            estate.period.to
        )
    })
}
