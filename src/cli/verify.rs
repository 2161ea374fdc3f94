//! `piperoll verify DIR`: whether a pack is what was written.

use std::io::Write;
use std::path::Path;

use super::{DONE, Failure, MISMATCH};
use crate::pack;
use crate::report::visible;

/// Verifies the pack in `directory` and answers the exit code: 0 unchanged, 4 changed, 2 when there
/// is no such directory, 3 when it cannot be read.
///
/// # Errors
///
/// Fails when `stdout` or `stderr` cannot be written.
pub(super) fn run(
    directory: &Path,
    signed: Option<pack::Signed<'_>>,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<u8, Failure> {
    let answer = pack::verify(directory)?;
    for mismatch in &answer.mismatches {
        let line = mismatch.to_string();
        writeln!(stdout, "MISMATCH  {}", visible(&line))?;
    }
    let signature = match signed.map(|signed| pack::check(directory, signed)) {
        None => None,
        Some(Ok(signature)) => Some(signature),
        // Without a list there is nothing to be signed, and its absence is a mismatch already.
        Some(Err(_)) if answer.sha256sums_sha256.is_empty() => None,
        Some(Err(error)) => return Err(error.into()),
    };
    let mut code = if answer.mismatches.is_empty() {
        writeln!(
            stdout,
            "unchanged: {} files, {} bytes",
            answer.files, answer.bytes
        )?;
        writeln!(stdout, "SHA256SUMS sha256 {}", answer.sha256sums_sha256)?;
        DONE
    } else {
        writeln!(stdout, "changed: {} mismatches", answer.mismatches.len())?;
        MISMATCH
    };
    match &signature {
        None => {}
        Some(pack::Signature::Valid(said)) => {
            writeln!(
                stdout,
                "signature of SHA256SUMS is valid: {}",
                visible(said)
            )?;
        }
        Some(pack::Signature::Invalid(said)) => {
            writeln!(
                stdout,
                "MISMATCH  signature of SHA256SUMS: {}",
                visible(said)
            )?;
            code = MISMATCH;
        }
    }
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
        let failure = run(&missing, None, &mut out, &mut err).unwrap_err();
        assert_eq!(failure.end(&mut err), 2);
        assert!(out.is_empty() && String::from_utf8(err).unwrap().contains("help:"));
        assert_eq!(
            run(folder.path(), None, &mut out, &mut Vec::new()).unwrap(),
            4
        );
        assert!(
            String::from_utf8(out)
                .unwrap()
                .contains("SHA256SUMS: is missing")
        );
    }
}
