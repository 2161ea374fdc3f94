//! The run of a pack once more: its own command line, over its own configuration.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::{ReportArgs, now};
use crate::assess::assess;
use crate::cli::load::ReadArgs;
use crate::cli::settings::{self, Loaded, OwnRules};
use crate::cli::{Failure, reports};
use crate::model::Timestamp;
use crate::pack::{Contents, Given, Readers, Recorded, Reviews, RunRecord, Workplace, write_pack};

/// Writes into `place` the pack that the recorded run writes when it runs again over `inputs`, or,
/// without any, over its own; `old` is the pack that it wrote.
pub(in crate::cli) fn again(
    args: &ReportArgs,
    recorded: &Recorded,
    inputs: &[String],
    (old, place): (&Path, &Workplace),
    err: &mut dyn Write,
) -> Result<(), Failure> {
    let there = |path: &Path| recorded.directory.join(path);
    let given = args.rules.own(args.sigma.as_deref());
    let (rules, sigma) = (given.rules.map(there), given.sigma.map(there));
    let own = OwnRules {
        rules: rules.as_deref(),
        sigma: sigma.as_deref(),
    };
    let mut loaded = match place.configuration(recorded)? {
        Some(copy) => settings::load(Some(&copy), own, err)?,
        None => settings::bare(own, err)?,
    };
    args.rules.choose(&mut loaded)?;
    let read = read_args(args, recorded, inputs, &mut loaded);
    let previous = args.previous.as_deref().map(there);
    let previous = previous.as_deref().map(Contents::open).transpose()?;
    let (pack, _) = super::formats::outputs(&args.output)?;
    let sheets: Vec<PathBuf> = args.reviews.iter().map(|path| there(path)).collect();
    let reviews = Reviews::read(&sheets)?;
    let shown = args.templates.as_deref().map(there);
    let templates = reports::own(shown.as_deref())?;
    let mut except = vec![there(&pack), old.to_owned()];
    except.extend(shown);
    let estate = read.read_watched(&loaded, &except, err, &mut ())?;
    let assessment = assess(&estate, &loaded.rules, &loaded.settings, &mut ())?;
    let record = RunRecord {
        command_line: &[],
        directory: "",
        binary_sha256: "",
        build: crate::pack::Build::default(),
        host: "",
        user: "",
        started_by: &std::collections::BTreeMap::new(),
        started: now(),
        clock: now,
        inputs: &[],
        readable_by: Readers::Owner,
        timings: None,
    };
    write_pack(
        &estate,
        &assessment,
        &loaded.settings,
        Given {
            previous: previous.as_ref(),
            reviews: &reviews,
            templates: &templates,
        },
        &place.pack(),
        &record,
    )?;
    Ok(())
}

/// What the run read, as seen from where it ran.
fn read_args(
    args: &ReportArgs,
    recorded: &Recorded,
    inputs: &[String],
    loaded: &mut Loaded,
) -> ReadArgs {
    let there = |path: &Path| recorded.directory.join(path);
    let mut read = args.read.clone();
    // The configuration is no input, wherever it lies.
    if recorded.configuration.is_some() {
        let named = read.config.take();
        loaded.config = Some(there(&named.unwrap_or_else(|| "piperoll.toml".into())));
    }
    if !inputs.is_empty() {
        read.inputs = inputs.to_vec();
    } else {
        if read.inputs.is_empty() {
            read.inputs.clone_from(&loaded.settings.input_paths);
        }
        for input in &mut read.inputs {
            *input = there(Path::new(input)).display().to_string();
        }
    }
    // A period by name is of the day on which it is said.
    if read.period.take().is_some() {
        read.from = Timestamp::parse_date_or_time(&recorded.from);
        read.to = Timestamp::parse_date_or_time(&recorded.to);
    }
    read
}
