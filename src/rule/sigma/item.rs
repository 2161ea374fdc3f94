//! One field of a selection, with its modifiers and values, as a condition.

use rsigma_parser::value::{SigmaString, SpecialChar, StringPart};
use rsigma_parser::{DetectionItem, Modifier, SigmaValue};

use super::field::{Field, Log};
use super::junction::joined;
use super::pattern;

/// How a value is compared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Like,
    Contains,
    StartsWith,
    EndsWith,
    Matches,
    Within,
    Exists,
    SameAs,
    Than(&'static str),
}

/// What the modifiers of a field say.
struct Asked {
    way: Way,
    /// Whether every value must hold.
    all: bool,
    cased: bool,
    /// Flags of a regular expression.
    flags: String,
}

impl Asked {
    fn of(modifiers: &[Modifier]) -> Result<Asked, String> {
        let mut asked = Asked {
            way: Way::Like,
            all: false,
            cased: false,
            flags: String::new(),
        };
        for modifier in modifiers {
            let way = match modifier {
                Modifier::All => {
                    asked.all = true;
                    continue;
                }
                Modifier::Cased => {
                    asked.cased = true;
                    continue;
                }
                Modifier::IgnoreCase | Modifier::Multiline | Modifier::DotAll => {
                    asked.flags.push(match modifier {
                        Modifier::IgnoreCase => 'i',
                        Modifier::Multiline => 'm',
                        _ => 's',
                    });
                    continue;
                }
                Modifier::Contains => Way::Contains,
                Modifier::StartsWith => Way::StartsWith,
                Modifier::EndsWith => Way::EndsWith,
                Modifier::Re => Way::Matches,
                Modifier::Cidr => Way::Within,
                Modifier::Exists => Way::Exists,
                Modifier::FieldRef => Way::SameAs,
                Modifier::Gt => Way::Than(">"),
                Modifier::Gte => Way::Than(">="),
                Modifier::Lt => Way::Than("<"),
                Modifier::Lte => Way::Than("<="),
                other => {
                    let name = format!("{other:?}").to_lowercase();
                    return Err(format!("the modifier `{name}` is not read"));
                }
            };
            if asked.way != Way::Like {
                return Err("two modifiers that do not go together".to_owned());
            }
            asked.way = way;
        }
        if !asked.flags.is_empty() && asked.way != Way::Matches {
            return Err("flags of a pattern without `re`".to_owned());
        }
        Ok(asked)
    }

    /// A text with the wildcards that the modifier stands for.
    fn parts(&self, text: &SigmaString) -> Vec<StringPart> {
        let any = || StringPart::Special(SpecialChar::WildcardMulti);
        let mut parts = text.parts.clone();
        if matches!(self.way, Way::Contains | Way::EndsWith) && parts.first() != Some(&any()) {
            parts.insert(0, any());
        }
        if matches!(self.way, Way::Contains | Way::StartsWith) && parts.last() != Some(&any()) {
            parts.push(any());
        }
        parts
    }
}

/// The condition that an item is; `log` says where fields stand.
pub(super) fn condition(item: &DetectionItem, log: &Log) -> Result<String, String> {
    let Some(name) = &item.field.name else {
        return Err("a word without a field: the whole text of a record is in no table".to_owned());
    };
    let asked = Asked::of(&item.field.modifiers)?;
    let field = log.field(name)?;
    let mut conditions = Vec::new();
    for value in &item.values {
        conditions.push(one(name, &field, &asked, value, log)?);
    }
    let with = if asked.all { " AND " } else { " OR " };
    joined(conditions, with).ok_or_else(|| format!("`{name}` has no value"))
}

fn one(
    name: &str,
    field: &Field<'_>,
    asked: &Asked,
    value: &SigmaValue,
    log: &Log,
) -> Result<String, String> {
    match field {
        Field::Text(column) => text(name, column, asked, value, log),
        Field::Number(column) => number(name, column, asked, value),
        Field::Words(words) => word(name, words, asked, value),
    }
}

/// Whether a field is there at all.
fn there(column: &str, value: &SigmaValue) -> Result<String, String> {
    let written = match value {
        SigmaValue::Bool(yes) => Some(*yes),
        SigmaValue::String(text) => text.original.parse().ok(),
        _ => None,
    };
    match written {
        Some(true) => Ok(format!("e.{column} IS NOT NULL")),
        Some(false) => Ok(format!("e.{column} IS NULL")),
        None => Err("`exists` takes true or false".to_owned()),
    }
}

/// What a value is as a text.
fn written(value: &SigmaValue) -> Result<SigmaString, String> {
    match value {
        SigmaValue::String(text) => Ok(text.clone()),
        SigmaValue::Integer(number) => Ok(SigmaString::from_raw(&number.to_string())),
        SigmaValue::Bool(yes) => Ok(SigmaString::from_raw(&yes.to_string())),
        SigmaValue::Float(_) | SigmaValue::Null => Err(format!("`{value}` is no text")),
    }
}

fn text(
    name: &str,
    column: &str,
    asked: &Asked,
    value: &SigmaValue,
    log: &Log,
) -> Result<String, String> {
    match asked.way {
        Way::Exists => return there(column, value),
        Way::Like if *value == SigmaValue::Null => return Ok(format!("e.{column} IS NULL")),
        Way::Than(_) => return Err(format!("`{name}` is compared as a number, and is a text")),
        _ => {}
    }
    let value = written(value)?;
    match asked.way {
        Way::Matches => pattern::matches(column, &value.original, &asked.flags),
        Way::Within => pattern::within(column, &value.original),
        Way::SameAs => match log.field(&value.original)? {
            Field::Text(other) => {
                let fold = |column: &str| match asked.cased {
                    true => format!("e.{column}"),
                    false => format!("lower(e.{column})"),
                };
                let (one, two) = (fold(column), fold(other));
                Ok(format!(
                    "(e.{column} IS NOT NULL AND e.{other} IS NOT NULL AND {one} = {two})"
                ))
            }
            _ => Err(format!("`{}` is no text to compare with", value.original)),
        },
        _ => pattern::like(column, &asked.parts(&value), asked.cased),
    }
}

fn number(name: &str, column: &str, asked: &Asked, value: &SigmaValue) -> Result<String, String> {
    let operator = match asked.way {
        Way::Exists => return there(column, value),
        Way::Like if *value == SigmaValue::Null => return Ok(format!("e.{column} IS NULL")),
        Way::Like => "=",
        Way::Than(operator) => operator,
        _ => return Err(format!("`{name}` is compared as a text, and is a number")),
    };
    let number: i64 = match value {
        SigmaValue::Integer(number) => *number,
        SigmaValue::String(text) => {
            let number = text.original.parse();
            number.map_err(|_| format!("`{value}` is no whole number"))?
        }
        _ => return Err(format!("`{value}` is no whole number")),
    };
    Ok(format!(
        "(e.{column} IS NOT NULL AND e.{column} {operator} {number})"
    ))
}

/// A field of few words: which of them the value means is decided here.
fn word(
    name: &str,
    words: &[(&str, String)],
    asked: &Asked,
    value: &SigmaValue,
) -> Result<String, String> {
    let value = match asked.way {
        Way::Like | Way::Contains | Way::StartsWith | Way::EndsWith => written(value)?,
        _ => return Err(format!("`{name}` is compared in a way that is not read")),
    };
    let parts = asked.parts(&value);
    let mut pattern = String::from(if asked.cased { "(?s)^" } else { "(?is)^" });
    for part in &parts {
        match part {
            StringPart::Plain(text) => pattern.push_str(&regex::escape(text)),
            StringPart::Special(SpecialChar::WildcardMulti) => pattern.push_str(".*"),
            StringPart::Special(SpecialChar::WildcardSingle) => pattern.push('.'),
        }
    }
    pattern.push('$');
    let pattern = regex::Regex::new(&pattern).map_err(|error| error.to_string())?;
    let meant = words.iter().filter(|(word, _)| pattern.is_match(word));
    let meant: Vec<&str> = meant.map(|(_, condition)| condition.as_str()).collect();
    match meant.len() {
        0 => Err(format!("`{value}` is none of the words of `{name}`")),
        1 => Ok(meant.concat()),
        _ => Ok(format!("({})", meant.join(" OR "))),
    }
}
