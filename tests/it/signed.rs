//! A signature beside the pack: whose it is, and that a pack sealed anew does not pass with it.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::product::{Ran, run_in};
use super::skipped::skipped;
use super::vault_log::{calm, folder};

fn keygen(directory: &Path, words: &[&str]) -> Option<()> {
    let output = Command::new("ssh-keygen")
        .current_dir(directory)
        .args(words)
        .output();
    match output {
        Ok(output) => {
            assert!(output.status.success(), "{output:?}");
            Some(())
        }
        Err(_) => {
            skipped("signed", "no ssh-keygen");
            None
        }
    }
}

fn verify(directory: &Path, more: &[&str]) -> Ran {
    run_in(directory, &[&["verify", "out"], more].concat())
}

#[test]
fn an_ssh_signature_is_whose_key_is_named_and_of_this_pack_alone() {
    let dir = folder(&[("a.log", calm(3).as_bytes())]);
    let dir = dir.path();
    for name in ["ann", "eve"] {
        let words = ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", name];
        if keygen(dir, &words).is_none() {
            return;
        }
    }
    assert_eq!(run_in(dir, &["report", "a.log", "-o", "out"]).code, 0);
    assert_eq!(
        verify(dir, &["--key", "ann.pub"]).code,
        2,
        "no signature is there"
    );
    keygen(
        dir,
        &[
            "-Y",
            "sign",
            "-q",
            "-n",
            "file",
            "-f",
            "ann",
            "out/SHA256SUMS",
        ],
    );
    let plain = verify(dir, &[]);
    assert_eq!(
        plain.code, 0,
        "a signature in the pack is no change: {plain:?}"
    );
    let signed = verify(dir, &["--key", "ann.pub"]);
    assert_eq!(signed.code, 0, "{signed:?}");
    assert!(signed.out.contains("is valid"), "{signed:?}");
    assert_eq!(verify(dir, &["--key", "eve.pub"]).code, 4);
    fs::rename(dir.join("out/SHA256SUMS.sig"), dir.join("apart.sig")).unwrap();
    let named = ["--key", "ann.pub", "--signature", "apart.sig"];
    assert_eq!(verify(dir, &named).code, 0);
    assert_eq!(verify(dir, &["--signature", "apart.sig"]).code, 2);
    // Another run over other logs, sealed by itself: it verifies, and is not what was signed.
    fs::rename(dir.join("out"), dir.join("first")).unwrap();
    fs::write(dir.join("a.log"), calm(2)).unwrap();
    assert_eq!(run_in(dir, &["report", "a.log", "-o", "out"]).code, 0);
    let resealed = verify(dir, &[]);
    assert_eq!(resealed.code, 0);
    assert!(
        resealed.err.contains("such a pack verifies"),
        "{resealed:?}"
    );
    let signed = verify(dir, &named);
    assert_eq!(signed.code, 4, "{signed:?}");
    fs::remove_file(dir.join("out/SHA256SUMS")).unwrap();
    assert_eq!(verify(dir, &named).code, 4);
}
