//! One long line of faults: an output grows with what is read, not with its square.

use std::time::{Duration, Instant};

use super::lint::{FORMATS, estate, lint};

#[test]
fn a_line_with_a_fault_at_every_character_is_shown_in_part_and_counted() {
    let text = format!(
        "path \"a\" {{ capabilities = [\"read\"] }}\n{}\n",
        "*".repeat(65_536)
    );
    let dir = estate(&[("policies/a.hcl", &text)]);
    for format in FORMATS {
        let (code, out, err) = lint(dir.path(), &[".", "--format", format]);
        assert_eq!(code, 3, "{format}: {err}");
        assert!(out.len() < 1 << 20, "{format}: {} bytes", out.len());
        if !["csv", "ndjson"].contains(&format) {
            assert!(
                out.contains("more fault(s)"),
                "{format} cuts without a word"
            );
        }
    }
}

#[test]
fn many_stanzas_on_one_line_are_all_found_and_each_shown_in_part() {
    let stanza = "path \"sys/*\" { capabilities = [\"sudo\", \"update\"] } ";
    let names: Vec<String> = (0..400)
        .map(|number| stanza.replace("sys/*", &format!("sys/{number}/*")))
        .collect();
    let dir = estate(&[("policies/a.hcl", &names.concat())]);
    let (_, out, _) = lint(dir.path(), &[".", "--format", "json"]);
    let value: serde_json::Value = serde_json::from_str(&out).unwrap();
    let findings = value["findings"].as_array().unwrap();
    assert!(findings.len() >= 400, "{}", findings.len());
    let snippets = findings.iter().map(|found| &found["snippet"]);
    let longest = snippets
        .clone()
        .filter_map(|s| s["text"].as_str())
        .map(str::len)
        .max();
    assert!(longest.unwrap() < 4_000, "{longest:?}");
    for snippet in snippets.filter(|snippet| snippet["text"].is_string()) {
        let number = |key: &str| usize::try_from(snippet[key].as_u64().unwrap()).unwrap();
        let at = number("column") - 1 - number("offset");
        let shown = snippet["text"].as_str().unwrap().get(at..).unwrap();
        assert!(shown.starts_with(['p', '"']), "{snippet}");
    }
}

#[test]
fn a_secret_in_a_long_line_is_redacted_wherever_the_line_is_cut() {
    let secret = "hvs.CAESIJlS9vq0aVd7qYx0Tq2LZk3bW1mN8pR5uE6tY4oI7sAD";
    for before in [0, 50, 100, 110, 119, 120, 121, 130, 160, 200, 470, 480, 490] {
        let line = format!("# {} {secret} {}\n", "x".repeat(20), "y".repeat(before),);
        let text = format!(
            "{}path \"sys/*\" {{ capabilities = [\"sudo\", \"update\"] }} # {} {secret} {}\n",
            line.trim_end().replace('#', "/*") + " */ ",
            "z".repeat(before),
            "w".repeat(600)
        );
        let dir = estate(&[("policies/a.hcl", &text)]);
        let (_, out, _) = lint(dir.path(), &[".", "--format", "json"]);
        assert!(out.contains("VLT-POL"), "{out}");
        assert!(!out.contains(&secret[8..30]), "{before}: {out}");
    }
}

#[test]
fn jobs_cost_their_number_and_not_its_square() {
    let job = |at: usize| {
        format!(
            "job{at}:\n  id_tokens: {{T: {{aud: https://vault.example}}}}\n  rules: [{{if: '$CI_COMMIT_BRANCH =~ /main/'}}]\n  script:\n    - vault write auth/gitlab/login role=shop jwt=$T\n    - cat $T\n"
        )
    };
    let ci: String = (0..4000).map(job).collect();
    let dir = estate(&[(".gitlab-ci.yml", &ci)]);
    let begun = Instant::now();
    let (code, out, _) = lint(dir.path(), &["--format", "csv", "."]);
    assert_eq!(code, 1);
    assert!(out.matches("GLC-007").count() >= 4000);
    // The square took two minutes in a build without optimisation.
    assert!(begun.elapsed() < Duration::from_secs(40));
}

#[test]
fn a_policy_of_60_000_stanzas_and_a_path_of_20_000_templates_are_judged_in_seconds() {
    let stanza = |n| format!("path \"secret/data/app{n}/*\" {{ capabilities = [\"read\"] }}\n");
    let many: String = (0..60_000).map(stanza).collect();
    let deep = format!(
        "path \"secret/data/{}*\" {{ capabilities = [\"read\"] }}\n",
        "{{identity.entity.name}}/".repeat(20_000)
    );
    for text in [many, deep] {
        let dir = estate(&[("policies/a.hcl", &text)]);
        let begun = Instant::now();
        let (code, _, err) = lint(dir.path(), &["."]);
        assert!(code < 2, "{err}");
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "{:?}",
            begun.elapsed()
        );
    }
}

#[test]
fn stanzas_of_one_line_cost_their_number_and_not_its_square() {
    let stanza = "path \"*\" { capabilities = [\"sudo\"] } ";
    let dir = estate(&[("policies/a.hcl", &stanza.repeat(10_000))]);
    let begun = Instant::now();
    let (code, out, _) = lint(dir.path(), &["--format", "csv", "."]);
    assert_eq!(code, 1);
    assert!(out.contains("VLT-POL-001"), "{out}");
    // The square took three minutes in a build without optimisation.
    assert!(
        begun.elapsed() < Duration::from_secs(60),
        "{:?}",
        begun.elapsed()
    );
}
