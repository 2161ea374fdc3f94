//! Rules and configuration, as every command that judges starts from them.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::Failure;
use crate::config::{Problems, Settings, Threshold};
use crate::disk;
use crate::model::{FailureKind, Timestamp};
use crate::rule::{self, Rule};
use crate::source::Links;

/// What a judging command starts from.
pub(super) struct Loaded {
    /// Rules, by id.
    pub(super) rules: Vec<Rule>,
    /// Configuration.
    pub(super) settings: Settings,
    /// Configuration file, if one was read.
    pub(super) config: Option<PathBuf>,
}

/// The rules in the box.
pub(super) fn rules(err: &mut dyn Write) -> Result<Vec<Rule>, Failure> {
    rule::embedded().map_err(|faults| {
        for fault in faults {
            let _ = writeln!(err, "error: {fault}");
        }
        Failure::Reported(FailureKind::Internal)
    })
}

/// Reads rules and configuration; without a name, `./piperoll.toml` if it is there.
pub(super) fn load(config: Option<&Path>, err: &mut dyn Write) -> Result<Loaded, Failure> {
    let rules = rules(err)?;
    let implied = PathBuf::from("piperoll.toml");
    let path = config
        .map(Path::to_owned)
        .or_else(|| implied.exists().then_some(implied));
    let Some(path) = path else {
        return bare(err);
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
        }),
        Err(problems) => {
            let _ = writeln!(err, "{problems}");
            Err(Failure::Reported(FailureKind::Usage))
        }
    }
}

/// The rules, without any configuration.
pub(super) fn bare(err: &mut dyn Write) -> Result<Loaded, Failure> {
    let rules = rules(err)?;
    let thresholds = rule::thresholds(&rules);
    Ok(Loaded {
        settings: Settings::without_file(&known(&thresholds)),
        rules,
        config: None,
    })
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
