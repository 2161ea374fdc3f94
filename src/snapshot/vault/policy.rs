//! Policy texts: `.../policies/<name>.hcl`, in HCL or JSON, as `vault policy read` prints them.
//!
//! Each file is one policy, named by its path below `policies/`, else by its file stem. A file is a policy if its first statement is
//! `path "..." {` (a `name = "..."` may come before), or if it is a JSON object whose `path` maps
//! patterns to rules. Placeholders of Terraform or Go in it change nothing: the server takes them for
//! text, and whoever writes one would hide the rest. Whether the server accepts the text is not
//! judged here.

use std::borrow::Cow;

use serde_json::Value;

use super::location::{self, PolicyPlace};
use super::{SOURCE, answer};
use crate::model::{
    About, Format, Framing, PolicyText, Record, Sample, Sink, Verdict, unmarked_text, unpacked,
};

pub(super) struct PolicyFile;

impl Format for PolicyFile {
    fn about(&self) -> &About {
        &About {
            source: &SOURCE,
            title: "Vault policy",
            framing: Framing::TextFile,
        }
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        let head = String::from_utf8_lossy(sample.head);
        is_policy(&head)
            || (sample.value.is_none()
                && (is_cut_json(&head, sample.path) || is_comment(&head, sample.path)))
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        let Ok(text) = std::str::from_utf8(record.bytes) else {
            return Verdict::Rejected(Cow::Borrowed("a policy that is not UTF-8"));
        };
        let path = record.path;
        if !is_policy(text) && !is_cut_json(text, path) && !is_comment(text, path) {
            return Verdict::Foreign;
        }
        sink.policy(policy(record, text));
        Verdict::Parsed
    }
}

/// Whether a text that is no JSON is meant as a policy in JSON: it lies where policies lie and
/// opens an object with a `path`. The server takes many such texts, and grants what it understood.
fn is_cut_json(text: &str, path: &str) -> bool {
    let mut inner = text.trim_start().strip_prefix('{').map(str::trim_start);
    if let Some(after) = inner.and_then(|inner| keyword(inner, "name")) {
        let value = after
            .strip_prefix(':')
            .map(skip_blank)
            .and_then(skip_string);
        inner = value.map(|after| after.trim_start().trim_start_matches(',').trim_start());
    }
    location::policy_place(path).is_some()
        && inner.is_some_and(|inner| inner.starts_with("\"path\""))
}

/// Whether a text that lies where policies lie is a comment alone: the server takes it, and it
/// grants nothing.
fn is_comment(text: &str, path: &str) -> bool {
    let written = !text.trim().is_empty() && skip_blank(text).is_empty();
    written && location::policy_place(path).is_some() && unpacked(path).ends_with(".hcl")
}

/// A policy in JSON, which the server accepts as HCL.
pub(super) struct PolicyJson;

impl Format for PolicyJson {
    fn about(&self) -> &About {
        &About {
            source: &SOURCE,
            title: "Vault policy in JSON",
            framing: Framing::Json,
        }
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        sample.value.is_some_and(is_json_policy)
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        let value = match answer::parse(record) {
            Ok(value) => value,
            Err(verdict) => return verdict,
        };
        if !is_json_policy(&value) {
            return Verdict::Foreign;
        }
        match std::str::from_utf8(record.bytes) {
            Ok(text) => sink.policy(policy(record, text)),
            Err(_) => return Verdict::Rejected(Cow::Borrowed("a policy that is not UTF-8")),
        }
        Verdict::Parsed
    }
}

/// The policy of a file that holds its text alone.
fn policy(record: &Record<'_>, text: &str) -> PolicyText {
    let place = location::policy_place(record.path).unwrap_or_else(|| PolicyPlace {
        namespace: String::new(),
        name: location::stem(record.path).to_owned(),
    });
    PolicyText {
        namespace: place.namespace,
        name: place.name,
        text: text.to_owned(),
        place: record.place,
        first_line: Some(record.place.line),
    }
}

/// Whether a text begins as a policy in HCL.
pub(super) fn is_policy(text: &str) -> bool {
    let text = unmarked_text(text);
    let mut rest = skip_blank(text);
    if let Some(after) = keyword(rest, "name") {
        let named = after
            .strip_prefix('=')
            .map(skip_blank)
            .and_then(skip_string);
        let Some(after) = named else {
            return false;
        };
        rest = skip_blank(after);
    }
    let stanza = keyword(rest, "path").and_then(skip_string).map(skip_blank);
    stanza.is_some_and(|after| after.starts_with(['{', '=']))
}

/// Whether a JSON value is a policy: `{"path": {"secret/*": {"capabilities": [...]}}}`.
pub(super) fn is_json_policy(value: &Value) -> bool {
    let is_rule = |rule: &Value| {
        let fields = ["capabilities", "policy", "allowed_parameters"];
        rule.as_object()
            .is_some_and(|rule| answer::has_any(rule, &fields))
            || rule.as_array().is_some_and(|rules| !rules.is_empty())
    };
    let is_rules = |rules: &Value| {
        rules
            .as_object()
            .is_some_and(|rules| !rules.is_empty() && rules.values().all(is_rule))
    };
    match value.get("path") {
        Some(Value::Array(items)) => !items.is_empty() && items.iter().all(is_rules),
        Some(rules) => is_rules(rules),
        None => false,
    }
}

/// Says whether a policy has placeholders of Terraform (`${`, `%{`) or Go (`{{ .Name }}`).
///
/// Vault's own are `{{identity. ...}}` and `{{time. ...}}`, and the Go templates of
/// `list_scan_response_keys_filter_path`. Comments do not count.
#[must_use]
pub fn has_placeholders(text: &str) -> bool {
    let text = without_filters(&without_comments(text));
    let foreign = |inner: &str| {
        let inner = inner.trim_start();
        !inner.starts_with("identity.") && !inner.starts_with("time.")
    };
    text.contains("${") || text.contains("%{") || text.split("{{").skip(1).any(foreign)
}

/// The text without the values of `list_scan_response_keys_filter_path`.
fn without_filters(text: &str) -> String {
    let mut pieces = text.split("list_scan_response_keys_filter_path");
    let mut kept = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let value = piece.trim_start_matches('"').trim_start();
        let value = value.strip_prefix(['=', ':']).map(str::trim_start);
        kept.push_str(value.and_then(skip_string).unwrap_or(piece));
    }
    kept
}

/// The text without its comments; a `#` or `//` inside a string is none.
fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['"', '#', '/']) {
        let (before, from) = rest.split_at(at);
        kept.push_str(before);
        let after = match skip_string(from) {
            Some(after) => after,
            None => {
                let blank = skip_blank(from);
                // A lone quote or slash stands for itself.
                let step = if blank.len() == from.len() { 1 } else { 0 };
                blank.get(step..).unwrap_or_default()
            }
        };
        let is_comment = from.starts_with(['#', '/']);
        let token = from.get(..from.len() - after.len()).unwrap_or_default();
        kept.push_str(if is_comment { " " } else { token });
        rest = after;
    }
    kept.push_str(rest);
    kept
}

/// What follows a bare or quoted keyword, without blanks.
fn keyword<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let quoted = text
        .strip_prefix('"')
        .and_then(|inner| inner.strip_prefix(word)?.strip_prefix('"'));
    let after = quoted.or_else(|| text.strip_prefix(word))?;
    let ends = !after.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '-');
    ends.then(|| skip_blank(after))
}

/// What follows a quoted string on one line.
fn skip_string(text: &str) -> Option<&str> {
    let mut escaped = false;
    let inner = text.strip_prefix('"')?;
    for (at, c) in inner.char_indices() {
        match c {
            '\n' => return None,
            '"' if !escaped => return inner.get(at + 1..),
            _ => escaped = c == '\\' && !escaped,
        }
    }
    None
}

/// The text without the blanks and comments at its start.
fn skip_blank(text: &str) -> &str {
    let mut rest = text.trim_start();
    loop {
        let after = if rest.starts_with('#') || rest.starts_with("//") {
            rest.split_once('\n').map_or("", |(_, after)| after)
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/").map_or("", |(_, after)| after)
        } else {
            return rest;
        };
        rest = after.trim_start();
    }
}
