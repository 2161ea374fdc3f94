//! `policy diff`: which requests two states of the policies answer differently.

use std::collections::BTreeSet;
use std::io::Write;

use serde::Serialize;

use super::load::{self, Policies};
use super::{DiffArgs, Format, sets};
use crate::cli::Failure;
use crate::model::FailureKind;
use crate::policy::{Acl, AclContext, Capabilities, Change, DEFAULT_CAP, Policy, compare};
use crate::report::escaped;

/// One change, in the order of its keys.
#[derive(Serialize)]
struct Out<'a> {
    policies: &'a [String],
    path: &'a str,
    gained: Vec<&'static str>,
    lost: Vec<&'static str>,
    conditions: Vec<&'static str>,
    before: Option<&'a str>,
    after: Option<&'a str>,
}

pub(super) fn run(
    args: &DiffArgs,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<u8, Failure> {
    let reading = args.reading.reading();
    let before = load::policies(&args.before, reading, stderr);
    let after = load::policies(&args.after, reading, stderr);
    let (before, after) = (before?, after?);
    let names: BTreeSet<&String> = before.names().chain(after.names()).collect();
    let mut differs = false;
    for set in sets(&args.set, names) {
        if let Some(absent) = set
            .iter()
            .find(|n| before.get(n).is_none() && after.get(n).is_none())
        {
            writeln!(stderr, "error: no policy {absent:?} on either side")?;
            return Err(Failure::Reported(FailureKind::Usage));
        }
        let context = AclContext {
            dialect: reading.dialect,
            keep_templates: true,
            as_of: Some(reading.as_of),
            ..AclContext::default()
        };
        let (old, new) = (acl(&before, &set, context), acl(&after, &set, context));
        let comparison = compare(&old, &new, DEFAULT_CAP);
        // What could not be compared may differ.
        differs |= !comparison.changes.is_empty() || !comparison.complete;
        for change in &comparison.changes {
            match args.format {
                Format::Ndjson => ndjson(&set, change, stdout)?,
                Format::Text => text(&set, change, stdout)?,
            }
        }
        if !comparison.complete {
            let set = set.join(",");
            writeln!(
                stderr,
                "warning: {set}: too many kinds of path, there may be more changes"
            )?;
        }
    }
    Ok(if args.exit_code && differs {
        crate::cli::FINDINGS
    } else {
        crate::cli::DONE
    })
}

fn acl(policies: &Policies, set: &[String], context: AclContext<'_>) -> Acl {
    let nothing = Policy::default();
    let held: Vec<(&str, &Policy)> = set
        .iter()
        .map(|name| {
            (
                name.as_str(),
                policies.get(name).map_or(&nothing, |l| &l.policy),
            )
        })
        .collect();
    Acl::new(&held, context)
}

fn names(capabilities: Capabilities) -> Vec<&'static str> {
    capabilities
        .iter()
        .map(|capability| capability.as_str())
        .collect()
}

fn ndjson(set: &[String], change: &Change, out: &mut dyn Write) -> Result<(), Failure> {
    let line = Out {
        policies: set,
        path: &change.path,
        gained: names(change.gained),
        lost: names(change.lost),
        conditions: names(change.conditions),
        before: change.before.as_deref(),
        after: change.after.as_deref(),
    };
    escaped::to_writer(out, &line)?;
    Ok(out.write_all(b"\n")?)
}

fn text(set: &[String], change: &Change, out: &mut dyn Write) -> Result<(), Failure> {
    let set = set.join(",");
    let rule = |rule: &Option<String>| match rule {
        Some(rule) => format!("{rule:?}"),
        None => "no pattern".to_owned(),
    };
    let by = format!("{} -> {}", rule(&change.before), rule(&change.after));
    let path = &change.path;
    for (verb, capabilities) in [
        ("newly allows", change.gained),
        ("no longer allows", change.lost),
        ("allows under other conditions", change.conditions),
    ] {
        if !capabilities.is_empty() {
            let names = names(capabilities).join(", ");
            writeln!(
                out,
                "{}: {verb} {names} on {path:?}  ({by})",
                set.escape_debug()
            )?;
        }
    }
    Ok(())
}
