//! The tree for programs. Exact values; characters that hide or reorder are escaped by JSON's own
//! `\u`, so that the document can be looked at, too.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::model::trace::{Node, Trace, Via};
use crate::report::escaped;

pub(super) fn write(trace: &Trace, out: &mut dyn Write) -> io::Result<()> {
    let document = json!({
        "schema": "piperoll/trace/1",
        "kind": trace.kind,
        "id": trace.id,
        "period": {
            "from": trace.period.from.stated(),
            "to": trace.period.to.stated(),
            "derived": trace.period_derived,
        },
        "as_of": trace.as_of.stated(),
        "in_period": trace.in_period,
        "roots": trace.roots.iter().map(node).collect::<Vec<Value>>(),
    });
    escaped::to_writer_pretty(out, &document)?;
    out.write_all(b"\n")
}

fn node(node: &Node) -> Value {
    let facts = node.facts.iter();
    let facts = facts.map(|(name, value)| (name.replace(' ', "_"), Value::from(value.as_str())));
    json!({
        "kind": node.kind,
        "id": (!node.id.is_empty()).then_some(&node.id),
        "at": node.at.map(|at| at.to_string()),
        "until": node.until.map(|at| at.to_string()),
        "facts": facts.collect::<serde_json::Map<String, Value>>(),
        "edge": node.via.as_ref().map(edge),
        "also": node.also.iter().map(edge).collect::<Vec<Value>>(),
        "no_evidence": node.gap.as_ref().map(|gap| json!({
            "reason": gap.reason,
            "words": gap.words,
        })),
        "evidence": node.evidence,
        "left_out": node.left_out,
        "children": node.children.iter().map(self::node).collect::<Vec<Value>>(),
    })
}

fn edge(via: &Via) -> Value {
    json!({
        "edge": via.edge,
        "key": via.key,
        "key_name": via.key_name,
        "confidence": via.confidence.to_string(),
        "alternatives": via.alternatives,
    })
}
