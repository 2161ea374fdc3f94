//! Every key of the configuration reference does something: taken away or changed, an answer is
//! another one.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use piperoll::assess::example::{provable, prove};
use piperoll::config::reference::{TABLES, THRESHOLDS};
use piperoll::rule::{Example, Expect, Rule, Span, embedded};

use super::product::{Pack, fixture, try_report};
use super::vault_log::{folder, put};

/// Keys whose effect is held elsewhere, by a test that writes them.
const ELSEWHERE: [(&str, &str); 4] = [
    ("output.rule_pages", "tests/it/rule_pages.rs"),
    ("input.paths", "tests/it/keys.rs"),
    ("mesh.service_map.<shop>", "src/identity/mesh_edges.rs"),
    ("proposed.keys", "tests/it/init.rs"),
];

/// What a pack shows of a key that the case of Vault and GitLab is given beside its own: the key,
/// the file, the text.
const SHOWN: [(&str, &str, &str); 29] = [
    ("period.from", "manifest.json", "2026-09-02T00:00:00"),
    ("period.to", "manifest.json", "2026-09-29T00:00:00"),
    ("period.as_of", "manifest.json", "2026-11-30T00:00:00"),
    ("vault.dialect", "manifest.json", "vault.dialect"),
    ("output.entity", "report.html", "Mark Entity"),
    ("output.environment", "report.html", "mark-environment"),
    ("output.prepared_by", "report.html", "Mark Preparer"),
    ("output.redaction", "manifest.json", "output.redaction"),
    ("source.path", "manifest.json", "marked/*"),
    ("source.system", "manifest.json", "\"okta\""),
    ("source.instance", "report.html", "mark-instance"),
    ("source.environment", "report.html", "mark-from"),
    ("source.command", "report.html", "mark-command"),
    (
        "source.collected_at",
        "manifest.json",
        "2026-10-01T06:07:08",
    ),
    ("source.collected_by", "report.html", "Mark Collector"),
    ("source.required", "report.html", "marked/*"),
    ("control.id", "data/control_matrix.csv", "MARK-07"),
    ("control.title", "data/control_matrix.csv", "Mark Title"),
    ("control.from", "data/control_map.csv", "MARK-07"),
    ("waiver.subject", "data/exceptions.csv", "accepted-risk"),
    ("waiver.object", "data/exceptions.csv", "accepted-risk"),
    ("waiver.rule", "data/exceptions.csv", "accepted-risk"),
    ("waiver.reason", "data/exceptions.csv", "mark-reason"),
    ("waiver.owner", "data/exceptions.csv", "mark-owner"),
    ("waiver.expires", "data/exceptions.csv", "2027-01-02"),
    ("waiver.ticket", "data/exceptions.csv", "MARK-12"),
    ("waiver.approved_by", "data/exceptions.csv", "mark-approver"),
    ("waiver.approved_on", "data/exceptions.csv", "2026-09-16"),
    (
        "rules.disabled.<VLT-POL-013>",
        "data/rules.csv",
        "mark-disabled",
    ),
];

const MARKED: &str = r#"
[output]
entity = "Mark Entity"
environment = "mark-environment"
prepared_by = "Mark Preparer"
redaction = "default"
[[source]]
path = "vault/*"
instance = "mark-instance"
environment = "mark-from"
command = "mark-command"
collected_at = "2026-10-01T06:07:08Z"
collected_by = "Mark Collector"
[[source]]
path = "marked/*"
system = "okta"
required = true
[[control]]
id = "MARK-07"
title = "Mark Title"
from = ["CC6.3"]
[[waiver]]
rule = "JOI-003"
subject = "gitlab:project/102"
object = "vault:path/secret/data/ci/orders/prod/db"
reason = "mark-reason"
owner = "mark-owner"
expires = "2027-01-02"
ticket = "MARK-12"
approved_by = "mark-approver"
approved_on = "2026-09-16"
[rules.disabled]
VLT-POL-013 = "mark-disabled"
"#;

/// Packs that differ by one key each: the key, what is said of it, and otherwise, and the table that
/// differs. A text that holds `=>` is words of the configuration, and those in their place; another
/// one follows it.
const COMPARED: [(&str, &str, &str, &str); 16] = [
    (
        "output.framework",
        "[output]\nframework = \"soc2-2017\"",
        "",
        "control_matrix",
    ),
    (
        "rules.select",
        "[rules]\nselect = [\"JOI-003\"]",
        "[rules]\nselect = [\"JOI-004\"]",
        "rules",
    ),
    (
        "rules.ignore",
        "[rules]\nignore = [\"JOI-003\"]",
        "",
        "rules",
    ),
    (
        "rules.severity.<VLT-POL-007>",
        "[rules.severity]\nJOI-003 = \"low\"",
        "",
        "findings",
    ),
    (
        "source.expect_records",
        "[[source]]\npath = \"vault/*\"\nexpect_records = 3",
        "",
        "rules",
    ),
    (
        "source.continuous",
        "[[source]]\npath = \"vault/*\"\ncontinuous = false",
        "",
        "rules",
    ),
    (
        "thresholds.silence",
        "[thresholds]\nsilence = \"1h\"",
        "[thresholds]\nsilence = \"900d\"",
        "rules",
    ),
    ("waiver.fingerprint", WAIVED, "", "exceptions"),
    (
        "people.aliases.<ada>",
        "[people.aliases]\ncara = [\"gitlab:user/carla\"]",
        "",
        "identity_edges",
    ),
    (
        "environments.prod",
        "[environments]\nprod = [\"elsewhere\"]",
        "",
        "rules",
    ),
    (
        "environments.staging",
        "[environments]\nstaging = [\"production\"]\nprod = [\"prod\"]",
        "[environments]\nprod = [\"prod\"]",
        "findings",
    ),
    (
        "environments.dev",
        "[environments]\ndev = [\"production\"]\nprod = [\"prod\"]",
        "[environments]\nprod = [\"prod\"]",
        "findings",
    ),
    (
        "environments.<qa>",
        "[environments]\nqa = [\"production\"]\nprod = [\"prod\"]",
        "",
        "rules",
    ),
    (
        "vault.ci_mounts",
        "ci_mounts = [\"auth/gitlab/\"]=>",
        "",
        "findings",
    ),
    (
        "vault.human_mounts",
        "ci_mounts=>human_mounts",
        "ci_mounts = [\"auth/gitlab/\"]=>",
        "findings",
    ),
    (
        "vault.workload_mounts",
        "ci_mounts=>workload_mounts",
        "ci_mounts = [\"auth/gitlab/\"]=>",
        "rules",
    ),
];

/// The same over the estate.
const OF_THE_ESTATE: [(&str, &str, &str); 4] = [
    (
        "people.break_glass",
        "break_glass = [\"hanna\"]=>",
        "findings",
    ),
    (
        "network.egress_cidrs",
        "egress_cidrs=># egress_cidrs",
        "findings",
    ),
    (
        "thresholds.grace",
        "[thresholds]=>[thresholds]\ngrace = \"0s\"",
        "findings",
    ),
    (
        "thresholds.skew",
        "[thresholds]=>[thresholds]\nskew = \"2d\"",
        "identity_edges",
    ),
];

/// Rules whose answers the keys above change: the others would only take their time.
const ASKED: &str = "GLB-007,JOI-003,JOI-004,JOI-005,JOI-006,JOI-012,JOI-016,JOI-018,WVR-";

const WAIVED: &str = "[[waiver]]\nrule = \"JOI-003\"\nfingerprint = \"2866cd08b2c9d20dcbef5ba6fb386601\"\nreason = \"r\"\nowner = \"o\"\nexpires = \"2099-01-01\"";

/// A configuration with other words in it, or with more.
fn said(configuration: &str, words: &str) -> String {
    match words.split_once("=>") {
        Some((old, new)) => {
            assert!(configuration.contains(old), "{old}");
            configuration.replacen(old, new, 1)
        }
        None => format!("{configuration}\n{words}\n"),
    }
}

/// The configuration of the case.
fn case() -> String {
    fs::read_to_string(fixture("cases/vault-gitlab/piperoll.toml")).unwrap()
}

/// The pack of the case with another configuration.
fn pack_of(configuration: &str) -> Pack {
    written(&fixture("cases/vault-gitlab/input"), configuration)
}

fn written(inputs: &Path, configuration: &str) -> Pack {
    let place = folder(&[("piperoll.toml", configuration.as_bytes())]);
    // The flag would stand over the key.
    let select = match configuration.contains("select =") {
        true => &[][..],
        false => &["--select", ASKED],
    };
    let at = place.path().join("piperoll.toml");
    let (ran, pack) = try_report(&[inputs.to_owned()], &at, select);
    pack.unwrap_or_else(|| panic!("{configuration}\n{}", ran.err))
}

/// Every key by its dotted name, and the thresholds.
fn all_keys() -> BTreeSet<String> {
    let keys = TABLES.iter().flat_map(|table| {
        let name = |key: &str| format!("{}.{key}", table.name);
        table.keys.iter().map(move |key| name(key.name))
    });
    let numbers = THRESHOLDS
        .iter()
        .map(|(name, _)| format!("thresholds.{name}"));
    keys.chain(numbers).collect()
}

/// Keys that some example of a rule with a check is answered by: without them it is answered
/// otherwise.
fn by_examples(rules: &[Rule]) -> BTreeSet<String> {
    let mut met = BTreeSet::new();
    for rule in rules.iter().filter(|rule| rule.check.is_some()) {
        let examples = rule.examples.iter();
        for example in examples.filter(|it| !it.config.is_empty() && it.expect != Expect::Waived) {
            let table: toml::Table = example.config.parse().unwrap();
            for (name, key) in keys_of(&table) {
                if met.contains(&format!("{name}.{key}")) {
                    continue;
                }
                let mut without = example.clone();
                without.config = toml::to_string(&take(&table, &name, &key)).unwrap();
                if prove(rule, &without).is_err() {
                    met.insert(format!("{name}.{key}"));
                }
            }
        }
    }
    met
}

/// Table and key of everything that a configuration sets, at most two tables deep.
fn keys_of(table: &toml::Table) -> Vec<(String, String)> {
    let mut keys = Vec::new();
    for (name, value) in table {
        let rows = match value {
            toml::Value::Array(rows) => rows.iter().filter_map(toml::Value::as_table).collect(),
            toml::Value::Table(row) => vec![row],
            _ => Vec::new(),
        };
        for row in rows {
            for (key, value) in row {
                match value.as_table() {
                    Some(inner) => {
                        keys.extend(inner.keys().map(|it| (format!("{name}.{key}"), it.clone())));
                    }
                    None => keys.push((name.clone(), key.clone())),
                }
            }
        }
    }
    keys
}

fn take(table: &toml::Table, name: &str, key: &str) -> toml::Table {
    let mut table = table.clone();
    let (outer, inner) = name
        .split_once('.')
        .map_or((name, None), |(a, b)| (a, Some(b)));
    let rows = match table.get_mut(outer).unwrap() {
        toml::Value::Array(rows) => rows
            .iter_mut()
            .filter_map(toml::Value::as_table_mut)
            .collect(),
        toml::Value::Table(row) => vec![row],
        other => panic!("{other}"),
    };
    for row in rows {
        let row = match inner {
            Some(inner) => row
                .get_mut(inner)
                .and_then(toml::Value::as_table_mut)
                .unwrap(),
            None => row,
        };
        row.remove(key);
    }
    table
}

/// Thresholds by which some example of their rule is answered: next to nothing, or more than any
/// log has, is another answer.
fn by_numbers(rules: &[Rule]) -> BTreeSet<String> {
    let mut met = BTreeSet::new();
    for rule in rules.iter().filter(|rule| provable(rule)) {
        for (name, span) in &rule.thresholds {
            let key = format!("thresholds.{name}");
            for number in [0, 1_000_000_000] {
                if met.contains(&key) {
                    break;
                }
                let mut other = rule.clone();
                let (span, written) = match span {
                    Span::Number(_) => (Span::Number(number), number.to_string()),
                    Span::Seconds(_) => (Span::Seconds(number), format!("\"{number}s\"")),
                };
                other.thresholds.insert(name.clone(), span);
                let examples = rule.examples.iter();
                let mut examples = examples.filter(|it| it.expect != Expect::Waived);
                // A rule with a check reads the configuration, one in SQL its own numbers.
                let told = |example: &Example| {
                    let mut example = example.clone();
                    if rule.check.is_some() {
                        example
                            .config
                            .push_str(&format!("\n[thresholds]\n{name} = {written}\n"));
                    }
                    example
                };
                if examples.any(|example| prove(&other, &told(example)).is_err()) {
                    met.insert(key.clone());
                }
            }
        }
    }
    met
}

#[test]
fn what_is_said_stands_in_the_pack() {
    let case = case();
    let plain = pack_of(&case);
    let dated = case.replace(
        "from = \"2026-09-01\"\nto = \"2026-10-01\"",
        "from = \"2026-09-02\"\nto = \"2026-09-29\"\nas_of = \"2026-11-30\"",
    );
    let dated = dated.replace("[vault]", "[vault]\ndialect = \"openbao\"");
    let marked = pack_of(&format!("{dated}{MARKED}"));
    let holds = |pack: &Pack, file: &str, mark: &str| {
        String::from_utf8_lossy(&pack.files[file]).contains(mark)
    };
    for (key, file, mark) in SHOWN {
        let told = !holds(&plain, file, mark) && holds(&marked, file, mark);
        assert!(told, "{key}: {file} does not tell `{mark}` by it");
    }
}

#[test]
fn what_is_set_changes_what_is_answered() {
    let case = case();
    let plain = pack_of(&case);
    for (key, one, other, table) in COMPARED {
        let file = format!("data/{table}.csv");
        let made = |text: &str| match text {
            "" => plain.files[&file].clone(),
            text => pack_of(&said(&case, text)).files[&file].clone(),
        };
        assert!(made(one) != made(other), "{key}: {file} is the same by it");
    }
}

#[test]
fn what_is_set_changes_what_is_answered_of_the_estate() {
    let month = fs::read_to_string(fixture("estate/piperoll.toml")).unwrap();
    let plain = written(&fixture("estate"), &month);
    for (key, words, table) in OF_THE_ESTATE {
        let file = format!("data/{table}.csv");
        let other = written(&fixture("estate"), &said(&month, words));
        let same = other.files[&file] == plain.files[&file];
        assert!(!same, "{key}: {file} is the same by it");
    }
}

#[test]
fn every_key_of_the_reference_changes_an_answer() {
    let rules = embedded().unwrap();
    let mut met = by_examples(&rules);
    met.extend(by_numbers(&rules));
    let shown = SHOWN.into_iter().map(|(key, _, _)| key);
    let compared = COMPARED.into_iter().map(|(key, ..)| key);
    let estates = OF_THE_ESTATE.into_iter().map(|(key, ..)| key);
    met.extend(shown.chain(compared).chain(estates).map(str::to_owned));
    for (key, test) in ELSEWHERE {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(test)).unwrap();
        // Of a key that the user names, the table; of another one, itself.
        let word = key.split_once(".<").map_or_else(
            || key.rsplit('.').next().unwrap_or(key),
            |(table, _)| table.rsplit('.').next().unwrap_or(table),
        );
        assert!(text.contains(word), "{test} does not write {key}");
        met.insert(key.to_owned());
    }
    let head = |key: &str| key.split_once('<').map(|(head, _)| head.to_owned());
    let mut missing = all_keys();
    missing.retain(|key| {
        let free = head(key).is_some_and(|head| met.iter().any(|it| it.starts_with(&head)));
        !met.contains(key) && !free
    });
    assert!(missing.is_empty(), "nothing shows {missing:?}");
}

#[test]
fn what_is_read_is_what_the_file_says() {
    let place = folder(&[("piperoll.toml", b"[input]\npaths = [\"logs\"]\n")]);
    let log = super::vault_log::calm(2);
    put(place.path(), "logs/audit.log", log.as_bytes());
    let sql = "SELECT count(*) AS n FROM event";
    let ran = super::product::run_in(place.path(), &["query", sql, "--format", "csv"]);
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (0, "n\r\n2\r\n"),
        "{}",
        ran.err
    );
}
