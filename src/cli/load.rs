//! Options that every reading command shares, and what they make of configuration and inputs.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::Failure;
use super::memory::{self, MemorySize};
use super::period::{NamedPeriod, named};
use super::progress::Progress;
use super::settings::{self, Loaded, OwnRules, links, time};
use crate::estate::{Estate, JoinedEstate, Request};
use crate::model::{Digest, Period, Timestamp, Watch};
use crate::pack::VERSION;
use crate::report::visible;
use crate::source::InputFile;
use crate::store::InputStore;

/// Where to read and which period to look at.
#[derive(Args, Clone, Debug)]
pub(super) struct ReadArgs {
    /// Files, directories (recursive), globs, or `-` for standard input; default: `[input] paths`
    #[arg(value_name = "INPUT")]
    pub(super) inputs: Vec<String>,
    /// Read what `piperoll ingest` keeps there, instead of INPUT
    #[arg(long, value_name = "DIR", conflicts_with_all = ["inputs", "no_follow"])]
    pub(super) store: Option<PathBuf>,
    /// Configuration file; default: ./piperoll.toml if it is there
    #[arg(short, long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Start of the period: RFC 3339, or a date meaning 00:00 UTC
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(super) from: Option<Timestamp>,
    /// End of the period, itself outside
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(super) to: Option<Timestamp>,
    /// The period by its name: last-month, last-quarter (both before --as-of, else before now),
    /// 2026-Q3, 2026-09 or 2026
    #[arg(long, value_name = "NAME", value_parser = named, conflicts_with_all = ["from", "to"])]
    pub(super) period: Option<NamedPeriod>,
    /// The moment the run speaks from: waiver expiry, ages; default: the end of the period
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(super) as_of: Option<Timestamp>,
    /// Refuse files that only a link out of the inputs leads to; without it they are named
    #[arg(long)]
    pub(super) no_follow: bool,
    /// The most memory to hold, e.g. 512MiB, 8GiB; what needs more ends with 3 and leaves nothing
    #[arg(long, value_name = "SIZE")]
    pub(super) memory: Option<MemorySize>,
}

impl ReadArgs {
    /// Reads rules and configuration.
    pub(super) fn load(&self, err: &mut dyn Write) -> Result<Loaded, Failure> {
        self.load_with(OwnRules::default(), err)
    }

    /// The same with one's own rules.
    pub(super) fn load_with(
        &self,
        own: OwnRules<'_>,
        err: &mut dyn Write,
    ) -> Result<Loaded, Failure> {
        self.memory.map_or(Ok(()), memory::limit)?;
        settings::load(self.config.as_deref(), own, err)
    }

    /// The period that is named, if one is; the clock is asked only where nothing says the moment.
    fn named(&self, loaded: &Loaded) -> Result<Option<Period>, Failure> {
        let Some(name) = self.period else {
            return Ok(None);
        };
        let as_of = self.as_of.or(loaded.settings.period.as_of);
        let now = || Timestamp(chrono::Utc::now().timestamp_micros());
        match name.bounds(as_of.unwrap_or_else(now)) {
            Some(period) => Ok(Some(period)),
            None => {
                let help = "write a year of the calendar, e.g. 2026-Q3";
                Err(Failure::usage("the period lies beyond the calendar", help))
            }
        }
    }

    /// Reads the inputs.
    pub(super) fn read(
        &self,
        loaded: &Loaded,
        output: Option<&Path>,
        err: &mut dyn Write,
    ) -> Result<Estate, Failure> {
        let output: Vec<PathBuf> = output.map(Path::to_owned).into_iter().collect();
        self.read_watched(loaded, &output, err, &mut ())
    }

    /// The same, where nothing in `outputs` is an input; `watch` is told of the phases.
    pub(super) fn read_watched(
        &self,
        loaded: &Loaded,
        outputs: &[PathBuf],
        err: &mut dyn Write,
        watch: &mut dyn Watch,
    ) -> Result<Estate, Failure> {
        // The joins are let go here.
        Ok(self.joined(loaded, outputs, err, watch)?.tabled)
    }

    /// The same with its joins, for who walks them.
    pub(super) fn read_joined(
        &self,
        loaded: &Loaded,
        err: &mut dyn Write,
    ) -> Result<JoinedEstate, Failure> {
        self.joined(loaded, &[], err, &mut ())
    }

    fn joined(
        &self,
        loaded: &Loaded,
        outputs: &[PathBuf],
        err: &mut dyn Write,
        watch: &mut dyn Watch,
    ) -> Result<JoinedEstate, Failure> {
        let config = loaded.config.iter().cloned();
        let except: Vec<PathBuf> = config.chain(outputs.iter().cloned()).collect();
        let named = self.named(loaded)?;
        // Relative `[input] paths` are meant from where the command runs, as typed ones are.
        let config = loaded.config.as_ref().and_then(|path| path.file_name());
        let request = Request {
            inputs: &self.inputs,
            except: &except,
            links: links(self.no_follow),
            settings: &loaded.settings,
            config_file: &config
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default(),
            from: self.from.or(named.map(|period| period.from)),
            to: self.to.or(named.map(|period| period.to)),
            as_of: self.as_of,
        };
        let mut progress = Progress::new(watch);
        let estate = match &self.store {
            Some(directory) => {
                let store = InputStore::open(directory)?;
                JoinedEstate::read_store(store, &request, &mut progress)
            }
            None => JoinedEstate::read(&request, &mut progress),
        };
        progress.finish(err);
        let estate = estate?;
        say_links(&estate.tabled.files, err);
        Ok(estate)
    }

    /// The digest of what joined tables are made of beside what a store holds: the version, the
    /// configuration, and the period and moment that were asked for.
    pub(super) fn made_of(&self, loaded: &Loaded) -> Result<Digest, Failure> {
        let name = loaded.config.as_ref().and_then(|path| path.file_name());
        let name = name.map(|name| name.to_string_lossy());
        let text = loaded.config_sha256();
        let named = self.named(loaded)?;
        let from = self.from.or(named.map(|period| period.from));
        let to = self.to.or(named.map(|period| period.to));
        let [from, to, as_of] = [from, to, self.as_of].map(|at| at.map(|at| at.to_string()));
        let made_of = json!([VERSION, name, text, from, to, as_of]);
        Ok(Digest::of(made_of.to_string()))
    }
}

/// Says which inputs only a link leads to.
pub(super) fn say_links(files: &[InputFile], err: &mut dyn Write) {
    for told in InputFile::links_told(files) {
        let _ = writeln!(err, "note: {}", visible(&told));
    }
}

/// How many files a warning names.
const NAMED: usize = 20;

/// Says which inputs could not be read, and of which files an answer lacks what they hold; whether
/// every file could be read, if only in part.
pub(super) fn say_unread(estate: &Estate, err: &mut dyn Write) -> io::Result<bool> {
    say_unreadable(estate, err)?;
    let told = |path: &str| estate.unreadable.iter().any(|(file, _)| file == path);
    let damaged = estate.coverage.iter().filter(|file| file.rejected > 0);
    let damaged: Vec<_> = damaged.filter(|file| !told(&file.path)).collect();
    for file in damaged.iter().take(NAMED) {
        let mut lines = estate.rejected.iter();
        let first = lines.find(|line| line.path == file.path);
        let (line, why) = first.map_or((1, ""), |first| (first.line, first.reason.as_str()));
        let units = file.parsed + file.skipped + file.rejected;
        writeln!(
            err,
            "warning: `{}`: {} of {units} units could not be read; the first, on line {line}: {}",
            visible(&file.path),
            file.rejected,
            visible(why)
        )?;
    }
    if let Some(more @ 1..) = damaged.len().checked_sub(NAMED) {
        writeln!(err, "warning: {more} more files could not be read whole")?;
    }
    let mut files = estate.coverage.iter().filter(|file| file.bytes > 0);
    let strange = files.next().is_some_and(|file| file.parsed == 0)
        && files.all(|file| file.parsed == 0)
        && damaged.is_empty();
    if strange {
        writeln!(err, "error: nothing in the inputs was recognised")?;
    }
    let lost = strange || damaged.iter().any(|file| file.parsed == 0);
    Ok(!lost && estate.unreadable.is_empty())
}

/// Says which inputs could not be read.
pub(super) fn say_unreadable(estate: &Estate, err: &mut dyn Write) -> io::Result<()> {
    for (file, reason) in &estate.unreadable {
        let (file, reason) = (visible(file), visible(reason));
        writeln!(err, "error: `{file}` could not be read: {reason}")?;
    }
    Ok(())
}
