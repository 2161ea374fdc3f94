//! Whether the accessors of one audit device stay comparable (INT-009).
//!
//! A device hashes accessors with a salt of its own. Disabled and enabled again it has another, and
//! every token that lives across that moment goes on under a hash that nothing before it shows.
//! A token is known again by when it was issued and to whom, which no device hashes.

use std::collections::BTreeMap;

use super::accessor::{Accessors, Issue, Span};
use super::{Mismatch, MismatchKind};
use crate::model::Timestamp;

/// Tokens that must go on under another accessor before it is said: one or two may be logins of
/// the same second whose answers were lost.
const TOKENS: u64 = 3;

impl Accessors {
    /// The moments from which the accessors of a device compare with none before.
    #[must_use]
    pub fn breaks(&self, devices: &[String]) -> Vec<Mismatch> {
        let mut by_device: BTreeMap<u8, Vec<Span>> = BTreeMap::new();
        for (&(device, _), span) in &self.spans {
            by_device.entry(device).or_default().push(*span);
        }
        let mut found = Vec::new();
        for (device, mut spans) in by_device {
            spans.sort_by_key(|span| (span.first, span.place));
            let name = devices.get(usize::from(device)).map_or("", String::as_str);
            let subject = format!("vault:device/{}", if name.is_empty() { "./" } else { name });
            found.extend(toggled(&subject, &spans));
            found.extend(severed(&subject, &spans));
        }
        found
    }
}

/// All accessors are hashed until a moment and clear from there on, or the reverse.
fn toggled(subject: &str, spans: &[Span]) -> Option<Mismatch> {
    let last = |hashed: bool| {
        let of_form = spans.iter().filter(|span| span.hashed == hashed);
        of_form.map(|span| span.last).max()
    };
    let first = |hashed: bool| spans.iter().find(|span| span.hashed == hashed);
    let (from, value) = match (first(true), first(false)) {
        (Some(_), Some(clear)) if last(true)? < clear.first => (clear, "false"),
        (Some(hashed), Some(_)) if last(false)? < hashed.first => (hashed, "true"),
        _ => return None,
    };
    let object = format!("hmac_accessor = {value} from here on");
    Some(at_break(
        subject,
        MismatchKind::AccessorFormChanged,
        object,
        from,
        "",
    ))
}

/// Tokens go on under other accessors, and no accessor is on both sides.
fn severed(subject: &str, spans: &[Span]) -> Vec<Mismatch> {
    // Who got a token when, and until when the log shows its accessor.
    let mut handed_out: BTreeMap<Issue, Timestamp> = BTreeMap::new();
    for span in spans.iter().filter(|span| span.handed_out) {
        if let Some(issue) = span.issue {
            let last = handed_out.entry(issue).or_insert(span.last);
            *last = (*last).max(span.last);
        }
    }
    let mut found: Vec<(Mismatch, u64)> = Vec::new();
    let mut reach = Timestamp::MIN;
    let mut broken_at: Option<Timestamp> = None;
    for span in spans {
        let before = span.issue.filter(|_| !span.handed_out);
        let before = before.and_then(|(second, who)| {
            // The answer is logged in the second of the issue, or a moment later in the next.
            let answers = [(second, who), (second + 1, who)];
            answers.iter().find_map(|issue| handed_out.get(issue))
        });
        let before = before.filter(|&&last| last < span.first);
        match (before, broken_at, found.last_mut()) {
            (Some(&last), Some(at), Some((_, tokens))) if last < at => *tokens += 1,
            (Some(_), ..) if reach < span.first => {
                broken_at = Some(span.first);
                let object = "accessors begin anew".to_owned();
                let fact = at_break(subject, MismatchKind::AccessorsSevered, object, span, "");
                found.push((fact, 1));
            }
            _ => {}
        }
        reach = reach.max(span.last);
    }
    found
        .into_iter()
        .filter(|(_, tokens)| *tokens >= TOKENS)
        .map(|(fact, tokens)| Mismatch {
            observed: format!("{tokens} tokens go on under other accessors, none under its own"),
            ..fact
        })
        .collect()
}

fn at_break(
    subject: &str,
    kind: MismatchKind,
    object: String,
    from: &Span,
    observed: &str,
) -> Mismatch {
    Mismatch::new(
        kind,
        (subject, object),
        ("accessors that compare with those before", observed),
        (from.first, from.place),
    )
}

#[cfg(test)]
mod tests;
