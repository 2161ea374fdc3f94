//! Records as tools write them that ran a command, as texts in an array, and in messages that other
//! bytes than line feeds part; and what of that a job prints.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::wrapped_sources::{by_line, kept, logs, read, value};

/// The lines in every such form, by its name.
fn parted(lines: &[String]) -> Vec<(&'static str, String)> {
    let gelf = |line: &String| {
        json!({"version": "1.1", "host": "h", "short_message": line, "level": 6}).to_string()
    };
    let ran = json!({"changed": true, "cmd": "cat", "rc": 0, "msg": "", "stdout": lines.join("\n"), "stdout_lines": lines});
    let bodies: Vec<Value> = lines
        .iter()
        .map(|line| json!({"body": {"string_value": line}}))
        .collect();
    let coded: Vec<Value> = lines
        .iter()
        .map(|line| json!({"body": {"bytesValue": STANDARD.encode(line)}}))
        .collect();
    let pretty = |line: &String| serde_json::to_string_pretty(&value(line)).unwrap();
    let messages: Vec<String> = lines.iter().map(gelf).collect();
    vec![
        ("an array of texts", json!(lines).to_string()),
        ("an array of texts, a line each", serde_json::to_string_pretty(&json!(lines)).unwrap()),
        ("GELF, zero bytes", messages.join("\0") + "\0"),
        ("a sequence of one line", lines.iter().map(|line| format!("\x1e{line}")).collect()),
        ("a sequence in many lines", lines.iter().map(|line| format!("\x1e{}\n", pretty(line))).collect()),
        ("a mark before every line", by_line(lines, |line| format!("\u{feff}{line}"))),
        ("OpenTelemetry, the protocol's names", json!({"resource_logs": [{"scope_logs": [{"log_records": bodies}]}]}).to_string()),
        ("OpenTelemetry before 0.15", json!({"resourceLogs": [{"instrumentationLibraryLogs": [{"logs": coded}]}]}).to_string()),
        ("Ansible", serde_json::to_string_pretty(&ran).unwrap()),
        ("Ansible, json", json!({"plays": [{"play": {}, "tasks": [{"task": {}, "hosts": {"v-0": ran}}]}], "stats": {}}).to_string()),
        ("Ansible, jsonl", json!({"_event": "v2_runner_on_ok", "task": {}, "hosts": {"v-0": ran}}).to_string()),
        ("Ansible, slurp", json!({"changed": false, "content": STANDARD.encode(lines.join("\n")), "encoding": "base64", "source": "/a"}).to_string()),
        ("Systems Manager", json!({"CommandId": "c", "InstanceId": "i", "StandardOutputContent": lines.join("\n")}).to_string()),
    ]
}

#[test]
fn every_log_of_records_says_in_every_form_what_it_says_plain() {
    let mut wrong = Vec::new();
    for (name, lines) in logs().into_iter().take(5) {
        let plain = read(name, &by_line(&lines, str::to_owned));
        for (form, text) in parted(&lines) {
            let said = read(name, &text);
            if said != plain {
                wrong.push(format!("{name} in {form}: {said:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_a_job_prints_in_a_wrapper_stays_what_the_job_printed() {
    let (_, lines) = logs().swap_remove(0);
    let begun = "Running with gitlab-runner 17.0.0 (abc)\n$ cat audit.json\n";
    let mut wrong = Vec::new();
    for (wrapper, text) in parted(&lines).into_iter().chain(kept(&lines)) {
        for (name, trace) in [
            ("gitlab/projects/101/jobs/1/trace.log", text.clone()),
            ("job.log", format!("{begun}{text}\nJob succeeded\n")),
        ] {
            let (said, _) = read(name, &trace);
            if said.iter().any(|said| said.contains("secret/data")) {
                wrong.push(format!("{name} in {wrapper}: {said:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
