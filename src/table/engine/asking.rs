//! One query on its way from its text to its answer: checked, taken apart, planned and run.

use std::collections::BTreeMap;

use polars::prelude::*;
use polars::sql::SQLContext;

use super::narrowing::{By, Narrowed, Narrowing};
use super::stages::Stages;
use super::streaming;
use super::{EngineError, ResultSet, affix, guard};

/// Tables that lie in files, by name.
pub(super) type Large = BTreeMap<&'static str, LazyFrame>;

/// The most values that a large table is read by: they are looked up for each of its batches.
const FEW: u32 = 16_384;

/// What a query is asked of.
pub(super) struct Asking<'a> {
    pub(super) context: SQLContext,
    pub(super) large: Large,
    pub(super) known: &'a [&'a str],
    /// Which engine answers.
    pub(super) engine: Engine,
}

impl Asking<'_> {
    /// Refuses or runs a query; the frame becomes plain values here, where its memory is counted.
    pub(super) fn answer(mut self, sql: &str, rows: Option<u32>) -> Result<ResultSet, EngineError> {
        let mut asked =
            guard::check(sql, self.known).map_err(|refusal| EngineError::refused(sql, *refusal))?;
        if !streaming::takes(&asked.query, |table| self.large.contains_key(table)) {
            self.engine = Engine::InMemory;
        }
        affix::put(&mut asked.query);
        let fault = |error: PolarsError| EngineError::query(sql, &error);
        // A query that fails leaves its names behind.
        let mut untouched = self.context.clone();
        let plan = match Stages::of(&asked.query, self.known) {
            Some(stages) => self.in_stages(&stages),
            None => self.plan(&asked.query.to_string()),
        };
        let bounded = |plan: LazyFrame| match rows {
            Some(rows) => plan.limit(rows.saturating_add(1)),
            None => plan,
        };
        let frame = plan.and_then(|plan| self.collect(bounded(plan)));
        // Whatever is wrong with the query is said of the query as it was asked.
        let frame = frame.or_else(|_| bounded(untouched.execute(sql)?).collect());
        let frame = frame.map_err(fault)?;
        if let Some(rows) = rows.filter(|rows| frame.height() > *rows as usize) {
            return Err(EngineError::Rows { rows });
        }
        let mut result = ResultSet::from_frame(&frame).map_err(fault)?;
        if asked.counts {
            let count = result.columns.iter_mut().find(|name| *name == "len");
            count
                .into_iter()
                .for_each(|name| "count(*)".clone_into(name));
        }
        Ok(result)
    }

    /// Answers what a query asks more than once, and plans the query over that.
    fn in_stages(&mut self, stages: &Stages) -> PolarsResult<LazyFrame> {
        for (done, stage) in (1..).zip(&stages.first) {
            let plan = self.plan(&stage.text)?;
            let answer = self.collect(plan)?;
            self.context.register(&stage.name, answer.lazy());
            // Held no longer than it is asked for.
            for name in stages.spent(done) {
                self.context.unregister(name);
            }
        }
        self.plan(&stages.last)
    }

    fn collect(&self, plan: LazyFrame) -> PolarsResult<DataFrame> {
        Ok(plan.collect_with_engine(self.engine)?.unwrap_single())
    }

    /// Plans a query, of whose large tables what can match is read where little can.
    fn plan(&mut self, sql: &str) -> PolarsResult<LazyFrame> {
        match self.narrowed(sql)? {
            Some(plan) => Ok(plan),
            None => self.context.execute(sql),
        }
    }

    /// The same, where something can be narrowed.
    fn narrowed(&mut self, sql: &str) -> PolarsResult<Option<LazyFrame>> {
        let large: Vec<&str> = self.large.keys().copied().collect();
        if large.is_empty() {
            return Ok(None);
        }
        let narrowed = guard::query(sql).and_then(|query| Narrowed::of(&query, &large));
        let Some(narrowed) = narrowed else {
            return Ok(None);
        };
        for table in &narrowed.tables {
            if let Some(rows) = self.large.get(table.table.as_str()).cloned() {
                let rows = self.narrow(rows, table)?;
                self.context.register(&table.name, rows);
            }
        }
        self.context.execute(&narrowed.text).map(Some)
    }

    /// A large table, of which what can match is read where little can.
    fn narrow(&mut self, rows: LazyFrame, by: &Narrowing) -> PolarsResult<LazyFrame> {
        if let By::Answer { name, text } = &by.by {
            let plan = self.context.execute(text)?;
            let answer = self.collect(plan)?;
            self.context.register(name, answer.lazy());
        }
        let values = self.context.execute(&by.values)?.limit(FEW + 1);
        // Of a large table, it ends as soon as there are too many.
        let engine = match by.by {
            By::Large => Engine::Streaming,
            By::Answer { .. } | By::Small => Engine::InMemory,
        };
        let values = values.collect_with_engine(engine)?.unwrap_single();
        if values.height() > FEW as usize {
            return Ok(rows);
        }
        let [values] = values.columns() else {
            return Ok(rows);
        };
        let values = values.as_materialized_series().unique()?.drop_nulls();
        let key = col(by.key.as_str());
        Ok(rows.filter(key.is_in(lit(values).implode(true), false)))
    }
}
