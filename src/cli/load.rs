//! Options that every reading command shares, and what they make of configuration and inputs.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::Failure;
use super::progress::Progress;
use super::settings::{self, Loaded, links, time};
use crate::estate::{Estate, Request};
use crate::model::Timestamp;
use crate::report::visible;
use crate::source::InputFile;

/// Where to read and which period to look at.
#[derive(Args, Debug)]
pub(super) struct ReadArgs {
    /// Files, directories (recursive), globs, or `-` for standard input; default: `[input] paths`
    #[arg(value_name = "INPUT")]
    pub(super) inputs: Vec<String>,
    /// Configuration file; default: ./piperoll.toml if it is there
    #[arg(short, long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Start of the period: RFC 3339, or a date meaning 00:00 UTC
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(super) from: Option<Timestamp>,
    /// End of the period, itself outside
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(super) to: Option<Timestamp>,
    /// The moment the run speaks from: waiver expiry, ages; default: the end of the period
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(super) as_of: Option<Timestamp>,
    /// Refuse files that only a link out of the inputs leads to; without it they are named
    #[arg(long)]
    pub(super) no_follow: bool,
}

impl ReadArgs {
    /// Reads rules and configuration.
    pub(super) fn load(&self, err: &mut dyn Write) -> Result<Loaded, Failure> {
        settings::load(self.config.as_deref(), err)
    }

    /// Reads the inputs.
    pub(super) fn read(
        &self,
        loaded: &Loaded,
        output: Option<&Path>,
        err: &mut dyn Write,
    ) -> Result<Estate, Failure> {
        let except: Vec<PathBuf> = loaded
            .config
            .iter()
            .cloned()
            .chain(output.map(Path::to_owned))
            .collect();
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
            from: self.from,
            to: self.to,
            as_of: self.as_of,
        };
        let mut progress = Progress::new();
        let estate = Estate::read(&request, &mut |file, bytes| progress.file(file, bytes));
        progress.finish(err);
        let estate = estate?;
        for told in InputFile::links_told(&estate.files) {
            let _ = writeln!(err, "note: {}", visible(&told));
        }
        Ok(estate)
    }
}
