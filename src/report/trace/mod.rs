//! One trace for people in a terminal, for programs, and for a browser.

mod html;
mod json;
mod text;
mod timeline;
mod zone;

use std::io::{self, Write};

use crate::model::trace::Trace;

pub use text::Look;
pub use zone::Zone;

/// Writes a trace as a tree of lines.
///
/// # Errors
///
/// Fails when the writer fails.
pub fn trace_text(trace: &Trace, look: Look, out: &mut dyn Write) -> io::Result<()> {
    text::write(trace, look, out)
}

/// Writes what a trace found in the order of time.
///
/// # Errors
///
/// Fails when the writer fails.
pub fn trace_timeline(trace: &Trace, look: Look, out: &mut dyn Write) -> io::Result<()> {
    timeline::write(trace, look, out)
}

/// Writes a trace as one JSON document, schema `piperoll/trace/1`.
///
/// # Errors
///
/// Fails when the writer fails.
pub fn trace_json(trace: &Trace, out: &mut dyn Write) -> io::Result<()> {
    json::write(trace, out)
}

/// Writes a trace as one page that needs nothing but a browser.
///
/// # Errors
///
/// Fails when the writer fails.
pub fn trace_html(trace: &Trace, out: &mut dyn Write) -> io::Result<()> {
    html::write(trace, out)
}
