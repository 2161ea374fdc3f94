//! What another engine answered to the questions of the rules, read back from its directory.
//!
//! `answers.json` says of which tables they are, and of each question its SQL's digest, the columns
//! and how many rows there are. The rows of a question lie in files below a folder of its id, a JSON
//! object a line, times in microseconds since 1970. What is short, or answers something else than
//! would be asked, is refused: an answer that lost rows would pass for fewer findings.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Question;
use crate::disk;
use crate::model::{Digest, Failing, FailureKind, Timestamp};
use crate::table::engine::{ResultSet, Value};

/// The name and version of the layout.
pub const SCHEMA: &str = "piperoll/answers/1";
/// The file that says what the others are.
pub const CONTENTS: &str = "answers.json";
/// Columns of rules that are times.
const TIMES: [&str; 4] = ["at", "ended_at", "since", "until"];

/// Answers that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AnswersError {
    /// A file cannot be read, or not be understood.
    #[error("`{}`: {reason}\n  help: name the directory that the engine wrote, whole", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// They are of other tables.
    #[error(
        "`{}` answers of other tables than the store, the configuration and the period give\n  help: ask again over what `piperoll tables --store DIR -o DIR` writes with the same options",
        .0.display()
    )]
    Other(PathBuf),
    /// A question was not asked, or with another text.
    #[error(
        "`{}` has no answer to `{question}` as it is asked now\n  help: ask again over what `piperoll tables --store DIR -o DIR` writes with the same options",
        .directory.display()
    )]
    Unasked {
        /// The directory.
        directory: PathBuf,
        /// The question.
        question: String,
    },
    /// Rows were lost, or came twice.
    #[error(
        "`{}` has {found} row(s) for `{question}`, and the engine wrote {expected}\n  help: copy the directory again, whole",
        .directory.display()
    )]
    Rows {
        /// The directory.
        directory: PathBuf,
        /// The question.
        question: String,
        /// Rows that are there.
        found: u64,
        /// Rows that were written.
        expected: u64,
    },
}

impl Failing for AnswersError {
    fn kind(&self) -> FailureKind {
        match self {
            AnswersError::Other(_) | AnswersError::Unasked { .. } => FailureKind::Usage,
            AnswersError::File { .. } | AnswersError::Rows { .. } => FailureKind::Input,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Contents {
    schema: String,
    made_of_sha256: String,
    #[serde(rename = "engine")]
    _engine: String,
    questions: Vec<Answered>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answered {
    id: String,
    sql_sha256: String,
    columns: Vec<String>,
    rows: u64,
}

/// The answers of another engine, by the SQL that they answer.
#[derive(Debug, Default)]
pub struct Answers(BTreeMap<String, ResultSet>);

impl Answers {
    /// Reads the answers to `questions` over the tables that are made of `made_of`.
    ///
    /// # Errors
    ///
    /// They are of other tables, of other questions, or not whole.
    pub fn read(
        directory: &Path,
        made_of: Digest,
        questions: &[Question],
    ) -> Result<Answers, AnswersError> {
        let path = directory.join(CONTENTS);
        let text = disk::text(&path).map_err(fault(&path))?;
        let contents: Contents = serde_json::from_str(&text).map_err(fault(&path))?;
        if contents.schema != SCHEMA {
            let reason = format!("is `{}`, not `{SCHEMA}`", contents.schema);
            return Err(fault(&path)(reason));
        }
        if contents.made_of_sha256 != made_of.to_string() {
            return Err(AnswersError::Other(directory.to_owned()));
        }
        let mut answered: BTreeMap<&str, &Answered> = BTreeMap::new();
        for answer in &contents.questions {
            answered.insert(&answer.id, answer);
        }
        let mut all = BTreeMap::new();
        for question in questions {
            let sql = Digest::of(&question.sql).to_string();
            let answer = answered.get(question.id.as_str());
            let Some(answer) = answer.filter(|answer| answer.sql_sha256 == sql) else {
                return Err(AnswersError::Unasked {
                    directory: directory.to_owned(),
                    question: question.id.clone(),
                });
            };
            all.insert(question.sql.clone(), rows(directory, answer)?);
        }
        Ok(Answers(all))
    }

    /// The answer to a query, if it was asked.
    #[must_use]
    pub fn of(&self, sql: &str) -> Option<&ResultSet> {
        self.0.get(sql)
    }
}

/// The rows of one answer, sorted.
fn rows(directory: &Path, answer: &Answered) -> Result<ResultSet, AnswersError> {
    let mut result = ResultSet {
        columns: answer.columns.clone(),
        rows: Vec::new(),
    };
    for path in parts(&directory.join(&answer.id))? {
        let file = disk::open_file(&path).map_err(fault(&path))?;
        for line in BufReader::new(file).lines() {
            let line = line.map_err(fault(&path))?;
            let object: serde_json::Map<String, serde_json::Value> =
                serde_json::from_str(&line).map_err(fault(&path))?;
            let row = row(&answer.columns, object).map_err(fault(&path))?;
            result.rows.push(row);
        }
    }
    let found = result.rows.len() as u64;
    if found != answer.rows {
        return Err(AnswersError::Rows {
            directory: directory.to_owned(),
            question: answer.id.clone(),
            found,
            expected: answer.rows,
        });
    }
    result.sort();
    Ok(result)
}

/// The files of rows in a folder, by name; what engines keep beside them begins with `.` or `_`.
fn parts(folder: &Path) -> Result<Vec<PathBuf>, AnswersError> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(fault(folder))? {
        let entry = entry.map_err(fault(folder))?;
        if !entry.file_name().as_encoded_bytes().starts_with(b".")
            && !entry.file_name().as_encoded_bytes().starts_with(b"_")
        {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

/// The values of an object in the order of the columns; what it leaves out is NULL.
fn row(
    columns: &[String],
    mut object: serde_json::Map<String, serde_json::Value>,
) -> Result<Vec<Value>, String> {
    let values = columns.iter().map(|name| {
        let value = object.remove(name).unwrap_or_default();
        typed(name, value)
    });
    let row = values.collect::<Result<Vec<Value>, String>>()?;
    match object.keys().next() {
        Some(name) => Err(format!("`{name}` is no column of the answer")),
        None => Ok(row),
    }
}

fn typed(name: &str, value: serde_json::Value) -> Result<Value, String> {
    let wrong = || format!("`{name}` is no value that a rule returns");
    match value {
        serde_json::Value::Null => Ok(Value::Null),
        serde_json::Value::Bool(truth) => Ok(Value::Int(i64::from(truth))),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(micros) if TIMES.contains(&name) => Ok(Value::Time(Timestamp(micros))),
            Some(number) => Ok(Value::Int(number)),
            None => number.as_f64().map(Value::Real).ok_or_else(wrong),
        },
        serde_json::Value::String(_) if TIMES.contains(&name) => Err(wrong()),
        serde_json::Value::String(text) => Ok(Value::Text(text)),
        serde_json::Value::Array(items) => {
            let texts = items.into_iter().map(|item| match item {
                serde_json::Value::String(text) => Some(text),
                _ => None,
            });
            texts
                .collect::<Option<Vec<String>>>()
                .map(Value::Texts)
                .ok_or_else(wrong)
        }
        serde_json::Value::Object(_) => Err(wrong()),
    }
}

fn fault<E: std::fmt::Display>(path: &Path) -> impl FnOnce(E) -> AnswersError + use<'_, E> {
    move |reason| AnswersError::File {
        path: path.to_owned(),
        reason: reason.to_string(),
    }
}
