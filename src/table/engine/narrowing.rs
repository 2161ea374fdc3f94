//! Joins of a large table with few rows: of the large one only what can match is read.
//!
//! Polars reads what a query asks of both sides of a join before it joins them. Of a table with a
//! row for every operation that is a gigabyte for ten million of them, and most rules look at a
//! handful. What the other side has of the key is therefore asked first, and where it is little, the
//! large table is read by it.
//!
//! A row that is left out can be in no row of the answer: the join is an inner one, or the table is
//! on its right; the values are of all rows that what WHERE says of the other side alone lets pass;
//! and a key that is NULL joins with nothing.
//!
//! What WHERE says of a large table alone is said where the table stands, too: Polars moves an IN,
//! and whatever stands beside it, below no join, and nothing below the query inside a NOT IN.

use std::collections::BTreeSet;

use sqlparser::ast::{Cte, Ident, Join, JoinConstraint, JoinOperator, Query, Select, SetExpr};

use super::condition::{conjuncts, equal_columns, own};
use super::from::{Source, rename, restrict};
use super::stages::Named;

/// A large table that a query joins, and how to ask for what it is joined by.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Narrowing {
    /// The table.
    pub(super) table: String,
    /// Its key.
    pub(super) key: String,
    /// What the query calls it now.
    pub(super) name: String,
    /// The query for what the other side has of the key, in one column.
    pub(super) values: String,
    /// What the other side is.
    pub(super) by: By,
}

/// What a large table is joined with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum By {
    /// A large table.
    Large,
    /// What is asked for once, behind which a large table stands: it is answered first, and the
    /// query asks for the answer.
    Answer {
        /// What the query calls the answer.
        name: String,
        /// The query for it.
        text: String,
    },
    /// Anything else.
    Small,
}

/// A query whose large tables have names of their own where they are joined.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Narrowed {
    /// The large tables.
    pub(super) tables: Vec<Narrowing>,
    /// The text of the query.
    pub(super) text: String,
}

/// How the rows of a source come into a FROM.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    /// Every row of the FROM has one of its rows.
    Needed,
    /// A row of the FROM may be without.
    Optional,
}

impl Narrowed {
    /// The query with a name for every table of `large` that can be narrowed where it is joined;
    /// `None` where there is none.
    pub(super) fn of(query: &Query, large: &[&str]) -> Option<Narrowed> {
        let mut query = query.clone();
        let mut with = query.with.take();
        // A query inside that gives names of its own makes none.
        Named::of(&query)?;
        let recursive = with.as_ref().is_some_and(|with| with.recursive);
        let ctes = with.as_ref().map(|with| with.cte_tables.clone());
        let ctes = ctes.unwrap_or_default();
        let shadows = |cte: &Cte| large.contains(&cte.alias.name.value.as_str());
        // Where a name stands for two things, which one is meant depends on where it stands.
        if recursive || ctes.iter().any(shadows) {
            return None;
        }
        let mut rewriting = Rewriting {
            ctes: &ctes,
            large,
            costly: costly(&ctes, large)?,
            tables: Vec::new(),
            moved: false,
        };
        let named = with.iter_mut().flat_map(|with| &mut with.cte_tables);
        for (at, cte) in named.enumerate() {
            rewriting.body(&mut cte.query.body, at);
        }
        rewriting.body(&mut query.body, ctes.len());
        query.with = with;
        let (tables, moved) = (rewriting.tables, rewriting.moved);
        (moved || !tables.is_empty()).then(|| Narrowed {
            tables,
            text: query.to_string(),
        })
    }
}

/// The names of WITH behind which a large table stands: to ask for them twice would cost more than is
/// won.
fn costly(ctes: &[Cte], large: &[&str]) -> Option<BTreeSet<String>> {
    let mut costly = BTreeSet::new();
    for cte in ctes {
        let asked = Named::of(&cte.query)?.into_iter();
        let mut asked =
            asked.filter(|name| large.contains(&name.as_str()) || costly.contains(name));
        if asked.next().is_some() {
            costly.insert(cte.alias.name.value.clone());
        }
    }
    Some(costly)
}

/// Which source of a FROM may be read by what which other one has of a key.
struct Candidate {
    narrowed: usize,
    key: String,
    by: usize,
    value: String,
}

struct Rewriting<'q> {
    /// What WITH names, as it was.
    ctes: &'q [Cte],
    large: &'q [&'q str],
    costly: BTreeSet<String>,
    tables: Vec<Narrowing>,
    /// Whether a condition was moved to its table.
    moved: bool,
}

impl Rewriting<'_> {
    /// Narrows what a query joins that stands behind the first `known` names of WITH.
    fn body(&mut self, body: &mut SetExpr, known: usize) {
        match body {
            SetExpr::Select(select) => self.select(select, known),
            SetExpr::SetOperation { left, right, .. } => {
                self.body(left, known);
                self.body(right, known);
            }
            _ => {}
        }
    }

    fn select(&mut self, select: &mut Select, known: usize) {
        let conditions = select.selection.as_ref().map(conjuncts);
        let conditions = conditions.unwrap_or_default();
        let [from] = select.from.as_slice() else {
            return;
        };
        let factors = from.joins.iter().map(|join| &join.relation);
        let sources = std::iter::once(&from.relation).chain(factors);
        let Some(sources) = sources.map(Source::of).collect::<Option<Vec<_>>>() else {
            return;
        };
        let Some((sides, candidates)) = candidates(&from.joins, &sources) else {
            return;
        };
        let own: Vec<Vec<String>> = sources
            .iter()
            .map(|source| own(&conditions, &source.alias))
            .collect();
        let mut renamed = vec![None; sources.len()];
        for candidate in candidates {
            self.candidate(candidate, (&sources, &own), &mut renamed, known);
        }
        let [from] = select.from.as_mut_slice() else {
            return;
        };
        let joined = from.joins.iter_mut().map(|join| &mut join.relation);
        let factors = std::iter::once(&mut from.relation).chain(joined);
        for (at, factor) in factors.enumerate() {
            let source = &sources[at];
            // Of a table that stands alone, Polars reads no more by itself.
            let alone = sources.len() == 1 && own[at].len() == conditions.len();
            let here = sides[at] == Side::Needed && !alone;
            if let Some(name) = renamed[at].take() {
                rename(factor, source, name);
            }
            if here && !own[at].is_empty() && self.large.contains(&source.name.as_str()) {
                self.moved |= restrict(factor, source, &own[at]);
            }
        }
    }

    /// Narrows a source by another, where that can be little.
    fn candidate(
        &mut self,
        candidate: Candidate,
        (sources, own): (&[Source], &[Vec<String>]),
        renamed: &mut [Option<String>],
        known: usize,
    ) {
        let (table, by) = (&sources[candidate.narrowed], &sources[candidate.by]);
        let own = &own[candidate.by];
        let large = |source: &Source| self.large.contains(&source.name.as_str());
        // All of a large table narrows nothing.
        let all = own.is_empty() && large(by);
        let answered = self.costly.contains(&by.name);
        let taken =
            renamed[candidate.narrowed].is_some() || (answered && renamed[candidate.by].is_some());
        if taken || all || !large(table) {
            return;
        }
        let number = self.tables.len();
        let name = format!("{} narrowed {number}", table.name);
        renamed[candidate.narrowed] = Some(name.clone());
        let (mut asked, mut other) = (by.clone(), By::Small);
        if answered {
            let name = format!("{} answered {number}", by.name);
            asked.text = format!("{} AS {}", Ident::with_quote('"', &name), by.alias);
            renamed[candidate.by] = Some(name.clone());
            let text = format!("{}SELECT * FROM {}", self.with(known), by.name);
            other = By::Answer { name, text };
        } else if large(by) {
            other = By::Large;
        }
        self.tables.push(Narrowing {
            table: table.name.clone(),
            key: candidate.key,
            name,
            values: self.values(&asked, &candidate.value, own, known),
            by: other,
        });
    }

    /// The first `known` names of WITH.
    fn with(&self, known: usize) -> String {
        let before = self.ctes.get(..known).unwrap_or(&[]);
        let before: Vec<String> = before.iter().map(ToString::to_string).collect();
        match before.is_empty() {
            true => String::new(),
            false => format!("WITH {} ", before.join(", ")),
        }
    }

    /// The query for what a source has of a column in the rows that its own conditions let pass.
    fn values(&self, of: &Source, column: &str, own: &[String], known: usize) -> String {
        let with = self.with(known);
        let passing = match own.is_empty() {
            true => String::new(),
            false => format!(" WHERE {}", own.join(" AND ")),
        };
        let (alias, from) = (&of.alias, &of.text);
        format!("{with}SELECT {alias}.{column} AS {column} FROM {from}{passing}")
    }
}

/// How each source comes into the FROM, and what may be narrowed by what; `None` where a join is of
/// another kind.
fn candidates(joins: &[Join], sources: &[Source]) -> Option<(Vec<Side>, Vec<Candidate>)> {
    let (mut sides, mut found) = (vec![Side::Needed], Vec::new());
    for (join, right) in joins.iter().zip(1..) {
        let (inner, on) = match &join.join_operator {
            JoinOperator::Join(JoinConstraint::On(on))
            | JoinOperator::Inner(JoinConstraint::On(on)) => (true, on),
            JoinOperator::Left(JoinConstraint::On(on))
            | JoinOperator::LeftOuter(JoinConstraint::On(on)) => (false, on),
            JoinOperator::CrossJoin(JoinConstraint::None) => {
                sides.push(Side::Needed);
                continue;
            }
            _ => return None,
        };
        sides.push(match inner {
            true => Side::Needed,
            false => Side::Optional,
        });
        for condition in conjuncts(on) {
            let Some([one, other]) = equal_columns(&condition) else {
                continue;
            };
            let of = |(alias, _): &(String, String)| {
                let before = sources.get(..=right)?;
                before.iter().position(|source| source.alias == *alias)
            };
            let (mine, theirs) = match (of(&one), of(&other)) {
                (Some(at), Some(left)) if at == right && left < right => (one.1, (left, other.1)),
                (Some(left), Some(at)) if at == right && left < right => (other.1, (left, one.1)),
                _ => continue,
            };
            let (left, theirs) = theirs;
            found.push(Candidate {
                narrowed: right,
                key: mine.clone(),
                by: left,
                value: theirs.clone(),
            });
            if inner {
                found.push(Candidate {
                    narrowed: left,
                    key: theirs,
                    by: right,
                    value: mine,
                });
            }
        }
    }
    Some((sides, found))
}

#[cfg(test)]
mod tests {
    use super::super::guard;
    use super::*;

    fn narrowed(sql: &str) -> Option<Narrowed> {
        let asked = guard::check(sql, &["event", "chain", "config"])
            .unwrap_or_else(|refusal| panic!("{}", refusal.reason));
        Narrowed::of(&asked.query, &["event", "chain"])
    }

    fn tables(sql: &str) -> Vec<(String, String, String)> {
        let tables = narrowed(sql).map_or_else(Vec::new, |narrowed| narrowed.tables);
        let all = tables.into_iter();
        all.map(|it| (it.table, it.key, it.values)).collect()
    }

    fn one(table: &str, key: &str, values: &str) -> Vec<(String, String, String)> {
        vec![(table.to_owned(), key.to_owned(), values.to_owned())]
    }

    #[test]
    fn the_right_of_a_join_is_read_by_what_where_lets_pass_of_its_left() {
        let sql = "SELECT e.at FROM event e LEFT JOIN chain c ON c.event_id = e.event_id \
                   WHERE e.kind = 'a' AND (e.path = 'b' OR e.path = 'c') AND c.band IS NULL";
        let values = "SELECT e.event_id AS event_id FROM event e \
                      WHERE (e.kind = 'a') AND (e.path = 'b' OR e.path = 'c')";
        assert_eq!(tables(sql), one("chain", "event_id", values));
        let text = narrowed(sql).map(|it| it.text).unwrap_or_default();
        let from = "FROM (SELECT * FROM event e WHERE (e.kind = 'a') AND (e.path = 'b' OR \
                    e.path = 'c')) AS e LEFT JOIN \"chain narrowed 0\" c ON";
        assert!(text.contains(from), "{text}");
    }

    #[test]
    fn both_sides_of_an_inner_join_are_read_by_each_other() {
        let sql = "SELECT c.at FROM chain c JOIN event e ON e.event_id = c.event_id \
                   WHERE c.kind = 'a' AND e.path = 'b'";
        let found: Vec<String> = tables(sql).into_iter().map(|it| it.2).collect();
        assert_eq!(
            found,
            [
                "SELECT c.event_id AS event_id FROM chain c WHERE (c.kind = 'a')",
                "SELECT e.event_id AS event_id FROM event e WHERE (e.path = 'b')"
            ]
        );
    }

    #[test]
    fn a_name_of_with_is_asked_with_what_stands_before_it() {
        let sql = "WITH x AS (SELECT value FROM config), y AS (SELECT value FROM x) \
                   SELECT chain.at FROM y JOIN chain ON chain.project_id = y.value";
        let values = "WITH x AS (SELECT value FROM config), y AS (SELECT value FROM x) \
                      SELECT y.value AS value FROM y";
        assert_eq!(tables(sql), one("chain", "project_id", values));
        let text = narrowed(sql).map(|it| it.text).unwrap_or_default();
        assert!(text.contains("\"chain narrowed 0\" AS chain ON"), "{text}");
    }

    #[test]
    fn what_is_asked_of_a_large_table_is_asked_once() {
        let sql = "WITH x AS (SELECT path FROM event WHERE kind = 'a') \
                   SELECT e.at FROM x JOIN event e ON e.path = x.path WHERE x.path <> 'b'";
        let narrowed = narrowed(sql).unwrap();
        let [table] = narrowed.tables.as_slice() else {
            panic!("{narrowed:?}");
        };
        let with = "WITH x AS (SELECT path FROM event WHERE kind = 'a')";
        let text = format!("{with} SELECT * FROM x");
        let name = "x answered 0".to_owned();
        assert_eq!(table.by, By::Answer { name, text });
        let values = format!(
            "{with} SELECT x.path AS path FROM \"x answered 0\" AS x WHERE (x.path <> 'b')"
        );
        assert_eq!(table.values, values);
        let from = "FROM \"x answered 0\" AS x JOIN \"event narrowed 0\" e ON";
        assert!(narrowed.text.contains(from), "{}", narrowed.text);
    }

    #[test]
    fn what_is_said_of_a_table_alone_is_said_where_it_stands() {
        let sql = "SELECT e.at FROM event e WHERE e.kind = 'a' AND e.path NOT IN (SELECT value FROM config)";
        let text = narrowed(sql).map(|it| it.text).unwrap_or_default();
        let from = "FROM (SELECT * FROM event e WHERE (e.kind = 'a')) AS e WHERE";
        assert!(text.contains(from), "{text}");
        assert!(narrowed("SELECT e.at FROM event e WHERE e.kind = 'a'").is_none());
    }

    #[test]
    fn what_could_lose_a_row_is_left_as_it_is() {
        for sql in [
            // The large table is what every row comes from.
            "SELECT e.at FROM event e LEFT JOIN config f ON f.value = e.path WHERE f.name = 'a'",
            // A row without a match is in the answer.
            "SELECT f.value FROM config f LEFT JOIN config g ON g.value = f.value LEFT JOIN event e \
             ON e.at = g.value OR e.at IS NULL WHERE e.kind = 'a'",
            // Nothing is said of the other side alone.
            "SELECT e.at FROM event e JOIN chain c ON c.event_id = e.event_id WHERE e.at = c.at",
            "SELECT e.at FROM event e JOIN chain c ON c.event_id = e.event_id WHERE kind = 'a'",
            "SELECT e.at FROM event e JOIN chain c ON c.event_id = e.event_id \
             WHERE e.path IN (SELECT value FROM config)",
            // No row of the right is lost for want of a left.
            "SELECT e.at FROM config f RIGHT JOIN event e ON e.path = f.value WHERE f.name = 'a'",
            "SELECT e.at FROM config f FULL JOIN event e ON e.path = f.value WHERE f.name = 'a'",
            // Equal or something else.
            "SELECT e.at FROM config f JOIN event e ON e.path = f.value OR e.at IS NULL",
            "WITH event AS (SELECT value FROM config) SELECT e.value FROM config f JOIN event e ON e.value = f.value",
        ] {
            assert!(narrowed(sql).is_none(), "{sql}");
        }
    }
}
