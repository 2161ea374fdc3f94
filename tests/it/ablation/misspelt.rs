//! Names and ranges of the configuration that nothing in the inputs matches: they leave out nobody,
//! and nobody is accused for certain by them.

use super::files::{self, Files};
use super::hold;
use super::part::Part;
use crate::estate::committed;

/// The configuration with one value for another.
fn with(whole: &Files, value: &str, instead: &str) -> Part {
    let mut files = whole.clone();
    let text = std::str::from_utf8(&whole["piperoll.toml"]).unwrap();
    let changed = text.replace(value, instead);
    assert_ne!(text, changed, "{value}");
    files.insert("piperoll.toml".to_owned(), changed.into_bytes());
    Part {
        what: format!("{value} for {instead}"),
        files,
        noticed: true,
    }
}

#[test]
fn an_administrator_who_is_misspelt_is_accused_for_certain_by_no_rule() {
    let changes = files::read(&committed("estate-changes"));
    let account = "gcp:sa/terraform@mill-prod.iam.gserviceaccount.com";
    let misspelt = [
        with(&changes, account, &account.replace(".com", ".co")),
        with(&changes, account, &account.replace("gcp:sa", "gcp:s")),
        with(&changes, "\"ada\"", "\"aada\""),
    ];
    hold(&changes, misspelt.into());
    let month = files::read(&committed("estate"));
    let misspelt = [
        with(&month, "gitlab:project/106", "gitlab:project/16"),
        with(&month, "gitlab:project/106", "gitlab:poject/106"),
        with(&month, "\"ada\"", "\"da\""),
        with(
            &month,
            "break_glass = [\"hanna\"]",
            "break_glass = [\"hana\"]",
        ),
    ];
    hold(&month, misspelt.into());
}

#[test]
fn an_entry_that_is_left_out_accuses_nobody_for_certain_and_passes_nothing() {
    let month = files::read(&committed("estate"));
    let less = [
        with(&month, ", \"vault:role/gitlab/vault-config\"", ""),
        with(&month, "break_glass = [\"hanna\"]", "break_glass = []"),
        with(&month, "prod = [\"prod\", ", "prod = ["),
    ];
    hold(&month, less.into());
}

/// The owner of one path, who owns others under his own name.
#[test]
fn an_owner_who_is_misspelt_once_accuses_nobody_for_certain() {
    let month = files::read(&committed("estate"));
    let of = |name: &str| format!("prefix = \"secret/ci/orders/prod/\"\nproject = \"{name}\"");
    let misspelt = with(&month, &of("mill/orders"), &of("mbll/orders"));
    hold(&month, vec![misspelt]);
}

#[test]
fn a_range_that_nothing_lies_in_accuses_nobody_for_certain() {
    let month = files::read(&committed("estate"));
    let two = "[\"10.10.4.0/24\", \"10.30.0.0/24\"]";
    let one = with(
        &month,
        "runner_cidrs = [\"10.10.4.0/24\"]",
        &format!("runner_cidrs = {two}"),
    );
    let misspelt = with(&one.files, two, "[\"10.99.9.0/24\", \"10.30.0.0/24\"]");
    hold(&one.files, vec![misspelt]);
}

#[test]
fn where_the_whole_log_of_a_system_is_gone_whose_exports_are_there_reading_is_not_all() {
    let whole = files::read(&committed("estate"));
    let is_log = |name: &str| {
        name.starts_with("gcp/sink/")
            || name.starts_with("gcp/logging-read")
            || name.starts_with("gcp/logs/")
    };
    let of_google = |name: &str| name.starts_with("gcp/");
    for gone in [&is_log as &dyn Fn(&str) -> bool, &of_google] {
        let kept = super::part::keep(&whole, |name| !gone(name));
        assert!(kept != whole);
        let said = super::say(&kept, &super::rules()).unwrap();
        let (answer, why) = &said.rules["INT-003"];
        assert!(*answer != super::Answer::Plain, "{why}");
    }
}
