//! What decides what a file is.

use super::*;
use crate::source::{gcp, gitlab, vault};

const AUDIT: &str = r#"{"time":"2026-09-07T10:00:00Z","type":"request","auth":{},"request":{"id":"r1","operation":"read","path":"secret/data/x"}}"#;
const GOOGLE: &str = r#"{"logName":"projects/p/logs/cloudaudit.googleapis.com%2Factivity","timestamp":"2026-09-07T10:00:00Z","insertId":"i","protoPayload":{"methodName":"m","serviceName":"s"}}"#;

fn formats() -> Vec<&'static dyn Format> {
    [vault::FORMATS, gcp::FORMATS, gitlab::FORMATS].concat()
}

fn told(path: &str, text: &str) -> (Layout, Option<&'static str>) {
    let formats = formats();
    let plan = plan(path, text.as_bytes(), true, &formats);
    let source = plan.format.map(|at| formats[at].about().source.name);
    (plan.layout, source)
}

fn source(path: &str, text: &str) -> Option<&'static str> {
    told(path, text).1
}

const RUNNER: &str = "\u{1b}[0KRunning with gitlab-runner 18.7.0 (0b8e1f2a)\u{1b}[0;m\n";

#[test]
fn a_job_that_prints_records_stays_a_job() {
    let cri = format!("2026-11-21T07:47:12Z stdout F {AUDIT}");
    let docker = serde_json::json!({"log": format!("{AUDIT}\n"), "stream": "stdout", "time": "t"});
    for printed in [AUDIT, GOOGLE, &cri, &docker.to_string()] {
        for stamp in ["", "2026-09-07T10:00:01.100000Z 00O "] {
            let text = format!("{stamp}{RUNNER}{stamp}{printed}\n").repeat(20);
            assert_eq!(source("x.txt", &text), Some("gitlab-trace"), "{printed}");
        }
        // Its beginning may be lost: what lies where a trace lies is one.
        for path in ["projects/1/jobs/2/trace.log", "a/jobs/2/trace"] {
            let text = format!("{printed}\n").repeat(3);
            assert_eq!(source(path, &text), Some("gitlab-trace"), "{printed}");
        }
    }
}

#[test]
fn a_program_that_quotes_records_is_no_log_of_theirs() {
    let quoting = |line: &str| format!("{line}\n{}", format!("{line}\n").repeat(40));
    for own in [
        "2026-09-07 10:00:00 INFO  c.a.Billing - done",
        r#"{"level":"info","msg":"done"}"#,
    ] {
        for quoted in [
            AUDIT.to_owned(),
            format!("2026-09-07 10:00:00 INFO  c.a.Billing - {AUDIT}"),
            serde_json::json!({"level": "info", "message": AUDIT}).to_string(),
        ] {
            let text = format!("{}{quoted}\n{}", quoting(own), quoting(own));
            assert_eq!(source("app.log", &text), None, "{own} {quoted}");
        }
    }
}

#[test]
fn a_servers_own_lines_before_its_records_hide_nothing() {
    let own = "2026-09-07T10:00:00.000Z [INFO]  core: a line of the server itself\n".repeat(1200);
    for before in [own.as_str(), "==> Vault server started!\n", "torn\"}}\n"] {
        let text = format!("{before}{AUDIT}\n{AUDIT}\n");
        let (layout, source) = told("vault.log", &text);
        assert_eq!(layout, Layout::Lines { prefixed: false }, "{before}");
        assert_eq!(source, Some("vault"));
    }
    let head = plan("vault.log", own.as_bytes(), false, &formats());
    assert_eq!(head.layout, Layout::Undecided);
    let json = r#"{"@level":"info","@message":"x","@timestamp":"t"}"#;
    let text = format!("{}{AUDIT}\n", format!("{json}\n").repeat(100));
    assert_eq!(source("vault.log", &text), Some("vault"));
}

#[test]
fn a_prefix_is_one_where_every_line_has_it() {
    let line = format!("<134>Nov 21 07:47:12 host vault[1]: {AUDIT}\n");
    let (layout, source) = told("x", &line.repeat(3));
    assert_eq!(layout, Layout::Lines { prefixed: true });
    assert_eq!(source, Some("vault"));
}

#[test]
fn wrapped_records_are_found_behind_what_the_container_says_itself() {
    let line = |text: &str| {
        serde_json::json!({"time": "t", "stream": "stdout", "_p": "F", "log": text}).to_string()
    };
    let text = format!("{}\n{}\n", line("==> OpenBao server started"), line(AUDIT));
    let (layout, source) = told("x", &text);
    assert!(matches!(layout, Layout::Wrapped(_)), "{layout:?}");
    assert_eq!(source, Some("vault"));
    let hit = serde_json::json!({"_index": "i", "_source": {"message": AUDIT}}).to_string();
    assert_eq!(
        super::tests::source("x", &format!("{hit}\n{hit}\n")),
        Some("vault")
    );
}

#[test]
fn a_header_of_syslog_is_told_from_a_programs_text() {
    for header in [
        "<134>1 2026-09-07T10:00:00Z host vault 1 - - ",
        "Nov 21 07:47:12 host vault[1]: ",
        "2026-09-07T10:00:00Z host vault[1]: @cee: ",
        "@cee:",
        "",
    ] {
        let line = format!("{header}{{\"n\":1}}");
        assert_eq!(unprefixed(&line), Some(&b"{\"n\":1}"[..]), "{header}");
    }
    for header in [
        "INFO: ",
        "2026-09-07 10:00:00 INFO c.a.B - ",
        "audit said: ",
        "x",
    ] {
        assert_eq!(
            unprefixed(&format!("{header}{{\"n\":1}}")),
            None,
            "{header}"
        );
    }
}

#[test]
fn a_table_of_toml_is_no_damaged_list() {
    for text in [
        "[[waiver]]\nrule = \"VLT-POL-001\"\n",
        "# who accepted it\n[[waiver]]\n",
        "[[ \"a.b\" ]] # a name in quotes\n",
    ] {
        assert_eq!(told("x.toml", text).0, Layout::Unrecognised, "{text}");
    }
    let listed = format!("[[{AUDIT}]]");
    for text in ["[[1, 2]]", "[[true]]", "[[\"a\", 1]]", "[[", "[[{", &listed] {
        assert_eq!(told("x.json", text).0, Layout::Elements, "{text}");
    }
}

#[test]
fn a_column_of_records_is_found_in_a_table() {
    let quoted = format!("\"{}\"", AUDIT.replace('"', "\"\""));
    for (header, row) in [
        ("_time,_raw", format!("t,{quoted}")),
        ("\"_raw\"", quoted.clone()),
        ("time\tmessage", format!("t\t{AUDIT}")),
        ("Date;Message", format!("t;{quoted}")),
    ] {
        let text = format!("{header}\n{row}\n{row}\n");
        let (layout, source) = told("vault/export.csv", &text);
        assert!(matches!(layout, Layout::Wrapped(_)), "{text}");
        assert_eq!(source, Some("vault"), "{text}");
    }
    // A job prints what it likes, behind whatever it likes.
    for text in [
        format!("id,_raw\n1,{quoted}\n"),
        format!("{RUNNER}id,_raw\n1,{quoted}\n"),
    ] {
        let path = "gitlab/projects/1/jobs/2/trace.log";
        assert_eq!(source(path, &text), Some("gitlab-trace"));
    }
    let comments = format!("id,comment\n1,{quoted}\n2,see above\n3,closed\n");
    assert_eq!(source("tickets.csv", &comments), None);
}

#[test]
fn what_google_keeps_of_vaults_container_is_vaults() {
    let entry = |container: &str| {
        serde_json::json!({
            "insertId": "i", "logName": "projects/p/logs/stdout", "severity": "INFO",
            "timestamp": "2026-09-07T10:00:00Z", "textPayload": AUDIT,
            "resource": {"type": "k8s_container", "labels": {"container_name": container}},
        })
        .to_string()
    };
    let lines = |container: &str| format!("{0}\n{0}\n", entry(container));
    assert_eq!(source("gcp/stdout.json", &lines("vault")), Some("vault"));
    assert_eq!(source("gcp/stdout.json", &lines("shop")), Some("gcp-audit"));
    let mixed = format!("{GOOGLE}\n{}", lines("vault"));
    assert_eq!(source("gcp/mixed.json", &mixed), Some("gcp-audit"));
}

#[test]
fn a_bulk_request_of_elasticsearch_holds_records() {
    let line = serde_json::json!({"@timestamp": "t", "stream": "stdout", "log": AUDIT});
    let text = format!("{{\"index\":{{\"_index\":\"v\"}}}}\n{line}\n").repeat(3);
    assert_eq!(source("bulk.ndjson", &text), Some("vault"));
}

#[test]
fn records_behind_marks_alone_are_a_log_where_no_comment_begins_so() {
    let other = AUDIT.replace("r1", "r2");
    let log = |before: &str| format!("{before}{AUDIT}\n{before}{other}\n");
    for before in ["## ", ">>> ", "{audit} ", "{} ", "=> ", "vault: "] {
        let (layout, source) = told("vault.log", &log(before));
        assert_eq!(source, Some("vault"), "{before}");
        assert_eq!(layout, Layout::Lines { prefixed: true }, "{before}");
    }
    for before in ["# ", "> ", "// ", "-- ", "* ", "<!-- "] {
        assert_ne!(source("vault.log", &log(before)), Some("vault"), "{before}");
    }
}

#[test]
fn a_text_that_quotes_records_is_no_log() {
    let quoted = [
        format!("What the log said:\n{AUDIT}\n{AUDIT}\n{AUDIT}\n"),
        format!("# Incident\n\n{AUDIT}\n{AUDIT}\nand that was all\n"),
        format!("> {AUDIT}\n> {AUDIT}\n"),
        format!("Example: {AUDIT}\nExample: {AUDIT}\n"),
        format!("{AUDIT}\nis what it said,\nand nobody knew\n"),
        format!("2026-09-07T10:00:01.100000Z 00O {AUDIT}\n").repeat(3),
        format!("2026-09-07T10:00:01.100000Z 01E+{AUDIT}\n").repeat(3),
        format!("first\n{AUDIT}\n{}", "{\"level\":\"info\"}\n".repeat(20)),
    ];
    for text in quoted {
        let (layout, source) = told("notes.txt", &text);
        assert_ne!(source, Some("vault"), "{text}");
        let other = matches!(layout, Layout::Quoting) || source == Some("gitlab-trace");
        assert!(other, "{layout:?} {text}");
    }
}

#[test]
fn what_a_server_and_its_container_print_beside_the_records_is_theirs() {
    let settings = "==> Vault server configuration:\n\n  Administrative Namespace:\n             Api Address: http://127.0.0.1:8200\n==> Vault server started! Log data will stream in below:\n";
    for text in [
        format!("{settings}{AUDIT}\n"),
        format!("vault-1  | {AUDIT}\n").repeat(2),
        format!("[pod/vault-0/vault] {AUDIT}\n").repeat(2),
        format!("vault-0 vault {AUDIT}\n").repeat(2),
        format!("st\":\"x\"}}}}\n{AUDIT}\n"),
        format!("{AUDIT}\nno record\n"),
        format!("odd\n{}", format!("{AUDIT}\n").repeat(10)),
    ] {
        assert_eq!(source("vault.log", &text), Some("vault"), "{text}");
    }
}

#[test]
fn what_ends_in_the_middle_is_of_the_kind_that_it_begins_as() {
    let job = r#"[{"id": 7, "name": "b", "stage": "x", "status": "success", "ref": "main", "pipeline": {"id": 3, "ref": "main"}, "web_url": "https://g/a/b/-/jobs/7", "created_at": "2026-0"#;
    for (text, of) in [
        (
            GOOGLE.replace("\"s\"}}", "\"s\",\"request\":{\"a"),
            Some("gcp-audit"),
        ),
        (AUDIT.replace("}}", ",\"data\":{"), Some("vault")),
        (job.to_owned(), Some("gitlab-jobs")),
        (r#"{"name": "web", "scripts": {"a"#.to_owned(), None),
    ] {
        assert_eq!(
            told("x/legacy.json", &text),
            (Layout::Elements, of),
            "{text}"
        );
    }
    let text = "title: notes\nwhat: was\nse";
    assert_eq!(told("x/notes.yaml", text), (Layout::Unrecognised, None));
}
