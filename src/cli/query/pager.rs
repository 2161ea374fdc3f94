//! Long answers on a terminal, one screen at a time.

use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal as _, Write};
use std::process::{Command, Stdio};

use super::answer::{self, Format};
use crate::cli::Failure;
use crate::table::engine::ResultSet;

/// The program that shows more than a screen: `$PAGER`, else `less`; an empty `$PAGER`, or `cat`,
/// is none.
fn program(pager: Option<OsString>) -> Option<(OsString, Vec<String>)> {
    let Some(named) = pager else {
        // As git asks it: leave at once what fits, keep wide rows whole, clear nothing.
        return Some(("less".into(), vec!["-FSX".to_owned()]));
    };
    let text = named.to_string_lossy().into_owned();
    let mut words = text.split_whitespace().map(str::to_owned);
    let name = words.next().filter(|name| name != "cat")?;
    Some((name.into(), words.collect()))
}

/// Writes an answer to standard output, through a pager where it is wanted and a terminal is too low.
pub(super) fn write(
    format: Format,
    wanted: bool,
    result: &ResultSet,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let Some(height) = height().filter(|_| wanted && format.is_for_people()) else {
        return answer::write(format, result, out);
    };
    let mut text = Vec::new();
    answer::write(format, result, &mut text)?;
    let lines = text.split(|byte| *byte == b'\n').count();
    if lines <= height || !page(env::var_os("PAGER"), &text)? {
        out.write_all(&text)?;
    }
    Ok(())
}

/// How many lines a terminal has; `None` where standard output is none.
fn height() -> Option<usize> {
    let size = terminal_size::terminal_size().filter(|_| io::stdout().is_terminal());
    size.map(|(_, height)| usize::from(height.0))
}

/// Shows `text` in the pager; `false` where there is none to be started.
fn page(pager: Option<OsString>, text: &[u8]) -> io::Result<bool> {
    let Some((name, words)) = program(pager) else {
        return Ok(false);
    };
    let started = Command::new(name).args(words).stdin(Stdio::piped()).spawn();
    let Ok(mut child) = started else {
        return Ok(false);
    };
    if let Some(mut input) = child.stdin.take() {
        match input.write_all(text) {
            // Whoever reads may leave before the end.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(error),
            _ => {}
        }
    }
    child.wait().map(|_| true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pager_is_the_one_that_is_named_and_cat_is_none() {
        let named = |text: &str| program(Some(text.into()));
        assert_eq!(
            program(None),
            Some(("less".into(), vec!["-FSX".to_owned()]))
        );
        assert_eq!(
            named("most -s"),
            Some(("most".into(), vec!["-s".to_owned()]))
        );
        assert_eq!((named(""), named("cat")), (None, None));
    }

    #[test]
    fn a_pager_that_is_not_there_or_leaves_early_is_no_fault() {
        let long = vec![b'x'; 1 << 20];
        let shown = |pager: &str| page(Some(pager.into()), &long).unwrap();
        assert!(!shown("/no/such/pager"));
        assert!(shown("true"));
        assert!(!shown("cat"));
    }
}
