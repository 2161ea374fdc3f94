//! `docs/claims.md`: each claim of the founding articles is tested by a rule, shown somewhere, or
//! declared not to be.
//!
//! `BLESS=1 cargo test --test it claims` writes the column of rules anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/claims.md");

/// How the last column begins where no rule tests a claim, or not all of it.
const OTHERWISE: [&str; 3] = ["shown by `", "cannot be checked: ", "not read yet: "];

/// The rules of each claim.
fn rules() -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut open: Vec<PathBuf> = vec![folder];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let rule: toml::Table = fs::read_to_string(&path).unwrap().parse().unwrap();
            let claims = rule.get("claims").and_then(toml::Value::as_array);
            for claim in claims.into_iter().flatten() {
                let id = rule["id"].as_str().unwrap().to_owned();
                let claim = claim.as_str().unwrap().to_owned();
                found.entry(claim).or_default().insert(id);
            }
        }
    }
    found
}

/// The cells of a row of the page; nothing for what is no row of a claim.
fn cells(line: &str) -> Option<Vec<&str>> {
    let cells: Vec<&str> = line.split('|').map(str::trim).collect();
    let claim = cells.get(1)?;
    let is_claim = claim.len() == 5 && claim.starts_with('S') && claim.as_bytes()[2] == b'-';
    is_claim.then_some(cells)
}

#[test]
fn every_claim_is_tested_shown_or_declared() {
    let rules = rules();
    let page = fs::read_to_string(PAGE).unwrap();
    let mut named = BTreeSet::new();
    let mut made = String::new();
    for line in page.lines() {
        let Some(cells) = cells(line) else {
            made.push_str(line);
            made.push('\n');
            continue;
        };
        let (claim, words, otherwise) = (cells[1], cells[2], cells[4]);
        assert!(named.insert(claim.to_owned()), "{claim} stands twice");
        assert!((8..=120).contains(&words.len()), "{claim}: {words}");
        let served = rules.get(claim).cloned().unwrap_or_default();
        let declared = OTHERWISE.iter().any(|begin| otherwise.contains(begin));
        assert!(declared || otherwise.is_empty(), "{claim}: {otherwise}");
        assert!(declared || !served.is_empty(), "{claim}: nothing serves it");
        let unchecked = otherwise.starts_with("cannot be checked");
        assert!(!unchecked || served.is_empty(), "{claim} has rules");
        let served: Vec<String> = served.into_iter().collect();
        let served = served.join(", ");
        made.push_str(&format!("| {claim} | {words} | {served} | {otherwise} |\n"));
    }
    let unknown: Vec<&String> = rules
        .keys()
        .filter(|claim| !named.contains(*claim))
        .collect();
    assert!(
        unknown.is_empty(),
        "rules name claims that the page lacks: {unknown:?}"
    );
    assert!(named.len() > 90, "{} claims", named.len());
    if std::env::var_os("BLESS").is_some() && std::env::var_os("CI").is_none() {
        fs::write(PAGE, &made).unwrap();
    }
    let page = fs::read_to_string(PAGE).unwrap();
    assert!(
        page == made,
        "docs/claims.md is not made of the rule files; \
         help: BLESS=1 cargo test --test it claims, and read the difference"
    );
}
