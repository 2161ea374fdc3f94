//! What somebody wrote over: the year of one record, names that were masked, a list of which some were
//! deleted. Each once accused somebody, or let a rule pass plainly.

use serde_json::Value;

use super::files::{self, Files};
use super::fine::rewrite;
use super::hold;
use super::part::{Part, sift};
use super::said::{rules, say};
use crate::estate::committed;

fn noticed(what: &str, files: Files) -> Part {
    Part {
        what: what.to_owned(),
        files,
        noticed: true,
    }
}

/// A file with one text in place of another in its line, or object, of some number.
fn of_another_year(whole: &Files, name: &str, row: usize) -> Files {
    let mut files = whole.clone();
    let aged = |text: &str| text.replace("2026-", "1971-");
    let bytes = match serde_json::from_slice::<Vec<Value>>(&whole[name]) {
        Ok(mut rows) => {
            rows[row] = serde_json::from_str(&aged(&rows[row].to_string())).unwrap();
            serde_json::to_vec(&rows).unwrap()
        }
        Err(_) => {
            let text = std::str::from_utf8(&whole[name]).unwrap();
            let lines = text.split_inclusive('\n').enumerate();
            let lines = lines.map(|(at, line)| match at == row {
                true => aged(line),
                false => line.to_owned(),
            });
            lines.collect::<String>().into_bytes()
        }
    };
    files.insert(name.to_owned(), bytes);
    files
}

#[test]
fn jobs_of_another_age_and_projects_without_their_names_accuse_nobody() {
    let whole = super::hard_estate();
    let jobs = "gitlab/projects/101/jobs.json";
    let aged = (0..3).map(|row| {
        let files = of_another_year(&whole, jobs, row);
        noticed(&format!("job {row} is of 1971"), files)
    });
    let masked = rewrite(
        &whole,
        |name| name == "gitlab/projects.json",
        |project| project["path_with_namespace"] = "[REDACTED]".into(),
    );
    let parts = aged.chain([noticed("projects without their names", masked)]);
    let parts: Vec<Part> = parts.collect();
    assert!(parts.iter().all(|part| part.files != whole));
    hold(&whole, parts);
}

#[test]
fn a_list_of_the_mesh_that_is_shorter_than_it_says_lets_no_rule_pass_plainly() {
    let whole = files::read(&committed("estate-beyond"));
    let name = "kuma/prod.json";
    let list: Value = serde_json::from_slice(&whole[name]).unwrap();
    let items = list["items"].as_array().unwrap().len();
    let parts = (0..items).map(|gone| {
        let mut list = list.clone();
        list["items"].as_array_mut().unwrap().remove(gone);
        let mut files = whole.clone();
        files.insert(name.to_owned(), serde_json::to_vec(&list).unwrap());
        noticed(&format!("without resource {gone} of {name}"), files)
    });
    let parts: Vec<Part> = parts.collect();
    hold(&whole, parts);
}

/// Okta's log without the sign-ons, whose factors are there.
#[test]
fn factors_without_their_sign_ons_let_no_rule_of_okta_pass_plainly() {
    let whole = files::read(&committed("estate-beyond"));
    let okta = |name: &str| name.starts_with("okta/");
    let files = sift(&whole, okta, |record| {
        record["eventType"] != "user.session.start"
    });
    let said = say(&files, &rules()).unwrap();
    for rule in ["IDP-001", "IDP-003"] {
        let (_, why) = &said.rules[rule];
        assert!(why.contains("factor(s) that Okta checked"), "{rule}: {why}");
    }
}
