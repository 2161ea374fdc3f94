//! The functions of Terraform that configuration of Vault is written with and that need nothing but
//! their arguments.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json};

use super::value::Value;

/// What a function returns; `None` for one that is not known here, or of what is not known.
pub(super) fn call(name: &str, arguments: &[Value]) -> Option<Value> {
    match (name, arguments) {
        ("toset", [value]) => Some(Value::List(distinct(list(value)?))),
        ("distinct", [value]) => {
            let items = list(value)?;
            let known = items.iter().all(Value::is_resolved);
            known.then(|| Value::List(distinct(items)))
        }
        ("tolist" | "tomap" | "tostring" | "tonumber" | "sensitive" | "nonsensitive", [value]) => {
            Some(value.clone())
        }
        ("concat", lists) => {
            let lists: Option<Vec<Vec<Value>>> = lists.iter().map(list).collect();
            Some(Value::List(lists?.concat()))
        }
        ("flatten", [value]) => Some(Value::List(flat(&list(value)?)?)),
        ("merge", maps) => merged(maps),
        ("keys", [Value::Map(entries)]) => {
            let mut keys: Vec<&String> = entries.iter().map(|(key, _)| key).collect();
            keys.sort();
            Some(Value::List(keys.into_iter().map(Value::text).collect()))
        }
        ("values", [Value::Map(entries)]) => {
            let mut entries: Vec<&(String, Value)> = entries.iter().collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            let values = entries.into_iter().map(|(_, value)| value.clone());
            Some(Value::List(values.collect()))
        }
        ("lookup", [map @ Value::Map(_), key, otherwise @ ..]) => {
            let found = map.get(&key.known()?).or(otherwise.first());
            found.cloned()
        }
        ("length", [Value::List(items)]) => Some(Value::number(i64::try_from(items.len()).ok()?)),
        ("length", [Value::Map(items)]) => Some(Value::number(i64::try_from(items.len()).ok()?)),
        ("jsonencode", [value]) => Some(Value::text(json(value)?.to_string())),
        ("jsondecode", [value]) => serde_json::from_str(&value.known()?).ok().map(of_json),
        _ => chosen(name, arguments).or_else(|| text(name, arguments)),
    }
}

/// Functions that choose among what they are given.
fn chosen(name: &str, arguments: &[Value]) -> Option<Value> {
    match (name, arguments) {
        ("coalesce", [first, rest @ ..]) => {
            let empty = matches!(first.known()?.as_str(), "" | "null");
            match empty {
                true => call(name, rest),
                false => Some(first.clone()),
            }
        }
        ("try", [first, ..]) => first.is_resolved().then(|| first.clone()),
        ("one", [Value::List(items)]) => match items.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        },
        ("element", [Value::List(items), at]) => {
            let at = usize::try_from(at.integer()?).ok()?;
            items.get(at.checked_rem(items.len())?).cloned()
        }
        ("compact", [Value::List(items)]) => {
            let mut kept = Vec::new();
            for item in items {
                if !matches!(item.known()?.as_str(), "" | "null") {
                    kept.push(item.clone());
                }
            }
            Some(Value::List(kept))
        }
        _ => None,
    }
}

/// Functions from text to text.
fn text(name: &str, arguments: &[Value]) -> Option<Value> {
    if name == "join" {
        let [separator, items] = arguments else {
            return None;
        };
        let items: Option<Vec<String>> = list(items)?.iter().map(Value::known).collect();
        return Some(Value::text(items?.join(&separator.known()?)));
    }
    let known: Option<Vec<String>> = arguments.iter().map(Value::known).collect();
    let known = known?;
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    Some(Value::text(match (name, known.as_slice()) {
        ("lower", [text]) => text.to_lowercase(),
        ("upper", [text]) => text.to_uppercase(),
        ("trimspace", [text]) => text.trim().to_owned(),
        ("chomp", [text]) => text.trim_end_matches(['\n', '\r']).to_owned(),
        ("indent", [spaces, text]) => {
            let spaces = spaces
                .parse::<usize>()
                .ok()
                .filter(|spaces| *spaces <= 256)?;
            text.replace('\n', &format!("\n{}", " ".repeat(spaces)))
        }
        ("strrev", [text]) => text.chars().rev().collect(),
        ("trim", [text, set]) => text.trim_matches(|c| set.contains(c)).to_owned(),
        ("base64encode", [text]) => STANDARD.encode(text),
        ("base64decode", [text]) => String::from_utf8(STANDARD.decode(text).ok()?).ok()?,
        ("trimprefix", [text, end]) => text.strip_prefix(end).unwrap_or(text).to_owned(),
        ("trimsuffix", [text, end]) => text.strip_suffix(end).unwrap_or(text).to_owned(),
        // Between slashes the second argument is a regular expression.
        ("replace", [text, part, by]) if !(part.starts_with('/') && part.ends_with('/')) => {
            text.replace(part, by)
        }
        ("format", [template, rest @ ..]) => formatted(template, rest)?,
        ("split", [separator, text]) if !separator.is_empty() => {
            return Some(Value::List(
                text.split(separator).map(Value::text).collect(),
            ));
        }
        _ => return None,
    }))
}

/// `format` with `%s`, `%d` and `%%`.
fn formatted(template: &str, arguments: &[&str]) -> Option<String> {
    let mut arguments = arguments.iter();
    let mut parts = template.split('%');
    let mut text = parts.next()?.to_owned();
    while let Some(part) = parts.next() {
        match part.chars().next() {
            Some('s' | 'd') => {
                text.push_str(arguments.next()?);
                text.push_str(part.get(1..)?);
            }
            None => {
                text.push('%');
                text.push_str(parts.next()?);
            }
            _ => return None,
        }
    }
    arguments.next().is_none().then_some(text)
}

fn of_json(json: Json) -> Value {
    match json {
        Json::String(text) => Value::text(text),
        Json::Array(items) => Value::List(items.into_iter().map(of_json).collect()),
        Json::Object(members) => {
            let entries = members
                .into_iter()
                .map(|(key, value)| (key, of_json(value)));
            Value::Map(entries.collect())
        }
        plain => Value::Plain(plain.to_string()),
    }
}

fn list(value: &Value) -> Option<Vec<Value>> {
    match value {
        Value::List(items) => Some(items.clone()),
        _ => None,
    }
}

fn distinct(items: Vec<Value>) -> Vec<Value> {
    let mut seen: Vec<Value> = Vec::new();
    for item in items {
        if !seen.contains(&item) {
            seen.push(item);
        }
    }
    seen
}

fn flat(items: &[Value]) -> Option<Vec<Value>> {
    let mut flattened = Vec::new();
    for item in items {
        match item {
            Value::List(inner) => flattened.extend(flat(inner)?),
            // It may be a list.
            Value::Unresolved(_) => return None,
            other => flattened.push(other.clone()),
        }
    }
    Some(flattened)
}

fn merged(maps: &[Value]) -> Option<Value> {
    let mut entries: Vec<(String, Value)> = Vec::new();
    for map in maps {
        let Value::Map(more) = map else {
            return None;
        };
        for (key, value) in more {
            match entries.iter_mut().find(|(known, _)| known == key) {
                Some(entry) => entry.1 = value.clone(),
                None => entries.push((key.clone(), value.clone())),
            }
        }
    }
    Some(Value::Map(entries))
}

fn json(value: &Value) -> Option<Json> {
    Some(match value {
        Value::Text(text) => Json::String(text.known()?),
        Value::Plain(plain) => serde_json::from_str(plain).ok()?,
        Value::List(items) => Json::Array(items.iter().map(json).collect::<Option<_>>()?),
        Value::Map(entries) => {
            let pairs = entries
                .iter()
                .map(|(key, value)| Some((key.clone(), json(value)?)));
            Json::Object(pairs.collect::<Option<Map<_, _>>>()?)
        }
        Value::Unresolved(_) => return None,
    })
}
