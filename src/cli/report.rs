//! `piperoll report`: the main job.

mod again;
mod formats;
mod lock;
mod machine;
mod next_step;
mod summary;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::value::RawValue;

use super::format::SummaryFormat;
use super::load::{ReadArgs, say_unreadable};
use super::rule_choice::{FailOn, FailOnParser, RuleArgs};
use super::settings::Loaded;
use super::stopwatch::Stopwatch;
use super::tables::MadeOf;
use super::{DONE, FINDINGS, Failure, INPUT, reports};
use crate::assess::{Answers, Assessment, assess_answered, questions};
use crate::estate::Estate;
use crate::model::{Timestamp, name_as_text, secret};
use crate::pack::{self, Contents, Given, InputFile, Readers, Reviews, RunRecord};
use crate::pack::{can_be_written, readiness, write_pack};
use crate::report::visible;
use machine::{BUILD, Machine};
use summary::Summary;

pub(super) use again::again;

/// Reads logs and exports, joins them on identity, runs every rule whose inputs are there, and
/// writes the evidence pack.
#[derive(Args, Debug)]
pub(super) struct ReportArgs {
    #[command(flatten)]
    pub(super) read: ReadArgs,
    /// Directory of the evidence pack (default `evidence`); must be empty or not exist. With
    /// FORMAT=FILE, repeatable, the findings beside it: sarif, junit, oscal, oscal-catalog, ocsf,
    /// markdown, csv, json, ndjson, codequality, text
    #[arg(short, long, value_name = "DIR|FORMAT=FILE", value_parser = formats::output)]
    output: Vec<formats::Output>,
    /// The pack of the period before: the page says what changed since, and the manifest chains its
    /// digest
    #[arg(long, value_name = "PACK")]
    previous: Option<PathBuf>,
    /// A worksheet of an earlier pack, filled in by a reviewer; repeatable. Its decisions stand
    /// beside their rows again
    #[arg(long, value_name = "FILE")]
    reviews: Vec<PathBuf>,
    /// Templates of the page, in place of the program's own of their names (`piperoll reports init`)
    #[arg(long, value_name = "DIR")]
    templates: Option<PathBuf>,
    /// Exit with 1 when an open finding is at or above this severity; none, the default: never
    #[arg(long, value_name = "SEVERITY", value_parser = FailOnParser, default_value = "none", hide_default_value = true)]
    fail_on: FailOn,
    #[command(flatten)]
    rules: RuleArgs,
    /// Ask the Sigma rules in these files too, as far as the tables hold what they name; one that
    /// cannot be asked is not assessed and says why (`piperoll rules check --sigma`)
    #[arg(long, value_name = "DIR")]
    sigma: Option<PathBuf>,
    /// Exit with 3 when less than this share of some log file could be read (0 to 1)
    #[arg(long, value_name = "SHARE", value_parser = share)]
    min_coverage: Option<f64>,
    /// Who may read the pack, whatever the umask: the account that runs, its group, or everybody
    #[arg(long, value_enum, default_value_t = ReadableBy::Owner)]
    readable_by: ReadableBy,
    /// Hold this file locked while the run lasts, and end with 3 where another run holds it
    #[arg(long, value_name = "FILE")]
    lock: Option<PathBuf>,
    /// Leave host and account out of run.json
    #[arg(long)]
    no_host_info: bool,
    /// Say nothing on standard output; errors are still said
    #[arg(short, long)]
    quiet: bool,
    /// Say on standard error, and in run.json, what each phase and rule took: time, memory
    #[arg(long)]
    timings: bool,
    /// How the summary is written
    #[arg(long, value_enum, default_value_t = SummaryFormat::Text)]
    format: SummaryFormat,
}

/// Who may read a pack.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum ReadableBy {
    /// Directories 0700, files 0600
    Owner,
    /// Directories 0750, files 0640
    Group,
    /// Directories 0755, files 0644
    All,
}

impl From<ReadableBy> for Readers {
    fn from(readers: ReadableBy) -> Readers {
        match readers {
            ReadableBy::Owner => Readers::Owner,
            ReadableBy::Group => Readers::Group,
            ReadableBy::All => Readers::All,
        }
    }
}

fn share(text: &str) -> Result<f64, String> {
    let share = text
        .parse::<f64>()
        .ok()
        .filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| format!("`{text}` is no share between 0 and 1, e.g. 0.99"))
}

/// The command as it was typed, and where it says what.
pub(super) struct Typed<'w> {
    words: &'w [OsString],
    out: &'w mut dyn Write,
    err: &'w mut dyn Write,
    told: &'w mut Option<Box<RawValue>>,
}

impl<'w> Typed<'w> {
    /// As it was typed; `told` becomes what came of it, as one JSON document, once that is known.
    pub(super) fn new(
        words: &'w [OsString],
        out: &'w mut dyn Write,
        err: &'w mut dyn Write,
        told: &'w mut Option<Box<RawValue>>,
    ) -> Typed<'w> {
        Typed {
            words,
            out,
            err,
            told,
        }
    }
}

/// Runs the command; `answered` is where another engine wrote what it answered to rules in SQL, if
/// one was asked.
pub(super) fn run(
    args: &ReportArgs,
    answered: Option<&Path>,
    typed: Typed<'_>,
) -> Result<u8, Failure> {
    let (words, out, err) = (typed.words, typed.out, typed.err);
    let started = now();
    let _held = args.lock.as_deref().map(lock::held).transpose()?;
    let mut stopwatch = Stopwatch::new();
    let mut loaded = args
        .read
        .load_with(args.rules.own(args.sigma.as_deref()), err)?;
    args.rules.choose(&mut loaded)?;
    let (pack, targets) = formats::outputs(&args.output)?;
    // Said before hours of reading, not after.
    can_be_written(&pack)?;
    formats::can_be_written(&targets)?;
    let previous = args.previous.as_deref().map(Contents::open).transpose()?;
    let reviews = Reviews::read(&args.reviews)?;
    let templates = reports::own(args.templates.as_deref())?;
    let except = no_inputs(args, &pack);
    let estate = args
        .read
        .read_watched(&loaded, &except, err, &mut stopwatch)?;
    let assessment = judged(answered, &loaded, &estate, &mut stopwatch)?;
    let command_line = command_line(words);
    let inputs = input_files(&estate);
    let machine = Machine::of(args.no_host_info);
    let record = RunRecord {
        command_line: &command_line,
        directory: &machine.directory,
        binary_sha256: &machine.binary,
        build: BUILD,
        host: &machine.host,
        user: &machine.user,
        started_by: &machine.started_by,
        started,
        clock: now,
        inputs: &inputs,
        readable_by: args.readable_by.into(),
        timings: args.timings.then_some(&stopwatch as &dyn pack::Stopwatch),
    };
    let given = Given {
        previous: previous.as_ref(),
        reviews: &reviews,
        templates: &templates,
    };
    let settings = &loaded.settings;
    let packed = write_pack(&estate, &assessment, settings, given, &pack, &record)?;
    formats::write(&targets, &estate, &assessment)?;
    if args.timings {
        stopwatch.text(err)?;
    }
    let summary = Summary::new(&estate, &assessment, &packed.directory);
    *typed.told = Some(summary.raw()?);
    let code = conclude(args, &estate, &assessment, &summary, (out, err))?;
    Ok(if loaded.faults > 0 { INPUT } else { code })
}

/// Files and directories that are no inputs, wherever they lie.
fn no_inputs(args: &ReportArgs, pack: &Path) -> Vec<PathBuf> {
    // A worksheet that lies among the inputs is one of them: what was reviewed is evidence too.
    let mut except = vec![pack.to_owned()];
    except.extend(args.templates.clone());
    except.extend(args.lock.clone());
    except
}

/// What the rules say, by what another engine answered, if one was asked.
fn judged(
    answered: Option<&Path>,
    loaded: &Loaded,
    estate: &Estate,
    stopwatch: &mut Stopwatch,
) -> Result<Assessment, Failure> {
    let (rules, settings) = (&loaded.rules, &loaded.settings);
    let answers = match answered {
        Some(directory) => {
            let made_of = MadeOf::new(loaded, estate).digest()?;
            let asked = questions(rules, settings);
            Some(Answers::read(directory, made_of, &asked)?)
        }
        None => None,
    };
    let answers = answers.as_ref();
    Ok(assess_answered(
        estate, rules, settings, answers, stopwatch,
    )?)
}

/// Says what came of it and what is short; returns the exit code.
fn conclude(
    args: &ReportArgs,
    estate: &Estate,
    assessment: &Assessment,
    summary: &Summary<'_>,
    (out, err): (&mut dyn Write, &mut dyn Write),
) -> Result<u8, Failure> {
    say_join_readiness(estate, err)?;
    match (args.quiet, args.format) {
        (true, _) => {}
        (false, SummaryFormat::Text) => summary.text(out)?,
        (false, SummaryFormat::Json) => summary.json(out)?,
    }
    if !say_shortfalls(args, estate, err)? {
        return Ok(INPUT);
    }
    let gated = args
        .fail_on
        .0
        .is_some_and(|least| assessment.worst_open().is_some_and(|worst| worst >= least));
    Ok(if gated { FINDINGS } else { DONE })
}

/// Says which inputs could not be read, and whether all that was asked for was there.
fn say_shortfalls(args: &ReportArgs, estate: &Estate, err: &mut dyn Write) -> io::Result<bool> {
    say_unreadable(estate, err)?;
    let short = args.min_coverage.and_then(|least| below(estate, least));
    if let Some((file, share)) = &short {
        writeln!(
            err,
            "error: only {share:.4} of `{}` could be read, less than --min-coverage",
            visible(file)
        )?;
    }
    let events: u64 = estate.coverage.iter().map(|file| file.in_period).sum();
    let there = if !estate.period.is_known() {
        say_undated(estate, err)?;
        reads_without_times(estate)
    } else {
        if events == 0 {
            writeln!(
                err,
                "error: no event lies in the period {} to {}\n  help: the pack was written and says so; check --from and --to against coverage.csv",
                estate.period.from, estate.period.to
            )?;
        }
        events > 0
    };
    Ok(there && short.is_none() && estate.unreadable.is_empty())
}

/// Whether inputs were recognised and read whole, though nothing in them is dated.
fn reads_without_times(estate: &Estate) -> bool {
    let read = estate.coverage.iter().any(|file| file.parsed > 0);
    read && estate.coverage.iter().all(|file| file.rejected == 0)
}

/// No period was given, and none could be derived.
fn say_undated(estate: &Estate, err: &mut dyn Write) -> io::Result<()> {
    if reads_without_times(estate) {
        return writeln!(
            err,
            "note: the period could not be derived: no record that was read has a time\n  help: say --from and --to, and --as-of if waivers are to hold"
        );
    }
    let what = if estate.coverage.iter().any(|file| file.parsed > 0) {
        "no record that was read has a time, and others could not be read"
    } else {
        "nothing in the inputs was recognised"
    };
    writeln!(
        err,
        "error: {what}: the period could not be derived\n  help: the pack was written and says so; see coverage.csv and rejected_lines.csv"
    )
}

/// The worst log file, if less of it than `least` could be read.
fn below(estate: &Estate, least: f64) -> Option<(String, f64)> {
    estate
        .coverage
        .iter()
        .filter(|file| file.is_log && file.parsed + file.rejected > 0)
        .map(|file| {
            (
                file.path.clone(),
                file.parsed as f64 / (file.parsed + file.rejected) as f64,
            )
        })
        .filter(|(_, share)| *share < least)
        .min_by(|a, b| a.1.total_cmp(&b.1))
}

/// With Vault's log alone, what would make its logins traceable is the first thing to know.
fn say_join_readiness(estate: &Estate, err: &mut dyn Write) -> io::Result<()> {
    let sources: std::collections::BTreeSet<&str> = estate
        .coverage
        .iter()
        .filter(|file| file.parsed > 0 && file.is_log)
        .map(|file| file.source.as_str())
        .collect();
    if !sources.contains("vault") || sources.len() > 1 {
        return Ok(());
    }
    let mut said = false;
    for role in readiness(estate)
        .iter()
        .filter(|role| !role.missing_claims.is_empty())
    {
        if !said {
            writeln!(
                err,
                "Vault's log alone was given. Logins that could not be traced even with GitLab and Google logs beside it:"
            )?;
            said = true;
        }
        let missing = role.missing_claims.join(", ");
        writeln!(
            err,
            "  {}: {} login(s) lack {missing}; mend it with: {}",
            visible(&role.role),
            role.logins,
            visible(&role.remedy)
        )?;
    }
    Ok(())
}

fn input_files(estate: &Estate) -> Vec<InputFile> {
    estate
        .files
        .iter()
        .map(|file| {
            let path = file.path.as_deref();
            let absolute = path.and_then(|path| std::path::absolute(path).ok());
            let modified = path.and_then(|path| path.metadata().ok()?.modified().ok());
            InputFile {
                path: file.name.clone(),
                absolute: absolute.as_deref().map_or_else(|| "-".to_owned(), shown),
                outside: file.outside.as_deref().map(shown),
                modified: modified.map(|time| {
                    Timestamp(chrono::DateTime::<chrono::Utc>::from(time).timestamp_micros())
                }),
            }
        })
        .collect()
}

/// A path without the secrets in it, from which its bytes can be told.
fn shown(path: &Path) -> String {
    secret::redact(&name_as_text(path.as_os_str()))
}

fn now() -> Timestamp {
    Timestamp(chrono::Utc::now().timestamp_micros())
}

/// The words as text.
fn command_line(words: &[OsString]) -> Vec<String> {
    let words = words.iter().map(|word| word.to_string_lossy());
    words.map(std::borrow::Cow::into_owned).collect()
}
