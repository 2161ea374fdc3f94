//! One node of a cluster that falls silent is found while another speaks, and a silence that all
//! share is the source's.

use super::product::try_report;
use super::vault_log::{folder, lines, pair};

/// What INT-002 says of two nodes that log every minute of a day, each in its own minutes.
fn gaps(hears: [&dyn Fn(u32) -> bool; 2]) -> Vec<String> {
    let node = |node: u32| {
        let minutes = (0..1_440).filter(|minute| hears[node as usize](*minute));
        let pairs = minutes.flat_map(|minute| {
            let number = node * 10_000 + minute;
            pair(number, minute * 60 + node, "secret/data/people/ada")
        });
        lines(&pairs.collect::<Vec<_>>())
    };
    let root = folder(&[
        ("logs/vault-0.log", node(0).as_bytes()),
        ("logs/vault-1.log", node(1).as_bytes()),
        (
            "piperoll.toml",
            b"[period]\nfrom = \"2026-09-01\"\nto = \"2026-09-02\"\n",
        ),
    ]);
    let input = root.path().join("logs");
    let (ran, pack) = try_report(&[input], &root.path().join("piperoll.toml"), &[]);
    let pack = pack.unwrap_or_else(|| panic!("{}", ran.err));
    let findings = pack.rows("findings").into_iter();
    let own = findings.filter(|row| row["rule_id"] == "INT-002");
    own.map(|row| format!("{} {}", row["subject"], row["message"]))
        .collect()
}

fn out(minute: u32) -> bool {
    !(600..900).contains(&minute)
}

#[test]
fn one_node_that_is_silent_for_five_hours_is_found_while_another_speaks() {
    let found = gaps([&|_| true, &out]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("vault:device/./vault.1.log"),
        "{found:?}"
    );
    assert!(found[0].contains("from 2026-09-01T09:59"), "{found:?}");
}

#[test]
fn a_silence_that_all_share_is_one_of_the_source() {
    let found = gaps([&out, &out]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("input:vault "), "{found:?}");
}

#[test]
fn a_node_that_ends_early_is_found_and_nodes_without_a_gap_are_not() {
    let found = gaps([&|_| true, &|minute| minute < 1_000]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("to the end of the period"), "{found:?}");
    assert!(gaps([&|_| true, &|_| true]).is_empty());
}
