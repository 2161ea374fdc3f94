//! The tree in a terminal: one node a line, what else is known of it indented below.

use std::io::{self, Write};

use crate::model::trace::{Node, Trace, Via};
use crate::report::visible;

/// How a terminal shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Lines of box-drawing characters; else ASCII.
    pub boxes: bool,
    /// Colours; only for a terminal.
    pub colours: bool,
}

impl Look {
    /// The four pieces a tree is drawn of: branch, last branch, line, space.
    fn pieces(self) -> [&'static str; 4] {
        if self.boxes {
            ["├─ ", "└─ ", "│  ", "   "]
        } else {
            ["|- ", "`- ", "|  ", "   "]
        }
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.colours && !text.is_empty() {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

const BOLD: &str = "1";
const SOFT: &str = "2";
const GAP: &str = "33";
const BAD: &str = "31";

pub(super) fn write(trace: &Trace, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let title = look.paint(BOLD, &format!("{} {}", trace.kind, visible(&trace.id)));
    writeln!(out, "{title}")?;
    let derived = if trace.period_derived {
        " (derived from the logs)"
    } else {
        ""
    };
    let (from, to) = (trace.period.from, trace.period.to);
    writeln!(out, "period {from} to {to}{derived}, as of {}", trace.as_of)?;
    if !trace.in_period {
        writeln!(out, "no evidence of it in the period")?;
    }
    for root in &trace.roots {
        writeln!(out)?;
        node(root, look, "", "", out)?;
    }
    Ok(())
}

fn node(node: &Node, look: Look, first: &str, rest: &str, out: &mut dyn Write) -> io::Result<()> {
    let [branch, last, line, space] = look.pieces();
    writeln!(out, "{first}{}", head(node, look))?;
    let has_children = !node.children.is_empty() || node.left_out > 0;
    let below = format!("{rest}{}", if has_children { line } else { space });
    for detail in details(node) {
        writeln!(out, "{below}{}", look.paint(SOFT, &detail))?;
    }
    let count = node.children.len();
    for (index, child) in node.children.iter().enumerate() {
        let ends = index + 1 == count && node.left_out == 0;
        let (mark, under) = if ends { (last, space) } else { (branch, line) };
        self::node(
            child,
            look,
            &format!("{rest}{mark}"),
            &format!("{rest}{under}"),
            out,
        )?;
    }
    if node.left_out > 0 {
        let words = format!("and {} more, left out by --limit", node.left_out);
        writeln!(out, "{rest}{last}{words}")?;
    }
    Ok(())
}

/// What is done is told by operation and object; everything else by kind and id.
fn is_act(node: &Node) -> bool {
    matches!(node.kind, "request" | "event" | "touched") && node.gap.is_none()
}

fn head(node: &Node, look: Look) -> String {
    let mut parts = Vec::new();
    if let Some(at) = node.at {
        let until = match node.until {
            Some(until) if until != at => format!(" to {until}"),
            _ => String::new(),
        };
        parts.push(format!("{at}{until}"));
    }
    if is_act(node) {
        let fact = |name| node.get(name).map(|value| visible(value).into_owned());
        let object = fact("object").unwrap_or_else(|| visible(&node.id).into_owned());
        parts.push(fact("operation").unwrap_or_default());
        parts.push(object);
        let outcome = fact("outcome").unwrap_or_default();
        let bad = matches!(outcome.as_str(), "denied" | "failed");
        parts.push(if bad {
            look.paint(BAD, &outcome)
        } else {
            outcome
        });
        parts.extend(fact("count").map(|count| format!("{count}×")));
        parts.extend(fact("owner match").map(|found| match found.as_str() {
            "other" => look.paint(BAD, "owner other"),
            _ => format!("owner {found}"),
        }));
        parts.extend(node.via.as_ref().map(|via| {
            let joined = format!("[{} {}]", visible(&via.key), via.confidence);
            look.paint(SOFT, &joined)
        }));
        parts.push(look.paint(SOFT, &evidence(node)));
    } else {
        parts.push(look.paint(BOLD, node.kind));
        parts.push(visible(&node.id).into_owned());
        if let Some(gap) = &node.gap {
            let words = format!("no evidence: {} ({})", visible(&gap.words), gap.reason);
            parts.push(look.paint(GAP, &words));
        }
    }
    parts.retain(|part| !part.is_empty());
    parts.join("  ")
}

fn evidence(node: &Node) -> String {
    let shown: Vec<_> = node.evidence.iter().map(|place| visible(place)).collect();
    shown.join(" ")
}

/// The lines below a node: facts, edge, evidence.
fn details(node: &Node) -> Vec<String> {
    let told = ["operation", "object", "outcome", "count", "owner match"];
    let act = is_act(node);
    let facts: Vec<String> = node
        .facts
        .iter()
        .filter(|(name, _)| !act || !told.contains(name))
        .filter(|(name, _)| !act || matches!(*name, "error" | "kind" | "owner"))
        // Whose it is matters where it is not the caller's own.
        .filter(|(name, _)| !act || *name != "owner" || node.get("owner match") == Some("other"))
        .map(|(name, value)| format!("{name} {}", visible(value)))
        .collect();
    let mut lines = Vec::new();
    if !facts.is_empty() {
        lines.push(facts.join(", "));
    }
    if act {
        let several = node.via.as_ref().filter(|via| !via.alternatives.is_empty());
        lines.extend(several.map(edge));
        return lines;
    }
    lines.extend(node.via.as_ref().map(edge));
    if !node.evidence.is_empty() {
        lines.push(evidence(node));
    }
    lines
}

fn edge(via: &Via) -> String {
    let mut words = format!(
        "{} {} {}: {}",
        visible(&via.edge),
        visible(&via.key),
        via.confidence,
        visible(&via.key_name)
    );
    if !via.alternatives.is_empty() {
        let others: Vec<_> = via.alternatives.iter().map(|id| visible(id)).collect();
        words.push_str("; candidates: ");
        words.push_str(&others.join(", "));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Confidence, Period, Timestamp};

    fn sample() -> Trace {
        let mut request = Node::new("request", "vault:request/1");
        request
            .fact("operation", "read")
            .fact("object", "vault:path/a\u{1b}[2Jb\u{202e}")
            .fact("outcome", "denied");
        request.evidence.push("vault.log:7".to_owned());
        request.via = Some(Via {
            edge: "login-request".to_owned(),
            key: "K3".to_owned(),
            key_name: "entity".to_owned(),
            confidence: Confidence(40),
            alternatives: vec!["vault:login/2".to_owned()],
        });
        let mut root = Node::missing("person", "no-user", "nobody is named");
        root.children.push(request);
        root.left_out = 2;
        Trace {
            kind: "token",
            id: "t".to_owned(),
            period: Period {
                from: Timestamp(0),
                to: Timestamp(1),
            },
            period_derived: true,
            as_of: Timestamp(1),
            in_period: true,
            roots: vec![root],
        }
    }

    fn shown(look: Look) -> String {
        let mut out = Vec::new();
        write(&sample(), look, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn hostile_text_is_shown_and_does_not_act() {
        let plain = shown(Look::default());
        let tree = "\
person  no evidence: nobody is named (no-user)
|- read  vault:path/a⟨U+001B⟩[2Jb⟨U+202E⟩  denied  [K3 0.40]  vault.log:7
|     login-request K3 0.40: entity; candidates: vault:login/2
`- and 2 more, left out by --limit
";
        assert!(plain.ends_with(tree), "{plain}");
        assert!(plain.contains("(derived from the logs)"));
        assert!(!plain.contains('\u{1b}'));
    }

    #[test]
    fn colours_come_only_when_asked_for() {
        let look = Look {
            boxes: true,
            colours: true,
        };
        assert!(shown(look).contains("\u{1b}[31mdenied\u{1b}[0m"));
    }
}
