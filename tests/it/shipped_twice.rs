//! Whoever ships a log at least once writes records twice: that hides nothing that one of them alone shows.

use crate::product::{Row, report};
use crate::vault_log::{calm, folder};

fn of_int_001(log: &str) -> Vec<[String; 4]> {
    let input = folder(&[("in/audit.log", log.as_bytes()), ("piperoll.toml", b"")]);
    let at = input.path();
    let pack = report(&[at.join("in")], &at.join("piperoll.toml"), &[]);
    let cells = |row: Row| ["severity", "object", "count", "first_seen"].map(|it| row[it].clone());
    let rows = pack.rows("findings").into_iter();
    let own = rows.filter(|row| row["rule_id"] == "INT-001");
    own.map(cells).collect()
}

/// One of 801 records lacks its partner, which is more than one in a thousand; of 1,602 it would not be.
#[test]
fn a_request_without_response_is_found_in_a_log_that_was_shipped_twice() {
    let whole = calm(401);
    let lines: Vec<&str> = whole.lines().collect();
    let lost = 2 * 200 + 1;
    let once: Vec<&str> = lines
        .iter()
        .enumerate()
        .filter(|(at, _)| *at != lost)
        .map(|(_, line)| *line)
        .collect();
    let found = of_int_001(&once.join("\n"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0][..3], ["high", "input:audit.log", "1"]);
    let twice: Vec<&str> = once.iter().flat_map(|line| [*line, *line]).collect();
    assert_eq!(of_int_001(&twice.join("\n")), found);
    assert_eq!(
        of_int_001(&[&once[..], &once[..]].concat().join("\n")),
        found
    );
    assert_eq!(of_int_001(&whole), Vec::<[String; 4]>::new());
}
