//! Files under other names, settings that nobody wrote, values that were taken out: what names
//! somebody is missing, and nobody is accused by that.

use serde_json::Value;

use super::files::{self, Files};
use super::hold;
use super::part::Part;
use crate::estate::committed;

fn part(what: &str, noticed: bool, files: Files) -> Part {
    Part {
        what: what.to_owned(),
        files,
        noticed,
    }
}

/// The estate with one file under another name.
fn renamed(whole: &Files, from: &str, to: &str) -> Part {
    let mut files = whole.clone();
    let bytes = files.remove(from).unwrap();
    files.insert(to.to_owned(), bytes);
    part(&format!("{from} is called {to}"), false, files)
}

/// The estate without one table of its configuration.
fn undeclared(whole: &Files, table: &str) -> Part {
    let mut files = whole.clone();
    let config = files.get_mut("piperoll.toml").unwrap();
    let text = String::from_utf8(config.clone()).unwrap();
    let mut kept = String::new();
    let mut inside = false;
    for line in text.lines() {
        if line.starts_with('[') {
            inside = line.starts_with(&format!("[{table}"));
        }
        if !inside {
            kept += line;
            kept.push('\n');
        }
    }
    *config = kept.into_bytes();
    part(&format!("no [{table}]"), true, files)
}

/// The logs of Vault with one field of every record taken out.
fn taken_out(whole: &Files, pointer: &str, mark: &str) -> Part {
    let mut files = whole.clone();
    for (name, bytes) in &mut files {
        if !name.starts_with("vault/file/") {
            continue;
        }
        let text = String::from_utf8(bytes.clone()).unwrap();
        let lines = text.lines().map(|line| {
            let Ok(mut record) = serde_json::from_str::<Value>(line) else {
                return format!("{line}\n");
            };
            if let Some(value) = record.pointer_mut(pointer).filter(|it| it.is_string()) {
                *value = mark.into();
            }
            format!("{record}\n")
        });
        *bytes = lines.collect::<String>().into_bytes();
    }
    part(&format!("{pointer} is {mark}"), true, files)
}

#[test]
fn what_bears_another_name_or_none_accuses_nobody() {
    let whole = files::read(&committed("estate"));
    let roles = "vault/config/auth";
    hold(
        &whole,
        vec![
            renamed(
                &whole,
                &format!("{roles}/run-dr/role/reports-worker.json"),
                &format!("{roles}/run-dr/role/out.json"),
            ),
            renamed(
                &whole,
                &format!("{roles}/gitlab/role/vault-config.json"),
                &format!("{roles}/gitlab/role/export-1"),
            ),
            undeclared(&whole, "people"),
            taken_out(&whole, "/request/path", "***"),
            taken_out(&whole, "/request/id", "REDACTED"),
            taken_out(&whole, "/response/auth/client_token", "***"),
            taken_out(&whole, "/response/auth/metadata/role", "[FILTERED]"),
        ],
    );
}
