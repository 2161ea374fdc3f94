//! What an answer is worth, by the evidence that it rests on: the one place where that is decided.
//!
//! A rule states what it looks at (`[requires]` of its file). Of that,
//!
//! - nothing there: it is not assessed, and the reason says what to supply;
//! - there, and nothing of it to judge: no occurrence;
//! - there in part (a [`Hole`] concerns it): its findings stand, and a pass says what is missing;
//! - whole: a finding or a pass.
//!
//! A rule that accuses because something is absent names the source that would hold it
//! (`counterpart`). What happened inside a hole of that source, or what must have led to it, is not
//! judged and counted as such; where a hole of it may lie anywhere, or may hold what made it good
//! later, the finding is a suspicion and medium at most, unless the hole is another server's than
//! the one whose files show it. So is what
//! rests on a join that missing candidates may make wrong (`candidates`), unless an id proves it,
//! what accuses somebody whom `[people] admins` may mean, and what a record alone shows that may be
//! the copy of another.

use std::collections::BTreeSet;

use super::Answer;
use super::declared::{ADMINS, BREAK_GLASS, may_be_admin};
use super::{meant, restated};
use crate::model::{Confidence, Hole, Key, Restated, RuleOutcome, SHORTENED, Severity, is_cut};
use crate::posture::{CLASSES, ENVIRONMENTS, OWNERS, PIPELINES, Posture, Unmatched};
use crate::rule::{ADDRESSES, Absence, Observation, REASONS, Rule, RuleKind, in_words};

/// What holes of auth methods without their settings are called.
const METHODS: &str = "vault-jwt-method";
/// What holes of sign-ons without their device are called.
const DEVICES: &str = "sign-on-device";
/// What holes of roles of AWS without their policies are called.
const PERMISSIONS: &str = "aws-role-permissions";
/// What holes of policies are called of whose text a part was read.
pub(super) const TEXTS: &str = "policy-text";
/// Settings that speak of what one log alone shows.
const SPEAK_OF: [(&str, &str); 3] = [
    ("vault.ci_mounts", "vault"),
    ("vault.ci_mounts", "gitlab-jobs"),
    ("vault.human_mounts", "vault"),
];
/// What is exported of systems that keep a log by themselves, a source or a kind of thing, and the
/// log. Services of Cloud Run are exported for what logs in to Vault.
const KEPT_OF: [(&str, &str); 4] = [
    ("vault-config", "vault"),
    ("iam-policy", "gcp-audit"),
    ("aws-config", "cloudtrail"),
    ("hoop-config", "hoop"),
];
/// How ids of a system begin that `[people]` names, its log and its export.
const NAMED_OF: [(&str, &str, &str); 3] = [
    ("gcp:", "gcp-audit", "gcp-config"),
    ("okta:", "okta", "okta"),
    ("aws:", "cloudtrail", "aws-config"),
];
/// A log that Google keeps of every project, whose other log was read.
const KEPT_BESIDE: (&str, &str) = ("gcp-audit/data-access", "gcp-audit/admin-activity");
/// How many holes a reason spells out.
const SHOWN: usize = 3;

/// What would clear an observation: the counterparts that it names, and what holds the candidates
/// of its join, unless an id that both sides carry proves it.
fn cleared_by<'r>(rule: &'r Rule, seen: &Observation) -> Vec<&'r str> {
    let own = |of: &&String| seen.absence.of.is_empty() || seen.absence.of == **of;
    let counterparts = rule.requires.counterpart.iter().filter(own);
    let proven = seen.confidence >= Key::K2.confidence();
    let candidates = rule.requires.candidates.iter().filter(|_| !proven);
    counterparts.chain(candidates).map(String::as_str).collect()
}

/// What the logs show to be missing of a setting, as its holes are called. Whose tokens are machines'
/// is told by the class of a mount: without it nobody knows which secrets they use.
fn declared_by(setting: &str) -> &'static [&'static str] {
    match setting {
        key if key.starts_with("owner") => &[OWNERS, CLASSES],
        key if key.ends_with("_mounts") => &[CLASSES],
        _ => &[],
    }
}

/// Whether a dated hole holds the act, or when what must have led to it may have been logged.
fn hides(hole: &Hole, seen: &Observation) -> bool {
    let Absence { since, until, .. } = &seen.absence;
    if until.zip(seen.at).is_some_and(|(until, at)| until < at) {
        // It would lie wholly before the act.
        return false;
    }
    let since = since.filter(|_| until.is_none());
    let from = since.or(seen.at);
    from.zip(seen.at)
        .is_some_and(|(from, at)| hole.overlaps(from.min(at), at))
}

/// Whether a dated hole holds part of the time in which the act may have been made good.
fn may_hide(hole: &Hole, seen: &Observation) -> bool {
    let from = seen.absence.since.or(seen.at);
    from.zip(seen.absence.until)
        .is_some_and(|(from, until)| hole.overlaps(from.min(until), until))
}

/// What is known of the evidence.
#[derive(Clone, Copy, Debug, Default)]
pub struct Law<'l> {
    /// What the inputs should hold and do not.
    pub holes: &'l [Hole],
    /// The logs that were read; none where no log is asked, and so none is missing.
    pub logs: Option<&'l BTreeSet<String>>,
    /// Values of settings that nothing in the inputs matches.
    pub unmatched: &'l [Unmatched],
    /// Files and byte offsets of records that may be copies of others which say something else.
    pub contested: Option<&'l BTreeSet<(String, u64)>>,
    /// Entities of Vault whose login was read; none where no log is asked.
    pub met: Option<&'l BTreeSet<String>>,
    /// Configured things that are stated twice and differently.
    pub restated: &'l [Restated],
}

/// What rests on a setting that was proposed and that nobody has confirmed passes nothing, and
/// accuses nobody for certain.
fn unconfirmed(rule: &Rule, input: &Posture<'_>, mut answer: Answer) -> Answer {
    let proposed = |needed: &&String| {
        let mut keys = input.settings.proposed.iter();
        keys.any(|key| {
            needed
                .strip_prefix(key.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    };
    let Some(setting) = rule.requires.settings.iter().find(proposed) else {
        return answer;
    };
    if answer.observations.is_empty() {
        return Answer::not_assessed(format!(
            "`{setting}` is proposed and not confirmed ([proposed]), so nothing passes by it"
        ));
    }
    for seen in &mut answer.observations {
        let severity = seen.severity.unwrap_or(rule.severity);
        seen.severity = Some(severity.min(Severity::High));
        seen.confidence = seen.confidence.min(Confidence::SUSPECTED);
    }
    answer
}

impl Law<'_> {
    /// Why a rule cannot look at all; none where it can.
    pub(super) fn bars(&self, rule: &Rule, input: &Posture<'_>) -> Option<String> {
        let requires = &rule.requires;
        let missing = |log: &&String| self.logs.is_some_and(|logs| !logs.contains(*log));
        if let Some(log) = requires.logs.iter().find(missing) {
            return Some(format!("{} was not supplied", in_words(log)));
        }
        let mut kinds = requires.things.iter();
        let absent = kinds.find(|kind| !input.has_kind(kind))?;
        Some(format!("{} were not exported", in_words(absent)))
    }

    /// The answer for what it is worth.
    pub(super) fn weigh(&self, rule: &Rule, input: &Posture<'_>, mut answer: Answer) -> Answer {
        if matches!(answer.outcome, RuleOutcome::NotAssessed(_)) {
            return answer;
        }
        let unjudged = self.withdraw(rule, input, &mut answer.observations);
        if answer.observations.is_empty() {
            answer.outcome = match (rule.kind, answer.population) {
                (RuleKind::Lint, 0) if rule.asks_exports() => {
                    let reason = "nothing of what it looks at was exported";
                    return Answer::not_assessed(reason);
                }
                (_, 0) => RuleOutcome::NoOccurrence,
                _ => RuleOutcome::Pass,
            };
        }
        let missing = [answer.partly.take(), unjudged, self.missing(rule, input)];
        let missing: Vec<String> = missing.into_iter().flatten().collect();
        answer.partly = (!missing.is_empty()).then(|| missing.join("; "));
        unconfirmed(rule, input, answer)
    }

    /// Whether an observation rests on a value that nothing matches, and that may have meant what it
    /// accuses: an owner that nothing of that name is, a range or a name that left out nobody.
    fn is_of_unmatched(&self, rule: &Rule, seen: &Observation) -> bool {
        if meant::rests_on(rule, seen, self.unmatched) {
            return true;
        }
        let mut owners = self.unmatched.iter().filter(|found| {
            let asked = rule.requires.settings.iter();
            found.open
                && matches!(found.key, "owner.service" | "owner.project")
                && asked.into_iter().any(|setting| found.is_of(setting))
        });
        owners.any(|found| seen.detail.contains(&found.value) || seen.object.contains(&found.value))
    }

    /// Whether the texts of a log that a rule looks at were cut short.
    fn is_shortened(&self, rule: &Rule) -> bool {
        let mut cut = self
            .holes
            .iter()
            .filter(|hole| hole.of.ends_with(SHORTENED));
        cut.any(|hole| rule.requires.looks_at().iter().any(|of| hole.concerns(of)))
    }

    /// Whether the record that shows it may be a copy; that there are copies is no suspicion.
    fn may_be_copied(&self, rule: &Rule, seen: &Observation) -> bool {
        let places = self.contested.filter(|_| rule.kind != RuleKind::Coverage);
        let places = places.filter(|places| !places.is_empty());
        let place = &seen.evidence;
        places.is_some_and(|places| places.contains(&(place.file.clone(), place.byte)))
    }

    /// Takes back what absence accuses of inside a hole; says how much of it there was.
    fn withdraw(
        &self,
        rule: &Rule,
        input: &Posture<'_>,
        observations: &mut Vec<Observation>,
    ) -> Option<String> {
        let before = observations.len();
        let shortened = self.is_shortened(rule);
        observations.retain_mut(|seen| {
            let cleared_by = cleared_by(rule, seen);
            let concerns = |hole: &&Hole| {
                let of_it = cleared_by.iter().any(|of| hole.concerns(of));
                of_it && !hole.spares(&seen.evidence.file)
            };
            let holes: Vec<&Hole> = self.holes.iter().filter(concerns).collect();
            if holes.iter().any(|hole| !hole.doubtful && hides(hole, seen)) {
                return false;
            }
            let anywhere = cleared_by.iter().any(|of| self.lacks(of, input));
            let open =
                |hole: &&Hole| hole.span.is_none() || hides(hole, seen) || may_hide(hole, seen);
            // The gate asks before anything is in force: whom it stops may declare himself.
            let asked = self.logs.is_some() && cleared_by.contains(&ADMINS);
            let undeclared = asked && may_be_admin(&seen.subject, input, self.holes, self.met);
            let anywhere = anywhere || holes.iter().any(open) || self.is_of_unmatched(rule, seen);
            let unknown = self.logs.is_some() && is_cut(&seen.subject);
            let unknown = unknown || shortened || self.may_be_copied(rule, seen);
            let unknown = unknown || restated::rests_on(rule, seen, self.restated);
            if anywhere || undeclared || unknown {
                let severity = seen.severity.unwrap_or(rule.severity);
                // What is suspected counts for one less: medium at most.
                seen.severity = Some(severity.min(Severity::High));
                seen.confidence = seen.confidence.min(Confidence::SUSPECTED);
            }
            true
        });
        let gone = before - observations.len();
        (gone > 0).then(|| format!("{gone} not judged: what would show the counterpart is missing"))
    }

    /// Whether there is nothing at all of a source, a log or a kind of thing. The gate, which reads
    /// configuration alone, lacks nothing.
    fn lacks(&self, of: &str, input: &Posture<'_>) -> bool {
        self.logs.is_some_and(|logs| match of {
            OWNERS => !input.settings.is_set("owner"),
            BREAK_GLASS => input.settings.people.break_glass().next().is_none(),
            // Which classes are missing, the logs show.
            // So who is no administrator, each observation does, and which methods there are, much.
            CLASSES | ADMINS | METHODS | DEVICES | TEXTS | PERMISSIONS | ENVIRONMENTS
            | PIPELINES => false,
            _ => !logs.contains(of) && !input.facts.sources.contains(of) && !input.has_kind(of),
        })
    }

    /// The logs that settings speak of and that were not supplied at all.
    fn unsupplied(&self, input: &Posture<'_>) -> Vec<String> {
        let Some(logs) = self.logs else {
            return Vec::new();
        };
        let missing =
            |(setting, log): &&(&str, &str)| input.settings.is_set(setting) && !logs.contains(*log);
        let missing = SPEAK_OF.iter().filter(missing);
        let words = missing.map(|(setting, log)| {
            format!(
                "`{setting}` is set, and nothing of {} was supplied",
                in_words(log)
            )
        });
        let (read, kept) = KEPT_BESIDE;
        let lacking = logs.contains(read) && !logs.contains(kept);
        let kept = lacking.then(|| format!("nothing of {} was supplied", in_words(kept)));
        let of_log = |log: &str| logs.iter().any(|read| read.split('/').next() == Some(log));
        let exported = KEPT_OF
            .iter()
            .filter(|(export, log)| !self.lacks(export, input) && !logs.is_empty() && !of_log(log));
        let exported = exported.map(|(export, log)| {
            let (export, log) = (in_words(export), in_words(log));
            format!("{export} were supplied, and nothing of {log}")
        });
        let named = NAMED_OF.iter().filter_map(|(scheme, log, export)| {
            let name = input
                .settings
                .people
                .admins()
                .find(|it| it.starts_with(scheme))?;
            let absent = !logs.is_empty() && !of_log(log) && self.lacks(export, input);
            let log = in_words(log);
            absent.then(|| {
                format!("`people.admins` names `{name}`, and nothing of {log} was supplied")
            })
        });
        words.chain(kept).chain(exported).chain(named).collect()
    }

    /// Which log is not there that would name what was not exported. The gate asks of no log.
    fn unnamed(&self, rule: &Rule) -> Option<&'static str> {
        let logs = self.logs?;
        if logs.is_empty() {
            return Some("no log was supplied, which would name what is missing");
        }
        let looked_at = rule.requires.looks_at();
        let of_vault = looked_at.iter().any(|of| of.starts_with("vault"));
        let of_exports = rule.kind == RuleKind::Lint || rule.check.is_some();
        (of_vault && of_exports && !logs.contains("vault"))
            .then_some("no Vault log was supplied, which would name what was not exported")
    }

    /// What of the things that a rule looks at is missing, in words.
    fn missing(&self, rule: &Rule, input: &Posture<'_>) -> Option<String> {
        let requires = &rule.requires;
        let mut looked_at = requires.looks_at();
        looked_at.extend(requires.settings.iter().flat_map(|key| declared_by(key)));
        let mut words: Vec<String> = Vec::new();
        for of in requires.also.iter().chain(&requires.any_source) {
            if self.lacks(of, input) {
                words.push(format!("nothing of {} was supplied", in_words(of)));
            }
        }
        words.extend(self.unnamed(rule).map(str::to_owned));
        words.extend(restated::words(rule, self.restated));
        // A mount or an owner of another name may be what the rule should have looked at.
        for setting in &requires.settings {
            let own = self
                .unmatched
                .iter()
                .filter(|found| found.open && found.is_of(setting));
            words.extend(own.map(ToString::to_string));
        }
        // What lies in the inputs at all is what a rule about reading looks at.
        let everything = looked_at.is_empty() && rule.kind == RuleKind::Coverage;
        if everything {
            words.extend(self.unsupplied(input));
        }
        let (days, others): (Vec<&Hole>, Vec<&Hole>) =
            self.holes.iter().partition(|hole| hole.is_of_days());
        for hole in days.into_iter().chain(others) {
            // A list that may be longer damages no input, nor does a provider that nobody named.
            let unnamed = hole.of == "okta" && self.lacks("okta", input);
            let of_settings = [ADDRESSES, REASONS, OWNERS, CLASSES, ENVIRONMENTS, PIPELINES]
                .contains(&hole.of.as_str());
            let of_inputs = !unnamed && !input.has_kind(&hole.of) && !of_settings;
            let concerned =
                (everything && of_inputs) || looked_at.iter().any(|of| hole.concerns(of));
            if concerned && !words.contains(&hole.words) {
                words.push(hole.words.clone());
            }
        }
        if words.is_empty() {
            return None;
        }
        let more = words.len().saturating_sub(SHOWN);
        words.truncate(SHOWN);
        let rest = match more {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        Some(format!("{}{rest}", words.join("; ")))
    }
}
