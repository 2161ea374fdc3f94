//! A detached signature of `SHA256SUMS`: what shows that a pack was not sealed anew by another hand.
//!
//! Minisign signatures are checked here; SSH signatures (`ssh-keygen -Y sign -n file`) by the
//! `ssh-keygen` of this machine, which knows every kind of key.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{CHECKSUMS, Error};
use crate::disk;
use crate::scratch::{self, Scratch};

/// Names that a signature has when it lies in the pack, beside what it signs.
pub(super) const BESIDE: [&str; 2] = ["SHA256SUMS.minisig", "SHA256SUMS.sig"];
/// The namespace that `ssh-keygen -Y sign` signs files in.
const NAMESPACE: &str = "file";

/// Whose signature is asked for, and where it is.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    /// The public key: of minisign, or a line of OpenSSH.
    pub key: &'a Path,
    /// The signature; beside `SHA256SUMS` where none is named.
    pub signature: Option<&'a Path>,
}

/// What a signature says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signature {
    /// The holder of the key signed this `SHA256SUMS`; what is said of it.
    Valid(String),
    /// It does not fit, and why.
    Invalid(String),
}

/// Checks the signature of the `SHA256SUMS` in `directory`.
///
/// # Errors
///
/// Fails when key or signature cannot be read or are of no known form, or when `ssh-keygen` is
/// needed and not there.
pub fn check(directory: &Path, signed: Signed<'_>) -> Result<Signature, Error> {
    let place = directory.join(CHECKSUMS);
    let sums = disk::bytes(&place, disk::LONGEST_TEXT).map_err(Error::at(&place))?;
    let (at, signature) = find(directory, signed)?;
    let key = text(signed.key)?;
    if signature.starts_with("-----BEGIN SSH SIGNATURE-----") {
        return ssh(&sums, &key, signed.key, &at);
    }
    let unknown = |path: &Path| Error::NoSignature(path.to_owned());
    let parsed = minisign_verify::Signature::decode(&signature).map_err(|_| unknown(&at))?;
    let public = minisign_verify::PublicKey::decode(&key)
        .or_else(|_| minisign_verify::PublicKey::from_base64(key.trim()))
        .map_err(|_| unknown(signed.key))?;
    Ok(match public.verify(&sums, &parsed, false) {
        Ok(()) => Signature::Valid(format!("minisign; {}", parsed.trusted_comment())),
        Err(error) => Signature::Invalid(error.to_string()),
    })
}

/// The signature's place and text.
fn find(directory: &Path, signed: Signed<'_>) -> Result<(PathBuf, String), Error> {
    if let Some(path) = signed.signature {
        return Ok((path.to_owned(), text(path)?));
    }
    let beside = BESIDE.iter().map(|name| directory.join(name));
    match beside.into_iter().find(|path| path.is_file()) {
        Some(path) => Ok((path.clone(), text(&path)?)),
        None => Err(Error::NoSignature(directory.join(BESIDE[0]))),
    }
}

fn text(path: &Path) -> Result<String, Error> {
    match disk::text(path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(Error::NoSignature(path.to_owned()))
        }
        Err(error) => Err(Error::at(path)(error)),
    }
}

fn ssh(sums: &[u8], key: &str, key_file: &Path, signature: &Path) -> Result<Signature, Error> {
    let mut words = key.split_whitespace();
    let (Some(kind), Some(public)) = (words.next(), words.next()) else {
        return Err(Error::NoSignature(key_file.to_owned()));
    };
    let temporary = std::env::temp_dir();
    let folder = Scratch::new_in(&temporary, "piperoll-verify-").map_err(Error::at(&temporary))?;
    let signers = folder.path().join("signers");
    scratch::create(&signers)
        .and_then(|mut file| writeln!(file, "signer {kind} {public}"))
        .map_err(Error::at(&signers))?;
    // Relative names could be taken for options.
    let signature = std::path::absolute(signature).map_err(Error::at(signature))?;
    let mut child = Command::new("ssh-keygen")
        .args(["-Y", "verify", "-I", "signer", "-n", NAMESPACE, "-f"])
        .arg(&signers)
        .arg("-s")
        .arg(&signature)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(Error::at("ssh-keygen"))?;
    if let Some(mut input) = child.stdin.take() {
        // A program that has seen enough closes its end; its answer counts.
        let _ = input.write_all(sums);
    }
    let output = child.wait_with_output().map_err(Error::at("ssh-keygen"))?;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let said = said.lines().next().unwrap_or_default().to_owned();
    Ok(if output.status.success() {
        Signature::Valid(format!("ssh; {said}"))
    } else {
        Signature::Invalid(said)
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::model::{Failing as _, FailureKind};

    const KEY: &str = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
    /// The example of the minisign-verify crate: the word `test`, signed.
    const SIGNATURE: &str = "untrusted comment: signature from minisign secret key
RUQf6LRCGA9i559r3g7V1qNyJDApGip8MfqcadIgT9CuhV3EMhHoN1mGTkUidF/z7SrlQgXdy8ofjb7bNJJylDOocrCo8KLzZwo=
trusted comment: timestamp:1633700835\tfile:test\tprehashed
wLMDjy9FLAuxZ3q4NlEvkgtyhrr0gtTu6KC4KBJdITbbOeAi1zBIYo0v4iTgt8jJpIidRJnp94ABQkJAgAooBQ==";

    #[test]
    fn a_minisign_signature_holds_for_these_bytes_and_no_others() {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("key.pub");
        fs::write(&key, KEY).unwrap();
        let signed = Signed {
            key: &key,
            signature: None,
        };
        fs::write(folder.path().join(CHECKSUMS), "test").unwrap();
        assert!(matches!(
            check(folder.path(), signed),
            Err(Error::NoSignature(_))
        ));
        fs::write(folder.path().join(BESIDE[0]), SIGNATURE).unwrap();
        let valid = check(folder.path(), signed).unwrap();
        assert!(matches!(valid, Signature::Valid(_)), "{valid:?}");
        fs::write(folder.path().join(CHECKSUMS), "tesT").unwrap();
        let invalid = check(folder.path(), signed).unwrap();
        assert!(matches!(invalid, Signature::Invalid(_)), "{invalid:?}");
        fs::write(&key, "ssh-ed25519").unwrap();
        assert_eq!(
            check(folder.path(), signed).unwrap_err().kind(),
            FailureKind::Usage
        );
    }
}
