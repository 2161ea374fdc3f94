//! `piperoll verify DIR`: whether a pack is what was written.

use std::io::{self, Write};
use std::path::Path;

use crate::pack;

/// Verifies the pack in `directory` and answers the exit code: 0 unchanged, 4 changed, 2 when there
/// is no such directory, 3 when it cannot be read.
///
/// # Errors
///
/// Fails when `stdout` or `stderr` cannot be written.
pub fn run(directory: &Path, stdout: &mut dyn Write, stderr: &mut dyn Write) -> io::Result<u8> {
    let answer = match pack::verify(directory) {
        Ok(answer) => answer,
        Err(error) => {
            writeln!(stderr, "error: {error}")?;
            return Ok(error.exit_code());
        }
    };
    for mismatch in &answer.mismatches {
        let line = mismatch.to_string();
        writeln!(stdout, "MISMATCH  {}", crate::report::visible(&line))?;
    }
    let code = if answer.mismatches.is_empty() {
        writeln!(
            stdout,
            "unchanged: {} files, {} bytes",
            answer.files, answer.bytes
        )?;
        writeln!(stdout, "SHA256SUMS sha256 {}", answer.sha256sums_sha256)?;
        0
    } else {
        writeln!(stdout, "changed: {} mismatches", answer.mismatches.len())?;
        4
    };
    writeln!(stderr, "{}", pack::PROVES)?;
    Ok(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_directory_is_2_and_a_directory_that_is_no_pack_is_4() {
        let folder = tempfile::tempdir().unwrap();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let missing = folder.path().join("nowhere");
        assert_eq!(run(&missing, &mut out, &mut err).unwrap(), 2);
        assert!(out.is_empty() && String::from_utf8(err).unwrap().contains("help:"));
        assert_eq!(run(folder.path(), &mut out, &mut Vec::new()).unwrap(), 4);
        assert!(
            String::from_utf8(out)
                .unwrap()
                .contains("SHA256SUMS: is missing")
        );
    }
}
