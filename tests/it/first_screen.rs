//! What `report` and `inputs` tell somebody who runs piperoll for the first time.

use std::fs;

use super::product::{fixture, piperoll, run_in};
use super::vault_log::folder;

/// A report over Vault's part of the estate, without a configuration.
fn vault_alone(words: &[&str]) -> super::product::Ran {
    let folder = folder(&[]);
    let vault = fixture("estate/vault").display().to_string();
    let mut all = vec!["report", vault.as_str()];
    all.extend_from_slice(words);
    run_in(folder.path(), &all)
}

#[test]
fn the_worst_is_named_with_its_place_and_what_is_missing_with_the_next_step() {
    let ran = vault_alone(&[]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let lines: Vec<&str> = ran.out.lines().collect();
    let root = lines
        .iter()
        .position(|line| line.contains("crit  VLT-EVT-001  Root token used"));
    let place = lines[root.expect(&ran.out) + 1].trim();
    assert!(
        place.starts_with("file/audit.log") && place.contains(".gz:"),
        "{place}"
    );
    let waiting = lines
        .iter()
        .find(|line| line.contains("next: piperoll inputs gcp"));
    let count = waiting
        .expect(&ran.out)
        .split("not assessed: ")
        .nth(1)
        .unwrap();
    assert!(
        count.split(' ').next().unwrap().parse::<u32>().unwrap() > 10,
        "{count}"
    );
    // A page of "not assessed" is what nobody reads: one line for each system that may be exported,
    // one for worksheets, one for settings and one for the rest.
    let said = lines
        .iter()
        .filter(|line| line.contains("not assessed: "))
        .count();
    assert!(said <= 9, "{}", ran.out);
    assert!(ran.out.contains("\nlogins    0 of "), "{}", ran.out);
    assert_eq!(*lines.last().unwrap(), "report    evidence/report.html");
}

/// One device's last file: whoever gets nothing else reads how much there is not.
#[test]
fn a_log_that_begins_late_is_never_told_as_if_it_were_all_there() {
    let folder = folder(&[]);
    let of = |name: &str| fixture(name).display().to_string();
    let (log, exports) = (of("estate/vault/file/audit.log"), of("estate/vault/config"));
    let settings = of("estate/piperoll.toml");
    let ran = run_in(folder.path(), &["report", &log, &exports, "-c", &settings]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let told = |start: &str, words: &str| {
        let mut lines = ran.out.lines();
        lines.any(|line| line.starts_with(start) && line.contains(words))
    };
    for (start, words) in [
        // Right below the period, which alone reads as if the month had been seen.
        ("         ", "Vault audit log: 2026-"),
        ("missing", "missing: socket"),
        ("missing", " days into the period"),
        (
            "logins",
            "; the Vault audit log is there in part: there may have been others",
        ),
    ] {
        assert!(told(start, words), "{words}: {}", ran.out);
    }
    let page = fs::read_to_string(folder.path().join("evidence/report.html")).unwrap();
    let first = page.split("id=\"first\"").nth(1).unwrap();
    let (before, figures) = first.split_once("class=\"figures\"").unwrap();
    assert!(before.contains(" days into the period"));
    assert!(figures.contains("nothing is said of what was not supplied"));
}

#[test]
fn every_rule_that_was_not_assessed_is_on_the_screen() {
    let ran = vault_alone(&["--format", "json"]);
    assert_eq!(ran.out.lines().count(), 1);
    let said: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(said["schema"], "piperoll/summary/1");
    let rules = &said["rules"];
    let steps = rules["not_assessed"].as_array().unwrap();
    let reasons = steps
        .iter()
        .flat_map(|step| step["reasons"].as_object().unwrap().values());
    let named: usize = reasons.map(|ids| ids.as_array().unwrap().len()).sum();
    let number = |key: &str| rules[key].as_u64().unwrap() as usize;
    assert_eq!(number("all") - number("assessed"), named);
    assert!(named > 50, "{named}");
}

#[test]
fn quiet_says_nothing_but_what_is_wrong() {
    let ran = vault_alone(&["--quiet"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    let ran = vault_alone(&["--quiet", "--from", "2020-01-01", "--to", "2020-01-02"]);
    assert_eq!((ran.code, ran.out.as_str()), (3, ""));
    assert!(
        ran.err.contains("no event lies in the period"),
        "{}",
        ran.err
    );
}

#[test]
fn a_file_that_is_not_read_is_named_by_what_it_is() {
    let folder = folder(&[
        ("in/notes.txt", b"not a log\nat all\n"),
        ("in/empty.log", b""),
    ]);
    let ran = run_in(folder.path(), &["report", "in"]);
    assert_eq!(ran.code, 3, "{}", ran.out);
    assert!(
        ran.out.contains("not read: 1 file(s), empty"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.matches("not read: 1 file(s), ").count() == 2,
        "{}",
        ran.out
    );
}

#[test]
fn an_empty_directory_is_a_place_for_a_pack() {
    let folder = folder(&[]);
    fs::create_dir(folder.path().join("evidence")).unwrap();
    let vault = fixture("estate/vault").display().to_string();
    let ran = run_in(folder.path(), &["report", &vault]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(folder.path().join("evidence/SHA256SUMS").exists());
    let again = run_in(folder.path(), &["report", &vault]);
    assert_eq!(again.code, 2);
    assert!(again.err.contains("never overwritten"), "{}", again.err);
}

#[test]
fn the_inputs_are_told_with_the_rules_that_ask_for_them() {
    let all = piperoll(&["inputs"]);
    assert_eq!(all.code, 0);
    for system in ["vault", "gitlab", "gcp", "okta", "hoop", "mesh", "aws"] {
        let one = piperoll(&["inputs", system]).out;
        assert!(one.starts_with(&format!("{system}\n")), "{one}");
        assert!(all.out.contains(one.lines().nth(1).unwrap()));
    }
    assert!(
        all.out.lines().all(|line| line.chars().count() <= 110),
        "{}",
        all.out
    );
    let json = piperoll(&["inputs", "--format", "json"]).out;
    let list: serde_json::Value = serde_json::from_str(&json).unwrap();
    let roles = list["inputs"]
        .as_array()
        .unwrap()
        .iter()
        .find(|input| input["input"] == "Roles");
    let rules = roles.unwrap()["rules"].as_array().unwrap();
    assert!(rules.contains(&"VLT-ROL-001".into()), "{rules:?}");
    assert_eq!(piperoll(&["inputs", "vualt"]).code, 2);
}

#[test]
fn a_script_is_printed_as_it_ships() {
    for (name, file) in [
        ("vault", "vault.sh"),
        ("vault-policy", "vault-policy.hcl"),
        ("gitlab", "gitlab.sh"),
        ("gcp", "gcp.sh"),
        ("aws", "aws.sh"),
        ("okta", "okta.sh"),
        ("mesh", "kuma.sh"),
        ("kuma", "kuma.sh"),
    ] {
        let shipped = format!("{}/deploy/export/{file}", env!("CARGO_MANIFEST_DIR"));
        let printed = piperoll(&["inputs", "--script", name]);
        assert_eq!(printed.code, 0, "{}", printed.err);
        assert_eq!(printed.out, fs::read_to_string(shipped).unwrap());
    }
    assert_eq!(piperoll(&["inputs", "--script", "hoop"]).code, 2);
}

/// A finding that is about one thing names it once, and a list of nothing says what would be in it.
#[test]
fn one_thing_is_named_once_and_an_empty_list_says_why() {
    let auth = r#"{"client_token":"hmac-sha256:t1","accessor":"hmac-sha256:a1","display_name":"userpass-ada","policies":["wide"],"token_policies":["wide"],"metadata":{"username":"ada"},"token_type":"service","token_ttl":2764800}"#;
    let login = format!(
        "{{\"time\":\"2026-03-02T22:00:00Z\",\"type\":\"response\",\"auth\":{auth},\"request\":{{\"id\":\"r-1\",\"operation\":\"update\",\"path\":\"auth/userpass/login/ada\",\"mount_point\":\"auth/userpass/\",\"mount_type\":\"userpass\",\"remote_address\":\"10.0.0.1\"}},\"response\":{{\"auth\":{auth},\"mount_type\":\"userpass\"}}}}\n"
    );
    let folder = folder(&[("logs/audit.log", login.as_bytes())]);
    let words = ["report", "logs", "--select", "VLT-EVT-009"];
    let ran = run_in(folder.path(), &words);
    let found = ran.out.lines().find(|line| line.contains("VLT-EVT-009  "));
    let found = found.unwrap_or_else(|| panic!("{}{}", ran.out, ran.err));
    assert!(found.ends_with(": vault:mount/auth/userpass/"), "{found}");
    let ran = run_in(folder.path(), &["trace", "--list", "job", "logs"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.err.contains("note: the inputs name no job"),
        "{}",
        ran.err
    );
}

/// Thousands of findings of one rule are one line, for the next rule's must be seen too.
#[test]
fn many_findings_of_one_rule_are_shown_once_with_how_many_more_there_are() {
    let folder = folder(&[]);
    fs::create_dir_all(folder.path().join("policies")).unwrap();
    for number in 0..7 {
        let file = folder.path().join(format!("policies/p{number}.hcl"));
        fs::write(file, "path \"*\" {\n  capabilities = [\"read\"]\n}\n").unwrap();
    }
    let ran = run_in(folder.path(), &["report", "policies"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let shown = ran.out.matches("crit  VLT-POL-001").count();
    assert_eq!(shown, 1, "{}", ran.out);
    assert!(
        ran.out.contains("p0.hcl:1, and 6 more of this rule"),
        "{}",
        ran.out
    );
}
