//! Which queries Polars' streaming engine is asked: it walks a table in files a few rows at a time,
//! where the other engine reads what passes of it whole.

use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, Join, JoinConstraint, JoinOperator, Query, Select, SetExpr, TableFactor, Visit as _,
    Visitor as Walk,
};

use super::condition::{conjuncts, equal_columns};
use super::from::Source;

/// Whether the streaming engine is asked a query: one over any of the tables `large` that joins by
/// equal columns alone.
///
/// Polars 0.55 plans a join by anything else for the engine in memory only, and panics on it. What
/// an IN or EXISTS asks for it joins with the table whole in memory: 2.1 GB where the engine in memory
/// takes 0.35.
pub(super) fn takes(query: &Query, large: impl Fn(&str) -> bool) -> bool {
    let mut walked = Walked {
        large,
        names_large: false,
    };
    query.visit(&mut walked).is_continue() && walked.names_large
}

struct Walked<L> {
    large: L,
    names_large: bool,
}

impl<L: Fn(&str) -> bool> Walk for Walked<L> {
    type Break = ();

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
        match expression {
            Expr::InSubquery { .. } | Expr::Exists { .. } | Expr::Subquery(_) => {
                ControlFlow::Break(())
            }
            _ => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        let source = Source::of(factor);
        self.names_large |= source.is_some_and(|source| (self.large)(&source.name));
        ControlFlow::Continue(())
    }

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        match body(&query.body) {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    }
}

/// Whether what a query selects is joined by equal columns; queries inside are looked at by the walk.
fn body(body: &SetExpr) -> bool {
    match body {
        SetExpr::Select(select) => joins_equals(select),
        SetExpr::SetOperation { left, right, .. } => self::body(left) && self::body(right),
        SetExpr::Query(_) => true,
        _ => false,
    }
}

fn joins_equals(select: &Select) -> bool {
    let from = select.from.as_slice();
    from.len() < 2 && from.iter().flat_map(|table| &table.joins).all(by_equals)
}

fn by_equals(join: &Join) -> bool {
    let (JoinOperator::Join(constraint)
    | JoinOperator::Inner(constraint)
    | JoinOperator::Left(constraint)
    | JoinOperator::LeftOuter(constraint)) = &join.join_operator
    else {
        return false;
    };
    match constraint {
        JoinConstraint::On(condition) => conjuncts(condition)
            .iter()
            .all(|condition| equal_columns(condition).is_some()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::engine::guard;

    fn taken(sql: &str) -> bool {
        takes(&guard::query(sql).unwrap(), |table| table == "event")
    }

    #[test]
    fn queries_that_join_by_equal_columns_are_taken() {
        for sql in [
            "SELECT path FROM event",
            "SELECT count(*) AS n FROM event WHERE at > hour GROUP BY path",
            "SELECT e.at FROM event e JOIN job j ON e.path = j.name AND (j.ref = e.role)",
            "WITH a AS (SELECT * FROM event) SELECT * FROM a LEFT JOIN job j ON j.name = a.path UNION ALL SELECT * FROM b",
            "SELECT * FROM job j LEFT JOIN event e ON e.path = j.name WHERE e.path IS NULL",
        ] {
            assert!(taken(sql), "{sql}");
        }
    }

    #[test]
    fn a_query_over_no_large_table_is_not() {
        assert!(!taken(
            "SELECT j.name FROM job j JOIN service s ON s.name = j.name"
        ));
        assert!(taken(
            "SELECT j.name FROM job j JOIN event e ON e.path = j.name"
        ));
    }

    #[test]
    fn queries_that_join_by_anything_else_are_not_wherever_it_stands() {
        for sql in [
            "SELECT * FROM event WHERE path NOT IN (SELECT path FROM job)",
            "SELECT * FROM event WHERE at = (SELECT max(at) FROM job)",
            "SELECT * FROM event e JOIN job j ON e.at >= j.at",
            "SELECT * FROM event e JOIN job j ON e.path = j.name AND e.at >= j.at",
            "SELECT * FROM event e JOIN job j ON e.path = lower(j.name)",
            "SELECT * FROM event e CROSS JOIN job j",
            "SELECT * FROM event e, job j WHERE e.path = j.name",
            "SELECT * FROM event e JOIN job j USING (path)",
            "WITH a AS (SELECT e.at FROM event e JOIN job j ON e.at < j.at) SELECT * FROM a",
            "SELECT * FROM (SELECT e.at FROM event e CROSS JOIN job j) x",
            "SELECT at FROM event UNION ALL SELECT e.at FROM event e, job j",
        ] {
            assert!(!taken(sql), "{sql}");
        }
    }
}
