//! The page in somebody's own words: written, changed, taken, and made again.

use std::fs;

use serde_json::Value;

use super::product::{fixture, run_in};

#[test]
fn a_page_of_somebodys_own_is_made_and_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let input = fixture("cases/vault-gitlab/input");
    let input = input.to_str().unwrap();
    let run = |words: &[&str]| run_in(here, words);
    let written = run(&["reports", "init", "own"]);
    assert_eq!(written.code, 0, "{}", written.err);
    assert_eq!(run(&["reports", "init", "own"]).code, 2, "it holds files");
    for entry in fs::read_dir(here.join("own")).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap() != "cover.html" {
            fs::remove_file(path).unwrap();
        }
    }
    let cover = here.join("own/cover.html");
    let shipped = fs::read_to_string(&cover).unwrap();
    let report = |pack: &str| run(&["report", input, "--templates", "own", "-o", pack, "--quiet"]);
    fs::write(&cover, "<h1>Mill, {{ from }}</h1>").unwrap();
    let made = report("pack");
    assert_eq!(made.code, 0, "{}", made.err);
    let page = fs::read_to_string(here.join("pack/report.html")).unwrap();
    assert!(page.contains("<h1>Mill, 2026-09-01"), "its own cover");
    assert!(page.contains("id=\"findings\""), "and the rest as it was");
    let manifest = fs::read(here.join("pack/manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    let settings = manifest["configuration"]["settings"].as_array().unwrap();
    let named = settings
        .iter()
        .filter(|one| one["name"] == "template.cover.html");
    assert_eq!(named.count(), 1);
    let again = run(&["rerun", "pack"]);
    assert_eq!(again.code, 0, "{}{}", again.out, again.err);
    fs::write(&cover, shipped).unwrap();
    assert_eq!(run(&["rerun", "pack"]).code, 4, "another cover");
    // What would change nothing, and what is no template, is said before anything is read.
    for (name, text) in [("covr.html", "x"), ("cover.html", "{% if %}")] {
        fs::write(here.join("own").join(name), text).unwrap();
        let refused = report("refused");
        assert_eq!(refused.code, 2, "{}", refused.err);
        assert!(refused.err.contains("help: "), "{}", refused.err);
        fs::remove_file(here.join("own").join(name)).unwrap();
    }
    assert_eq!(report("refused").code, 2, "an empty directory");
    assert!(!here.join("refused").exists());
}
