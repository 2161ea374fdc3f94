//! `piperoll tables --store DIR -o DIR`: the joined tables and the questions of the rules, for
//! another engine.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use serde_json::{Value as Json, json};

use super::MadeOf;
use crate::assess::{CONTENTS, Question, SCHEMA, questions};
use crate::cli::load::{ReadArgs, say_unread};
use crate::cli::memory::MemorySize;
use crate::cli::settings::{OwnRules, time};
use crate::cli::{DONE, Failure, INPUT};
use crate::model::{Digest, Timestamp};
use crate::report::{escaped, visible};
use crate::scratch;
use crate::table::engine::{ResultSet, Store, Value};
use crate::table::row::TABLES;

/// What is written, and where.
#[derive(Args, Debug)]
pub(super) struct ExportArgs {
    /// Write the joined tables as Parquet, and what the rules ask of them in SQL, for another engine;
    /// the directory must not exist
    #[arg(
        short,
        long,
        value_name = "DIR",
        requires = "store",
        conflicts_with = "names"
    )]
    output: Option<PathBuf>,
    /// The store that `piperoll ingest` keeps, which the tables are made of
    #[arg(long, value_name = "DIR", requires = "output")]
    store: Option<PathBuf>,
    /// Configuration file; default: ./piperoll.toml if it is there
    #[arg(short, long, value_name = "FILE", requires = "output")]
    config: Option<PathBuf>,
    /// Start of the period: RFC 3339, or a date meaning 00:00 UTC
    #[arg(long, value_name = "TIME", value_parser = time, requires = "output")]
    from: Option<Timestamp>,
    /// End of the period, itself outside
    #[arg(long, value_name = "TIME", value_parser = time, requires = "output")]
    to: Option<Timestamp>,
    /// The moment the run speaks from; default: the end of the period
    #[arg(long, value_name = "TIME", value_parser = time, requires = "output")]
    as_of: Option<Timestamp>,
    /// The rules in these files too, as `report` and `pack` take them
    #[arg(long, value_name = "DIR", requires = "output")]
    rules: Option<PathBuf>,
    /// The Sigma rules in these files too
    #[arg(long, value_name = "DIR", requires = "output")]
    sigma: Option<PathBuf>,
    /// The most memory to hold, e.g. 512MiB, 8GiB; what needs more ends with 3 and leaves nothing
    #[arg(long, value_name = "SIZE", requires = "output")]
    memory: Option<MemorySize>,
    /// Write beside them, in `answers/`, what the embedded engine answers, to hold another's against
    #[arg(long, requires = "output")]
    answered: bool,
}

/// Writes the tables, where that is asked; none where it is not.
pub(super) fn run(
    args: &ExportArgs,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<Option<u8>, Failure> {
    let (Some(output), Some(store)) = (&args.output, &args.store) else {
        return Ok(None);
    };
    let read = ReadArgs {
        inputs: Vec::new(),
        store: Some(store.clone()),
        config: args.config.clone(),
        from: args.from,
        to: args.to,
        period: None,
        as_of: args.as_of,
        no_follow: false,
        memory: args.memory,
    };
    let own = OwnRules {
        rules: args.rules.as_deref(),
        sigma: args.sigma.as_deref(),
    };
    let loaded = read.load_with(own, err)?;
    make(output)?;
    let estate = read.read(&loaded, None, err)?;
    estate.store.export(output)?;
    let made_of = MadeOf::new(&loaded, &estate);
    let digest = made_of.digest()?;
    let rows = TABLES.iter().map(|table| {
        let rows = estate.store.rows(table.name);
        (table.name, json!({ "rows": rows }))
    });
    let rows: BTreeMap<&str, Json> = rows.collect();
    let contents = json!({
        "schema": "piperoll/tables/1",
        "made_of": made_of,
        "made_of_sha256": digest.to_string(),
        "tables": rows,
    });
    write(&output.join("tables.json"), std::iter::once(contents))?;
    let asked = questions(&loaded.rules, &loaded.settings);
    let lines = asked
        .iter()
        .map(|question| json!({"id": question.id, "sql": question.sql}));
    write(&output.join("questions.ndjson"), lines)?;
    if args.answered {
        answer(&output.join("answers"), digest, &asked, &estate.store)?;
    }
    writeln!(
        out,
        "{}: {} rows of {} tables, {} questions of rules",
        visible(&output.display().to_string()),
        estate.store.all_rows(),
        TABLES.len(),
        asked.len()
    )?;
    let readable = say_unread(&estate, err)?;
    Ok(Some(if readable { DONE } else { INPUT }))
}

/// Writes what the embedded engine answers, as another one would.
fn answer(
    directory: &Path,
    made_of: Digest,
    asked: &[Question],
    store: &Store,
) -> Result<(), Failure> {
    make(directory)?;
    let mut answered = Vec::with_capacity(asked.len());
    for question in asked {
        let mut result = store.query(&question.sql)?;
        result.sort();
        let folder = directory.join(&question.id);
        make(&folder)?;
        let rows = result.rows.iter().map(|row| object(&result, row));
        write(&folder.join("part-00000.json"), rows)?;
        answered.push(json!({
            "id": question.id,
            "sql_sha256": Digest::of(&question.sql).to_string(),
            "columns": result.columns,
            "rows": result.rows.len(),
        }));
    }
    let contents = json!({
        "schema": SCHEMA,
        "made_of_sha256": made_of.to_string(),
        "engine": "embedded",
        "questions": answered,
    });
    write(&directory.join(CONTENTS), std::iter::once(contents))
}

/// A row as answers have it: times in microseconds, NULL left out.
fn object(result: &ResultSet, row: &[Value]) -> Json {
    let pairs = result.columns.iter().zip(row).filter_map(|(name, value)| {
        let value: Json = match value {
            Value::Null => return None,
            Value::Text(text) => text.clone().into(),
            Value::Int(number) => (*number).into(),
            Value::Real(number) => (*number).into(),
            Value::Time(at) => at.0.into(),
            Value::Texts(items) => items.clone().into(),
        };
        Some((name.clone(), value))
    });
    Json::Object(pairs.collect())
}

/// Writes values, one a line, to a file for this account alone.
fn write(path: &Path, lines: impl Iterator<Item = impl Serialize>) -> Result<(), Failure> {
    let mut file = BufWriter::new(scratch::create(path)?);
    for line in lines {
        escaped::to_writer(&mut file, &line)?;
        file.write_all(b"\n")?;
    }
    Ok(file.flush()?)
}

/// Makes a directory for this account alone.
fn make(path: &Path) -> Result<(), Failure> {
    scratch::create_directory(path).map_err(|error| {
        let help = "name a directory that does not exist, below one that does";
        Failure::usage(format!("cannot make `{}`: {error}", path.display()), help)
    })
}
