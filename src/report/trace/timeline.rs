//! Everything of a tree in the order of time, one line each: what began, and where it is known, what
//! ended.

use std::io::{self, Write};

use super::text::{Look, Part, evidence, title, what};
use super::zone::Zone;
use crate::model::Timestamp;
use crate::model::trace::{Node, Trace};

/// A moment and what is said of it; what is missing has none, and stands before everything.
type Moment = (Option<Timestamp>, Vec<Part>);

pub(super) fn write(trace: &Trace, look: Look, out: &mut dyn Write) -> io::Result<()> {
    title(trace, look, out)?;
    writeln!(out)?;
    let (mut moments, mut left_out) = (Vec::new(), 0);
    for root in &trace.roots {
        collect(root, look.zone, &mut moments, &mut left_out);
    }
    // Stable: at one moment, what stands above in the tree comes first.
    moments.sort_by_key(|(at, _): &Moment| *at);
    for (at, parts) in moments {
        let at = at.map(|at| look.zone.time(at));
        let mut line = vec![("", at.unwrap_or_default())];
        line.extend(parts);
        look.line("", "    ", "  ", &line, out)?;
    }
    if left_out > 0 {
        writeln!(out, "and {left_out} more, left out by --limit")?;
    }
    Ok(())
}

fn collect(node: &Node, zone: Zone, moments: &mut Vec<Moment>, left_out: &mut u64) {
    *left_out += node.left_out;
    let mut said = Vec::new();
    what(node, &mut said);
    let plain = |word: &str| ("", word.to_owned());
    let named = |word: &str| vec![plain(node.kind), plain(&node.id), plain(word)];
    if let Some(at) = node.at {
        let counted = node.get("count").is_some_and(|count| count != "1");
        if !matches!(node.kind, "request" | "event" | "touched") {
            said.push(("2", evidence(node)));
        }
        if counted && let Some(until) = node.until {
            said.push(("2", format!("last {}", zone.time(until))));
        }
        moments.push((Some(at), said));
    } else if node.gap.is_some() {
        moments.push((None, said));
    }
    if let (Some(until), "job") = (node.until, node.kind) {
        moments.push((Some(until), named("ended")));
    }
    for word in ["expires", "revoked"] {
        if let Some(at) = node.get(word).and_then(Timestamp::parse) {
            moments.push((Some(at), named(word)));
        }
    }
    for child in &node.children {
        collect(child, zone, moments, left_out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Period;

    #[test]
    fn what_ended_stands_where_it_ended() {
        let mut job = Node::new("job", "gitlab:job/1/2");
        job.at = Some(Timestamp(0));
        job.until = Some(Timestamp(2_000_000));
        for (at, object) in [(3_000_000, "late"), (1_000_000, "early")] {
            let mut request = Node::new("request", "vault:request/1");
            request.at = Some(Timestamp(at));
            request.fact("operation", "read").fact("object", object);
            request.evidence.push("vault.log:7".to_owned());
            job.children.push(request);
        }
        let trace = Trace {
            kind: "job",
            id: "j".to_owned(),
            period: Period {
                from: Timestamp(0),
                to: Timestamp(9),
            },
            period_derived: false,
            as_of: Timestamp(9),
            in_period: true,
            roots: vec![job],
        };
        let mut out = Vec::new();
        write(&trace, Look::default(), &mut out).unwrap();
        let shown = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = shown.lines().skip(3).collect();
        assert_eq!(
            lines,
            [
                "1970-01-01T00:00:00.000000Z  job  gitlab:job/1/2",
                "1970-01-01T00:00:01.000000Z  read  early  vault.log:7",
                "1970-01-01T00:00:02.000000Z  job  gitlab:job/1/2  ended",
                "1970-01-01T00:00:03.000000Z  read  late  vault.log:7",
            ]
        );
    }
}
