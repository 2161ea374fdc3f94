//! The tree in a browser: the report's style, its one escape, and its content security policy.

use std::io::{self, Write};

use tera::Context;

use crate::model::trace::{Node, Trace};
use crate::report::html::{escape, plain_page};

/// What the tree needs besides the report's style.
const STYLE: &str = include_str!("../../../reports/trace.css");

pub(super) fn write(trace: &Trace, out: &mut dyn Write) -> io::Result<()> {
    let mut body: Vec<u8> = Vec::new();
    list("tree", &trace.roots, 0, &mut body)?;
    let mut context = Context::new();
    context.insert("kind", trace.kind);
    context.insert("id", &trace.id);
    context.insert("from", &trace.period.from.stated());
    context.insert("to", &trace.period.to.stated());
    context.insert("as_of", &trace.as_of.stated());
    context.insert("derived", &trace.period_derived);
    context.insert("in_period", &trace.in_period);
    let body = String::from_utf8(body).map_err(io::Error::other)?;
    plain_page("trace.html", context, STYLE, &body, out)
}

fn list(class: &str, nodes: &[Node], left_out: u64, out: &mut Vec<u8>) -> io::Result<()> {
    if nodes.is_empty() && left_out == 0 {
        return Ok(());
    }
    match class {
        "" => out.write_all(b"<ul>\n")?,
        class => writeln!(out, "<ul class=\"{class}\">")?,
    }
    for node in nodes {
        out.write_all(b"<li>")?;
        item(node, out)?;
        list("", &node.children, node.left_out, out)?;
        out.write_all(b"</li>\n")?;
    }
    if left_out > 0 {
        writeln!(
            out,
            "<li class=\"more\">and {left_out} more, left out by --limit</li>"
        )?;
    }
    out.write_all(b"</ul>\n")
}

fn item(node: &Node, out: &mut Vec<u8>) -> io::Result<()> {
    out.write_all(b"<p>")?;
    if let Some(at) = node.at {
        let until = match node.until {
            Some(until) if until != at => format!(" to {until}"),
            _ => String::new(),
        };
        tagged("time", "", &format!("{at}{until}"), out)?;
    }
    tagged("span", "kind", node.kind, out)?;
    if !node.id.is_empty() {
        tagged("span", "id", &node.id, out)?;
    }
    if let Some(gap) = &node.gap {
        let words = format!(" no evidence: {} ({})", gap.words, gap.reason);
        tagged("span", "gap", &words, out)?;
    }
    out.write_all(b"</p>\n")?;
    if !node.facts.is_empty() {
        out.write_all(b"<p class=\"facts-line\">")?;
        for (index, (name, value)) in node.facts.iter().enumerate() {
            if index > 0 {
                out.write_all(b", ")?;
            }
            escape(name, out)?;
            out.write_all(b" ")?;
            let bad = matches!(
                (*name, value.as_str()),
                ("outcome", "denied" | "failed") | ("owner match", "other")
            );
            tagged("span", if bad { "bad" } else { "" }, value, out)?;
        }
        out.write_all(b"</p>\n")?;
    }
    let also = node.also.iter().map(|via| ("also ", via));
    for (before, via) in node.via.iter().map(|via| ("", via)).chain(also) {
        let mut words = format!(
            "{before}{} {} {}: {}",
            via.edge, via.key, via.confidence, via.key_name
        );
        if !via.alternatives.is_empty() {
            words.push_str("; candidates: ");
            words.push_str(&via.alternatives.join(", "));
        }
        tagged("p", "edge", &words, out)?;
    }
    if !node.evidence.is_empty() {
        out.write_all(b"<p>")?;
        for place in &node.evidence {
            tagged("code", "", place, out)?;
            out.write_all(b" ")?;
        }
        out.write_all(b"</p>\n")?;
    }
    Ok(())
}

/// One element around escaped text; `name` and `class` are ours.
fn tagged(name: &str, class: &str, text: &str, out: &mut Vec<u8>) -> io::Result<()> {
    if class.is_empty() {
        write!(out, "<{name}>")?;
    } else {
        write!(out, "<{name} class=\"{class}\">")?;
    }
    escape(text, out)?;
    write!(out, "</{name}>")
}
