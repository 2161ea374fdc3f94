//! What the engine says, in words of ours: no name of a type, no debug text, and a suggestion where
//! a name is nearly right.

use polars::prelude::PolarsError;
use polars::sql::keywords::all_functions;

use super::refusal::Refusal;
use crate::table::row::TABLES;

/// The reason and the help for what Polars answered.
pub(super) fn translate(sql: &str, error: &PolarsError) -> Refusal {
    let text = error.to_string();
    let text = text.strip_prefix("parser error: ").unwrap_or(&text);
    let missing =
        matches!(error, PolarsError::ColumnNotFound(_)) || text.contains("unable to find column");
    if let Some(name) = missing.then(|| quoted(text)).flatten() {
        return column(sql, name);
    }
    if let Some(name) = text
        .contains("unsupported function")
        .then(|| quoted(text))
        .flatten()
    {
        return Refusal {
            reason: format!("there is no function `{name}`"),
            help: suggestion(
                &name.to_lowercase(),
                all_functions(),
                "name a function of SQL",
            ),
        };
    }
    let reason = plain(text);
    Refusal {
        reason: if reason.is_empty() {
            "the engine does not know this construct".to_owned()
        } else {
            reason
        },
        help: "`piperoll tables` lists tables, columns and their types".to_owned(),
    }
}

/// A column that no table of the query has.
fn column(sql: &str, name: &str) -> Refusal {
    let words: Vec<&str> = sql
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .collect();
    let asked = TABLES.iter().filter(|table| words.contains(&table.name));
    let columns = asked.flat_map(|table| table.columns.iter().map(|column| column.name));
    Refusal {
        reason: format!("there is no column `{name}`"),
        help: suggestion(
            name,
            columns,
            "`piperoll tables TABLE` lists the columns of a table",
        ),
    }
}

fn suggestion<'a>(name: &str, known: impl IntoIterator<Item = &'a str>, otherwise: &str) -> String {
    match nearest(name, known) {
        Some(near) => format!("did you mean `{near}`? {otherwise}"),
        None => otherwise.to_owned(),
    }
}

/// The known name that is nearest to a wrong one, if one is near enough.
pub(super) fn nearest<'a>(
    wrong: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    known
        .into_iter()
        .map(|name| {
            (
                strsim::damerau_levenshtein(&wrong, &name.to_lowercase()),
                name,
            )
        })
        .filter(|(distance, name)| *distance <= 2.max(name.len() / 3))
        .min()
        .map(|(_, name)| name)
}

/// The first text in quotes.
fn quoted(text: &str) -> Option<&str> {
    let at = text.find(['"', '\'', '`'])?;
    let quote = text.get(at..)?.chars().next()?;
    let rest = text.get(at + quote.len_utf8()..)?;
    rest.get(..rest.find(quote)?)
}

/// The part of a message before Rust's way of printing a value begins, on one line.
pub(super) fn plain(text: &str) -> String {
    let text = text.lines().next().unwrap_or_default();
    let end = debug_at(text).unwrap_or(text.len());
    let kept = text.get(..end).unwrap_or(text);
    kept.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '\'' | '"' | ':' | ',' | '('))
        .to_owned()
}

/// Where a debug text such as `Some(Ident {` begins: a capital word directly before a bracket.
fn debug_at(text: &str) -> Option<usize> {
    let mut start = None;
    let mut before = ' ';
    let mut chars = text.char_indices().peekable();
    while let Some((at, character)) = chars.next() {
        if character.is_ascii_alphanumeric() || character == '_' {
            if !(before.is_ascii_alphanumeric() || before == '_') {
                start = Some((at, character.is_ascii_uppercase()));
            }
        } else if let Some((from, true)) = start {
            let camel = text
                .get(from..at)
                .is_some_and(|word| word.bytes().any(|byte| byte.is_ascii_lowercase()));
            let brace = character == ' ' && chars.peek().is_some_and(|(_, next)| *next == '{');
            if camel && (matches!(character, '(' | '{') || brace) {
                return Some(from);
            }
            start = None;
        }
        before = character;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_text_ends_a_message() {
        for (text, kept) in [
            ("expression Exists { subquery: 1 } is not", "expression"),
            ("join type 'Semi(On(BinaryOp))' not", "join type"),
            ("join type 'Some(Ident)'", "join type"),
            ("Expected: FROM, found: )", "Expected: FROM, found: )"),
            ("COUNT(x) takes one", "COUNT(x) takes one"),
            ("first\nsecond", "first"),
        ] {
            assert_eq!(plain(text), kept, "{text}");
        }
    }

    #[test]
    fn a_name_that_is_nearly_right_is_suggested_and_another_is_not() {
        assert_eq!(
            nearest("sorce_file", ["source_file", "path"]),
            Some("source_file")
        );
        assert_eq!(nearest("zzzzzzzz", ["source_file", "path"]), None);
    }
}
