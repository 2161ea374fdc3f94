//! `lint`: configuration read, checked and judged, without tables.

mod above;
mod added;
mod base;
mod broken;
mod fix;
mod gather;
mod hole;
mod logs;
mod permission;
mod quoted;
mod sized;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::{Path, PathBuf};

use crate::assess::{Judged, Law, judge, run_check};
use crate::check::Known;
use crate::config::Settings;
use crate::finding::Naming;
use crate::model::{Finding, Hole, Period, RuleRun, Timestamp};
use crate::posture::{InlineWaiver, Posture, Seen};
use crate::rule::{Excerpt, Facts, Rule, own_ids};
use crate::source::{self, InputFile, Links};
use crate::usage::Usage;
use logs::Logs;

pub use above::last_folders;
pub use added::{AddedWaiver, configured, shown_configured};
pub use base::{Base, BaseError};
pub use broken::Broken;
pub use fix::fixes;
pub use permission::{Permission, Permissions, Question, permissions};
pub use sized::{SizedPolicies, sized};

/// What a lint is asked to read.
#[derive(Clone, Copy, Debug)]
pub struct LintRequest<'r> {
    /// PATH arguments.
    pub paths: &'r [String],
    /// `--logs` arguments; none where no log is asked.
    pub logs: &'r [String],
    /// The part of the logs that is judged; all of them by default.
    pub window: Option<Period>,
    /// Paths that are never input.
    pub except: &'r [PathBuf],
    /// What becomes of links that leave the paths.
    pub links: Links,
    /// Where the command runs: files below it are named from here.
    pub here: &'r Path,
    /// Configuration.
    pub settings: &'r Settings,
    /// The rules; those in SQL are left out.
    pub rules: &'r [Rule],
    /// The only clock.
    pub as_of: Timestamp,
    /// Which waivers in comments accept something.
    pub comments: Comments<'r>,
}

/// Which waivers in comments accept something.
#[derive(Clone, Copy, Debug)]
pub enum Comments<'r> {
    /// All of them.
    Honoured,
    /// None: whoever writes the file does not approve it.
    Ignored,
    /// All of them, and those that the base does not have are listed.
    Compared(&'r Base),
    /// Those that the base has.
    OfBase(&'r Base),
}

/// What a lint found.
#[derive(Debug)]
pub struct Linted {
    /// Findings, worst first.
    pub findings: Vec<Finding>,
    /// What to show of the source, by finding id.
    pub excerpts: BTreeMap<String, Excerpt>,
    /// How every rule with a check ran, by id.
    pub runs: Vec<RuleRun>,
    /// Files that could not be parsed, by path and line.
    pub broken: Vec<Broken>,
    /// What was left out, in words.
    pub notes: Vec<String>,
    /// Files that were read, by path.
    pub files: Vec<String>,
    /// Names of the log files.
    pub logs: Vec<String>,
    /// Vault records in the logs and in the window; none where no log is asked.
    pub logged: Option<Logged>,
    /// Waivers in comments that the base does not have, by place.
    pub added: Vec<AddedWaiver>,
}

/// How much the logs hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Logged {
    /// Whether there is any Vault audit record.
    pub any: bool,
    /// Requests with a token, and logins, that lie in the window and were allowed.
    pub in_window: u64,
}

/// Reads the paths and runs every rule that has a check.
///
/// # Errors
///
/// A path that is missing or cannot be listed, or nothing to read.
pub fn lint(request: &LintRequest<'_>) -> Result<Linted, source::Error> {
    let (files, passed_over) = gather::files_and_notes(request)?;
    let gathered = gather::gather(&files, request);
    let facts = Facts::new(gathered.sources.clone(), request.settings);
    let names: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
    let with_logs = gathered.sources.iter().cloned();
    let with_logs = with_logs.chain(["vault".to_owned()]).collect();
    let with_logs = Facts::new(with_logs, request.settings);
    let mut input = Posture::new(gathered.stated(request, &facts, &names));
    input.own_rules = own_ids(request.rules);
    let (mut broken, mut notes) = broken::collect(&gathered, &input, &files);
    notes.extend(InputFile::links_told(&files));
    notes.extend(passed_over);
    let added = hold_comments(request.comments, &mut input, &mut notes);
    let mut logs = Logs::default();
    if !request.logs.is_empty() {
        logs = logs::read(request, &input, &gathered.kept, &files, false)?;
        broken.append(&mut logs.unreadable);
        broken.sort();
        notes.append(&mut logs.notes);
    }
    if let Some(usage) = &logs.usage {
        input.facts = &with_logs;
        input.logged_paths = usage.paths.iter().cloned().collect();
    }
    let mut holes = hole::of(&broken, &files, &gathered, logs.holes);
    holes.extend(input.ci_holes());
    let judged = judged(request, &input, &files, &holes, logs.usage.as_ref());
    notes.extend(unmatched(&input, request));
    notes.extend(judged.notes);
    notes.extend(request.settings.warnings.iter().map(ToString::to_string));
    Ok(Linted {
        findings: judged.findings,
        excerpts: judged.excerpts,
        runs: judged.runs,
        broken,
        notes,
        files: gathered.read,
        logs: logs.names,
        logged: (!request.logs.is_empty()).then(|| Logged::of(logs.usage.as_ref())),
        added,
    })
}

impl Logged {
    fn of(usage: Option<&Usage>) -> Logged {
        Logged {
            any: usage.is_some(),
            in_window: usage.map_or(0, |usage| usage.allowed + usage.logins),
        }
    }
}

/// Asks every rule that has a check, and weighs what it says by what is missing.
fn judged(
    request: &LintRequest<'_>,
    input: &Posture<'_>,
    files: &[InputFile],
    holes: &[Hole],
    usage: Option<&Usage>,
) -> Judged {
    let checks: Vec<&Rule> = request.rules.iter().filter(|r| r.check.is_some()).collect();
    let identities = gather::identities(files, request.here);
    let naming = Naming {
        identity: &|file| identities.get(file).cloned(),
        by_file: true,
    };
    let known = Known {
        usage,
        ..Known::default()
    };
    let law = Law {
        holes,
        ..Law::default()
    };
    let judged = judge::<Infallible>(&checks, input, known, &naming, law, |rule, known| {
        Ok(run_check(rule, input, known))
    });
    let Ok(judged) = judged;
    judged
}

/// How many waivers in comments that accept nothing are noted one by one.
const NOTED: usize = 20;

/// Keeps the waivers in comments that accept something; what the base does not have is the answer.
fn hold_comments(
    comments: Comments<'_>,
    input: &mut Posture<'_>,
    notes: &mut Vec<String>,
) -> Vec<AddedWaiver> {
    let mut left_out = |waivers: &[InlineWaiver], why: &str| {
        for waiver in waivers.iter().take(NOTED) {
            let (place, rule) = (waiver.evidence.pointer(), &waiver.waiver.rule);
            notes.push(format!(
                "{place}: the waiver of {rule} accepts nothing: {why}"
            ));
        }
        if waivers.len() > NOTED {
            let more = waivers.len() - NOTED;
            notes.push(format!("{more} more waiver(s) accept nothing: {why}"));
        }
    };
    let mut added: Vec<AddedWaiver> = match comments {
        Comments::Honoured => Vec::new(),
        Comments::Ignored => {
            let waivers = std::mem::take(&mut input.waivers);
            left_out(&waivers, "comments are not asked (--no-inline-waivers)");
            Vec::new()
        }
        Comments::Compared(base) => {
            let (_, new) = added::inline(base, input.waivers.clone());
            new.iter().map(added::shown).collect()
        }
        Comments::OfBase(base) => {
            let (old, new) = added::inline(base, std::mem::take(&mut input.waivers));
            input.waivers = old;
            left_out(
                &new,
                "the change under review adds it (--refuse-added-waivers)",
            );
            new.iter().map(added::shown).collect()
        }
    };
    added.sort();
    added
}

/// Settings that nothing matches, as far as configuration alone knows: mounts where the server's own
/// list of them is among the files.
fn unmatched(input: &Posture<'_>, request: &LintRequest<'_>) -> Vec<String> {
    let mut stated = Seen::default();
    stated.posture(input);
    let mut seen = Seen::default();
    if input.things.has("vault-auth-mount") {
        seen.mounts = stated.mounts;
    }
    let found = seen.unmatched(request.settings);
    found.iter().map(ToString::to_string).collect()
}
