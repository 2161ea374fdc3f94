//! `piperoll reports init DIR`: the templates of the page, to be changed; and how `report` takes
//! them.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::{DONE, Failure};
use crate::disk;
use crate::report::Templates;

/// The templates of the report's page.
#[derive(Args, Debug)]
pub(super) struct ReportsArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write the templates, the style and the script of the page, to be changed
    Init {
        /// A directory that is empty or not there
        #[arg(value_name = "DIR")]
        directory: PathBuf,
    },
}

/// Runs the command.
pub(super) fn run(args: &ReportsArgs, out: &mut dyn Write) -> Result<u8, Failure> {
    let Command::Init { directory } = &args.command;
    let name = directory.display();
    let cannot = |error: std::io::Error| {
        let what = format!("cannot write `{name}`: {error}");
        Failure::usage(what, "name a directory that can be written to")
    };
    let there = fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_some());
    if there {
        let help = "name a directory that is empty or not there";
        return Err(Failure::usage(format!("`{name}` holds files"), help));
    }
    fs::create_dir_all(directory).map_err(cannot)?;
    let mut count = 0;
    for (file, text) in Templates::shipped() {
        fs::write(directory.join(file), text).map_err(cannot)?;
        count += 1;
    }
    writeln!(out, "wrote {count} files to {name}")?;
    writeln!(
        out,
        "  keep those that you change, remove the others, and give `report --templates {name}`"
    )?;
    Ok(DONE)
}

/// The templates of a directory, in place of the program's own of their names.
pub(super) fn own(directory: Option<&Path>) -> Result<Templates, Failure> {
    let Some(directory) = directory else {
        return Ok(Templates::default());
    };
    let unreadable = |path: &Path, error: std::io::Error| {
        let what = format!("cannot read `{}`: {error}", path.display());
        Failure::usage(
            what,
            "name a directory of templates (piperoll reports init)",
        )
    };
    let mut own = BTreeMap::new();
    let entries = fs::read_dir(directory).map_err(|error| unreadable(directory, error))?;
    for entry in entries {
        let path = entry.map_err(|error| unreadable(directory, error))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let text = disk::text(&path).map_err(|error| unreadable(&path, error))?;
        own.insert(name.into_owned(), text);
    }
    if own.is_empty() {
        let what = format!("`{}` holds no template", directory.display());
        let help = "`piperoll reports init DIR` writes those of the program to begin with";
        return Err(Failure::usage(what, help));
    }
    Templates::with(own)
        .map_err(|error| Failure::Said(crate::model::FailureKind::Usage, error.to_string()))
}
