//! The tables of a store, which the first question joins and keeps, and the next ones find.

use std::io::Write;

use super::views;
use crate::cli::Failure;
use crate::cli::load::{ReadArgs, say_links};
use crate::cli::settings::Loaded;
use crate::estate::Estate;
use crate::model::Digest;
use crate::report::visible;
use crate::store::{InputStore, Joined, Keeping};
use crate::table::engine::{Bounds, ResultSet};

/// Joined tables that are kept, and the store that keeps them.
pub(super) struct JoinedTables {
    joined: Joined,
    /// Nobody writes it meanwhile.
    store: InputStore,
}

impl JoinedTables {
    /// Those that answer `sql`, where the store keeps them. What the rules say is in no table.
    pub(super) fn find(
        read: &ReadArgs,
        loaded: &Loaded,
        sql: &str,
    ) -> Result<Option<JoinedTables>, Failure> {
        let Some(directory) = read.store.as_ref().filter(|_| !views::are_asked(sql)) else {
            return Ok(None);
        };
        let store = InputStore::open(directory)?;
        let joined = store.joined(read.made_of(loaded)?)?;
        Ok(joined.map(|joined| JoinedTables { joined, store }))
    }

    /// The rows that answer a query, and whether every input could be read.
    pub(super) fn answer(
        &self,
        sql: &str,
        bounds: Bounds,
        err: &mut dyn Write,
    ) -> Result<(ResultSet, bool), Failure> {
        let files = self.store.files();
        writeln!(
            err,
            "asked of the tables of {} files that the store keeps joined",
            files.len()
        )?;
        say_links(&files, err);
        write!(err, "{}", self.joined.said())?;
        let asked = |table: &str| views::names(sql, table);
        let result = self.joined.tables(asked)?.query_beside(sql, &[], bounds)?;
        Ok((result, self.joined.readable()))
    }
}

/// Keeps the tables of an estate that was read from a store; what goes wrong is said and does no
/// harm.
pub(super) fn keep(
    estate: &Estate,
    made_of: Digest,
    (said, readable): (&str, bool),
    err: &mut dyn Write,
) -> Result<(), Failure> {
    let Some(store) = &estate.inputs else {
        return Ok(());
    };
    match store.keep_joined(made_of, &estate.store, said, readable) {
        Ok(Keeping::Kept) => {}
        Ok(Keeping::Full) => writeln!(
            err,
            "note: the store keeps the joined tables of as many configurations and periods as it \
             may: these are joined again for the next question, until `piperoll ingest` reads anew"
        )?,
        Err(error) => {
            let error = error.to_string();
            let why = error.lines().next().unwrap_or_default();
            writeln!(
                err,
                "note: the joined tables are not kept for the next question: {}",
                visible(why)
            )?;
        }
    }
    Ok(())
}
