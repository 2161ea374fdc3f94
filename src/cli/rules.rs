//! `piperoll rules`: what is in the box, and proof that it works.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};

use super::settings::OwnRules;
use super::{DONE, Failure, rule_choice, settings};
use crate::assess;
use crate::disk;
use crate::model::FailureKind;
use crate::report::{escaped, visible};
use crate::rule::{self, Rule, RuleError, catalogue, page};

/// Lists, explains, checks and proves rules.
#[derive(Args, Debug)]
pub struct RulesArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// List every rule: id, severity, kind, title
    List {
        /// Text for people, or JSON with what each rule asks, needs and maps to
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
        #[command(flatten)]
        own: Own,
    },
    /// Explain one rule: question, logic, needs, SQL, mapping, examples
    Explain {
        /// Rule id, e.g. VLT-EVT-001
        id: String,
        #[command(flatten)]
        own: Own,
    },
    /// Write a page of Markdown for each rule, and their list (README.md)
    Pages {
        /// Folder that they are written to; pages of the same names are replaced
        dir: PathBuf,
        #[command(flatten)]
        own: Own,
    },
    /// Write the file of a new rule, sound and proven, to begin from
    New {
        /// Its id, e.g. OWN-001
        id: String,
        /// Folder that it is written to
        #[arg(long, value_name = "DIR", default_value = "rules")]
        rules: PathBuf,
    },
    /// Check rule files: keys, placeholders, the portable SQL subset, and the examples of a lint
    Check {
        /// Rule files, or folders of them; the built-in rules when none is named
        files: Vec<PathBuf>,
        /// Say of the Sigma rules in these files which can be asked, and why the others cannot
        #[arg(long, value_name = "DIR", conflicts_with = "files")]
        sigma: Option<PathBuf>,
    },
    /// Prove rules by their own examples
    Test {
        /// Rule files, or folders of them; the built-in rules when none is named
        files: Vec<PathBuf>,
    },
}

/// Whose rules.
#[derive(Args, Debug, Default)]
struct Own {
    /// The rules in these files too, in place of those in the box with the same id
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
}

/// How the list is written.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One document of JSON
    Json,
}

/// Runs the command: 0 done, 1 an example differs, 2 a rule or id is wrong.
pub(super) fn run(
    args: &RulesArgs,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Failure> {
    match &args.action {
        Action::List { format, own } => {
            let rules = sound(own, err)?;
            match format {
                Format::Text => print(out, &catalogue::list(&rules)),
                Format::Json => {
                    escaped::to_writer_pretty(&mut *out, &catalogue::listed(&rules))?;
                    print(out, "\n")
                }
            }
        }
        Action::Explain { id, own } => explain(&sound(own, err)?, id, out),
        Action::Pages { dir, own } => pages(&sound(own, err)?, dir, out),
        Action::New { id, rules } => new(id, rules, out),
        Action::Check {
            sigma: Some(folder),
            ..
        } => check_sigma(folder, out, err),
        Action::Check { files, .. } => check(&load(files, err)?, out, err),
        Action::Test { files } => test(&load(files, err)?, out, err),
    }
}

fn print(out: &mut dyn Write, text: &str) -> Result<u8, Failure> {
    out.write_all(text.as_bytes())?;
    Ok(DONE)
}

/// The rules in the box and one's own; a wrong file of those is a failure here.
fn sound(own: &Own, err: &mut dyn Write) -> Result<Vec<Rule>, Failure> {
    let given = OwnRules {
        rules: own.rules.as_deref(),
        sigma: None,
    };
    match settings::rules_to_show(given, err)? {
        (rules, 0) => Ok(rules),
        _ => Err(Failure::Reported(FailureKind::Usage)),
    }
}

/// Writes the pages of rules and their list.
fn pages(rules: &[Rule], folder: &Path, out: &mut dyn Write) -> Result<u8, Failure> {
    let write = |name: String, text: String| {
        let path = folder.join(name);
        let unwritten = |error| Failure::unwritten(&path, &error, "choose another folder");
        std::fs::write(&path, text).map_err(unwritten)
    };
    std::fs::create_dir_all(folder)?;
    for rule in rules {
        write(format!("{}.md", rule.id), page::page(rule))?;
    }
    write("README.md".to_owned(), page::index(rules))?;
    print(out, &format!("{} pages\n", rules.len()))
}

/// Writes a rule to begin from; never over a file.
fn new(id: &str, folder: &Path, out: &mut dyn Write) -> Result<u8, Failure> {
    let fits = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-';
    if !id.starts_with(|c: char| c.is_ascii_uppercase()) || !id.chars().all(fits) {
        let what = format!("`{}` is no id of a rule", crate::report::visible(id));
        return Err(Failure::usage(
            what,
            "write capital letters, digits and dashes: OWN-001",
        ));
    }
    std::fs::create_dir_all(folder)?;
    let path = folder.join(format!("{id}.toml"));
    let file = std::fs::File::create_new(&path);
    let mut file = file.map_err(|error| {
        let what = format!("cannot write `{}`: {error}", path.display());
        Failure::usage(what, "choose another id or folder")
    })?;
    file.write_all(rule::skeleton(id).as_bytes())?;
    print(out, &format!("{}\n", path.display()))
}

/// The named files, or the built-in rules; faults go to `err`.
fn load(files: &[PathBuf], err: &mut dyn Write) -> Result<Vec<Rule>, Failure> {
    let loaded = if files.is_empty() {
        rule::embedded()
    } else {
        from_files(files)
    };
    loaded.map_err(|faults| {
        for fault in faults {
            let _ = writeln!(err, "error: {fault}");
        }
        Failure::Reported(FailureKind::Usage)
    })
}

/// The files, those of folders by name.
fn spread(paths: &[PathBuf]) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        match settings::rule_files(path) {
            Ok(found) => files.extend(found.into_iter().map(|(name, _)| PathBuf::from(name))),
            // What cannot be listed is named as a file that cannot be read.
            Err(_) => files.push(path.clone()),
        }
    }
    files
}

fn from_files(files: &[PathBuf]) -> Result<Vec<Rule>, Vec<RuleError>> {
    let (mut rules, mut faults) = (Vec::new(), Vec::new());
    for path in &spread(files) {
        let name = path.display().to_string();
        let read = disk::text(path).map_err(|error| {
            vec![RuleError {
                file: name.clone(),
                line: None,
                message: error.to_string(),
                help: "name a rule file, e.g. rules/vault/VLT-EVT-001.toml".to_owned(),
            }]
        });
        match read.and_then(|text| rule::parse(&name, &text)) {
            Ok(rule) => rules.push(rule),
            Err(more) => faults.extend(more),
        }
    }
    if faults.is_empty() {
        Ok(rules)
    } else {
        Err(faults)
    }
}

fn check(rules: &[Rule], out: &mut dyn Write, err: &mut dyn Write) -> Result<u8, Failure> {
    let missing: Vec<String> = rules.iter().flat_map(rule::missing).collect();
    for fault in &missing {
        writeln!(err, "error: {fault}")?;
    }
    if !missing.is_empty() {
        return Err(Failure::Reported(FailureKind::Usage));
    }
    print(out, &format!("{} rules are sound\n", rules.len()))
}

/// Says of Sigma rules which can be asked: 0, or 2 where a file holds none.
fn check_sigma(folder: &Path, out: &mut dyn Write, err: &mut dyn Write) -> Result<u8, Failure> {
    let set = settings::sigma_rules(folder)?;
    for rule in &set.rules {
        let (id, title) = (visible(&rule.id), visible(&rule.title));
        match &rule.broken {
            None => writeln!(out, "{id} {} {title}", rule.severity.as_str())?,
            Some(why) => writeln!(out, "{id} not asked: {title}: {}", visible(why))?,
        }
    }
    for (file, log) in &set.elsewhere {
        writeln!(
            out,
            "{} not read: a rule of {}",
            visible(file),
            visible(log)
        )?;
    }
    let unasked = set.rules.iter().filter(|rule| rule.broken.is_some());
    let unasked = unasked.count();
    writeln!(
        out,
        "{} Sigma rules can be asked, {unasked} cannot, {} are of other logs",
        set.rules.len() - unasked,
        set.elsewhere.len()
    )?;
    for fault in &set.faults {
        writeln!(err, "error: {}", visible(&fault.to_string()))?;
    }
    match set.faults.is_empty() {
        true => Ok(DONE),
        false => Err(Failure::Reported(FailureKind::Usage)),
    }
}

fn explain(rules: &[Rule], id: &str, out: &mut dyn Write) -> Result<u8, Failure> {
    print(out, &catalogue::explain(rule_choice::rule(rules, id)?))
}

fn test(rules: &[Rule], out: &mut dyn Write, err: &mut dyn Write) -> Result<u8, Failure> {
    let (mut proven, mut wrong) = (0u64, 0u64);
    let (provable, left): (Vec<&Rule>, Vec<&Rule>) = rules
        .iter()
        .partition(|rule| assess::example::provable(rule));
    if !left.is_empty() {
        writeln!(
            err,
            "note: {} rules in SQL are left out: proving them needs the cargo feature `tables`",
            left.len()
        )?;
    }
    for rule in &provable {
        for example in &rule.examples {
            match assess::example::prove(rule, example) {
                Ok(()) => proven += 1,
                Err(why) => {
                    wrong += 1;
                    writeln!(err, "error: {} \"{}\": {why}", rule.id, example.name)?;
                }
            }
        }
    }
    writeln!(
        out,
        "{} rules, {proven} examples proven, {wrong} wrong",
        provable.len()
    )?;
    Ok(u8::from(wrong > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(action: Action) -> (u8, String, String) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let answer = run(&RulesArgs { action }, &mut out, &mut err);
        let code = answer.unwrap_or_else(|failure| failure.end(&mut err));
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (code, text(out), text(err))
    }

    #[test]
    fn every_rule_is_listed_and_can_be_explained() {
        let (code, list, _) = call(Action::List {
            format: Format::Text,
            own: Own::default(),
        });
        assert_eq!(code, 0);
        for line in list.lines() {
            let id = line.split(' ').next().unwrap().to_owned();
            let (code, page, _) = call(Action::Explain {
                id: id.clone(),
                own: Own::default(),
            });
            assert_eq!(code, 0, "{id}");
            assert!(
                page.contains("question") && page.contains("remediation"),
                "{page}"
            );
        }
    }

    #[test]
    fn a_mistyped_id_gets_a_suggestion() {
        let (code, _, err) = call(Action::Explain {
            id: "vlt-evt-001x".to_owned(),
            own: Own::default(),
        });
        assert_eq!(code, 2);
        assert!(err.contains("VLT-EVT-001"), "{err}");
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let files = vec![PathBuf::from("no/such.toml")];
        let (code, _, err) = call(Action::Check { files, sigma: None });
        assert_eq!(code, 2);
        assert!(err.contains("no/such.toml"), "{err}");
    }
}
