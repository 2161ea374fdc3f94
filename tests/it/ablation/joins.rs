//! Rules about jobs and people that need files of several systems: without one of them they say so,
//! and nobody is accused by what is missing.

use serde_json::Value;

use super::files::{self, Files};
use super::part::{keep, sift};
use super::said::{Answer, rules, say};
use crate::product::fixture;

/// A CI file whose deployment logs in to Vault as a role.
fn ci_file(role: &str) -> Vec<u8> {
    let text = "deploy:\n  stage: deploy\n  environment: production\n  id_tokens:\n    VAULT_ID_TOKEN:\n      aud: https://vault.mill.example\n  script:\n    - vault write auth/gitlab/login role=ROLE jwt=$VAULT_ID_TOKEN\n";
    text.replace("ROLE", role).into_bytes()
}

/// A case with its configuration, as an estate.
fn case(name: &str) -> Files {
    let folder = fixture(&format!("cases/{name}"));
    let mut files = files::read(&folder.join("input"));
    let config = std::fs::read(folder.join("piperoll.toml")).unwrap();
    files.insert("piperoll.toml".to_owned(), config);
    files
}

/// What one rule answers, in words, and whether it accuses at all.
fn answer(files: &Files, id: &str) -> (Answer, String) {
    say(files, &rules()).unwrap().rules.remove(id).unwrap()
}

fn with_ci_file(files: &Files, role: &str) -> Files {
    let mut files = files.clone();
    files.insert(
        "gitlab/projects/101/.gitlab-ci.yml".to_owned(),
        ci_file(role),
    );
    files
}

#[test]
fn a_job_that_did_not_log_in_is_found_where_its_file_and_the_hour_of_the_log_are_there() {
    let whole = case("vault-gitlab");
    let (said, why) = answer(&whole, "JOI-002");
    assert_eq!(said, Answer::NotAssessed, "{why}");
    assert!(
        why.contains("`.gitlab-ci.yml` files were not exported"),
        "{why}"
    );
    let filed = with_ci_file(&whole, "orders");
    let (said, why) = answer(&filed, "JOI-002");
    assert!(matches!(said, Answer::Plain | Answer::InPart), "{why}");
    let log = |name: &str| name == "vault/audit.log";
    let of_first = |record: &Value| record["time"].as_str().is_some_and(|at| at < "2026-09-02");
    let is_login = |record: &Value| record["request"]["path"] == "auth/gitlab/login";
    let no_login = sift(&filed, log, |it| !(of_first(it) && is_login(it)));
    assert_eq!(answer(&no_login, "JOI-002").0, Answer::Finding);
    // Without that day of the log nobody can tell.
    let no_day = sift(&filed, log, |it| !of_first(it));
    let (said, why) = answer(&no_day, "JOI-002");
    assert_eq!(said, Answer::InPart, "{why}");
}

#[test]
fn a_role_that_a_file_does_not_name_is_found_where_the_file_is_there() {
    let whole = case("vault-gitlab");
    let (said, why) = answer(&whole, "JOI-008");
    assert_eq!(said, Answer::NotAssessed, "{why}");
    assert_eq!(
        answer(&with_ci_file(&whole, "billing"), "JOI-008").0,
        Answer::Finding
    );
    let named = with_ci_file(&whole, "orders");
    let (said, why) = answer(&named, "JOI-008");
    assert!(matches!(said, Answer::Plain | Answer::InPart), "{why}");
    let jobless = keep(&with_ci_file(&whole, "billing"), |name| {
        !name.ends_with("/jobs.json")
    });
    let (said, why) = answer(&jobless, "JOI-008");
    assert_eq!(said, Answer::NotAssessed, "{why}");
}

#[test]
fn whoever_left_and_still_acts_is_found_by_okta_alone_and_nobody_passes_without_it() {
    let whole = case("okta");
    assert_eq!(answer(&whole, "JOI-027").0, Answer::Finding);
    let without = |part: &str| keep(&whole, |name| !name.contains(part));
    let (said, why) = answer(&without("okta/"), "JOI-027");
    assert_eq!(said, Answer::NotAssessed, "{why}");
    assert!(why.contains("Okta System Log"), "{why}");
    // Nothing ties the user of Okta to the one of GitLab, nor to what nobody logged.
    for part in ["users.json", "/jobs.json"] {
        let (said, why) = answer(&without(part), "JOI-027");
        assert!(said != Answer::Plain, "without {part}: {why}");
    }
}
