//! What populations are made of: rows of queries, and what they need.

use std::collections::BTreeMap;

use crate::estate::Estate;
use crate::model::{Evidence, list};
use crate::table::engine::{EngineError, ResultSet, Store, Value};

/// What holds policies of Vault, and under which name its export states them.
pub(in crate::pack) const HOLDERS: [(&str, &str); 3] = [
    ("vault-role", "token_policies"),
    ("vault-entity", "policies"),
    ("vault-group", "policies"),
];

/// A population before its evidence is read again.
pub(super) struct Draft {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) columns: Vec<&'static str>,
    pub(super) worksheet: &'static [&'static str],
    pub(super) rows: Vec<Row>,
    pub(super) needs: &'static [Need],
}

/// A row before its evidence is read again.
pub(super) struct Row {
    pub(super) cells: Vec<String>,
    pub(super) evidence: Evidence,
}

/// What a population needs, or it may lack rows.
#[derive(Clone, Copy)]
pub(super) struct Need {
    /// What is to be supplied, in words.
    pub(super) what: &'static str,
    /// What shows that it was.
    pub(super) shown_by: Shown,
}

/// What shows that an input was supplied.
#[derive(Clone, Copy)]
pub(super) enum Shown {
    /// A thing of this kind in the table `config`.
    Thing(&'static str),
    /// A source in the coverage, with something read of it.
    Source(&'static str),
    /// A row of this table.
    Table(&'static str),
    /// A policy of Vault.
    VaultPolicy,
}

impl Need {
    pub(super) fn is_supplied(&self, estate: &Estate) -> bool {
        match self.shown_by {
            Shown::Thing(kind) => {
                let sql = format!("SELECT count(object) AS n FROM config WHERE kind = '{kind}'");
                let found = estate.store.query(&sql);
                let count = found.and_then(|found| number(&found, 0, 0));
                count.is_ok_and(|count| count > 0)
            }
            Shown::Source(source) => estate
                .coverage
                .iter()
                .any(|file| file.source == source && file.parsed > 0),
            Shown::Table(table) => estate.store.rows(table) > 0,
            Shown::VaultPolicy => !estate.policies.is_empty(),
        }
    }
}

/// The rows of a query: every column but those of the evidence is a cell.
pub(super) fn rows(store: &Store, sql: &str) -> Result<Vec<Row>, EngineError> {
    with_evidence(&store.query(sql)?)
}

/// The rows of an answer: every column but those of the evidence is a cell.
pub(super) fn with_evidence(found: &ResultSet) -> Result<Vec<Row>, EngineError> {
    let at = |name: &str| found.position(name);
    let places = ["source_file", "source_line", "source_byte", "source_sha256"].map(at);
    let mut rows = Vec::with_capacity(found.rows.len());
    for values in &found.rows {
        let cells = values.iter().enumerate();
        let cells = cells.filter(|(column, _)| !places.contains(&Some(*column)));
        let [file, line, byte, sha256] =
            places.map(|place| values.get(place?).filter(|value| **value != Value::Null));
        // What no record shows is no row.
        let Some(file) = file else { continue };
        let number = |value: Option<&Value>| u64::try_from(value?.as_int()?).ok();
        let (Some(line), Some(byte)) = (number(line), number(byte)) else {
            return Err(EngineError::Table {
                table: "population".to_owned(),
                message: format!("a row of {} has no line and byte", text_of(file)),
            });
        };
        rows.push(Row {
            cells: cells.map(|(_, value)| text_of(value)).collect(),
            evidence: Evidence {
                file: text_of(file),
                line,
                byte,
                sha256: sha256.map_or_else(String::new, text_of),
            },
        });
    }
    Ok(rows)
}

/// A value as a cell.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Text(text) => text.clone(),
        Value::Int(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Time(time) => time.to_string(),
        Value::Texts(texts) => list::joined(texts.iter().map(String::as_str)),
    }
}

/// A whole number of a result.
///
/// # Errors
///
/// When what stands there is none.
pub(super) fn number(found: &ResultSet, row: usize, column: usize) -> Result<u64, EngineError> {
    let value = found.rows.get(row).and_then(|row| row.get(column));
    let number = value.and_then(Value::as_int);
    let number = number.and_then(|number| u64::try_from(number).ok());
    number.ok_or_else(|| EngineError::Table {
        table: "population".to_owned(),
        message: format!("a count is {value:?}"),
    })
}

/// One thing of the table `config`: its attributes by name, and where it stands.
#[derive(Clone, Debug)]
pub(in crate::pack) struct Thing {
    pub(in crate::pack) object: String,
    /// An attribute of several values holds them as one list.
    pub(super) attributes: BTreeMap<String, String>,
    /// The values of each attribute, in the order of the export.
    values: BTreeMap<String, Vec<String>>,
    pub(super) evidence: Evidence,
}

impl Thing {
    /// A thing of which an export states nothing but where it stands.
    pub(super) fn bare(object: &str, evidence: &Evidence) -> Thing {
        Thing {
            object: object.to_owned(),
            attributes: BTreeMap::new(),
            values: BTreeMap::new(),
            evidence: evidence.clone(),
        }
    }

    /// The namespace that a role lies in: what its id has before its mount and name.
    pub(in crate::pack) fn namespace(&self) -> Option<String> {
        let own = self.object.strip_prefix("vault:role/")?;
        let end = format!("{}/{}", self.get("mount"), self.get("name"));
        let namespace = own.strip_suffix(&end)?.trim_end_matches('/');
        Some(namespace.to_owned()).filter(|namespace| !namespace.is_empty())
    }

    pub(in crate::pack) fn values(&self, name: &str) -> &[String] {
        self.values.get(name).map_or(&[], Vec::as_slice)
    }

    pub(super) fn get(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }
}

/// Every thing of a kind, as each export states it.
pub(in crate::pack) fn things(store: &Store, kind: &str) -> Result<Vec<Thing>, EngineError> {
    let sql = format!(
        "SELECT object, name, value, source_file, source_line, source_byte, source_sha256 \
         FROM config WHERE kind = '{kind}'"
    );
    let mut found: BTreeMap<(String, Evidence), Thing> = BTreeMap::new();
    for row in rows(store, &sql)? {
        let [object, name, value] = <[String; 3]>::try_from(row.cells).unwrap_or_default();
        let key = (object.clone(), row.evidence.clone());
        let bare = || Thing::bare(&object, &row.evidence);
        let thing = found.entry(key).or_insert_with(bare);
        thing.values.entry(name).or_default().push(value);
    }
    for thing in found.values_mut() {
        let values = thing.values.iter();
        let texts = values.map(|(name, values)| match values.as_slice() {
            [one] => (name.clone(), one.clone()),
            many => (name.clone(), list::joined(many.iter().map(String::as_str))),
        });
        thing.attributes = texts.collect();
    }
    Ok(found.into_values().collect())
}
