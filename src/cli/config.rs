//! `piperoll config`: whether `piperoll.toml` is sound and meets its inputs, and what it may hold.

mod page;

use std::io::{self, Write};

use clap::{Args, Subcommand};

#[cfg(feature = "tables")]
use super::load::ReadArgs;
use super::settings::{self, Loaded};
use super::{DONE, Failure, USAGE};
#[cfg(feature = "tables")]
use crate::assess::assess;
use crate::report::{escaped, visible};
use crate::rule;

/// Arguments of `piperoll config`.
#[derive(Args, Debug)]
pub struct ConfigArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// Say every fault of the configuration, and with inputs which settings nothing in them matches
    #[cfg(feature = "tables")]
    Check(ReadArgs),
    /// Say every fault of the configuration
    #[cfg(not(feature = "tables"))]
    Check {
        /// Configuration file; default: ./piperoll.toml if it is there
        #[arg(short, long, value_name = "FILE")]
        config: Option<std::path::PathBuf>,
    },
    /// Print the JSON schema of piperoll.toml, for editors
    Schema,
    /// Print every table and key with its default, its meaning and the rules that use it (Markdown)
    Reference,
}

/// Runs the command: 0 sound, 2 a fault of the configuration, 3 inputs that cannot be read.
pub(super) fn run(
    args: &ConfigArgs,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Failure> {
    match &args.action {
        #[cfg(feature = "tables")]
        Action::Check(read) => check(read, out, err),
        #[cfg(not(feature = "tables"))]
        Action::Check { config } => {
            let loaded = settings::load(config.as_deref(), settings::OwnRules::default(), err)?;
            let found = sound(&loaded, out, err)?;
            Ok(if found { DONE } else { USAGE })
        }
        Action::Schema => {
            let thresholds = rule::thresholds(&settings::rules(err)?);
            escaped::to_writer_pretty(&mut *out, &crate::config::schema(&thresholds))?;
            writeln!(out)?;
            Ok(DONE)
        }
        Action::Reference => {
            out.write_all(page::page(&settings::rules(err)?).as_bytes())?;
            Ok(DONE)
        }
    }
}

/// Says what was read; whether there was a file to read.
fn sound(loaded: &Loaded, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<bool> {
    let Some(file) = &loaded.config else {
        writeln!(
            err,
            "error: there is no ./piperoll.toml\n  help: name a configuration with -c, or write one (`piperoll config reference` lists the keys)"
        )?;
        return Ok(false);
    };
    for warning in &loaded.settings.warnings {
        writeln!(err, "warning: {}", visible(&warning.to_string()))?;
    }
    writeln!(out, "{}: sound", visible(&file.display().to_string()))?;
    Ok(true)
}

/// The configuration by itself, and against the inputs where some are named.
#[cfg(feature = "tables")]
fn check(read: &ReadArgs, out: &mut dyn Write, err: &mut dyn Write) -> Result<u8, Failure> {
    let loaded = read.load(err)?;
    if !sound(&loaded, out, err)? {
        return Ok(USAGE);
    }
    if read.inputs.is_empty() {
        return Ok(DONE);
    }
    let estate = read.read(&loaded, None, err)?;
    let assessment = assess(&estate, &loaded.rules, &loaded.settings, &mut ())?;
    for setting in &assessment.unmatched {
        writeln!(out, "no match   {}", visible(setting))?;
    }
    for (setting, rules) in needed(&loaded) {
        let wait = if rules.len() == 1 { "waits" } else { "wait" };
        let setting = match setting {
            "people.admins.project" => "people.admins with a project (`gitlab:project/ID`)",
            setting => setting,
        };
        writeln!(
            out,
            "not set    {setting}: {} {wait} for it",
            rules.join(", ")
        )?;
    }
    Ok(DONE)
}

/// The settings that rules need and the configuration does not have.
#[cfg(feature = "tables")]
fn needed(loaded: &Loaded) -> std::collections::BTreeMap<&str, Vec<&str>> {
    let mut needed: std::collections::BTreeMap<&str, Vec<&str>> = Default::default();
    let facts = rule::Facts::new(std::collections::BTreeSet::new(), &loaded.settings);
    for rule in &loaded.rules {
        for setting in &rule.requires.settings {
            if !facts.settings.contains(setting) {
                needed.entry(setting).or_default().push(&rule.id);
            }
        }
    }
    needed
}
