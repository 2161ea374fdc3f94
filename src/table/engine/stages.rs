//! Queries in stages: what WITH names and a query asks for more than once is answered once.
//!
//! Polars puts the plan of a name wherever the name stands and looks through all that lies below
//! each step before it plans the step, so that the cost of planning grows with the square of the
//! plan. In the end it shares equal parts all the same: an answer of its own is no more work, and
//! takes no more memory.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use sqlparser::ast::{Cte, Query, TableFactor, Visit as _, Visitor as Walk, With};

/// What is asked before the query itself, in this order, each by the name that its answer gets.
pub(super) struct Stages {
    pub(super) first: Vec<Stage>,
    /// The text of the query, without the names that are answered by then.
    pub(super) last: String,
    /// What the query names itself, in whatever it needs.
    names: BTreeSet<String>,
}

/// What is asked under a name.
pub(super) struct Stage {
    pub(super) name: String,
    pub(super) text: String,
    /// What it names.
    names: BTreeSet<String>,
}

impl Stages {
    /// The stages of a query over the tables `known`; `None` where it is best asked as it is.
    pub(super) fn of(query: &Query, known: &[&str]) -> Option<Stages> {
        let with = query.with.as_ref().filter(|with| !with.recursive)?;
        let names: Vec<&str> = with.cte_tables.iter().map(name).collect();
        let once: BTreeSet<&str> = names.iter().copied().collect();
        // Where a name stands for two things, which one is meant depends on where it stands.
        if once.len() < names.len() || names.iter().any(|name| known.contains(name)) {
            return None;
        }
        let mut asked: BTreeMap<&str, usize> = BTreeMap::new();
        let mut asks: Vec<BTreeSet<String>> = Vec::new();
        for cte in &with.cte_tables {
            asks.push(count(Named::of(&cte.query)?, &once, &mut asked));
        }
        let mut body = query.clone();
        body.with = None;
        let at_last = count(Named::of(&body)?, &once, &mut asked);
        let mut rest: Vec<(&Cte, &BTreeSet<String>)> = Vec::new();
        let mut first = Vec::new();
        for (cte, asks) in with.cte_tables.iter().zip(&asks) {
            let name = name(cte);
            if asked.get(name).is_none_or(|&times| times < 2) {
                rest.push((cte, asks));
                continue;
            }
            let mut needed = below(asks, &rest);
            needed.push(cte.clone());
            let quoted = &cte.alias.name;
            let text = format!("{} SELECT * FROM {quoted}", with_only(with, needed));
            first.push(Stage {
                name: name.to_owned(),
                text,
                names: named(asks, &rest),
            });
        }
        if first.is_empty() {
            return None;
        }
        let needed = below(&at_last, &rest);
        body.with = (!needed.is_empty()).then(|| with_only(with, needed));
        Some(Stages {
            first,
            last: body.to_string(),
            names: named(&at_last, &rest),
        })
    }

    /// The names that nothing asks for once `done` of the first queries are answered.
    pub(super) fn spent(&self, done: usize) -> impl Iterator<Item = &str> {
        let (before, after) = self.first.split_at(done.min(self.first.len()));
        let unasked = |name: &&str| {
            let mut later = after.iter().map(|stage| &stage.names);
            !self.names.contains(*name) && !later.any(|names| names.contains(*name))
        };
        before
            .iter()
            .map(|stage| stage.name.as_str())
            .filter(unasked)
    }
}

fn name(cte: &Cte) -> &str {
    &cte.alias.name.value
}

fn with_only(with: &With, cte_tables: Vec<Cte>) -> With {
    With {
        cte_tables,
        ..with.clone()
    }
}

/// What a query names that asks for `asks`, and what it needs of `rest`.
fn named(asks: &BTreeSet<String>, rest: &[(&Cte, &BTreeSet<String>)]) -> BTreeSet<String> {
    let mut needed = asks.clone();
    // A name stands only behind those that it asks for.
    for (cte, asks) in rest.iter().rev() {
        if needed.contains(name(cte)) {
            needed.extend(asks.iter().cloned());
        }
    }
    needed
}

/// The named queries of `rest` that a query needs which asks for `asks`, in their order.
fn below(asks: &BTreeSet<String>, rest: &[(&Cte, &BTreeSet<String>)]) -> Vec<Cte> {
    let needed = named(asks, rest);
    rest.iter()
        .filter(|(cte, _)| needed.contains(name(cte)))
        .map(|(cte, _)| (*cte).clone())
        .collect()
}

/// Enters how often each of the names is asked for, and gives those that are.
fn count<'n>(
    tables: Vec<String>,
    names: &BTreeSet<&'n str>,
    asked: &mut BTreeMap<&'n str, usize>,
) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for table in tables {
        if let Some(name) = names.get(table.as_str()) {
            *asked.entry(name).or_default() += 1;
            found.insert(table);
        }
    }
    found
}

/// The tables that stand in a query, each as often as it does.
#[derive(Default)]
pub(super) struct Named(Vec<String>);

impl Named {
    /// `None` where a query inside gives names of its own.
    pub(super) fn of(query: &Query) -> Option<Vec<String>> {
        let mut named = Named::default();
        match query.visit(&mut named) {
            ControlFlow::Break(()) => None,
            ControlFlow::Continue(()) => Some(named.0),
        }
    }
}

impl Walk for Named {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        match query.with {
            Some(_) => ControlFlow::Break(()),
            None => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        if let TableFactor::Table { name, .. } = factor
            && let [part] = name.0.as_slice()
            && let Some(ident) = part.as_ident()
        {
            self.0.push(ident.value.clone());
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::guard;
    use super::*;

    fn stages(sql: &str) -> Option<Stages> {
        let known = ["event", "job"];
        let asked =
            guard::check(sql, &known).unwrap_or_else(|refusal| panic!("{}", refusal.reason));
        Stages::of(&asked.query, &known)
    }

    fn flat(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_is_asked_twice_is_asked_first_with_what_it_needs() {
        let found = stages(
            "WITH a AS (SELECT path FROM event), b AS (SELECT path FROM a), c AS (SELECT path FROM job), \
             d AS (SELECT * FROM b JOIN c ON b.path = c.path) \
             SELECT * FROM b UNION ALL SELECT * FROM d",
        )
        .unwrap();
        let first: Vec<(&str, String)> = found
            .first
            .iter()
            .map(|stage| (stage.name.as_str(), flat(&stage.text)))
            .collect();
        assert_eq!(
            first,
            [(
                "b",
                "WITH a AS (SELECT path FROM event), b AS (SELECT path FROM a) SELECT * FROM b"
                    .to_owned()
            )]
        );
        let last = flat(&found.last);
        assert!(
            last.starts_with("WITH c AS (SELECT path FROM job), d AS (") && !last.contains("event"),
            "{last}"
        );
    }

    #[test]
    fn an_answer_is_let_go_once_nothing_asks_for_it() {
        let found = stages(
            "WITH a AS (SELECT path FROM event), b AS (SELECT * FROM a UNION ALL SELECT * FROM a), \
             c AS (SELECT path FROM b), d AS (SELECT * FROM b JOIN c ON b.path = c.path) \
             SELECT * FROM d UNION ALL SELECT * FROM d",
        )
        .unwrap();
        let first: Vec<&str> = found
            .first
            .iter()
            .map(|stage| stage.name.as_str())
            .collect();
        assert_eq!(first, ["a", "b", "d"]);
        let spent = |done| found.spent(done).collect::<Vec<_>>();
        assert_eq!(
            [spent(0), spent(1), spent(2), spent(3)],
            [vec![], vec![], vec!["a"], vec!["a", "b"]]
        );
    }

    #[test]
    fn a_query_that_names_nothing_twice_or_one_name_for_two_things_stays_as_it_is() {
        for sql in [
            "SELECT * FROM event",
            "WITH a AS (SELECT path FROM event) SELECT * FROM a",
            "WITH event AS (SELECT path FROM job) SELECT * FROM event UNION ALL SELECT * FROM event",
            "WITH a AS (SELECT path FROM event), a AS (SELECT 1) SELECT * FROM a UNION ALL SELECT * FROM a",
            "WITH a AS (SELECT path FROM event) SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a) x UNION ALL SELECT * FROM a",
        ] {
            assert!(stages(sql).is_none(), "{sql}");
        }
    }
}
