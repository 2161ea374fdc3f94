//! `piperoll inputs`: what can be read, how it is exported, and which rules it unlocks.

mod catalogue;

use std::collections::BTreeSet;
use std::io::{self, Write};

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::{DONE, Failure};
use crate::report::escaped;
use crate::rule::Rule;
use catalogue::{INPUTS, Input, SCRIPTS};

/// Arguments of `piperoll inputs`.
#[derive(Args, Debug)]
pub(super) struct InputsArgs {
    /// vault, gitlab, gcp, okta, hoop, mesh or aws; all of them when none is named
    #[arg(value_name = "SYSTEM")]
    system: Option<String>,
    /// Print the script that exports: vault (its policy: vault-policy), gitlab, gcp, okta, mesh, aws
    #[arg(long, value_name = "SYSTEM", conflicts_with_all = ["system", "format"])]
    script: Option<String>,
    /// How the list is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// How the list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON document
    Json,
}

/// One input as JSON tells it.
#[derive(Serialize)]
struct Out<'a> {
    system: &'a str,
    input: &'a str,
    path: &'a str,
    right: &'a str,
    command: &'a str,
    trap: &'a str,
    rules: BTreeSet<&'a str>,
}

#[derive(Serialize)]
struct List<'a> {
    schema: &'static str,
    inputs: Vec<Out<'a>>,
}

/// Runs the command: 0 told, 2 a name is no system.
pub(super) fn run(
    args: &InputsArgs,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Failure> {
    if let Some(name) = &args.script {
        return script(system(name), out);
    }
    let mut systems: Vec<&str> = INPUTS.iter().map(|input| input.system).collect();
    systems.dedup();
    let asked = args.system.as_deref().map(system);
    if let Some(name) = asked.filter(|name| !systems.contains(name)) {
        let help = format!("the systems are {}", systems.join(", "));
        return Err(Failure::usage(
            format!("there is no system `{name}`"),
            &help,
        ));
    }
    let rules = super::settings::rules(err)?;
    let wanted = |input: &&Input| asked.is_none_or(|name| name == input.system);
    let inputs = INPUTS.iter().filter(wanted);
    match args.format {
        Format::Text => text(inputs, &rules, out)?,
        Format::Json => {
            let inputs = inputs.map(|input| told(input, &rules)).collect();
            let schema = "piperoll/inputs/1";
            escaped::to_writer_pretty(&mut *out, &List { schema, inputs })?;
            writeln!(out)?;
        }
    }
    Ok(DONE)
}

/// The name of a system by what people may call it: the mesh that is read is Kuma.
fn system(name: &str) -> &str {
    match name {
        "kuma" => "mesh",
        name => name,
    }
}

fn script(name: &str, out: &mut dyn Write) -> Result<u8, Failure> {
    let Some((_, script)) = SCRIPTS.iter().find(|(known, _)| *known == name) else {
        let names: Vec<&str> = SCRIPTS.iter().map(|(name, _)| *name).collect();
        let help = format!("there is one for {}", names.join(", "));
        return Err(Failure::usage(
            format!("there is no script for `{name}`"),
            &help,
        ));
    };
    out.write_all(script.as_bytes())?;
    Ok(DONE)
}

fn told<'a>(input: &'a Input, rules: &'a [Rule]) -> Out<'a> {
    Out {
        system: input.system,
        input: input.what,
        path: input.path,
        right: input.right,
        command: input.command,
        trap: input.trap,
        rules: unlocked(input, rules),
    }
}

/// The rules that look at something that an input brings.
fn unlocked<'r>(input: &Input, rules: &'r [Rule]) -> BTreeSet<&'r str> {
    // What says more than the source alone is what a rule asks for.
    let (narrow, wide): (Vec<&str>, Vec<&str>) = input
        .brings
        .iter()
        .partition(|name| !name.ends_with("-config") && **name != "gcp-audit");
    let asks = |rule: &&Rule| {
        let looks_at = rule.requires.looks_at();
        let names = |wanted: &[&str]| looks_at.iter().any(|name| wanted.contains(name));
        names(&narrow)
            || (names(&wide)
                && !INPUTS.iter().any(|other| {
                    let more = other.brings.iter().filter(|name| !wide.contains(name));
                    let more: Vec<&str> = more.copied().collect();
                    other.system == input.system && names(&more)
                }))
    };
    rules
        .iter()
        .filter(asks)
        .map(|rule| rule.id.as_str())
        .collect()
}

fn text<'i>(
    inputs: impl Iterator<Item = &'i Input>,
    rules: &[Rule],
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut system = "";
    for input in inputs {
        if input.system != system {
            system = input.system;
            writeln!(out, "{system}")?;
        }
        writeln!(out, "  {}", input.what)?;
        let unlocked = unlocked(input, rules);
        let rules = match unlocked.len() {
            0 => "joins and names".to_owned(),
            count => {
                let ids: Vec<&str> = unlocked.into_iter().collect();
                format!("{count}: {}", ids.join(" "))
            }
        };
        for (what, words) in [
            ("path", input.path),
            ("right", input.right),
            ("export", input.command),
            ("mind", input.trap),
            ("rules", &rules),
        ] {
            if !words.is_empty() {
                line(out, what, words)?;
            }
        }
    }
    writeln!(
        out,
        "\nEverything goes below one directory. What a file is, is told from its content; the end of\nits path names it. Then: piperoll report exports/ -o evidence"
    )
}

/// The width of what is told of an input.
const WIDTH: usize = 88;

/// A line, broken between words where it is long.
fn line(out: &mut dyn Write, what: &str, words: &str) -> io::Result<()> {
    let mut rest = words.split(' ').peekable();
    let mut what = what;
    while rest.peek().is_some() {
        let mut line = String::new();
        while let Some(word) = rest
            .next_if(|word| line.is_empty() || line.chars().count() + word.chars().count() < WIDTH)
        {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        writeln!(out, "    {what:<7} {line}")?;
        what = "";
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::{formats, guesses};
    use crate::posture::{CLASSES, OWNERS};
    use crate::rule::in_words;

    /// What no export brings: its digests come with CloudTrail's log, receipts from whoever collects.
    const NOT_EXPORTED: [&str; 2] = ["cloudtrail-digest", "collection"];

    #[test]
    fn every_source_has_words_and_an_export_whose_place_tells_it() {
        let sources = formats().into_iter().map(|format| format.about().source);
        for name in sources.map(|source| source.name) {
            if NOT_EXPORTED.contains(&name) {
                continue;
            }
            assert_ne!(in_words(name), format!("`{name}`"), "src/rule/requires.rs");
            let brings = |input: &&Input| input.brings.iter().any(|what| is_of(what, name));
            let told = INPUTS.iter().filter(brings).map(|input| input.path);
            let told: Vec<&str> = told.collect();
            assert!(!told.is_empty(), "{name}: src/cli/inputs/catalogue.rs");
            let places = told.iter().flat_map(|path| alternatives(path));
            let mut guessed = places.map(|place| guesses(&place));
            assert!(
                guessed.any(|guesses| guesses.contains(&name)),
                "{name} at {told:?}: src/estate/guess.rs"
            );
        }
    }

    /// The paths that `{a,b}` in one stands for.
    fn alternatives(path: &str) -> Vec<String> {
        let braced = path
            .split_once('{')
            .and_then(|(before, rest)| Some((before, rest.split_once('}')?)));
        let Some((before, (names, after))) = braced else {
            return vec![path.to_owned()];
        };
        let names = names.split(',');
        names.map(|name| format!("{before}{name}{after}")).collect()
    }

    /// Whether what an input brings is a source, or a log of it.
    fn is_of(what: &str, source: &str) -> bool {
        let rest = what.strip_prefix(source);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    #[test]
    fn every_source_and_thing_that_rules_ask_for_is_told() {
        let rules = crate::rule::embedded().unwrap();
        let brings: BTreeSet<&str> = INPUTS.iter().flat_map(|i| i.brings).copied().collect();
        for rule in &rules {
            for name in rule.requires.looks_at() {
                // Which Google accounts Vault issues for comes with the other exports of Vault.
                let told = brings.contains(name) || name == "vault-gcp-account";
                // Settings come with `piperoll.toml`.
                let told = told
                    || [OWNERS, CLASSES, "people.admins", "people.break_glass"].contains(&name);
                assert!(told, "{}: {name}", rule.id);
            }
        }
    }

    #[test]
    fn every_rule_that_needs_an_input_is_unlocked_by_one() {
        let rules = crate::rule::embedded().unwrap();
        let mut told: BTreeSet<&str> = BTreeSet::new();
        for input in INPUTS {
            told.extend(unlocked(input, &rules));
        }
        for rule in rules
            .iter()
            .filter(|rule| !rule.requires.looks_at().is_empty())
        {
            assert!(told.contains(rule.id.as_str()), "{}", rule.id);
        }
    }
}
