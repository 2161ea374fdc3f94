//! Links that leave the inputs: said by every command that reads, and refused with `--no-follow`.

use std::fs;
use std::os::unix::fs::symlink;

use crate::product::{Ran, run_in};
use crate::vault_log::{folder, lines, pair};

const POLICY: &[u8] = b"path \"secret/data/a\" {\n  capabilities = [\"read\"]\n}\n";

/// A folder whose `logs` and `policies` hold a link to a file and one to a folder elsewhere.
fn linked() -> (tempfile::TempDir, tempfile::TempDir) {
    let log = lines(&pair(1, 1, "secret/data/a"));
    let inside = folder(&[
        ("logs/audit.log", log.as_bytes()),
        ("policies/a.hcl", POLICY),
    ]);
    let elsewhere = folder(&[
        (
            "more/audit.log",
            lines(&pair(2, 2, "secret/data/b")).as_bytes(),
        ),
        ("policy.hcl", POLICY),
    ]);
    let (from, to) = (elsewhere.path(), inside.path());
    symlink(from.join("more"), to.join("logs/more")).unwrap();
    symlink(from.join("policy.hcl"), to.join("policies/b.hcl")).unwrap();
    (inside, elsewhere)
}

fn runs(words: &[&str]) -> (Ran, Ran) {
    let (inside, _elsewhere) = linked();
    let followed = run_in(inside.path(), words);
    let words: Vec<&str> = words.iter().copied().chain(["--no-follow"]).collect();
    let _ = fs::remove_dir_all(inside.path().join("evidence"));
    (followed, run_in(inside.path(), &words))
}

#[test]
fn what_a_link_out_of_the_inputs_leads_to_is_said_and_can_be_refused() {
    let query = ["query", "SELECT path FROM event", "logs"];
    for words in [
        &["report", "logs"][..],
        &query,
        &["trace", "secret", "secret/data/b", "logs"],
    ] {
        let (followed, refused) = runs(words);
        let said = "note: `more/audit.log` is read through a link that leaves the inputs";
        assert!(followed.err.contains(said), "{words:?}: {}", followed.err);
        assert!(!refused.err.contains(said), "{words:?}: {}", refused.err);
    }
    let (followed, refused) = runs(&query);
    assert!(followed.out.contains("secret/data/b"), "{}", followed.out);
    assert!(!refused.out.contains("secret/data/b"), "{}", refused.out);
    let (_, refused) = runs(&["report", "logs"]);
    assert_eq!(refused.code, 3, "{}", refused.err);
    let why = "`more` could not be read: a link leads out of the inputs";
    assert!(refused.err.contains(why), "{}", refused.err);
}

#[test]
fn lint_says_links_out_of_its_paths_and_can_refuse_them() {
    let (followed, refused) = runs(&["lint", "policies"]);
    let said = "`policies/b.hcl` is read through a link that leaves the inputs";
    assert!(followed.out.contains(said), "{}", followed.out);
    assert_eq!(followed.code, 0, "{}", followed.err);
    assert_eq!(refused.code, 3, "{}", refused.err);
    let why = "a link leads out of the inputs, and --no-follow is given";
    assert!(refused.out.contains(why), "{}", refused.out);
    let (followed, refused) = runs(&["lint", "policies/a.hcl", "--logs", "logs"]);
    assert!(
        followed
            .out
            .contains("more/audit.log` is read through a link"),
        "{}",
        followed.out
    );
    assert_eq!(refused.code, 3, "{}", refused.out);
}

#[test]
fn the_policy_engine_says_links_out_of_its_directory_and_can_refuse_them() {
    for words in [
        &[
            "policy",
            "can",
            "a",
            "read",
            "secret/data/a",
            "--policies",
            "policies",
        ][..],
        &["policy", "decide", "--policies", "policies"],
        &["policy", "breadth", "--policies", "policies"],
        &[
            "policy", "diff", "--before", "policies", "--after", "policies",
        ],
    ] {
        let (followed, refused) = runs(words);
        let said = "b.hcl` is read through a link that leaves the inputs";
        assert!(followed.err.contains(said), "{words:?}: {}", followed.err);
        assert_eq!(followed.code, 0, "{words:?}: {}", followed.err);
        let why = "a link leads out of the inputs, and --no-follow is given";
        assert!(refused.err.contains(why), "{words:?}: {}", refused.err);
        assert!(matches!(refused.code, 2 | 3), "{words:?}: {}", refused.err);
    }
}
