//! The files of two audit devices in one folder, or in one file: how they hash tells them apart, and
//! where it cannot, nobody is accused of forging.

use serde_json::Value;

use crate::product::{Pack, report};
use crate::vault_log::{calm, folder, lines, pair};

/// What another device writes of the same records: the same, under a salt of its own.
fn salted(log: &str) -> String {
    log.replace("hmac-sha256:", "hmac-sha256:ff")
}

fn findings(pack: &Pack, rule: &str) -> Vec<(String, String, String)> {
    let rows = pack.rows("findings").into_iter();
    rows.filter(|row| row["rule_id"] == rule)
        .map(|row| {
            (
                row["subject"].clone(),
                row["severity"].clone(),
                row["title"].clone(),
            )
        })
        .collect()
}

/// The pack of files, without a configuration.
pub(crate) fn packed(files: &[(&str, &[u8])]) -> Pack {
    let inputs = folder(files);
    let config = folder(&[("piperoll.toml", b"")]);
    report(
        &[inputs.path().to_owned()],
        &config.path().join("piperoll.toml"),
        &[],
    )
}

#[test]
fn two_devices_in_one_folder_are_two_in_whatever_order() {
    let log = calm(40);
    let (first, second) = log.split_at(log.match_indices('\n').nth(39).unwrap().0 + 1);
    // Rotation may repeat a record.
    let second = format!("{}\n{second}", first.lines().last().unwrap());
    let other = salted(&log);
    for names in [
        ["a.log", "b.log", "c.log"],
        ["b.log", "c.log", "a.log"],
        ["a.log", "c.log", "b.log"],
    ] {
        let [one, two, three] = names.map(|name| format!("audit/{name}"));
        let pack = packed(&[
            (&one, first.as_bytes()),
            (&two, second.as_bytes()),
            (&three, other.as_bytes()),
        ]);
        assert_eq!(findings(&pack, "INT-010"), [], "{names:?}");
        let devices = pack.rows("audit_devices");
        assert_eq!(devices.len(), 2, "{names:?}: {devices:?}");
        for device in devices {
            assert_eq!(device["both_records"], "40", "{names:?}");
        }
    }
}

#[test]
fn two_devices_in_one_file_are_suspected_and_no_more() {
    let log = calm(40);
    let mixed: String = log
        .lines()
        .flat_map(|line| [format!("{line}\n"), salted(&format!("{line}\n"))])
        .collect();
    let pack = packed(&[("audit.log", mixed.as_bytes())]);
    let told = findings(&pack, "INT-010");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].1, "med");
    assert!(told[0].2.starts_with("suspected: "), "{told:?}");
}

#[test]
fn a_copy_under_another_token_is_no_device() {
    let log = calm(40);
    let copy: Vec<Value> = pair(7, 7, "secret/data/people/ada").to_vec();
    let pack = packed(&[
        ("audit/a.log", log.as_bytes()),
        ("audit/b.log", salted(&lines(&copy)).as_bytes()),
    ]);
    assert_eq!(findings(&pack, "INT-010").len(), 1);
    // Among many honest records one that differs is no other device's.
    let pack = packed(&[(
        "a.log",
        format!("{log}{}", salted(&lines(&copy))).as_bytes(),
    )]);
    let told = findings(&pack, "INT-010");
    assert_eq!((told.len(), told[0].1.as_str()), (1, "high"), "{told:?}");
}
