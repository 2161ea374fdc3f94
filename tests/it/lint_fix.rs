//! `lint --fix`: a patch that opens nothing.

use std::fs;
use std::process::Command;

use super::lint::{estate, lint};
use super::skipped::skipped;

/// The patch is one that `git apply` takes, and the finding is gone for denials alone.
#[test]
fn a_patch_mends_a_denial_and_opens_nothing() {
    let text = "path \"secret/*\" { capabilities = [\"read\"] }\npath \"secret/*/db\" { capabilities = [\"deny\"] }\npath \"other/*/db\" { capabilities = [\"read\"] }\n";
    let dir = estate(&[("policies/a.hcl", text)]);
    let (code, patch, said) = lint(dir.path(), &[".", "--fix"]);
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains(
            "policies/a.hcl:3: \"other/*/db\" was meant as \"other/+/db\", which would open it"
        ),
        "{said}"
    );
    assert!(
        said.contains("1 file(s) mended in the patch, 1 place(s) left"),
        "{said}"
    );
    let added: Vec<&str> = patch
        .lines()
        .filter(|line| line.starts_with('+'))
        .skip(1)
        .collect();
    assert_eq!(
        added,
        ["+path \"secret/+/db\" { capabilities = [\"deny\"] }"]
    );
    fs::write(dir.path().join("fix.patch"), &patch).unwrap();
    let applied = Command::new("git")
        .args(["apply", "fix.patch"])
        .current_dir(dir.path())
        .output();
    match applied {
        Ok(applied) => {
            assert!(applied.status.success(), "{applied:?}\n{patch}");
            let after = fs::read_to_string(dir.path().join("policies/a.hcl")).unwrap();
            assert!(
                after.contains("secret/+/db") && after.contains("secret/*/db"),
                "{after}"
            );
        }
        Err(error) => skipped("lint::patch", &format!("git: {error}")),
    }
    let (_, patch, _) = lint(dir.path(), &[".", "--fix"]);
    assert_eq!(patch, "", "a second run has nothing to mend");
}

/// What cannot be parsed is left, and said.
#[test]
fn a_file_that_cannot_be_parsed_is_left_with_its_line() {
    let text = "# broken\npath \"secret/a\" { capabilities = [\"reed\"] }\n";
    let dir = estate(&[
        ("policies/a.hcl", text),
        ("policies/b.json", "{\"policy\": "),
    ]);
    let (_, patch, said) = lint(dir.path(), &[".", "--fix"]);
    assert_eq!(patch, "");
    for left in [
        "left: policies/a.hcl:2: ",
        "left: policies/b.json:",
        "2 place(s) left",
    ] {
        assert!(said.contains(left), "{said}");
    }
}
