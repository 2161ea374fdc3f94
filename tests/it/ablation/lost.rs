//! What one file alone held, and what was cut from every record of its kind: each once let a rule
//! pass plainly that had found something.

use super::files::{self, Files};
use super::fine::field_of;
use super::hold;
use super::part::{Part, keep};
use crate::estate::committed;

/// The users of GitLab as somebody gets them who is no administrator there.
fn users_without_addresses(whole: &Files) -> Files {
    let name = "gitlab/users.json";
    let mut users: Vec<serde_json::Value> = serde_json::from_slice(&whole[name]).unwrap();
    for user in &mut users {
        user.as_object_mut().unwrap().remove("email");
    }
    let mut files = whole.clone();
    files.insert(name.to_owned(), serde_json::to_vec(&users).unwrap());
    files
}

#[test]
fn what_every_record_lost_and_what_one_file_alone_held_lets_no_rule_pass_plainly() {
    let whole = files::read(&committed("estate"));
    let policy = "gcp/projects/mill-data/iam-policy.json";
    let noticed = |what: &str, files: Files| Part {
        what: what.to_owned(),
        files,
        noticed: true,
    };
    let parts = vec![
        noticed(
            "without the policy of a project",
            keep(&whole, |name| name != policy),
        ),
        noticed("users without addresses", users_without_addresses(&whole)),
        field_of(&whole, "vault", "/response", false),
        field_of(&whole, "vault", "/response/auth", false),
    ];
    for part in &parts {
        assert!(part.files != whole, "{}", part.what);
    }
    hold(&whole, parts);
}

/// Logins name by the ids that GitLab signed the jobs that a list lost.
#[test]
fn every_second_job_less_makes_no_rule_greener_and_accuses_nobody() {
    let whole = super::hard_estate();
    let mut files = whole.clone();
    for (name, bytes) in &mut files {
        if name.ends_with("/jobs.json") {
            let jobs: Vec<serde_json::Value> = serde_json::from_slice(bytes).unwrap();
            let kept: Vec<_> = jobs.into_iter().skip(1).step_by(2).collect();
            *bytes = serde_json::to_vec(&kept).unwrap();
        }
    }
    let said = super::say(&files, &super::rules()).unwrap();
    for id in ["INT-003", "INT-004", "GLB-007", "JOI-005"] {
        let (answer, why) = &said.rules[id];
        assert!(*answer != super::Answer::Plain, "{id}: {why}");
    }
    let what = "every second job".to_owned();
    let noticed = true;
    hold(
        &whole,
        vec![Part {
            what,
            files,
            noticed,
        }],
    );
}
