//! LIKE of a beginning or an end, asked as such: Polars makes a regular expression of every LIKE,
//! which it walks for each row.

use std::ops::ControlFlow;

use sqlparser::ast::{Expr, Query, UnaryOperator, Value, VisitMut as _, VisitorMut};

use super::guard;

/// Puts `starts_with` and `ends_with` in the place of each LIKE of a query that asks no more.
pub(super) fn put(query: &mut Query) {
    let _ = query.visit(&mut Affixes);
}

struct Affixes;

impl VisitorMut for Affixes {
    type Break = ();

    fn post_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<()> {
        if let Some(same) = asked_as_such(expression) {
            *expression = same;
        }
        ControlFlow::Continue(())
    }
}

/// What a LIKE asks whose pattern is a text before or behind one `%`.
fn asked_as_such(expression: &Expr) -> Option<Expr> {
    let Expr::Like {
        negated,
        any: false,
        expr,
        pattern,
        escape_char: None,
    } = expression
    else {
        return None;
    };
    let Expr::Value(value) = pattern.as_ref() else {
        return None;
    };
    let Value::SingleQuotedString(text) = &value.value else {
        return None;
    };
    let (function, affix) = match (text.strip_suffix('%'), text.strip_prefix('%')) {
        (Some(beginning), _) if is_plain(beginning) => ("starts_with", beginning),
        (_, Some(end)) if is_plain(end) => ("ends_with", end),
        _ => return None,
    };
    let affix = Value::SingleQuotedString(affix.to_owned());
    let same = guard::expression(&format!("{function}({expr}, {affix})"))?;
    Some(match negated {
        // In brackets: NOT binds less than what LIKE may be a part of.
        true => Expr::Nested(Box::new(Expr::UnaryOp {
            op: UnaryOperator::Not,
            expr: Box::new(same),
        })),
        false => same,
    })
}

fn is_plain(text: &str) -> bool {
    !text.is_empty() && !text.contains(['%', '_', '\\'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put_in(sql: &str) -> String {
        let mut query = guard::query(sql).unwrap();
        put(&mut query);
        query.to_string()
    }

    #[test]
    fn a_beginning_and_an_end_are_asked_for_as_such() {
        for (pattern, same) in [
            ("path LIKE 'sys/%'", "starts_with(path, 'sys/')"),
            ("e.path LIKE '%/login'", "ends_with(e.path, '/login')"),
            (
                "path NOT LIKE 'sys/%' AND x = 1",
                "(NOT starts_with(path, 'sys/')) AND x = 1",
            ),
            ("a || b LIKE 'it''s%'", "starts_with(a || b, 'it''s')"),
            (
                "coalesce(a, b) LIKE '%*' OR c",
                "ends_with(coalesce(a, b), '*') OR c",
            ),
        ] {
            let asked = put_in(&format!("SELECT 1 FROM event WHERE {pattern}"));
            assert_eq!(asked, format!("SELECT 1 FROM event WHERE {same}"));
        }
    }

    #[test]
    fn what_asks_more_stays() {
        for pattern in [
            "path LIKE '%/data/%'",
            "path LIKE 'a%b%'",
            "path LIKE 'sys/_%'",
            "path LIKE 'sys'",
            "path LIKE '%'",
            "path LIKE ''",
            "path LIKE other",
            "path ILIKE 'sys/%'",
            "path LIKE 'a\\%' ESCAPE '\\'",
        ] {
            let sql = format!("SELECT 1 FROM event WHERE {pattern}");
            assert_eq!(put_in(&sql), sql);
        }
    }
}
