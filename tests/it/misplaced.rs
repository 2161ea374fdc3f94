//! A file whose path says one kind and whose content another: it is said, in `report` too.

use std::fs;

use crate::product::{fixture, report, try_report};
use crate::vault_log::{folder, put};

#[test]
fn an_audit_log_where_a_job_log_lies_is_told() {
    let case = fixture("cases/vault-gitlab");
    let log = fs::read(case.join("input/vault/audit.log")).unwrap();
    let wrapped = String::from_utf8(log.clone()).unwrap();
    let wrapped: String = wrapped
        .lines()
        .map(|line| format!("2026-09-30T09:30:00.000000000Z stdout F {line}\n"))
        .collect();
    for content in [log.as_slice(), wrapped.as_bytes()] {
        let input = folder(&[]);
        put(input.path(), "projects/102/jobs/7/trace.log", content);
        let pack = report(
            &[input.path().to_owned(), case.join("input/gitlab")],
            &case.join("piperoll.toml"),
            &[],
        );
        let rows = pack.rows("findings");
        let told: Vec<&str> = rows
            .iter()
            .filter(|row| row["rule_id"] == "INT-003")
            .map(|row| row["message"].as_str())
            .collect();
        assert_eq!(told.len(), 1, "{told:?}");
        let says = "its path says GitLab job trace, its content Vault audit log";
        assert!(told[0].contains(says), "{told:?}");
    }
}

#[test]
fn a_leak_in_a_damaged_trace_is_found_though_no_other_trace_is_there() {
    let case = fixture("cases/vault-gitlab");
    let token = ["glpat-", "9xTq2LZk3bW1mN8pR5uE"].concat();
    let mut trace = b"Running with gitlab-runner 18.3.0 (9ba718cd)\n".to_vec();
    trace.extend(b"\x1f\x8b\xff\n".repeat(4000));
    trace.extend(format!("token {token}\nJob succeeded\n").bytes());
    let input = folder(&[("projects/102/jobs/88144/trace.log", trace.as_slice())]);
    let pack = report(
        &[input.path().to_owned(), case.join("input/gitlab")],
        &case.join("piperoll.toml"),
        &[],
    );
    let rows = pack.rows("findings");
    let leak = rows.iter().find(|row| row["rule_id"] == "GLB-001");
    let leak = leak.expect("the leak is a finding");
    assert_eq!(leak["subject"], "gitlab:job/102/88144");
    assert!(
        rows.iter().any(|row| row["rule_id"] == "INT-003"),
        "{rows:?}"
    );
}

#[test]
fn a_job_that_prints_an_audit_record_is_none() {
    let case = fixture("cases/vault-gitlab");
    let log = fs::read_to_string(case.join("input/vault/audit.log")).unwrap();
    let trace = format!("Running with gitlab-runner 18.3.0 (9ba718cd)\n{log}Job succeeded\n");
    let input = folder(&[("projects/102/jobs/7/trace.log", trace.as_bytes())]);
    let pack = report(
        &[input.path().to_owned(), case.join("input/gitlab")],
        &case.join("piperoll.toml"),
        &[],
    );
    let rows = pack.rows("findings");
    assert!(
        rows.iter().all(|row| row["rule_id"] != "INT-003"),
        "{rows:?}"
    );
}

#[test]
fn an_audit_log_under_the_name_of_a_policy_is_no_evidence_and_is_told() {
    let case = fixture("cases/vault-gitlab");
    let log = fs::read_to_string(case.join("input/vault/audit.log")).unwrap();
    let prefixed: String = log.lines().map(|line| format!("vault: {line}\n")).collect();
    for (name, text) in [
        ("policies/a.hcl", &log),
        ("policies/a.hcl", &prefixed),
        ("infra/main.tf", &log),
    ] {
        let input = folder(&[(name, text.as_bytes())]);
        let pack = report(
            &[input.path().to_owned(), case.join("input/gitlab")],
            &case.join("piperoll.toml"),
            &[],
        );
        let coverage = pack.rows("coverage");
        assert!(
            coverage.iter().all(|row| row["source"] != "vault"),
            "{name}"
        );
        let rows = pack.rows("findings");
        let mut told = rows.iter().filter(|row| row["rule_id"] == "INT-003");
        let says = "its path says policy or Terraform, its content Vault audit log";
        assert!(
            told.any(|row| row["message"].contains(says)),
            "{name}: {rows:?}"
        );
    }
}

#[test]
fn what_a_tool_printed_around_a_log_is_named_with_what_to_export_instead() {
    let case = fixture("cases/vault-gitlab");
    let log = fs::read_to_string(case.join("input/vault/audit.log")).unwrap();
    let quoted = |line: &str| serde_json::to_string(line).unwrap();
    let each = |wrap: &dyn Fn(&str) -> String| -> String { log.lines().map(wrap).collect() };
    let forms = [
        (
            "json_lines",
            each(&|line| {
                format!(
                    "{{\n    \"message\" => {},\n \"@timestamp\" => 2026-09-07T10:00:00Z\n}}\n",
                    quoted(line)
                )
            }),
        ),
        (
            "logfmt",
            each(&|line| format!("level=info msg={}\n", quoted(line))),
        ),
        (
            "ANSIBLE_STDOUT_CALLBACK=json",
            format!(
                "TASK [cat] ***\nok: [vault-0] => {{\n    \"stdout_lines\": [\n{}    ]\n}}\n",
                each(&|line| format!("        {},\n", quoted(line)))
            ),
        ),
        (
            "file exporter",
            each(&|line| format!("LogRecord #0\nBody: Str({line})\n")),
        ),
        (
            "nomad alloc logs",
            each(&|line| {
                format!(
                    "{{\"File\":\"a\",\"Offset\":0,\"Data\":{}}}\n",
                    quoted(line)
                )
            }),
        ),
    ];
    for (help, text) in forms {
        let input = folder(&[("vault/audit.log", text.as_bytes())]);
        let (ran, pack) = try_report(
            &[input.path().to_owned(), case.join("input/gitlab")],
            &case.join("piperoll.toml"),
            &[],
        );
        let pack = pack.unwrap();
        // What is cut into units that are damaged says so with each of them.
        let mut damaged = pack.rows("rejected_lines").into_iter();
        let said = ran.out.contains(help) || damaged.any(|row| row["reason"].contains(help));
        assert!(said, "{help}: {}", ran.out);
        let rules = pack.rows("rules");
        let row = rules.iter().find(|row| row["rule_id"] == "JOI-003");
        assert_eq!(row.unwrap()["outcome"], "not-assessed", "{help}");
    }
}
