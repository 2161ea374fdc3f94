//! `piperoll tables`: every table and column that rules and queries can use.

#[cfg(feature = "tables")]
mod export;
#[cfg(feature = "tables")]
mod made_of;

use std::io::Write;

use clap::Args;

use super::{DONE, Failure};
use crate::table::row::{TABLES, VIEWS};

#[cfg(feature = "tables")]
pub(super) use made_of::MadeOf;

/// Lists tables and columns, and the views of `piperoll query` by name; with -o writes the tables for another engine.
#[derive(Args, Debug)]
pub struct TablesArgs {
    /// Tables to show; all when none is named
    names: Vec<String>,
    #[cfg(feature = "tables")]
    #[command(flatten)]
    export: export::ExportArgs,
}

/// Runs the command: 0 done, 2 a name is no table.
#[cfg_attr(not(feature = "tables"), allow(unused_variables))]
pub(super) fn run(
    args: &TablesArgs,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Failure> {
    #[cfg(feature = "tables")]
    if let Some(code) = export::run(&args.export, out, err)? {
        return Ok(code);
    }
    describe(&args.names, out)?;
    Ok(DONE)
}

/// Writes each table that is named, or all that rules read, with its columns.
pub(super) fn describe(names: &[String], out: &mut dyn Write) -> Result<(), Failure> {
    let all = || TABLES.into_iter().chain(VIEWS);
    let known = |name: &String| all().any(|table| table.name == name);
    if let Some(name) = names.iter().find(|name| !known(name)) {
        let there: Vec<&str> = all().map(|table| table.name).collect();
        let help = format!("the tables are {}", there.join(", "));
        return Err(Failure::usage(format!("there is no table `{name}`"), &help));
    }
    // Without a name: what rules and queries both have.
    let named = |name: &str| names.iter().any(|named| named == name);
    let mut shown: Vec<_> = all().filter(|table| named(table.name)).collect();
    if names.is_empty() {
        shown.extend(TABLES);
    }
    for table in shown {
        writeln!(out, "{}: {}", table.name, table.about)?;
        for column in table.columns {
            writeln!(
                out,
                "    {:<20} {:<18} {}",
                column.name,
                column.kind.sql(),
                column.about
            )?;
        }
        writeln!(out)?;
    }
    Ok(())
}
