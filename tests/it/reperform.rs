//! `docs/reperform.py` re-performs every row of a pack without piperoll.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::estate::generator::hard;
use super::hard_estate::variants;
use super::product::{Ran, binary, fixture, ran, run_in, samples};
use super::skipped::skipped;

/// What the script says of a pack; `None` where there is no Python, after saying so.
fn reperform(test: &str, pack: &Path, inputs: &[&Path]) -> Option<Ran> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reperform.py");
    let mut python = Command::new("python3");
    let output = python.arg(script).arg(pack).args(inputs).output();
    match output {
        Ok(output) => Some(ran(&output)),
        Err(error) => {
            skipped(test, &format!("python3: {error}"));
            None
        }
    }
}

/// Writes a pack of `inputs` and re-performs it.
fn holds(test: &str, inputs: &[&Path], configuration: Option<&Path>) {
    let folder = tempfile::tempdir().unwrap();
    let pack = folder.path().join("pack");
    let mut words = vec!["report".to_owned()];
    words.extend(inputs.iter().map(|path| path.display().to_string()));
    if let Some(configuration) = configuration {
        words.extend(["-c".to_owned(), configuration.display().to_string()]);
    }
    words.extend(["-o".to_owned(), pack.display().to_string()]);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let written = run_in(folder.path(), &words);
    assert!(pack.exists(), "{}", written.err);
    if let Some(said) = reperform(test, &pack, inputs) {
        assert_eq!(said.code, 0, "{inputs:?}\n{}{}", said.out, said.err);
        assert!(said.out.contains("input files: "), "{}", said.out);
    }
}

#[test]
fn every_row_of_the_estate_holds() {
    let estate = fixture("estate");
    holds(
        "reperform::estate",
        &[&estate],
        Some(&estate.join("piperoll.toml")),
    );
}

#[test]
fn every_row_of_every_case_holds() {
    let cases = fs::read_dir(fixture("cases")).unwrap();
    for case in cases
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
    {
        let configuration = case.join("piperoll.toml");
        holds(
            "reperform::cases",
            &[&case.join("input")],
            Some(&configuration),
        );
    }
}

#[test]
fn every_row_of_a_hard_estate_holds() {
    let all = variants(1_500, 5).into_iter();
    let (_, options) = all.last().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let estate = folder.path().join("estate");
    hard::write(&options, &estate, &folder.path().join("truth.json")).unwrap();
    let configuration = estate.join("piperoll.toml");
    let configuration = configuration.exists().then_some(configuration.as_path());
    holds("reperform::hard", &[&estate], configuration);
}

#[test]
fn every_row_of_public_samples_holds() {
    let Some(all) = samples("", "reperform::samples") else {
        return;
    };
    let mut kinds: Vec<PathBuf> = fs::read_dir(&all)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    kinds.retain(|path| path.is_dir());
    kinds.sort();
    for kind in kinds {
        holds("reperform::samples", &[&kind], None);
    }
}

/// Every way in which evidence can stand: a line, an element, a document, a whole text, a line of
/// one, UTF-16, several members of gzip, and a setting.
#[test]
fn evidence_holds_however_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = folder.path().join("exports");
    let write = |name: &str, bytes: &[u8]| {
        let path = inputs.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    let policy =
        "# all of it\npath \"secret/*\" {\n  capabilities = [\"read\", \"list\", \"sudo\"]\n}\n";
    write("policies/wide.hcl", policy.as_bytes());
    let mut wide = vec![0xFF, 0xFE];
    wide.extend(
        policy
            .replace('\n', "\r\n")
            .encode_utf16()
            .flat_map(u16::to_le_bytes),
    );
    write("policies/utf16.hcl", &wide);
    write(
        "policies/escaped.json",
        serde_json::json!({"data": {"name": "escaped", "policy": policy}})
            .to_string()
            .as_bytes(),
    );
    write(
        "auth/gitlab/role/loose.json",
        b"{\n  \"data\": {\n    \"role_type\": \"jwt\",\n    \"user_claim\": \"sub\",\n    \"token_policies\": [\"wide\"],\n    \"bound_claims\": {\"project_path\": \"*\"},\n    \"bound_claims_type\": \"glob\"\n  }\n}\n",
    );
    write("projects/7/.gitlab-ci.yml", b"deploy:\n  script:\n    - export VAULT_TOKEN=$ROOT\n    - env\n    - vault read -field=x secret/a > f; cat f\n");
    let configuration = folder.path().join("piperoll.toml");
    fs::write(&configuration, "[[waiver]]\nrule = \"VLT-POL-001\"\nsubject = \"vault:policy/none\"\nobject = \"x\"\nreason = \"gone\"\nowner = \"ann\"\nexpires = 2030-01-01\n").unwrap();
    holds("reperform::stands", &[&inputs], Some(&configuration));
}

#[test]
fn a_row_that_was_changed_does_not_hold() {
    let folder = tempfile::tempdir().unwrap();
    let (pack, estate) = (folder.path().join("pack"), fixture("estate"));
    let words = [
        "report".to_owned(),
        estate.display().to_string(),
        "-c".to_owned(),
        estate.join("piperoll.toml").display().to_string(),
        "-o".to_owned(),
        pack.display().to_string(),
    ];
    let made = binary(folder.path()).args(&words).output().unwrap();
    assert_eq!(ran(&made).code, 0);
    let place = pack.join("data/finding_evidence.csv");
    let text = fs::read_to_string(&place).unwrap();
    let row = text.lines().nth(1).unwrap();
    let cells: Vec<&str> = row.split(',').collect();
    let byte: u64 = cells[3].parse().unwrap();
    let moved = row.replacen(&format!(",{byte},"), &format!(",{},", byte + 1), 1);
    fs::write(&place, text.replacen(row, &moved, 1)).unwrap();
    let Some(said) = reperform("reperform::changed", &pack, &[&estate]) else {
        return;
    };
    assert_eq!(said.code, 1, "{}", said.out);
    for told in ["does not hold: data/finding_evidence.csv", "bytes "] {
        assert!(said.out.contains(told), "{told}: {}", said.out);
    }
}
