//! `lint --fix`: what can be mended, as a patch.

use std::io::Write;

use similar::TextDiff;

use crate::cli::{DONE, Failure};
use crate::lint::{LintRequest, fixes};
use crate::report::visible;

/// Writes a patch that `git apply` and `patch -p1` take; what is left goes to `err`.
pub(super) fn run(
    request: &LintRequest<'_>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Failure> {
    let all = fixes(request)?;
    for fix in &all.fixes {
        let (old, new) = (format!("a/{}", fix.file), format!("b/{}", fix.file));
        let lines = TextDiff::from_lines(&fix.before, &fix.after);
        let mut patch = lines.unified_diff();
        write!(out, "{}", patch.header(&old, &new))?;
    }
    for left in &all.left {
        writeln!(err, "left: {}", visible(left))?;
    }
    let (count, left) = (all.fixes.len(), all.left.len());
    writeln!(
        err,
        "{count} file(s) mended in the patch, {left} place(s) left"
    )?;
    Ok(DONE)
}
