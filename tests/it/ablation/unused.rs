//! What nobody was seen to use, while the log that would show it lacks days.

use super::files;
use super::moment::{self, END, START};
use super::part::{device, sift};
use super::said::{rules, say_of};
use crate::estate::committed;
use piperoll::model::Timestamp;

/// Rules that accuse of not being used, or held.
const UNUSED: [&str; 4] = ["VLT-POL-014", "VLT-ROL-011", "VLT-USE-002", "VLT-USE-003"];

/// The log began late, paused for a week, or ended early: within the period that is asked for, each
/// may hold the use that is missed.
#[test]
fn what_was_not_used_while_the_log_lacks_days_is_only_suspected() {
    const DAY: i64 = 86_400;
    let whole = files::read(&committed("estate"));
    let period = (Timestamp(START * 1_000_000), Timestamp(END * 1_000_000));
    let rules = rules();
    let all = say_of(&whole, &rules, Some(period)).unwrap();
    for (from, to) in [
        (START, START + 9 * DAY),
        (START + 8 * DAY, START + 15 * DAY),
        (END - 20 * DAY, END),
    ] {
        let is_log = |name: &str| device(name).is_some();
        let less = sift(&whole, is_log, |record| {
            moment::of(record).is_none_or(|at| at < from || at >= to)
        });
        let said = say_of(&less, &rules, Some(period)).unwrap();
        let own = said
            .findings
            .iter()
            .filter(|(id, _)| !all.findings.contains_key(*id));
        let own: Vec<&str> = own.map(|(_, found)| found.words.as_str()).collect();
        let unused = own
            .iter()
            .filter(|words| UNUSED.iter().any(|rule| words.starts_with(rule)));
        let unused: Vec<&&str> = unused.collect();
        assert!(!unused.is_empty(), "{}", moment::written(from));
        for words in unused {
            assert!(words.contains("suspected"), "{words}");
        }
        for rule in UNUSED {
            let (answer, why) = &said.rules[rule];
            assert!(
                !why.is_empty() || *answer == super::Answer::Finding,
                "{rule}"
            );
        }
    }
}
