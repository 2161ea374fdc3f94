//! Rules and configuration, as every command that judges starts from them.

use std::io::Write;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::Failure;
use crate::config::{Problems, Settings, Threshold};
use crate::disk;
use crate::model::{FailureKind, Timestamp};
use crate::report::visible;
use crate::rule::{self, Rule, RuleError, Ruleset, SigmaRules};
use crate::source::Links;

/// The configuration that is read where none is named and it is there.
pub(super) const IMPLIED: &str = "piperoll.toml";

/// What a judging command starts from.
pub(super) struct Loaded {
    /// Rules, by id.
    pub(super) rules: Vec<Rule>,
    /// Configuration.
    pub(super) settings: Settings,
    /// Configuration file, if one was read.
    pub(super) config: Option<PathBuf>,
    /// How many faults files of one's own rules have, all of them said.
    pub(super) faults: usize,
}

#[cfg(feature = "tables")]
impl Loaded {
    /// The digest of the configuration as it was read, if a file was.
    pub(super) fn config_sha256(&self) -> Option<&str> {
        let read = self.config.as_ref();
        read.map(|_| self.settings.sha256.as_str())
    }
}

/// Where rules lie that are not in the box.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct OwnRules<'p> {
    /// Files of rules, which add to the box or stand in for its.
    pub(super) rules: Option<&'p Path>,
    /// Files of Sigma rules.
    pub(super) sigma: Option<&'p Path>,
}

/// The rules in the box, without their examples.
pub(super) fn rules(err: &mut dyn Write) -> Result<Vec<Rule>, Failure> {
    told(rule::shipped(), err)
}

fn told(
    rules: Result<Vec<Rule>, Vec<RuleError>>,
    err: &mut dyn Write,
) -> Result<Vec<Rule>, Failure> {
    rules.map_err(|faults| {
        for fault in faults {
            let _ = writeln!(err, "error: {fault}");
        }
        Failure::Reported(FailureKind::Internal)
    })
}

/// The rules in the box, and those of `own` over them; what is wrong with a file is
/// said, and its rule is not assessed. Comes with the number of faults.
pub(super) fn rules_with(
    own: OwnRules<'_>,
    err: &mut dyn Write,
) -> Result<(Vec<Rule>, usize), Failure> {
    rules_over(rules(err)?, own, err)
}

/// The same with the examples of all, to be shown.
pub(super) fn rules_to_show(
    own: OwnRules<'_>,
    err: &mut dyn Write,
) -> Result<(Vec<Rule>, usize), Failure> {
    rules_over(told(rule::embedded(), err)?, own, err)
}

fn rules_over(
    mut rules: Vec<Rule>,
    own: OwnRules<'_>,
    err: &mut dyn Write,
) -> Result<(Vec<Rule>, usize), Failure> {
    let mut faults = 0;
    if let Some(folder) = own.rules {
        let set = Ruleset::with(rules, &rule_files(folder)?);
        for fault in &set.faults {
            writeln!(err, "error: {fault}")?;
        }
        let broken = set.rules.iter().filter(|rule| rule.broken.is_some());
        for rule in broken {
            writeln!(err, "note: {} is not assessed: its file is wrong", rule.id)?;
        }
        (rules, faults) = (set.rules, set.faults.len());
    }
    if let Some(folder) = own.sigma {
        let set = sigma_rules(folder)?;
        for fault in &set.faults {
            writeln!(err, "error: {}", visible(&fault.to_string()))?;
        }
        let unasked = set.rules.iter().filter(|rule| rule.broken.is_some());
        let (all, unasked) = (set.rules.len(), unasked.count());
        let others = set.of_other_logs();
        let other = others.as_ref().and_then(|rule| rule.broken.as_deref());
        let other = other.map(|why| format!("; {why}")).unwrap_or_default();
        writeln!(
            err,
            "note: {} of {all} Sigma rules of logs that are read are asked; why the others are not, `piperoll rules check --sigma` and the pack say{}",
            all - unasked,
            visible(&other)
        )?;
        faults += set.faults.len();
        rules.extend(set.rules);
        rules.extend(others);
        rules.sort_by(|a, b| a.id.cmp(&b.id));
    }
    Ok((rules, faults))
}

/// The Sigma rules below a folder, or of one file.
pub(super) fn sigma_rules(folder: &Path) -> Result<SigmaRules, Failure> {
    let files = files_below(folder, &["yml", "yaml"], "name a folder of Sigma rules")?;
    let read = SigmaRules::read(&files);
    read.map_err(|why| Failure::usage(why, "this is a fault of piperoll: please report it"))
}

/// The rule files below a folder by name and text, sorted; or one file.
pub(super) fn rule_files(folder: &Path) -> Result<Vec<(String, String)>, Failure> {
    let help = "name a folder of rule files; `piperoll rules new` makes the first";
    files_below(folder, &["toml"], help)
}

/// The files below a folder whose names end so, by name and text, sorted; or one file.
fn files_below(
    folder: &Path,
    endings: &[&str],
    help: &str,
) -> Result<Vec<(String, String)>, Failure> {
    let unreadable = |path: &Path, error: &dyn std::fmt::Display| {
        let what = format!("cannot read the rules in `{}`: {error}", path.display());
        Failure::usage(what, help)
    };
    let mut files = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(|error| unreadable(folder, &error))?;
        let path = entry.path();
        if !entry.file_type().is_file()
            || !path
                .extension()
                .is_some_and(|end| endings.iter().any(|known| end == *known))
        {
            continue;
        }
        let text = disk::text(path).map_err(|error| unreadable(path, &error))?;
        files.push((path.display().to_string().replace('\\', "/"), text));
    }
    if files.is_empty() {
        return Err(unreadable(
            folder,
            &format!("there is no file that ends with .{}", endings.join(" or .")),
        ));
    }
    Ok(files)
}

/// Reads rules and configuration; without a name, `./piperoll.toml` if it is there.
pub(super) fn load(
    config: Option<&Path>,
    own: OwnRules<'_>,
    err: &mut dyn Write,
) -> Result<Loaded, Failure> {
    let (rules, faults) = rules_with(own, err)?;
    let implied = PathBuf::from(IMPLIED);
    let path = config
        .map(Path::to_owned)
        .or_else(|| implied.exists().then_some(implied));
    let Some(path) = path else {
        return Ok(without_file(rules, faults));
    };
    let text = disk::text(&path).map_err(|error| {
        let what = format!(
            "cannot read the configuration `{}`: {error}",
            path.display()
        );
        Failure::usage(what, "name the file with -c, or leave it out")
    })?;
    let name = path.display().to_string();
    let ids: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
    let parsed =
        parse(&rules, &name, &text).and_then(|settings| match settings.unknown_rules(&ids) {
            unknown if unknown.is_empty() => Ok(settings),
            unknown => Err(Problems(unknown)),
        });
    match parsed {
        Ok(settings) => Ok(Loaded {
            rules,
            settings,
            config: Some(path),
            faults,
        }),
        Err(problems) => {
            let _ = writeln!(err, "{problems}");
            Err(Failure::Reported(FailureKind::Usage))
        }
    }
}

/// The rules, without any configuration.
pub(super) fn bare(own: OwnRules<'_>, err: &mut dyn Write) -> Result<Loaded, Failure> {
    let (rules, faults) = rules_with(own, err)?;
    Ok(without_file(rules, faults))
}

fn without_file(rules: Vec<Rule>, faults: usize) -> Loaded {
    let thresholds = rule::thresholds(&rules);
    Loaded {
        settings: Settings::without_file(&known(&thresholds)),
        rules,
        config: None,
        faults,
    }
}

/// Reads the text of a configuration file.
pub(super) fn parse(rules: &[Rule], name: &str, text: &str) -> Result<Settings, Problems> {
    Settings::parse(name, text, &known(&rule::thresholds(rules)))
}

fn known(thresholds: &[(String, Threshold)]) -> Vec<(&str, Threshold)> {
    let known = thresholds.iter();
    known
        .map(|(name, threshold)| (name.as_str(), *threshold))
        .collect()
}

/// A moment on the command line.
pub(super) fn time(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse_date_or_time(text).ok_or_else(|| {
        format!(
            "`{text}` is neither an RFC 3339 time nor a date (2026-09-01, 2026-09-01T00:00:00Z)"
        )
    })
}

/// What becomes of links that leave the inputs.
pub(super) fn links(no_follow: bool) -> Links {
    if no_follow {
        Links::Refused
    } else {
        Links::Followed
    }
}
