//! Reads TOML tables key by key, collecting every fault instead of stopping at the first.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Problem, choice};
use crate::model::Timestamp;

/// A value and where it stands in the file.
pub(super) type Placed<T> = (T, Range<usize>);

/// One configuration file while it is read.
pub(super) struct Document<'d> {
    pub(super) file: &'d str,
    pub(super) text: &'d str,
    /// The file has syntax errors, so a key that seems missing may only be unreadable.
    pub(super) broken: bool,
    pub(super) problems: RefCell<Vec<Problem>>,
    pub(super) warnings: RefCell<Vec<Problem>>,
    pub(super) set: RefCell<BTreeSet<String>>,
}

impl Document<'_> {
    pub(super) fn complain(
        &self,
        span: &Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let problem = Problem::at(self.file, self.text, span, message.into(), help.into());
        self.problems.borrow_mut().push(problem);
    }

    pub(super) fn warn(
        &self,
        span: &Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let problem = Problem::at(self.file, self.text, span, message.into(), help.into());
        self.warnings.borrow_mut().push(problem);
    }

    /// Where a span stands.
    pub(super) fn place(&self, span: &Range<usize>) -> Problem {
        Problem::at(self.file, self.text, span, String::new(), String::new())
    }

    /// `file:line` of a span.
    pub(super) fn pointer(&self, span: &Range<usize>) -> String {
        let place = self.place(span);
        format!("{}:{}", place.file, place.line)
    }
}

/// The keys of one table; [`Fields::finish`] reports those that nobody asked for.
pub(super) struct Fields<'d> {
    pub(super) document: &'d Document<'d>,
    /// Where the table stands.
    pub(super) span: Range<usize>,
    path: String,
    entries: &'d DeTable<'d>,
    asked: Vec<&'static str>,
}

impl<'d> Fields<'d> {
    pub(super) fn root(document: &'d Document<'d>, table: &'d Spanned<DeTable<'d>>) -> Fields<'d> {
        Fields {
            document,
            span: table.span(),
            path: String::new(),
            entries: table.get_ref(),
            asked: Vec::new(),
        }
    }

    /// The dotted path of `key`, as `is_set` knows it.
    pub(super) fn dotted(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    fn value(&mut self, key: &'static str) -> Option<&'d Spanned<DeValue<'d>>> {
        self.asked.push(key);
        let (_, value) = self
            .entries
            .iter()
            .find(|(name, _)| name.get_ref() == key)?;
        let dotted = self.dotted(key);
        self.document.set.borrow_mut().insert(dotted);
        Some(value)
    }

    /// Takes a key for one that is not there: its value says nothing.
    pub(super) fn unset(&self, key: &str) {
        let dotted = self.dotted(key);
        self.document.set.borrow_mut().remove(&dotted);
    }

    /// Whether the table has `key`, readable or not.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(name, _)| name.get_ref() == key)
    }

    /// Where the value of `key` stands, or the table if it has none.
    pub(super) fn span_of(&self, key: &str) -> Range<usize> {
        self.entries
            .iter()
            .find(|(name, _)| name.get_ref() == key)
            .map_or_else(|| self.span.clone(), |(_, value)| value.span())
    }

    /// Reports a fault of the value of `key`.
    pub(super) fn complain(&self, key: &str, message: impl Into<String>, help: impl Into<String>) {
        self.document.complain(&self.span_of(key), message, help);
    }

    /// Reports a key that must be there and is not.
    pub(super) fn missing(&self, what: &str, help: impl Into<String>) {
        if !self.document.broken {
            let message = format!("`[[{}]]` has no {what}", self.path);
            self.document.complain(&self.span, message, help);
        }
    }

    fn wrong_kind(&self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &str) {
        let message = format!(
            "`{}` is {}, not {wanted}",
            self.dotted(key),
            kind(value.get_ref())
        );
        let help = format!("write {wanted}");
        self.document.complain(&value.span(), message, help);
    }

    pub(super) fn string(&mut self, key: &'static str) -> Option<String> {
        let value = self.value(key)?;
        match value.get_ref() {
            DeValue::String(text) if !text.trim().is_empty() => Some(text.clone().into_owned()),
            DeValue::String(_) => {
                let message = format!("`{}` is empty", self.dotted(key));
                self.complain(key, message, "write a value, or remove the key");
                None
            }
            _ => {
                self.wrong_kind(key, value, "a string, e.g. \"text\"");
                None
            }
        }
    }

    /// A string out of a fixed choice.
    pub(super) fn one_of(
        &mut self,
        key: &'static str,
        choices: &[&'static str],
    ) -> Option<&'static str> {
        let text = self.string(key)?;
        let found = choices.iter().find(|choice| **choice == text).copied();
        if found.is_none() {
            let message = format!("`{}` cannot be \"{text}\"", self.dotted(key));
            self.complain(key, message, choice(&text, "valid values", choices));
        }
        found
    }

    /// A list of strings; the faults of single elements do not hide the others.
    pub(super) fn strings(&mut self, key: &'static str) -> Option<Vec<Placed<String>>> {
        let value = self.value(key)?;
        Some(self.texts_of(key, value))
    }

    fn texts_of(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Vec<Placed<String>> {
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong_kind(key, value, "a list of strings, e.g. [\"one\", \"two\"]");
            return Vec::new();
        };
        let mut texts = Vec::new();
        for item in items.iter() {
            match item.get_ref() {
                DeValue::String(text) if !text.trim().is_empty() => {
                    texts.push((text.clone().into_owned(), item.span()));
                }
                DeValue::String(_) => {
                    let message = format!("`{}` has an empty element", self.dotted(key));
                    self.document.complain(
                        &item.span(),
                        message,
                        "write a value, or remove the element",
                    );
                }
                _ => self.wrong_kind(key, item, "a list of strings only"),
            }
        }
        texts
    }

    /// A list of strings, or one string standing for a list of one.
    pub(super) fn string_or_strings(&mut self, key: &'static str) -> Option<Vec<Placed<String>>> {
        let value = self.value(key)?;
        if let DeValue::String(_) = value.get_ref() {
            let span = value.span();
            return self.string(key).map(|text| vec![(text, span)]);
        }
        Some(self.texts_of(key, value))
    }

    pub(super) fn boolean(&mut self, key: &'static str) -> Option<bool> {
        let value = self.value(key)?;
        match value.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            _ => {
                self.wrong_kind(key, value, "true or false");
                None
            }
        }
    }

    pub(super) fn count(&mut self, key: &'static str) -> Option<u64> {
        let value = self.value(key)?;
        let count = match value.get_ref() {
            DeValue::Integer(number) => u64::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        if count.is_none() {
            self.wrong_kind(key, value, "a whole number of 0 or more");
        }
        count
    }

    /// A point in time: RFC 3339 or a bare date, quoted or as a TOML date-time.
    pub(super) fn time(&mut self, key: &'static str) -> Option<Timestamp> {
        const HELP: &str = "write RFC 3339 with an offset, \"2026-01-31T12:00:00Z\", or a date, \
                            \"2026-01-31\", meaning 00:00 UTC";
        let value = self.value(key)?;
        let text = match value.get_ref() {
            DeValue::String(text) => text.clone().into_owned(),
            DeValue::Datetime(time) => time.to_string(),
            _ => {
                self.wrong_kind(
                    key,
                    value,
                    "a time, e.g. \"2026-01-31T12:00:00Z\" or \"2026-01-31\"",
                );
                return None;
            }
        };
        let time = Timestamp::parse_date_or_time(text.trim());
        if time.is_none() {
            let message = format!("`{}` is no time: \"{text}\"", self.dotted(key));
            self.complain(key, message, HELP);
        }
        time
    }

    /// The sub-table `key`, if it is there.
    pub(super) fn table(&mut self, key: &'static str) -> Option<Fields<'d>> {
        let value = self.value(key)?;
        match value.get_ref() {
            DeValue::Table(entries) => Some(self.inner(key, value.span(), entries)),
            _ => {
                let header = format!("a table, `[{}]`", self.dotted(key));
                self.wrong_kind(key, value, &header);
                None
            }
        }
    }

    /// The tables of `[[key]]`, in the order of the file.
    pub(super) fn tables(&mut self, key: &'static str) -> Vec<Fields<'d>> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let header = format!("a list of tables, each headed `[[{}]]`", self.dotted(key));
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong_kind(key, value, &header);
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in items.iter() {
            match item.get_ref() {
                DeValue::Table(entries) => tables.push(self.inner(key, item.span(), entries)),
                _ => self.wrong_kind(key, item, &header),
            }
        }
        tables
    }

    fn inner(&self, key: &str, span: Range<usize>, entries: &'d DeTable<'d>) -> Fields<'d> {
        Fields {
            document: self.document,
            span,
            path: self.dotted(key),
            entries,
            asked: Vec::new(),
        }
    }

    /// The keys as they stand, with their places.
    pub(super) fn keys(&self) -> impl Iterator<Item = Placed<&'d str>> + use<'d> {
        let entries = self.entries.iter();
        entries.map(|(key, _)| (key.get_ref().as_ref(), key.span()))
    }

    /// Every entry of a table whose keys the user chooses, in key order; leaves nothing unknown.
    pub(super) fn open(self) -> Vec<OpenEntry<'d>> {
        let mut entries = Vec::new();
        for (key, value) in self.entries.iter() {
            let dotted = self.dotted(key.get_ref());
            self.document.set.borrow_mut().insert(dotted.clone());
            entries.push(OpenEntry {
                key: key.get_ref().clone().into_owned(),
                dotted,
                key_span: key.span(),
                value,
            });
        }
        entries
    }

    /// An open table of lists of strings.
    pub(super) fn open_lists(self) -> Vec<(String, Vec<Placed<String>>)> {
        self.entries
            .iter()
            .map(|(key, value)| {
                let key = key.get_ref().clone().into_owned();
                let dotted = self.dotted(&key);
                self.document.set.borrow_mut().insert(dotted);
                let texts = self.texts_of(&key, value);
                (key, texts)
            })
            .collect()
    }

    /// An open table of strings.
    pub(super) fn open_strings(self) -> BTreeMap<String, String> {
        let mut strings = BTreeMap::new();
        for (key, value) in self.entries.iter() {
            let dotted = self.dotted(key.get_ref());
            self.document.set.borrow_mut().insert(dotted);
            match value.get_ref() {
                DeValue::String(text) if !text.trim().is_empty() => {
                    let key = key.get_ref().clone().into_owned();
                    strings.insert(key, text.clone().into_owned());
                }
                _ => self.wrong_kind(key.get_ref(), value, "a string, e.g. \"text\""),
            }
        }
        strings
    }

    /// Reports every key that nobody asked for.
    pub(super) fn finish(self) {
        for (key, _) in self.entries.iter() {
            let name: &str = key.get_ref();
            if !self.asked.contains(&name) {
                let message = format!("unknown key `{}`", self.dotted(name));
                let help = choice(name, "valid keys", &self.asked);
                self.document.complain(&key.span(), message, help);
            }
        }
    }
}

/// One entry of a table whose keys the user chooses.
pub(super) struct OpenEntry<'d> {
    pub(super) key: String,
    pub(super) dotted: String,
    pub(super) key_span: Range<usize>,
    pub(super) value: &'d Spanned<DeValue<'d>>,
}

/// What a person calls the kind of a value.
pub(super) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
