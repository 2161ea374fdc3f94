//! The page in a browser and on paper, and the pack under `sha256sum`.
//!
//! The browser tests need Chromium (and `pdftotext`); where they are missing they say so and stop.
//! `PIPEROLL_KEEP_PAGE=DIR` keeps the page, its pictures and its print.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used
)]

mod killed;
mod listed;
mod quarter;

use crate::skipped::skipped;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use piperoll::model::Timestamp;
use piperoll::pack::{self, Provenance, RunRecord};
use piperoll::report::{FORMATS, Html, ReportFormat as _};

use quarter::{Quarter, at};

fn clock() -> Timestamp {
    at("2026-10-02")
}

fn write_pack(directory: &Path) {
    let quarter = Quarter::new();
    let provenance = Provenance {
        configuration_sha256: "",
        configuration_file: "",
        rules: &[],
    };
    let run = RunRecord {
        binary_sha256: "",
        command_line: &[],
        directory: "",
        build: piperoll::pack::Build::default(),
        host: "",
        user: "",
        started_by: &std::collections::BTreeMap::new(),
        started: clock(),
        clock,
        inputs: &[],
        readable_by: piperoll::pack::Readers::Owner,
        timings: None,
    };
    pack::write(directory, FORMATS, &quarter.report(), &provenance, &run).unwrap();
}

fn found(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}

/// Chromium, or `None` after saying that `test` did not run.
fn chromium(test: &str) -> Option<&'static str> {
    let browser = ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(|name| found(name));
    if browser.is_none() {
        skipped(test, "no chromium");
    }
    browser
}

fn folder() -> (Option<tempfile::TempDir>, PathBuf) {
    if let Some(kept) = std::env::var_os("PIPEROLL_KEEP_PAGE") {
        fs::create_dir_all(&kept).unwrap();
        return (None, kept.into());
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    (Some(folder), path)
}

fn page(folder: &Path) -> PathBuf {
    let path = folder.join("report.html");
    let mut out = Vec::new();
    Html.write(&Quarter::new().report(), &mut out).unwrap();
    fs::write(&path, out).unwrap();
    path
}

fn browse(
    browser: &str,
    profile: &Path,
    arguments: &[String],
    page: &Path,
) -> std::process::Output {
    Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
        ])
        .args([
            "--no-first-run",
            "--disable-background-networking",
            "--enable-logging=stderr",
        ])
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(arguments)
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap()
}

#[test]
fn the_script_runs_under_the_policy_without_a_complaint() {
    let Some(browser) = chromium("the_script_runs_under_the_policy_without_a_complaint") else {
        return;
    };
    let (_guard, folder) = folder();
    let page = page(&folder);
    let profile = tempfile::tempdir().unwrap();
    let output = browse(browser, profile.path(), &["--dump-dom".into()], &page);
    let dom = String::from_utf8_lossy(&output.stdout);
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(!log.contains("CONSOLE"), "{log}");
    assert!(
        dom.contains("Showing 37 of the 37 findings"),
        "the script did not run"
    );
    assert!(dom.contains("class=\"sort\""));
}

/// The text of axe-core, fetched by npm; `None` after saying that `test` did not look for barriers.
fn axe(test: &str, folder: &Path) -> Option<PathBuf> {
    let npm = Command::new("npm")
        .args([
            "install",
            "--silent",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
        ])
        .arg("--prefix")
        .arg(folder)
        .arg("axe-core@4.14.1")
        .output();
    let text = folder.join("node_modules/axe-core/axe.min.js");
    if npm.is_ok_and(|npm| npm.status.success()) && text.exists() {
        return Some(text);
    }
    skipped(test, "npm cannot install axe-core");
    None
}

/// Opens from the disk, filters, sorts, with keys alone, by deep link, without its script, on a
/// narrow screen and enlarged, and without barriers.
#[test]
fn the_page_is_usable_in_a_browser() {
    let name = "the_page_is_usable_in_a_browser";
    let Some(browser) = chromium(name) else {
        return;
    };
    if !found("node") {
        skipped(name, "no node");
        return;
    }
    let (_guard, folder) = folder();
    let page = page(&folder);
    let scratch = tempfile::tempdir().unwrap();
    let axe = axe("report_page::axe_core", scratch.path());
    let output = Command::new("node")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/report_page/browser.mjs"))
        .args([Path::new(browser), &scratch.path().join("profile"), &page])
        .args(&axe)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let why = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{why}");
    let checks = said.lines().filter(|line| line.starts_with("ok ")).count();
    assert_eq!(checks, if axe.is_some() { 11 } else { 9 }, "{said}{why}");
}

#[test]
fn the_print_holds_every_finding_and_its_evidence() {
    let name = "the_print_holds_every_finding_and_its_evidence";
    let Some(browser) = chromium(name) else {
        return;
    };
    if !found("pdftotext") {
        skipped(name, "no pdftotext");
        return;
    }
    let (_guard, folder) = folder();
    let page = page(&folder);
    let profile = tempfile::tempdir().unwrap();
    let pdf = folder.join("report.pdf");
    let print = format!("--print-to-pdf={}", pdf.display());
    browse(
        browser,
        profile.path(),
        &[print, "--no-pdf-header-footer".into()],
        &page,
    );
    let output = Command::new("pdftotext")
        .arg("-layout")
        .arg(&pdf)
        .arg("-")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let quarter = Quarter::new();
    let shown = |rule: &str| {
        quarter
            .findings
            .iter()
            .filter(move |f| f.rule_id == rule)
            .count()
    };
    assert_eq!(
        shown("CHN-XPROJ-002"),
        31,
        "one rule is above the cap of the page"
    );
    let mut of_rule = std::collections::BTreeMap::new();
    for finding in &quarter.findings {
        let seen = of_rule.entry(&finding.rule_id).or_insert(0);
        *seen += 1;
        if *seen <= 25 {
            assert!(text.contains(&finding.id), "{} is not on paper", finding.id);
        }
    }
    assert!(
        text.contains("6 more findings of CHN-XPROJ-002"),
        "the rest is counted"
    );
    assert!(text.contains("no evidence"), "gaps are on paper");
    let heads = text.matches("what it looks for").count();
    let sheets = text.matches("piperoll report 8d5e01a9c4f27b36").count();
    let number = |sheet: usize| text.contains(&format!("page {sheet} of {sheets}"));
    assert!(sheets > 3 && (1..=sheets).all(number), "{sheets} sheets");
    assert!(heads > 0, "the table of the rules has its head");
}

#[test]
fn sha256sum_accepts_the_pack() {
    if !found("sha256sum") {
        skipped("sha256sum_accepts_the_pack", "no sha256sum");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("pack");
    write_pack(&directory);
    let check = |directory: &Path| {
        Command::new("sha256sum")
            .args(["-c", "--strict", "SHA256SUMS"])
            .current_dir(directory)
            .output()
            .unwrap()
    };
    let output = check(&directory);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let lines = String::from_utf8_lossy(&output.stdout).lines().count();
    let sums = fs::read_to_string(directory.join("SHA256SUMS")).unwrap();
    assert!(sums.contains("report.html") && sums.contains("statement.intoto.json"));
    assert_eq!(lines, sums.lines().count());
    fs::write(directory.join("data/rules.csv"), "").unwrap();
    assert!(!check(&directory).status.success());
}

/// 100 050 findings of 150 rules in a thousand files still open at once.
#[test]
fn the_page_stays_below_two_megabytes_however_much_was_found() {
    let quarter = Quarter::large();
    let mut page = Vec::new();
    Html.write(&quarter.report(), &mut page).unwrap();
    if let Some(kept) = std::env::var_os("PIPEROLL_KEEP_PAGE") {
        fs::write(Path::new(&kept).join("large.html"), &page).unwrap();
    }
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
    let page = String::from_utf8(page).unwrap();
    let shown = page.matches("<details class=\"finding\"").count();
    assert!((150..=400).contains(&shown), "{shown} findings are shown");
    assert!(page.contains("100\u{202F}050"), "all are counted");
    for rule in 0..150 {
        assert!(page.contains(&format!("id=\"r-BIG-{rule:03}\"")), "{rule}");
    }
}

#[test]
fn two_pages_of_one_run_are_the_same_bytes() {
    let mut first = Vec::new();
    let mut second = Vec::new();
    Html.write(&Quarter::new().report(), &mut first).unwrap();
    Html.write(&Quarter::new().report(), &mut second).unwrap();
    assert_eq!(first, second);
}
