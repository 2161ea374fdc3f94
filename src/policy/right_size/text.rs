//! The new policy as HCL, with comments that cite what it was made of.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::plan::Plan;
use super::{Sizing, Use};
use crate::model::Timestamp;
use crate::policy::capability::Capabilities;

/// Writes the policy.
pub(super) fn write(sizing: &Sizing<'_>, plan: &Plan<'_>, used: &[&Use]) -> String {
    let mut text = String::new();
    for part in &plan.parts {
        if part.stays() {
            for stanza in &part.stanzas {
                let why = if part.denies() {
                    "a denial stays as it is written"
                } else if part.unasked {
                    "not asked for: as written"
                } else {
                    "it has conditions, or another policy of a token depends on it: as written"
                };
                uses(
                    &mut text,
                    &cited(used, |use_| part.atoms.contains_key(&use_.path)),
                );
                let written = sizing.text.get(stanza.span.start..stanza.span.end);
                let _ = writeln!(text, "# {why}\n{}\n", written.unwrap_or_default().trim());
            }
            continue;
        }
        for piece in part.pieces(sizing) {
            let paths: BTreeSet<&str> = piece.paths.iter().map(String::as_str).collect();
            if paths.is_empty() {
                let _ = writeln!(
                    text,
                    "# grants nothing: without it a broader pattern of another policy would open these paths"
                );
            }
            if piece.general {
                let _ = writeln!(
                    text,
                    "# stands for {} paths of {:?}",
                    paths.len(),
                    part.label
                );
            } else if piece.label != part.label {
                let _ = writeln!(text, "# of {:?}", part.label);
            }
            let decided = |use_: &&Use| paths.contains(use_.path.as_str());
            uses(&mut text, &cited(used, |use_| decided(&use_)));
            stanza(&mut text, &piece.label, piece.capabilities);
        }
    }
    text.trim_end().to_owned() + "\n"
}

fn stanza(text: &mut String, label: &str, capabilities: Capabilities) {
    let names: Vec<String> = capabilities.iter().map(|c| format!("\"{c}\"")).collect();
    let _ = writeln!(
        text,
        "path \"{label}\" {{\n  capabilities = [{}]\n}}\n",
        names.join(", ")
    );
}

/// What is cited of uses.
#[derive(Default)]
struct Cited<'u> {
    operations: BTreeMap<&'static str, u64>,
    sessions: BTreeSet<u64>,
    first: Option<&'u (Timestamp, String)>,
    last: Option<&'u (Timestamp, String)>,
}

fn cited<'u>(used: &[&'u Use], wanted: impl Fn(&Use) -> bool) -> Cited<'u> {
    let mut cited = Cited::default();
    for use_ in used.iter().copied().filter(|use_| wanted(use_)) {
        *cited.operations.entry(use_.operation.as_str()).or_default() += use_.count;
        cited.sessions.extend(&use_.sessions);
        let first = cited.first.unwrap_or(&use_.first);
        cited.first = Some(first.min(&use_.first));
        let last = cited.last.unwrap_or(&use_.last);
        cited.last = Some(last.max(&use_.last));
    }
    cited
}

fn uses(text: &mut String, cited: &Cited<'_>) {
    let (Some(first), Some(last)) = (cited.first, cited.last) else {
        return;
    };
    let operations = cited.operations.iter();
    let operations: Vec<String> = operations
        .map(|(name, n)| format!("{name} {n} {}", if *n == 1 { "time" } else { "times" }))
        .collect();
    let _ = writeln!(
        text,
        "# {} in {} session(s)\n# first {} at {}, last {} at {}",
        operations.join(", "),
        cited.sessions.len(),
        first.0,
        one_line(&first.1),
        last.0,
        one_line(&last.1)
    );
}

/// What a file is called must not end the comment.
fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_does_not_end_a_comment() {
        assert_eq!(one_line("a\n}\npath \"*\""), "a}path \"*\"");
    }
}
