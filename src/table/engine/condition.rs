//! What the conditions of a query say, and of which of its sources.

use std::ops::ControlFlow;

use sqlparser::ast::{BinaryOperator, Expr, Query, Visit as _, Visitor as Walk};

/// What a condition asks for all together.
pub(super) fn conjuncts(condition: &Expr) -> Vec<Expr> {
    match condition {
        Expr::Nested(inner) => conjuncts(inner),
        Expr::BinaryOp {
            left,
            op: BinaryOperator::And,
            right,
        } => {
            let mut all = conjuncts(left);
            all.extend(conjuncts(right));
            all
        }
        // In brackets of its own: it may be an OR.
        other => vec![Expr::Nested(Box::new(other.clone()))],
    }
}

/// The two columns that a condition holds against each other: what each is of, and its name.
pub(super) fn equal_columns(condition: &Expr) -> Option<[(String, String); 2]> {
    match condition {
        Expr::Nested(inner) => equal_columns(inner),
        Expr::BinaryOp {
            left,
            op: BinaryOperator::Eq,
            right,
        } => Some([column(left)?, column(right)?]),
        _ => None,
    }
}

fn column(expression: &Expr) -> Option<(String, String)> {
    match expression {
        Expr::CompoundIdentifier(parts) => match parts.as_slice() {
            [of, name] => Some((of.value.clone(), name.value.clone())),
            _ => None,
        },
        _ => None,
    }
}

/// The conditions that speak of one source alone.
pub(super) fn own(conditions: &[Expr], alias: &str) -> Vec<String> {
    let own = conditions
        .iter()
        .filter(|condition| is_of(condition, alias));
    own.map(ToString::to_string).collect()
}

/// Whether a condition speaks of the columns of one source, and of nothing else.
fn is_of(condition: &Expr, alias: &str) -> bool {
    condition.visit(&mut Own(alias)).is_continue()
}

struct Own<'a>(&'a str);

impl Walk for Own<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        ControlFlow::Break(())
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
        let own = match expression {
            Expr::Identifier(_) => false,
            Expr::CompoundIdentifier(_) => column(expression).is_some_and(|(of, _)| of == self.0),
            _ => true,
        };
        match own {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    }
}
