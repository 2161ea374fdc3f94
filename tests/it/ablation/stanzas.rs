//! Policies whose export lost stanzas, and lost them so that what is left is a policy: the log alone knows
//! what they granted.

use super::Answer;
use super::files;
use super::said::{rules, say};
use crate::estate::committed;

/// A policy without the first or the last half of its lines.
fn half(text: &[u8], is_first_gone: bool) -> Vec<u8> {
    let text = String::from_utf8(text.to_vec()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    // Two stanzas of three lines, with a line between them.
    assert_eq!(lines.len(), 7, "{text}");
    let kept = if is_first_gone {
        &lines[4..]
    } else {
        &lines[..3]
    };
    kept.join("\n").into_bytes()
}

#[test]
fn a_policy_that_grants_less_than_the_log_shows_was_read_in_part() {
    let whole = files::read(&committed("estate"));
    let rules = rules();
    let all = say(&whole, &rules).unwrap();
    for (name, is_first_gone, silent) in [
        ("ci-vault-config", true, None),
        ("ci-orders", true, Some("VLT-ROL-002")),
        ("run-messaging", false, None),
    ] {
        let mut files = whole.clone();
        let file = format!("vault/config/policies/{name}.hcl");
        let text = half(&whole[&file], is_first_gone);
        files.insert(file, text);
        let said = say(&files, &rules).unwrap();
        let faults = all.faults(&said);
        assert!(faults.is_empty(), "{name}: {faults:?}");
        assert_eq!(said.rules["VLT-USE-001"].0, Answer::Finding, "{name}");
        if let Some(rule) = silent {
            let why = &said.rules[rule].1;
            assert!(why.contains("less by their text"), "{name}: {why}");
        }
    }
}
