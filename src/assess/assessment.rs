//! Runs every rule over an estate and judges the controls.

use std::collections::{BTreeMap, BTreeSet};

use super::contested::contested;
use super::cut_policies;
use super::judge::{Judged, judge};
use super::seen::{seen, void};
use super::unanswered::unanswered;
use super::{Answers, Engine, Error, Law, query, unmatched};
use crate::check::Known;
use crate::config::Settings;
use crate::estate::Estate;
use crate::finding::{self, Framework, Naming};
use crate::model::{
    ControlRow, Digest, FileCoverage, Finding, Hole, Phase, RuleRun, Severity, Watch,
};
use crate::posture::{Posture, RefusedPolicy, Seen, Stated, environments};
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
    /// Settings that nothing in the inputs matches, in words.
    pub unmatched: Vec<String>,
    /// The first of them by key, and how many more there are; the notes begin with them.
    pub first_unmatched: Vec<String>,
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
    let settings = &without_folder(settings);
    let facts = supplied(estate, settings);
    let names: Vec<String> = estate.files.iter().map(|file| file.name.clone()).collect();
    let mut input = posture(estate, settings, &facts, &names);
    input.own_rules = rule::own_ids(rules);
    let seen = seen(estate, &input)?;
    let unmatched = seen.unmatched(settings);
    let holes = holes(estate, &seen, &input)?;
    let matched = facts.clone().without(void(&unmatched, settings));
    input.facts = &matched;
    let contested = contested(estate)?;
    let law = Law {
        holes: &holes,
        logs: Some(&estate.logs),
        unmatched: &unmatched,
        contested: Some(&contested),
        met: Some(&estate.met),
        restated: &estate.restated,
    };
    let judged = judged(estate, rules, &input, law, answers, watch)?;
    let mut first_unmatched = unmatched::in_short(&unmatched);
    first_unmatched.extend(estate.provenance.unmatched());
    let unmatched = unmatched.iter().map(ToString::to_string);
    let unmatched = unmatched.chain(estate.provenance.unmatched()).collect();
    let notes = notes(&first_unmatched, &input, &judged);
    let gap = gap(estate, rules);
    let Judged { findings, runs, .. } = judged;
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
        first_unmatched,
        interim: interim(estate, gap),
        own_rules: rules
            .iter()
            .filter_map(|rule| Some((rule.id.clone(), rule.own.clone()?)))
            .collect(),
    })
}

/// What the inputs lack: what they themselves say, and what their settings, CI files and policies do.
fn holes(estate: &Estate, seen: &Seen, input: &Posture<'_>) -> Result<Vec<Hole>, Error> {
    let settings = input.settings;
    let mut holes = estate.holes.clone();
    holes.extend(seen.undeclared.holes(settings));
    if estate.logs.contains("gitlab-jobs") {
        holes.extend(environments(&seen.environments, settings));
    }
    holes.extend(input.ci_holes());
    holes.extend(cut_policies::holes(estate, input)?);
    Ok(holes)
}

/// What was supplied of an estate, and what is settled.
fn supplied(estate: &Estate, settings: &Settings) -> Facts {
    let read = estate.coverage.iter().filter(|file| file.parsed > 0);
    let mut sources: BTreeSet<String> = read.map(|file| file.source.clone()).collect();
    // What a damaged trace shows is shown, though it is the only one.
    if estate.store.rows("exposure") > 0 {
        sources.insert("gitlab-trace".to_owned());
    }
    Facts {
        hidden_addresses: estate.hidden_addresses.clone(),
        ..Facts::new(sources, settings)
    }
}

/// What the configuration of an estate states, and which of its paths the logs show in use.
fn posture<'c>(
    estate: &'c Estate,
    settings: &'c Settings,
    facts: &'c Facts,
    names: &'c [String],
) -> Posture<'c> {
    let mut input = Posture::new(Stated {
        settings,
        facts,
        attributes: &estate.attributes,
        policies: &estate.policies,
        services: &estate.services,
        grants: &estate.grants,
        texts: &estate.texts,
        files: names,
        as_of: estate.as_of,
    });
    if let Some(usage) = &estate.usage {
        input.logged_paths = usage.paths.iter().cloned().collect();
    }
    input
}

/// Asks every rule of the tables and of the posture, and weighs the answers by the law.
fn judged(
    estate: &Estate,
    rules: &[Rule],
    input: &Posture<'_>,
    law: Law<'_>,
    answers: Option<&Answers>,
    watch: &mut dyn Watch,
) -> Result<Judged, Error> {
    let unanswered = unanswered(&estate.store)?;
    let engine = Engine {
        store: &estate.store,
        answers,
        unanswered: unanswered.as_ref(),
    };
    let all: Vec<&Rule> = rules.iter().collect();
    let known = Known {
        usage: estate.usage.as_ref(),
        calls: estate.calls.as_ref(),
        unused_waivers: None,
    };
    let identities = identities(&estate.coverage);
    let naming = Naming {
        identity: &|file| identities.get(file).cloned(),
        by_file: false,
    };
    let judged = judge(&all, input, known, &naming, law, |rule, known| {
        watch.asked();
        query::run(rule, engine, input, known)
            .inspect(|answer| watch.answered(&rule.id, answer.population))
    })?;
    Ok(judged)
}

/// What a file is to a finding: its content, unless another file has the same, for two files of the
/// same content are told apart by their paths.
fn identities(coverage: &[FileCoverage]) -> BTreeMap<&str, String> {
    let mut bearers: BTreeMap<Digest, usize> = BTreeMap::new();
    for file in coverage {
        *bearers.entry(file.sha256).or_default() += 1;
    }
    coverage
        .iter()
        .filter(|file| bearers.get(&file.sha256) == Some(&1))
        .map(|file| (file.path.as_str(), format!("sha256:{}", file.sha256)))
        .collect()
}

/// What settings, waivers, weak evidence and refused policies have to say.
fn notes(unmatched: &[String], input: &Posture<'_>, judged: &Judged) -> Vec<String> {
    let settings = input.settings;
    let mut notes = unmatched.to_vec();
    notes.extend(input.refused.iter().map(refused));
    notes.extend(judged.notes.iter().cloned());
    let uses = judged.uses.iter().zip(&settings.waivers);
    notes.extend(uses.filter_map(|(used, waiver)| used.note(waiver)));
    notes.extend(settings.warnings.iter().map(ToString::to_string));
    notes
}

/// Why the pack is interim: it speaks from within the period, or a needed log ends too early.
fn interim(estate: &Estate, gap: Option<String>) -> Option<String> {
    if estate.as_of >= estate.period.to {
        return gap;
    }
    Some(format!(
        "the report speaks from {}, before the period ends",
        estate.as_of
    ))
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
    let stated = policy.stated;
    let first = stated.errors.first().map(ToString::to_string);
    format!(
        "{}: policy `{}` is not judged: the server refuses it ({})",
        policy.path,
        stated.text.name,
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
