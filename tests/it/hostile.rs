//! Log text is written by attackers: what they wrote may be shown, but never act, and no secret
//! that leaked into a log reaches an output.

use std::sync::OnceLock;

use serde_json::{Value, json};

use super::product::{Pack, binary, report};
use super::vault_log::{folder, lines, pair};

const TAG: &str = "<script>alert(1)</script>";
const FORMULA: &str = "=cmd|' /C calc'!A0";
const BIDI: &str = "adm\u{202e}nimda\u{2066}\u{200b}";
const CONTROL: &str = "a\u{1b}[31mred\u{7}\u{0}\r\nb\u{85}";
const TOKEN: &str = "hvs.CAESIJlS9vq0aVd7qYx0Tq2LZk3bW1mN8pR5uE6tY4oI7sAD";
const BATCH: &str = "hvb.AAAAAQJlS9vq0aVd7qYx0Tq2LZk3bW1mN8pR5uE6tY4oI7sADxK2";

/// Root uses, so that every record is a finding, with hostile words wherever words may stand.
fn records() -> Vec<Value> {
    let huge = "A".repeat(1_000_000);
    let words = [
        TAG,
        FORMULA,
        BIDI,
        CONTROL,
        "\"><img src=x onerror=alert(1)>",
        &huge,
    ];
    let mut all = Vec::new();
    for (number, word) in (0..).zip(words) {
        for mut record in pair(number, number, &format!("sys/policies/acl/{word}")) {
            record["auth"]["display_name"] = json!(word);
            record["auth"]["policies"] = json!(["root", word]);
            record["auth"]["token_policies"] = json!(["root", word]);
            record["auth"]["metadata"] = json!({"user": word, "job_id": word});
            record["request"]["operation"] = json!("update");
            record["request"]["remote_address"] = json!(word);
            record["request"]["mount_point"] = json!("sys/");
            record["error"] = json!(format!("1 error occurred:\n\t* {word}"));
            all.push(record);
        }
    }
    // A device with `log_raw = true` writes tokens as they are.
    for mut record in pair(90, 90, &format!("sys/policies/acl/{TOKEN}")) {
        for part in ["auth", "request"] {
            record[part]["client_token"] = json!(TOKEN);
        }
        record["auth"]["accessor"] = json!("JlS9vq0aVd7qYx0Tq2LZk3bW");
        record["auth"]["policies"] = json!(["root"]);
        record["auth"]["display_name"] = json!(format!("token-{BATCH}"));
        record["request"]["data"] = json!({"token": TOKEN});
        record["request"]["operation"] = json!("update");
        record["error"] = json!(format!("bad token {TOKEN}"));
        all.push(record);
    }
    all
}

fn input() -> tempfile::TempDir {
    let mut text = lines(&records());
    text.push_str(&format!("{{\"type\":\"request\",{TAG}{TOKEN}\n"));
    folder(&[
        ("logs/audit.log", text.as_bytes()),
        (
            "logs/=cmd()<script>.log",
            lines(&pair(99, 99, "sys/mounts")).as_bytes(),
        ),
        (
            "piperoll.toml",
            b"[vault]\nhuman_mounts = [\"auth/userpass/\"]\n",
        ),
    ])
}

fn pack() -> &'static Pack {
    static PACK: OnceLock<Pack> = OnceLock::new();
    PACK.get_or_init(|| {
        let folder = input();
        let configuration = folder.path().join("piperoll.toml");
        report(&[folder.path().join("logs")], &configuration, &[])
    })
}

/// Everything in the pack that names inputs; `run.json` holds paths by contract.
fn texts() -> impl Iterator<Item = (&'static str, String)> {
    pack().files.iter().map(|(name, bytes)| {
        let text = String::from_utf8(bytes.clone());
        (
            name.as_str(),
            text.unwrap_or_else(|_| panic!("{name} is no UTF-8")),
        )
    })
}

#[test]
fn the_hostile_records_are_findings() {
    let findings = pack().rows("findings");
    let said: Vec<&String> = findings.iter().map(|row| &row["message"]).collect();
    assert!(
        !findings.is_empty(),
        "nothing hostile would be shown anywhere"
    );
    let chains = pack().rows("identity_chains");
    assert!(
        chains.iter().any(|row| row["object"].contains("script")),
        "{said:?}"
    );
}

#[test]
fn no_secret_reaches_an_output() {
    // The middle alone would be enough for whoever knows the form.
    let tokens = [TOKEN, BATCH, &TOKEN[4..40], &BATCH[4..40]];
    let leaks: Vec<_> = tokens
        .iter()
        .map(|token| (*token, pack().holding(token)))
        .filter(|(_, files)| !files.is_empty())
        .collect();
    assert!(leaks.is_empty(), "{leaks:?}");
}

#[test]
fn no_character_acts() {
    for (name, text) in texts() {
        let acting = text.chars().find(|c| {
            let control = c.is_control() && !matches!(c, '\n' | '\r' | '\t');
            let bidi = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}'..='\u{200f}');
            control || bidi
        });
        assert_eq!(acting, None, "{name}");
    }
}

#[test]
fn no_tag_is_opened() {
    let page = String::from_utf8(pack().files["report.html"].clone()).unwrap();
    for tag in [TAG, "<img", "<script>alert"] {
        assert!(!page.contains(tag), "{tag}");
    }
    // Inside a script element the text of a log must not end it.
    let scripts = page.matches("</script").count();
    assert_eq!(scripts, page.matches("<script").count());
}

#[test]
fn no_cell_runs() {
    for (name, text) in texts().filter(|(name, _)| name.ends_with(".csv")) {
        let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
        for row in reader.records().map(Result::unwrap) {
            for cell in row.iter() {
                let runs = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
                assert!(
                    !runs,
                    "{name}: {}",
                    cell.chars().take(60).collect::<String>()
                );
            }
        }
        assert!(
            !text.replace("\r\n", "").contains(['\r', '\n']),
            "{name}: a row is broken"
        );
    }
}

#[test]
fn what_is_said_on_a_terminal_does_not_act_either() {
    let folder = input();
    let sql = "SELECT path, error, remote_address FROM event";
    for words in [
        &["report", "logs"][..],
        &["query", sql, "logs"],
        &["query", sql, "logs", "--format", "json"],
        &["query", sql, "logs", "--format", "ndjson"],
        &["query", sql, "logs", "--format", "csv"],
        &[
            "query",
            "SELECT path AS \"\u{9b}a\u{202e}\" FROM event",
            "logs",
        ],
        &["query", "SELECT \"\u{9b}a\u{202e}\" FROM event", "logs"],
        &["query", "SELECT * FROM \"\u{9b}a\u{202e}\"", "logs"],
        &["query", "SELECT \u{9b}\u{202e}", "logs"],
        &["report", "nowhere\u{9b}\u{202e}"],
        &["lint", "nowhere\u{9b}\u{202e}"],
        &["lint", "--fail-on", "\u{9b}\u{202e}"],
        &["rules", "explain", "\u{9b}\u{202e}"],
        &["verify", "nowhere\u{9b}\u{202e}"],
        &["trace", "job", "\u{9b}\u{202e}", "logs"],
        &["tables", "\u{9b}\u{202e}"],
    ] {
        let output = binary(folder.path()).args(words).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        let acting = said.chars().find(|c| {
            (c.is_control() && !matches!(c, '\n' | '\r'))
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}' | '\u{200b}')
        });
        assert_eq!(acting, None, "{words:?}");
        assert!(!said.contains(TOKEN), "{words:?} shows a token");
    }
}
