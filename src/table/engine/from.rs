//! The tables and named queries that stand in the FROM of a query.

use sqlparser::ast::{Ident, ObjectName, TableAlias, TableFactor};

use super::guard;

/// One table or named query of a FROM.
#[derive(Clone)]
pub(super) struct Source {
    /// What it is called there.
    pub(super) alias: String,
    /// The table or named query.
    pub(super) name: String,
    /// As it stands there.
    pub(super) text: String,
}

impl Source {
    /// What stands in a FROM; `None` where it is a query itself.
    pub(super) fn of(factor: &TableFactor) -> Option<Source> {
        let (name, alias) = match factor {
            TableFactor::Table { name, alias, .. } => (name, alias),
            _ => return None,
        };
        let [part] = name.0.as_slice() else {
            return None;
        };
        let name = part.as_ident()?.value.clone();
        let called = alias.as_ref().map(|alias| alias.name.value.clone());
        Some(Source {
            alias: called.unwrap_or_else(|| name.clone()),
            name,
            text: factor.to_string(),
        })
    }

    /// What it is called there, to be said of what stands in its place.
    fn called(&self) -> TableAlias {
        TableAlias {
            explicit: true,
            name: Ident::new(self.alias.clone()),
            columns: Vec::new(),
            at: None,
        }
    }
}

/// Gives a source of a FROM another name, and leaves it what it is called there.
pub(super) fn rename(factor: &mut TableFactor, source: &Source, new: String) {
    if let TableFactor::Table { name, alias, .. } = factor {
        *name = ObjectName::from(vec![Ident::with_quote('"', new)]);
        alias.get_or_insert_with(|| source.called());
    }
}

/// Puts conditions where a source stands in its FROM; whether that could be done.
pub(super) fn restrict(factor: &mut TableFactor, source: &Source, own: &[String]) -> bool {
    let passing = format!("SELECT * FROM {factor} WHERE {}", own.join(" AND "));
    let Some(subquery) = guard::query(&passing) else {
        return false;
    };
    *factor = TableFactor::Derived {
        lateral: false,
        subquery,
        alias: Some(source.called()),
        sample: None,
    };
    true
}
