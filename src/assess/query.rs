//! Runs one rule over the tables.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::{Answer, Answers, run_check, unanswered};
use crate::check::Known;
use crate::model::{Confidence, Ended, Evidence, Severity, Timestamp};
use crate::posture::Posture;
use crate::rule::{Absence, Observation, Rule, fill_sql, missing_input, unproven};
use crate::table::engine::{EngineError, ResultSet, Spot, Store, Supposed, Value};

/// A rule that could not be run: a fault of the rule, never of the input.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The engine refused a query.
    #[error("rule {rule}: {error}")]
    Engine {
        /// The rule.
        rule: String,
        /// What the engine says.
        error: EngineError,
    },
    /// Another engine was not asked.
    #[error("rule {rule}: another engine answers, and was not asked\nhelp: ask it again")]
    Unasked {
        /// The rule.
        rule: String,
    },
    /// The answer lacks a column or has a wrong value.
    #[error(
        "rule {rule}: {message}\nhelp: a rule returns subject, object, at, source_file, source_line"
    )]
    Shape {
        /// The rule.
        rule: String,
        /// What is wrong.
        message: String,
    },
}

/// Who answers the SQL of a rule, over which tables.
#[derive(Clone, Copy)]
pub struct Engine<'e> {
    /// The tables.
    pub store: &'e Store,
    /// What another engine answered over them; without, the embedded one is asked.
    pub answers: Option<&'e Answers>,
    /// Requests that no log answers, as if they had succeeded.
    pub unanswered: Option<&'e Supposed>,
}

impl Engine<'_> {
    fn ask(&self, rule: &Rule, sql: &str) -> Result<Cow<'_, ResultSet>, RunError> {
        let rule = || rule.id.clone();
        match self.answers {
            Some(answers) => {
                let answer = answers.of(sql).map(Cow::Borrowed);
                answer.ok_or_else(|| RunError::Unasked { rule: rule() })
            }
            None => {
                let answer = self.store.query(sql).map(Cow::Owned);
                answer.map_err(|error| RunError::Engine {
                    rule: rule(),
                    error,
                })
            }
        }
    }
}

/// Runs a rule: not-assessed when something it needs is missing, else what it found.
pub fn run(
    rule: &Rule,
    engine: Engine<'_>,
    input: &Posture<'_>,
    known: &Known<'_>,
) -> Result<Answer, RunError> {
    if rule.check.is_some() {
        return Ok(run_check(rule, input, known));
    }
    match asked(rule, engine, input) {
        // One's own rule that no engine takes takes no run with it.
        Err(error @ (RunError::Engine { .. } | RunError::Shape { .. })) if rule.own.is_some() => {
            let said = error.to_string();
            let first = said.lines().next().unwrap_or_default();
            Ok(Answer::not_assessed(format!(
                "its SQL cannot be run: {first}"
            )))
        }
        answer => answer,
    }
}

fn asked(rule: &Rule, engine: Engine<'_>, input: &Posture<'_>) -> Result<Answer, RunError> {
    let (facts, store) = (input.facts, engine.store);
    let shape = |message| RunError::Shape {
        rule: rule.id.clone(),
        message,
    };
    let failed = |error| RunError::Engine {
        rule: rule.id.clone(),
        error,
    };
    let counted = |sql: String| count(&store.query(&sql).map_err(failed)?).map_err(shape);
    let values =
        |table: &str, column: &str| counted(format!("SELECT count({column}) AS n FROM {table}"));
    let missing = missing_input(&rule.requires, facts, |t| store.rows(t), values)?;
    if let Some(reason) = missing {
        return Ok(Answer::not_assessed(reason));
    }
    let population = match &rule.population {
        Some(sql) => count(&*engine.ask(rule, &fill_sql(rule, sql, facts))?).map_err(shape)?,
        None => 0,
    };
    let Some(sql) = &rule.sql else {
        return Ok(Answer::not_assessed("the rule has neither SQL nor check"));
    };
    let sql = fill_sql(rule, sql, facts);
    let result = engine.ask(rule, &sql)?;
    let mut observations = read(&result).map_err(shape)?;
    let unknown = locate(store, &mut observations).map_err(failed)?;
    if let Some(Spot { file, line, .. }) = unknown {
        return Err(shape(format!(
            "no record that was read stands at {file}:{line}"
        )));
    }
    let observations: Vec<Observation> = observations.into_iter().map(|(_, row)| row).collect();
    let stated = |kind: &str, name: &str| {
        counted(format!(
            "SELECT count(object) AS n FROM config WHERE kind = '{kind}' AND name = '{name}'"
        ))
    };
    if observations.is_empty()
        && let Some(reason) = unproven(&rule.requires, stated)?
    {
        return Ok(Answer::not_assessed(reason));
    }
    let partly = match engine.unanswered.filter(|_| observations.is_empty()) {
        Some(supposed) if unanswered::may_matter(&sql) => {
            let answer = store.query_supposing(&sql, supposed).map_err(failed)?;
            unanswered::words(&read(&answer).map_err(shape)?, supposed)
        }
        _ => None,
    };
    Ok(Answer {
        partly,
        ..Answer::looked(population, observations)
    })
}

/// The number that an answer is; the sum of nothing is NULL.
fn count(result: &ResultSet) -> Result<u64, String> {
    let cell = result.rows.first().and_then(|row| row.first());
    match cell {
        Some(Value::Null) => Ok(0),
        // A count is a whole number far below 2^53.
        Some(cell) => match cell.as_real() {
            Some(number) if number >= 0.0 => Ok(number as u64),
            _ => Err(format!("a population is no number: {cell:?}")),
        },
        None => Err("a population has no row".to_owned()),
    }
}

/// The rows of an answer, each with the spot its evidence is looked up by.
fn read(result: &ResultSet) -> Result<Vec<(Spot, Observation)>, String> {
    let need = |name: &str| {
        let position = result.position(name);
        position.ok_or_else(|| format!("the answer has no column `{name}`"))
    };
    let (subject, object) = (need("subject")?, need("object")?);
    let (file, line) = (need("source_file")?, need("source_line")?);
    let at = need("at")?;
    let (byte, confidence) = (
        result.position("source_byte"),
        result.position("confidence"),
    );
    let (severity, detail) = (result.position("severity"), result.position("detail"));
    let occurrence = result.position("occurrence");
    let mut rows = Vec::with_capacity(result.rows.len());
    for row in &result.rows {
        let cell = |position: usize| row.get(position).unwrap_or(&Value::Null);
        let text = |position: usize| cell(position).as_text().unwrap_or("").to_owned();
        let number = |position: usize| {
            let value = cell(position).as_int();
            value.and_then(|value| u64::try_from(value).ok())
        };
        let spot = Spot {
            file: Some(text(file))
                .filter(|name| !name.is_empty())
                .ok_or("`source_file` of a row is no file")?,
            line: number(line).ok_or("`source_line` of a row is no line")?,
            byte: byte.and_then(number),
        };
        let severity = match severity.map(text) {
            None => None,
            Some(word) if word.is_empty() => None,
            Some(word) => Some(word.parse::<Severity>()?),
        };
        let confidence = sureness(confidence.map(&cell));
        let observation = Observation {
            subject: text(subject),
            object: text(object),
            at: moment("at", Some(cell(at)))?,
            evidence: Evidence {
                file: spot.file.clone(),
                line: spot.line,
                byte: spot.byte.unwrap_or(0),
                sha256: String::new(),
            },
            confidence,
            severity,
            detail: detail.map(text).unwrap_or_default(),
            excerpt: None,
            occurrence: occurrence.and_then(|position| Some(cell(position).as_text()?.to_owned())),
            ended: ended(result, row)?,
            absence: absence(result, row)?,
        };
        rows.push((spot, observation));
    }
    Ok(rows)
}

/// How sure a row is, by its column `confidence`.
fn sureness(cell: Option<&Value>) -> Confidence {
    match cell.map(Value::as_real) {
        None => Confidence::CERTAIN,
        // It rests on something that is not there.
        Some(None) => Confidence::SUSPECTED,
        Some(Some(value)) => Confidence((value * 100.0).round().clamp(0.0, 100.0) as u8),
    }
}

/// When a row was. A union with a number makes numbers of the moments of the other rows: lost, if
/// they passed for NULL.
fn moment(name: &str, cell: Option<&Value>) -> Result<Option<Timestamp>, String> {
    match cell {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Time(moment)) => Ok(Some(*moment)),
        Some(other) => Err(format!("`{name}` is no moment: {other:?}")),
    }
}

/// The record that ended what a row says: columns `ended_at`, `ended_file`, `ended_line` and
/// `ended_byte`.
fn ended(result: &ResultSet, row: &[Value]) -> Result<Option<Ended>, String> {
    let cell = |name: &str| row.get(result.position(name)?);
    let Some(at) = moment("ended_at", cell("ended_at"))? else {
        return Ok(None);
    };
    let number = |name: &str| u64::try_from(cell(name)?.as_int()?).ok();
    let place = || {
        let file = cell("ended_file")?.as_text()?.to_owned();
        Some((file, number("ended_line")?, number("ended_byte")?))
    };
    let lost = || format!("what ended at {at} has no file, line and byte");
    let (file, line, byte) = place().ok_or_else(lost)?;
    Ok(Some(Ended {
        at,
        file,
        line,
        byte,
    }))
}

/// Where what would clear a row may stand.
fn absence(result: &ResultSet, row: &[Value]) -> Result<Absence, String> {
    let cell = |name: &str| row.get(result.position(name)?);
    let of = cell("counterpart").and_then(Value::as_text);
    Ok(Absence {
        since: moment("since", cell("since"))?,
        until: moment("until", cell("until"))?,
        of: of.unwrap_or_default().to_owned(),
    })
}

/// Fills byte and digest of the evidence, and gives the first spot where no record stands.
fn locate(store: &Store, rows: &mut [(Spot, Observation)]) -> Result<Option<Spot>, EngineError> {
    let spots: BTreeSet<Spot> = rows.iter().map(|(spot, _)| spot.clone()).collect();
    let located = store.locate(&spots)?;
    for (spot, row) in rows {
        if let Some(evidence) = located.get(spot) {
            row.evidence = evidence.clone();
        }
    }
    Ok(spots.into_iter().find(|spot| !located.contains_key(spot)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One row of an answer with these columns beside those that every rule returns.
    fn answer(more: &[(&str, Value)], file: Value, line: Value) -> ResultSet {
        let text = |word: &str| Value::Text(word.to_owned());
        let mut cells = vec![
            ("subject", text("vault:role/gitlab/app")),
            ("object", text("vault:path/secret/data/a")),
            ("at", Value::Null),
            ("source_file", file),
            ("source_line", line),
        ];
        cells.extend_from_slice(more);
        ResultSet {
            columns: cells.iter().map(|(name, _)| (*name).to_owned()).collect(),
            rows: vec![cells.into_iter().map(|(_, value)| value).collect()],
        }
    }

    fn confidence(value: Value) -> Confidence {
        let answer = answer(
            &[("confidence", value)],
            Value::Text("audit.log".to_owned()),
            Value::Int(3),
        );
        read(&answer).unwrap()[0].1.confidence
    }

    #[test]
    fn what_is_not_known_to_be_certain_is_suspected() {
        assert_eq!(confidence(Value::Real(0.95)), Confidence(95));
        assert_eq!(confidence(Value::Null), Confidence::SUSPECTED);
    }

    #[test]
    fn a_row_without_its_place_is_no_evidence() {
        let file = || Value::Text("audit.log".to_owned());
        assert!(read(&answer(&[], file(), Value::Int(3))).is_ok());
        assert!(read(&answer(&[], file(), Value::Null)).is_err());
        assert!(read(&answer(&[], file(), Value::Int(-1))).is_err());
        assert!(read(&answer(&[], Value::Null, Value::Int(3))).is_err());
    }

    #[test]
    fn a_population_that_is_no_number_is_not_nobody() {
        let of = |rows: Vec<Vec<Value>>| {
            count(&ResultSet {
                columns: vec!["n".to_owned()],
                rows,
            })
        };
        assert_eq!(of(vec![vec![Value::Int(7)]]), Ok(7));
        assert_eq!(of(vec![vec![Value::Null]]), Ok(0));
        assert!(of(vec![vec![Value::Text("7".to_owned())]]).is_err());
        assert!(of(vec![]).is_err());
    }
}
