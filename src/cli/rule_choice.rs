//! Which rules are asked, as the command line says it over `[rules]`.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{PossibleValue, TypedValueParser};

use super::Failure;
use super::settings::{Loaded, OwnRules};
use crate::config::{Named, meant};
use crate::model::Severity;
use crate::rule::Rule;

/// Which rules are asked.
#[derive(Args, Debug, Default)]
pub(super) struct RuleArgs {
    /// Ask these rules only: ids or their beginnings, e.g. VLT-POL-,JOI-003; overrides [rules] select
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    select: Vec<String>,
    /// Leave these rules out: they are not assessed; adds to [rules] ignore
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    ignore: Vec<String>,
    /// Ask the rules in these files too, in place of those in the box with the same id; a rule whose
    /// file is wrong is not assessed, and the command ends with 3
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
}

impl RuleArgs {
    /// Where one's own rules are, and those of Sigma.
    pub(super) fn own<'p>(&'p self, sigma: Option<&'p Path>) -> OwnRules<'p> {
        OwnRules {
            rules: self.rules.as_deref(),
            sigma,
        }
    }

    /// Puts the flags over what the file says.
    pub(super) fn choose(&self, loaded: &mut Loaded) -> Result<(), Failure> {
        let chosen = &mut loaded.settings.rules;
        let named = |flag: &str, names: &[String]| -> Vec<Named> {
            let names = names.iter();
            names.map(|name| Named::by_flag(flag, name)).collect()
        };
        if !self.select.is_empty() {
            chosen.select = named("--select", &self.select);
        }
        chosen.ignore.extend(named("--ignore", &self.ignore));
        let ids: Vec<&str> = loaded.rules.iter().map(|rule| rule.id.as_str()).collect();
        match chosen.unknown(&ids).first() {
            Some(problem) => {
                let what = format!("{}: {}", problem.file, problem.message);
                Err(Failure::usage(what, &problem.help))
            }
            None => Ok(()),
        }
    }
}

/// The rule of that id; ids may be written in small letters.
pub(super) fn rule<'r>(rules: &'r [Rule], id: &str) -> Result<&'r Rule, Failure> {
    let found = rules.iter().find(|rule| rule.id.eq_ignore_ascii_case(id));
    found.ok_or_else(|| {
        let ids: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
        Failure::usage(format!("there is no rule `{id}`"), &meant(id, &ids))
    })
}

/// From which severity on a finding fails the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FailOn(pub(super) Option<Severity>);

/// Reads `high`, or `none`, and tells shells and the manual what else there is.
#[derive(Clone, Copy, Debug)]
pub(super) struct FailOnParser;

impl TypedValueParser for FailOnParser {
    type Value = FailOn;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<FailOn, clap::Error> {
        TypedValueParser::parse_ref(&fail_on, command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let severities = Severity::WORST_FIRST.into_iter().map(Severity::as_str);
        let words = severities.chain(["none"]);
        Some(Box::new(words.map(PossibleValue::new)))
    }
}

fn fail_on(text: &str) -> Result<FailOn, String> {
    if text == "none" {
        return Ok(FailOn(None));
    }
    let severity = text.parse().map(|severity| FailOn(Some(severity)));
    severity.map_err(|fault: String| format!("{fault}, none"))
}
