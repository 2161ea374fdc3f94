//! Every table and key of `piperoll.toml`: its kind, its default, what it means, and an example.
//!
//! The page `docs/configuration.md`, the JSON schema and the tests of the reader are made of this
//! list; a test holds it to the keys that the reader asks for, in both directions.

mod tables;

pub use tables::{TABLES, THRESHOLDS};

/// What a key's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A string.
    Text,
    /// A list of strings.
    Texts,
    /// A string, or a list of strings.
    TextOrTexts,
    /// `true` or `false`.
    Flag,
    /// A whole number of 0 or more.
    Count,
    /// RFC 3339 with an offset, or a date meaning 00:00 UTC.
    Time,
    /// One of these strings.
    Choice(&'static [&'static str]),
}

impl Kind {
    /// The kind in words for people.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Kind::Text => "string".to_owned(),
            Kind::Texts => "list of strings".to_owned(),
            Kind::TextOrTexts => "string or list of strings".to_owned(),
            Kind::Flag => "true or false".to_owned(),
            Kind::Count => "whole number".to_owned(),
            Kind::Time => "time: RFC 3339 or a date".to_owned(),
            Kind::Choice(choices) => {
                let choices: Vec<String> = choices.iter().map(|c| format!("\"{c}\"")).collect();
                choices.join(" or ")
            }
        }
    }
}

/// One key of a table.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name; in a table whose keys the user chooses, what stands for them: `<person>`.
    pub name: &'static str,
    /// What its value is.
    pub kind: Kind,
    /// What holds without it, as TOML or in words.
    pub default: &'static str,
    /// A value, as TOML.
    pub example: &'static str,
    /// What it means, in one sentence or two.
    pub about: &'static str,
}

impl Key {
    /// Whether the user chooses the name.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.name.starts_with('<')
    }

    /// The name as the example writes it.
    #[must_use]
    pub fn written(&self) -> &'static str {
        self.name.trim_matches(['<', '>'])
    }
}

/// One table.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its dotted name: `people.aliases`.
    pub name: &'static str,
    /// Written `[[name]]`, as often as needed.
    pub repeated: bool,
    /// What it is for.
    pub about: &'static str,
    /// Its keys, in the order in which one thinks of them.
    pub keys: &'static [Key],
}

/// A configuration that has every table and key, except thresholds.
#[must_use]
pub fn example() -> String {
    let mut text = String::new();
    for table in TABLES {
        // A finding is named one way, and so is a path.
        for chosen in ways(table.name) {
            text.push_str(&table.example(chosen));
            text.push('\n');
        }
    }
    text
}

/// The keys that exclude each other in a repeated table: one list per example, of those left out.
fn ways(table: &str) -> &'static [&'static [&'static str]] {
    match table {
        "owner" => &[&["pattern"], &["prefix", "project", "environment"]],
        "waiver" => &[&["fingerprint"], &["subject", "object"]],
        _ => &[&[]],
    }
}

impl Table {
    /// The header as it is written.
    #[must_use]
    pub fn header(&self) -> String {
        match self.repeated {
            true => format!("[[{}]]", self.name),
            false => format!("[{}]", self.name),
        }
    }

    /// The table with every key but those left out, as TOML.
    #[must_use]
    pub fn example(&self, left_out: &[&str]) -> String {
        let mut text = format!("{}\n", self.header());
        for key in self.keys.iter().filter(|key| !left_out.contains(&key.name)) {
            text.push_str(&format!("{} = {}\n", key.written(), key.example));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::Settings;

    #[test]
    fn every_key_of_the_list_is_read() {
        let settings = Settings::parse("piperoll.toml", &example(), &[]).unwrap();
        for table in TABLES {
            assert!(settings.is_set(table.name), "{}", table.name);
            for key in table.keys {
                let dotted = format!("{}.{}", table.name, key.written());
                assert!(settings.is_set(&dotted), "{dotted}");
            }
        }
    }

    /// The reader names the keys that it knows where it meets one that it does not.
    fn valid_keys(header: &str) -> BTreeSet<String> {
        let text = format!("{header}\nzzzzzz = 1\n");
        let problems = Settings::parse("piperoll.toml", &text, &[]).unwrap_err();
        let unknown = problems
            .0
            .iter()
            .find(|p| p.message.contains("unknown key"));
        let help = &unknown.expect(header).help;
        let list = help.rsplit_once("valid keys: ").expect(help).1;
        let keys = list.split(", ").map(|key| key.trim_matches('`').to_owned());
        keys.collect()
    }

    #[test]
    fn every_key_that_is_read_is_in_the_list() {
        for table in TABLES {
            if table.keys.iter().any(Key::is_open) {
                continue;
            }
            let inner = TABLES.iter().filter_map(|other| {
                let inner = other.name.strip_prefix(table.name)?.strip_prefix('.')?;
                Some(inner.to_owned())
            });
            let listed = table.keys.iter().map(|key| key.name.to_owned());
            let listed: BTreeSet<String> = listed.chain(inner).collect();
            assert_eq!(listed, valid_keys(&table.header()), "{}", table.name);
        }
        let tables: BTreeSet<String> = TABLES
            .iter()
            .map(|table| table.name.split('.').next().unwrap_or_default().to_owned())
            .chain(["thresholds".to_owned()])
            .collect();
        assert_eq!(tables, valid_keys(""));
    }

    /// A value of another kind.
    fn wrong(kind: Kind) -> &'static str {
        match kind {
            Kind::Text | Kind::TextOrTexts => "7",
            Kind::Texts | Kind::Choice(_) => "[7]",
            Kind::Flag => "\"perhaps\"",
            Kind::Count => "-1",
            Kind::Time => "\"yesterday\"",
        }
    }

    /// What the program keeps of a text, without the text itself and the names of what is set.
    fn kept(text: &str) -> Result<String, String> {
        match Settings::parse("piperoll.toml", text, &[]) {
            Ok(settings) => {
                let said = format!("{settings:?}");
                let end = said.rfind(", warnings: [").expect("settings end so");
                Ok(said[..end].to_owned())
            }
            Err(problems) => Err(problems.to_string()),
        }
    }

    /// The table with one key at a value, or without it, and what else it cannot be without.
    fn with(table: &Table, key: &Key, value: Option<&str>) -> String {
        let way = ways(table.name).iter().find(|out| !out.contains(&key.name));
        let mut text = format!("{}\n", table.header());
        for other in table.keys {
            let needed = !key.is_open() && !way.expect(key.name).contains(&other.name);
            let value = match other.name == key.name {
                true => value,
                false => (needed && !other.is_open()).then_some(other.example),
            };
            if let Some(value) = value {
                text.push_str(&format!("{} = {value}\n", other.written()));
            }
        }
        text
    }

    #[test]
    fn every_key_changes_what_the_program_keeps_and_is_refused_when_it_is_wrong() {
        for table in TABLES {
            for key in table.keys {
                let name = format!("{}.{}", table.name, key.written());
                // What is the default changes nothing.
                let value = match key.example == key.default {
                    true => "[\"another\"]",
                    false => key.example,
                };
                let set = kept(&with(table, key, Some(value))).expect(&name);
                // A required key, and one that another stands for, is missed.
                match kept(&with(table, key, None)) {
                    Ok(unset) => assert_ne!(set, unset, "{name} changes nothing"),
                    Err(said) => assert!(said.contains(key.written()), "{name}: {said}"),
                }
                let said = kept(&with(table, key, Some(wrong(key.kind)))).expect_err(&name);
                assert!(said.contains(key.written()), "{name}: {said}");
            }
        }
    }
}
