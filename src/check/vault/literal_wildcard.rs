//! VLT-POL-008: a `*` or `+` that looks like a wildcard and is a character.

use super::{Check, Known, Verdict};
use crate::model::id;
use crate::policy::Pattern;
use crate::posture::Posture;

pub(in crate::check) struct LiteralWildcard;

impl Check for LiteralWildcard {
    fn name(&self) -> &'static str {
        "literal-wildcard"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let (mut population, mut observations) = (0, Vec::new());
        for policy in &input.policies {
            for stanza in policy.stanzas() {
                population += 1;
                let pattern = Pattern::new(&stanza.path, "");
                let Some(what) = literal(pattern.as_str()) else {
                    continue;
                };
                let object = id::vault_path(Some(policy.namespace), pattern.as_str());
                observations.push(
                    policy
                        .observe(object, stanza, stanza.path_span)
                        .with_detail(what),
                );
            }
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}

fn literal(pattern: &str) -> Option<&'static str> {
    // What stands in a template is resolved before it is matched.
    let mut text = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once("{{") {
        text.push_str(before);
        text.push('x');
        rest = after.split_once("}}").map_or("", |(_, tail)| tail);
    }
    text.push_str(rest);
    let inner = text.strip_suffix('*').unwrap_or(&text);
    if inner.contains('*') {
        return Some("`*` before the end of the path is a character, not a wildcard");
    }
    let part = |part: &str| part.len() > 1 && (part.starts_with('+') || part.ends_with('+'));
    let joined = inner.split('/').any(part);
    joined.then_some("`+` beside other characters of a segment is a character, not a wildcard")
}
