//! Files that are made to exhaust: each is read within bounds and named, and hides nothing of the
//! files beside it.

use std::fs;

use super::product::run_in;
use super::vault_log::{calm, folder, put};

/// More than a record may hold, in 64 KiB as stored.
fn swollen() -> Vec<u8> {
    let piece = vec![b' '; 1 << 20];
    let mut packed = zstd::Encoder::new(Vec::new(), 3).unwrap();
    for _ in 0..200 {
        std::io::Write::write_all(&mut packed, &piece).unwrap();
    }
    packed.finish().unwrap()
}

#[test]
fn a_report_goes_on_beside_bombs_and_names_them() {
    let deep = format!("{}1{}", "{\"a\":".repeat(200_000), "}".repeat(200_000));
    let wide = format!("{{\"id\": 1, \"name\": \"{}\"}}\n", "x".repeat(8 << 20));
    let dir = folder(&[("in/vault/audit.log", calm(3).as_bytes())]);
    put(dir.path(), "in/vault/more.log.zst", &swollen());
    put(
        dir.path(),
        "in/gitlab/projects/1/jobs.json",
        deep.as_bytes(),
    );
    put(dir.path(), "in/gcp/wide.json", wide.as_bytes());
    put(
        dir.path(),
        "in/gcp/lists.json",
        "[".repeat(500_000).as_bytes(),
    );
    let ran = run_in(dir.path(), &["report", "in", "-o", "out"]);
    assert!(ran.code == 0 || ran.code == 3, "{ran:?}");
    let read = |name: &str| fs::read_to_string(dir.path().join("out/data").join(name)).unwrap();
    let (coverage, rejected) = (read("coverage.csv"), read("rejected_lines.csv"));
    for file in [
        "vault/audit.log",
        "vault/more.log.zst",
        "projects/1/jobs.json",
        "gcp/wide.json",
        "gcp/lists.json",
    ] {
        assert!(coverage.contains(file), "{file}: {coverage}");
    }
    for file in ["projects/1/jobs.json", "gcp/lists.json"] {
        assert!(rejected.contains(file), "{file}: {rejected}");
    }
    assert_eq!(
        read("identity_chains.csv").lines().count(),
        4,
        "three operations and a head"
    );
}

#[test]
fn the_gate_goes_on_beside_bombs_and_finds_what_is_there() {
    let many = |count: usize| "*a, ".repeat(count);
    let aliases = (1..8).fold("a: &a [x, x]\n".to_owned(), |text, n| {
        let name = ["a", "b", "c", "d", "e", "f", "g", "h"];
        let items = many(9).replace("*a", &format!("*{}", name[n - 1]));
        format!("{text}{}: &{} [{items}]\n", name[n], name[n])
    });
    let dir = folder(&[
        (
            "policies/open.hcl",
            b"path \"*\" { capabilities = [\"sudo\"] }\n".as_slice(),
        ),
        ("policies/stars.hcl", "*".repeat(64 << 10).as_bytes()),
        ("policies/comment.hcl", "/*".repeat(100_000).as_bytes()),
        (
            ".gitlab-ci.yml",
            format!("{aliases}j:\n  script: [make]\n").as_bytes(),
        ),
        (
            "role/auth/gitlab/role/a.json",
            "[".repeat(300_000).as_bytes(),
        ),
    ]);
    let ran = run_in(dir.path(), &["lint", ".", "--format", "sarif"]);
    assert!(ran.code == 1 || ran.code == 3, "{}", ran.err);
    assert!(ran.out.contains("VLT-POL-001"), "{}", ran.err);
    assert!(ran.out.len() < 4 << 20, "{} bytes", ran.out.len());
    for file in ["stars.hcl", "a.json"] {
        assert!(
            ran.out.contains(file) || ran.err.contains(file),
            "{file}: {}",
            ran.err
        );
    }
}
