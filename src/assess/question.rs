//! What rules ask of the tables in SQL, for whichever engine answers.

use std::collections::BTreeSet;

use crate::config::Settings;
use crate::rule::{Facts, Rule, fill_sql};

/// One query of one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The rule's id, or `<id>.population` for the query that counts what it looks at.
    pub id: String,
    /// The SQL, with the thresholds in force.
    pub sql: String,
}

/// Every question of `rules`, whether what it needs was supplied or not.
#[must_use]
pub fn questions(rules: &[Rule], settings: &Settings) -> Vec<Question> {
    let facts = Facts::new(BTreeSet::new(), settings);
    let mut all = Vec::new();
    for rule in rules {
        let Some(sql) = &rule.sql else { continue };
        let mut ask = |id: String, sql: &str| {
            let sql = fill_sql(rule, sql, &facts);
            all.push(Question { id, sql });
        };
        ask(rule.id.clone(), sql);
        if let Some(sql) = &rule.population {
            ask(format!("{}.population", rule.id), sql);
        }
    }
    all
}
