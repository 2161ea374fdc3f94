//! Texts of Sigma as conditions on a column: wildcards, regular expressions, networks.
//!
//! Every condition is true or false, never NULL: `not` must hold where a field is absent.

use std::net::Ipv4Addr;

use rsigma_parser::value::{SpecialChar, StringPart};

/// A text in SQL.
pub(super) fn quoted(text: &str) -> Result<String, String> {
    if text.contains('\\') {
        return Err("a value with a backslash: engines read it differently".to_owned());
    }
    if text.contains('\0') {
        return Err("a value with a zero byte".to_owned());
    }
    Ok(format!("'{}'", text.replace('\'', "''")))
}

/// The condition that a column is like a text with wildcards.
pub(super) fn like(column: &str, parts: &[StringPart], cased: bool) -> Result<String, String> {
    let fold = |text: &str| match cased {
        true => text.to_owned(),
        false => text.to_lowercase(),
    };
    let value = match cased {
        true => format!("e.{column}"),
        false => format!("lower(e.{column})"),
    };
    let condition = match parts {
        [] => format!("{value} = ''"),
        [StringPart::Plain(text)] => format!("{value} = {}", quoted(&fold(text))?),
        [one] if is_any(one) => return Ok(format!("e.{column} IS NOT NULL")),
        [first, StringPart::Plain(text), last] if is_any(first) && is_any(last) => {
            let text = quoted(&fold(text))?;
            format!("replace({value}, {text}, '') <> {value}")
        }
        [StringPart::Plain(text), last] if is_any(last) => {
            let text = fold(text);
            let (length, text) = (text.chars().count(), quoted(&text)?);
            format!("left({value}, {length}) = {text}")
        }
        [first, StringPart::Plain(text)] if is_any(first) => {
            let text = fold(text);
            let (length, text) = (text.chars().count(), quoted(&text)?);
            format!("right({value}, {length}) = {text}")
        }
        _ => {
            let mut pattern = String::from("(?s)^");
            for part in parts {
                match part {
                    StringPart::Special(SpecialChar::WildcardMulti) => pattern.push_str(".*"),
                    StringPart::Special(SpecialChar::WildcardSingle) => pattern.push('.'),
                    StringPart::Plain(text) => pattern.push_str(&literal(&fold(text))?),
                }
            }
            pattern.push('$');
            format!("regexp_like({value}, {})", quoted(&pattern)?)
        }
    };
    Ok(format!("(e.{column} IS NOT NULL AND {condition})"))
}

fn is_any(part: &StringPart) -> bool {
    *part == StringPart::Special(SpecialChar::WildcardMulti)
}

/// A text between wildcards, as a pattern that every engine reads alike.
fn literal(text: &str) -> Result<String, String> {
    let mut pattern = String::new();
    for c in text.chars() {
        match c {
            '^' | '[' | ']' | '\\' => {
                return Err(format!(
                    "`{c}` beside a wildcard: engines read it differently"
                ));
            }
            c if c.is_alphanumeric() || " _-/:@,;'\"=%&~<>!".contains(c) => pattern.push(c),
            c => pattern.extend(['[', c, ']']),
        }
    }
    Ok(pattern)
}

/// The condition that a column holds a regular expression, with flags such as `i`.
pub(super) fn matches(column: &str, pattern: &str, flags: &str) -> Result<String, String> {
    let mut portable = without_backslashes(pattern)?;
    if !flags.is_empty() {
        portable = format!("(?{flags}){portable}");
    }
    if let Err(error) = regex::Regex::new(&portable) {
        let error = error.to_string();
        let last = error.lines().last().unwrap_or_default().trim();
        return Err(format!("the pattern `{pattern}`: {last}"));
    }
    let portable = quoted(&portable)?;
    Ok(format!(
        "(e.{column} IS NOT NULL AND regexp_like(e.{column}, {portable}))"
    ))
}

/// The same pattern in words that need no backslash: engines differ on them.
fn without_backslashes(pattern: &str) -> Result<String, String> {
    let unread = |what: String| Err(format!("{what} in the pattern `{pattern}`"));
    if pattern.contains("[[") || pattern.contains("&&") {
        return unread("a class within a class".to_owned());
    }
    let (mut out, mut is_in_class) = (String::new(), false);
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            is_in_class = match c {
                '[' => true,
                ']' => false,
                _ => is_in_class,
            };
            out.push(c);
            continue;
        }
        let escaped = rest.next().unwrap_or('\\');
        match (escaped, is_in_class) {
            ('d', false) => out.push_str("[0-9]"),
            ('d', true) => out.push_str("0-9"),
            ('D', false) => out.push_str("[^0-9]"),
            ('w', false) => out.push_str("[0-9A-Za-z_]"),
            ('w', true) => out.push_str("0-9A-Za-z_"),
            ('W', false) => out.push_str("[^0-9A-Za-z_]"),
            ('s', false) => out.push_str("[ \t\r\n]"),
            ('s', true) => out.push_str(" \t\r\n"),
            ('S', false) => out.push_str("[^ \t\r\n]"),
            ('.' | '*' | '+' | '?' | '(' | ')' | '{' | '}' | '|' | '$', false) => {
                out.extend(['[', escaped, ']']);
            }
            ('.' | '*' | '+' | '?' | '(' | ')' | '{' | '}' | '|' | '$' | '/', true) => {
                out.push(escaped);
            }
            ('/' | '-' | ':' | '@' | '"' | '\'' | ' ' | '=' | '%' | '_' | ',', false) => {
                out.push(escaped);
            }
            _ => return unread(format!("`\\{escaped}`")),
        }
    }
    Ok(out)
}

/// The condition that a column holds an address of a network, by the numbers it begins with.
pub(super) fn within(column: &str, network: &str) -> Result<String, String> {
    let unread = || format!("`{network}` is no network of IPv4: others have no single spelling");
    let network: ipnet::Ipv4Net = network.parse().map_err(|_| unread())?;
    let length = network.prefix_len();
    if length == 0 {
        return Err("a network of every address".to_owned());
    }
    // The last number that the network decides, and how many values it has.
    let octet = usize::from((length - 1) / 8);
    let spread = 1_u16 << (8 * (octet as u16 + 1) - u16::from(length));
    let octets = Ipv4Addr::octets(&network.network());
    let known: String = octets.iter().take(octet).map(|n| format!("{n}.")).collect();
    let first = u16::from(octets.get(octet).copied().unwrap_or_default());
    let mut begins = Vec::new();
    for number in first..first + spread {
        let text = format!("{known}{number}");
        begins.push(match octet {
            3 => format!("e.{column} = '{text}'"),
            _ => format!("left(e.{column}, {}) = '{text}.'", text.len() + 1),
        });
    }
    Ok(format!(
        "(e.{column} IS NOT NULL AND ({}))",
        begins.join(" OR ")
    ))
}
