//! Changes as a reader at a terminal wants them.

use std::io::{self, Write};

use super::{Change, Difference, PackName, Topic};
use crate::report::visible;

/// Writes the changes as text.
///
/// # Errors
///
/// Fails when the writer fails.
pub fn difference_text(difference: &Difference, out: &mut dyn Write) -> io::Result<()> {
    pack("old", &difference.old, out)?;
    pack("new", &difference.new, out)?;
    let count = |change| difference.count(Topic::Finding, change);
    writeln!(
        out,
        "findings: {} new, {} gone, {} changed, {} the same",
        count("new"),
        count("gone"),
        count("changed"),
        difference.same_findings
    )?;
    for topic in Topic::ALL {
        let mut changes = difference.of(topic).peekable();
        if changes.peek().is_none() {
            continue;
        }
        writeln!(out, "\n{}", topic.heading())?;
        for change in changes {
            one(change, out)?;
        }
    }
    if difference.changes.is_empty() {
        writeln!(out, "the packs say the same")?;
    }
    Ok(())
}

fn pack(side: &str, name: &PackName, out: &mut dyn Write) -> io::Result<()> {
    write!(
        out,
        "{side}  {} {} to {}",
        name.report_id, name.from, name.to
    )?;
    match name.interim.as_str() {
        "" => writeln!(out),
        why => writeln!(out, ", interim: {}", visible(why)),
    }
}

fn one(change: &Change, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "  {:<8}{}", change.change, visible(&change.id))?;
    if !change.what.is_empty() {
        write!(out, "  {}", visible(&change.what))?;
    }
    if !change.field.is_empty() {
        let said = |text: &str| match text {
            "" => "nothing".to_owned(),
            text => visible(text).into_owned(),
        };
        let (old, new) = (said(&change.old), said(&change.new));
        write!(out, "  {}: {old} -> {new}", visible(&change.field))?;
    }
    writeln!(out)?;
    if !change.note.is_empty() {
        writeln!(out, "          {}", visible(&change.note))?;
    }
    Ok(())
}
