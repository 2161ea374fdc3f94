//! The tree in a terminal: one node a line, what else is known of it indented below.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr as _;

use super::zone::Zone;
use crate::model::trace::{Node, Trace, Via};
use crate::report::visible;

/// How a terminal shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Lines of box-drawing characters; else ASCII.
    pub boxes: bool,
    /// Colours; only for a terminal.
    pub colours: bool,
    /// Columns of the terminal, to break lines at; `None` breaks none.
    pub width: Option<usize>,
    /// Where the clock stands by which times are shown.
    pub zone: Zone,
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
        if self.colours && !text.is_empty() && !code.is_empty() {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    /// Writes parts with `gap` between them behind `first`, and behind `rest` what the terminal is
    /// too narrow for. A part is never broken: a hash or path must stay one to be copied.
    pub(super) fn line(
        self,
        first: &str,
        rest: &str,
        gap: &str,
        parts: &[Part],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut line = first.to_owned();
        let mut used = first.width();
        let mut empty = true;
        for (code, text) in parts.iter().filter(|(_, text)| !text.is_empty()) {
            let length = text.width();
            let wanted = used + if empty { 0 } else { gap.len() } + length;
            if !empty && self.width.is_some_and(|width| wanted > width) {
                writeln!(out, "{}", line.trim_end())?;
                line = rest.to_owned();
                used = rest.width() + length;
            } else {
                line.push_str(if empty { "" } else { gap });
                used = wanted;
            }
            line.push_str(&self.paint(code, text));
            empty = false;
        }
        writeln!(out, "{line}")
    }
}

/// A piece of a line: the code of its colour, and the text.
pub(super) type Part = (&'static str, String);

const PLAIN: &str = "";
const BOLD: &str = "1";
const SOFT: &str = "2";
const GAP: &str = "33";
const BAD: &str = "31";
/// How far a line that goes on stands in.
const INDENT: &str = "    ";

pub(super) fn write(trace: &Trace, look: Look, out: &mut dyn Write) -> io::Result<()> {
    title(trace, look, out)?;
    for root in &trace.roots {
        writeln!(out)?;
        node(root, look, "", "", out)?;
    }
    Ok(())
}

/// What was asked, and the period.
pub(super) fn title(trace: &Trace, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let title = look.paint(BOLD, &format!("{} {}", trace.kind, visible(&trace.id)));
    writeln!(out, "{title}")?;
    let derived = if !trace.period.is_known() {
        " (it could not be derived: no record has a time)"
    } else if trace.period_derived {
        " (derived from the logs)"
    } else {
        ""
    };
    let stated = |at| look.zone.stated(at);
    let (from, to) = (stated(trace.period.from), stated(trace.period.to));
    let as_of = stated(trace.as_of);
    writeln!(out, "period {from} to {to}{derived}, as of {as_of}")?;
    if !trace.in_period {
        writeln!(out, "no evidence of it in the period")?;
    }
    Ok(())
}

fn node(node: &Node, look: Look, first: &str, rest: &str, out: &mut dyn Write) -> io::Result<()> {
    let [branch, last, line, space] = look.pieces();
    let has_children = !node.children.is_empty() || node.left_out > 0;
    let below = format!("{rest}{}", if has_children { line } else { space });
    let further = format!("{below}{INDENT}");
    look.line(first, &further, "  ", &head(node, look.zone), out)?;
    for detail in details(node, look.zone) {
        let words = detail.split(' ').map(|word| (SOFT, word.to_owned()));
        let words: Vec<Part> = if look.width.is_some() {
            words.collect()
        } else {
            vec![(SOFT, detail)]
        };
        look.line(&below, &further, " ", &words, out)?;
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

fn head(node: &Node, zone: Zone) -> Vec<Part> {
    let mut parts = Vec::new();
    if let Some(at) = node.at {
        let until = match node.until {
            Some(until) if until != at => format!(" to {}", zone.time(until)),
            _ => String::new(),
        };
        parts.push((PLAIN, format!("{}{until}", zone.time(at))));
    }
    what(node, &mut parts);
    parts
}

/// What a node is, without its times.
pub(super) fn what(node: &Node, parts: &mut Vec<Part>) {
    if !is_act(node) {
        parts.push((BOLD, node.kind.to_owned()));
        parts.push((PLAIN, visible(&node.id).into_owned()));
        if let Some(gap) = &node.gap {
            let words = format!("no evidence: {} ({})", visible(&gap.words), gap.reason);
            parts.push((GAP, words));
        }
        return;
    }
    let fact = |name| node.get(name).map(|value| visible(value).into_owned());
    let object = fact("object").unwrap_or_else(|| visible(&node.id).into_owned());
    parts.push((PLAIN, fact("operation").unwrap_or_default()));
    parts.push((PLAIN, object));
    let outcome = fact("outcome").unwrap_or_default();
    let bad = matches!(outcome.as_str(), "denied" | "failed");
    parts.push((if bad { BAD } else { PLAIN }, outcome));
    parts.extend(fact("count").map(|count| (PLAIN, format!("{count}×"))));
    parts.extend(fact("owner match").map(|found| {
        let colour = if found == "other" { BAD } else { PLAIN };
        (colour, format!("owner {found}"))
    }));
    parts.extend(node.via.as_ref().map(|via| {
        let joined = format!("[{} {}]", visible(&via.key), via.confidence);
        (SOFT, joined)
    }));
    parts.push((SOFT, evidence(node)));
}

pub(super) fn evidence(node: &Node) -> String {
    let shown: Vec<_> = node.evidence.iter().map(|place| visible(place)).collect();
    shown.join(" ")
}

/// Facts of what is done that its line does not tell.
const BESIDE: [&str; 5] = ["error", "kind", "owner", "principal", "answer wrapped for"];

/// The lines below a node: facts, edge, evidence.
fn details(node: &Node, zone: Zone) -> Vec<String> {
    let act = is_act(node);
    let facts: Vec<String> = node
        .facts
        .iter()
        .filter(|(name, _)| !act || BESIDE.contains(name))
        // Whose it is matters where it is not the caller's own.
        .filter(|(name, _)| !act || *name != "owner" || node.get("owner match") == Some("other"))
        .map(|(name, value)| format!("{name} {}", visible(&zone.fact(value))))
        .collect();
    let mut lines = Vec::new();
    if !facts.is_empty() {
        lines.push(facts.join(", "));
    }
    let own = node.via.as_ref();
    let own = own.filter(|via| !act || !via.alternatives.is_empty());
    lines.extend(own.map(edge));
    lines.extend(node.also.iter().map(|via| format!("also {}", edge(via))));
    if !act && !node.evidence.is_empty() {
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
            ..Look::default()
        };
        assert!(shown(look).contains("\u{1b}[31mdenied\u{1b}[0m"));
    }

    #[test]
    fn a_narrow_terminal_breaks_between_parts_and_inside_none() {
        let shown = shown(Look {
            width: Some(40),
            ..Look::default()
        });
        let tree = "\
person
|      no evidence: nobody is named (no-user)
|- read
|         vault:path/a⟨U+001B⟩[2Jb⟨U+202E⟩
|         denied  [K3 0.40]  vault.log:7
|     login-request K3 0.40: entity;
|         candidates: vault:login/2
`- and 2 more, left out by --limit
";
        assert!(shown.ends_with(tree), "{shown}");
    }
}
