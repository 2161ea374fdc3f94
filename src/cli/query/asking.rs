//! Questions over an estate that was read once.

use std::io::Write;

use super::views;
use crate::assess::assess;
use crate::cli::Failure;
use crate::cli::settings::Loaded;
use crate::estate::Estate;
use crate::table::engine::{Bounds, ResultSet};
use crate::table::row::Batch;

/// What is asked, and how much an answer may take.
pub(super) struct Asking<'a> {
    estate: &'a Estate,
    loaded: &'a Loaded,
    bounds: Bounds,
    /// How many rows of an answer are shown.
    pub(super) limit: Option<usize>,
    /// What the rules say; they are asked when a question first names it.
    views: Option<Vec<Batch>>,
}

impl<'a> Asking<'a> {
    /// Of an estate.
    pub(super) fn new(
        estate: &'a Estate,
        loaded: &'a Loaded,
        bounds: Bounds,
        limit: Option<usize>,
    ) -> Asking<'a> {
        Asking {
            estate,
            loaded,
            bounds,
            limit,
            views: None,
        }
    }

    /// The rows that answer a query; what is left out is said.
    pub(super) fn answer(&mut self, sql: &str, err: &mut dyn Write) -> Result<ResultSet, Failure> {
        if self.views.is_none() && views::are_asked(sql) {
            let (rules, settings) = (&self.loaded.rules, &self.loaded.settings);
            let assessment = assess(self.estate, rules, settings, &mut ())?;
            self.views = Some(views::rows(&assessment));
        }
        let views = self.views.as_deref().unwrap_or_default();
        let result = self.estate.store.query_beside(sql, views, self.bounds)?;
        shown(result, self.limit, err)
    }
}

/// The rows of an answer that are shown; what is left out is said.
pub(super) fn shown(
    mut result: ResultSet,
    limit: Option<usize>,
    err: &mut dyn Write,
) -> Result<ResultSet, Failure> {
    if let Some(limit) = limit.filter(|limit| *limit < result.rows.len()) {
        let all = result.rows.len();
        writeln!(
            err,
            "note: the first {limit} of {all} rows are shown (--limit)"
        )?;
        result.rows.truncate(limit);
    }
    Ok(result)
}
