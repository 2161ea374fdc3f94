//! Every path that the product opens may be a pipe nobody writes to, a socket, a device without an
//! end or a directory: it is refused by its kind, at once, and the message says what it is.

use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::product::{binary, ran, run_in};
use super::vault_log::{calm, folder};

/// What each command says of what is no file.
const KINDS: [(&str, &str); 4] = [
    ("pipe.log", "a named pipe"),
    ("socket.log", "a socket"),
    ("zero.log", "a device"),
    ("folder.log", "a directory"),
];

/// Every way in which a command is given a path of a file or folder, which stands for `@`.
const READ: &[&[&str]] = &[
    &["report", "@", "-o", "out"],
    &["query", "SELECT 1", "@"],
    &["trace", "job", "1", "@"],
    &["init", "@", "--stdout"],
    &["lint", "@"],
    &["lint", "policies", "--logs", "@"],
    &[
        "policy",
        "rightsize",
        "--policies",
        "policies",
        "--logs",
        "@",
    ],
];

/// The same of a file alone.
const FILES: &[&[&str]] = &[
    &["report", "a.log", "-o", "out", "-c", "@"],
    &["query", "-f", "@", "a.log"],
    &["lint", "policies", "-c", "@"],
    &["lint", "policies", "--baseline", "@"],
    &["rules", "check", "@"],
    &["rules", "test", "@"],
    &[
        "policy",
        "decide",
        "--policies",
        "policies",
        "--requests",
        "@",
    ],
    &[
        "policy",
        "breadth",
        "--policies",
        "policies",
        "--set",
        "a",
        "--requests",
        "@",
    ],
    &[
        "policy",
        "can",
        "a",
        "read",
        "secret/a",
        "--policies",
        "policies",
        "-c",
        "@",
    ],
    &["verify", "pack", "--key", "@", "--signature", "key.pub"],
    &["verify", "pack", "--key", "key.pub", "--signature", "@"],
];

/// Paths that name a directory by right.
const FOLDERS: &[&[&str]] = &[
    &["verify", "@"],
    &[
        "sample",
        "@",
        "--seed",
        "s",
        "--size",
        "5",
        "--population",
        "findings",
    ],
    &["diff", "@", "pack"],
    &["diff", "pack", "@"],
    &["report", "a.log", "-o", "out", "--previous", "@"],
];

fn place() -> (tempfile::TempDir, UnixListener) {
    let place = folder(&[
        ("a.log", calm(3).as_bytes()),
        (
            "policies/a.hcl",
            b"path \"secret/data/a\" {\n  capabilities = [\"read\"]\n}\n",
        ),
        (
            "key.pub",
            b"RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3",
        ),
    ]);
    let root = place.path();
    let made = run_in(root, &["report", "a.log", "-o", "pack"]);
    assert_eq!(made.code, 0, "{made:?}");
    let made = Command::new("mkfifo").arg(root.join("pipe.log")).status();
    assert!(made.unwrap().success());
    let listener = UnixListener::bind(root.join("socket.log")).unwrap();
    symlink("/dev/zero", root.join("zero.log")).unwrap();
    std::fs::create_dir(root.join("folder.log")).unwrap();
    (place, listener)
}

/// Runs a command with one path in place of `@`; it may take neither long nor much.
fn given(root: &Path, words: &[&str], path: &str) -> super::product::Ran {
    let words = words
        .iter()
        .map(|word| if *word == "@" { path } else { word });
    let mut command = binary(root);
    command.args(words).timeout(Duration::from_secs(60));
    ran(&command.output().unwrap())
}

#[test]
fn every_path_that_is_opened_is_asked_for_its_kind_first() {
    let (place, _listener) = place();
    let files = FILES
        .iter()
        .flat_map(|words| KINDS.map(|kind| (words, kind)));
    let read = READ
        .iter()
        .flat_map(|words| KINDS.map(|kind| (words, kind)));
    let read = read.filter(|(_, (_, kind))| *kind != "a directory");
    for (words, (path, kind)) in files.chain(read) {
        let said = given(place.path(), words, path);
        let shown = format!("{}{}", said.out, said.err);
        let told = format!("is {kind}");
        assert!(shown.contains(&told), "{words:?} {path}: {said:?}");
        assert!([2, 3].contains(&said.code), "{words:?} {path}: {said:?}");
        let _ = std::fs::remove_dir_all(place.path().join("out"));
    }
    for words in FOLDERS {
        for (path, kind) in KINDS.iter().take(3) {
            let said = given(place.path(), words, path);
            assert_eq!(said.code, 2, "{words:?} {kind}: {said:?}");
            assert!(said.err.contains("is not a directory"), "{said:?}");
        }
    }
}

#[test]
fn what_is_no_file_in_a_pack_is_told_and_not_opened() {
    let (place, _listener) = place();
    let root = place.path();
    for name in [
        "run.json",
        "SHA256SUMS",
        "manifest.json",
        "data/findings.csv",
    ] {
        let file = root.join("pack").join(name);
        let kept = std::fs::read(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        symlink("/dev/zero", &file).unwrap();
        for words in [
            &["verify", "pack"][..],
            &[
                "sample",
                "pack",
                "--seed",
                "s",
                "--size",
                "5",
                "--population",
                "findings",
            ],
            &["diff", "pack", "pack"],
        ] {
            let said = given(root, words, "");
            assert_eq!(said.code, 4, "{words:?} {name}: {said:?}");
        }
        std::fs::remove_file(&file).unwrap();
        std::fs::write(&file, kept).unwrap();
    }
}

#[test]
fn a_loop_of_links_ends() {
    let place = folder(&[("in/a.log", calm(3).as_bytes())]);
    let root = place.path();
    symlink("..", root.join("in/up")).unwrap();
    symlink("itself", root.join("in/itself")).unwrap();
    for words in [
        &["report", "in", "-o", "out"][..],
        &["query", "SELECT count(*) AS n FROM event", "in"],
        &["lint", "in"],
    ] {
        let said = given(root, words, "");
        assert!([0, 3].contains(&said.code), "{words:?}: {said:?}");
        assert!(
            said.err.contains("itself") || said.out.contains("itself"),
            "{said:?}"
        );
    }
}
