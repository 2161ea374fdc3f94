//! Records in any order, block, file and device.

use super::super::repeat::First;
use super::*;
use crate::model::{Event, EventKind, Place, System, Timestamp};

#[derive(Debug, Default)]
pub(in super::super) struct Log {
    operations: Vec<(String, &'static str, Outcome, i64)>,
    duplicates: Vec<u32>,
    same: Vec<(String, String)>,
    lone: Vec<(u8, i64)>,
    firsts: Vec<First>,
    conflicts: Vec<(Difference, String)>,
    elsewhere: Vec<bool>,
}

impl Known for Log {
    fn first(&self, number: u32) -> Option<First> {
        self.firsts.get(number as usize).copied()
    }

    fn is_another(&self, _: u32, _: &str) -> bool {
        false
    }

    fn tells_apart(&self, _: &str, _: &str) -> bool {
        false
    }
}

impl Paired for Log {
    fn operation(&mut self, operation: Operation, symbols: &Symbols) -> u32 {
        let id = symbols.get(operation.half.sym(Field::Id)).to_owned();
        self.operations.push((
            id,
            operation.parts.as_str(),
            operation.half.outcome,
            operation.half.at.0,
        ));
        self.firsts.push(First::of(&operation.half, symbols));
        self.operations.len() as u32 - 1
    }
    fn known(&self) -> &dyn Known {
        self
    }
    fn conflict(&mut self, conflict: Conflict) {
        self.conflicts.push((conflict.difference, conflict.kept_as));
    }
    fn duplicate(&mut self, number: u32, _: &Half, _: &Symbols) {
        self.duplicates.push(number);
    }
    fn lone(&mut self, device: u8, lone: &Lone) {
        self.lone.push((device, lone.at.0));
        self.elsewhere.push(lone.elsewhere);
    }
    fn same_handle(&mut self, pair: SameHandle<'_>) {
        self.same
            .push((pair.first.to_owned(), pair.other.to_owned()));
    }
}

pub(in super::super) fn half(
    id: &str,
    part: Part,
    at: i64,
    accessor: &str,
    symbols: &mut Symbols,
) -> Half {
    let place = Place::of_line(at.unsigned_abs());
    let mut event = Event::new(
        System::Vault,
        EventKind::Request,
        id.to_owned().into(),
        place,
        Timestamp(at),
    );
    event.part = part;
    event.caller.accessor = Some(accessor.to_owned().into());
    if matches!(part, Part::Response | Part::Last) {
        event.outcome = Outcome::Allowed;
    }
    Half::new(&event, symbols)
}

fn run(blocks: &[&[(&str, Part, i64)]]) -> (Log, u64) {
    let mut pairing = Pairing::default();
    let mut log = Log::default();
    let mut duplicates = 0;
    for block in blocks {
        let mut symbols = Symbols::new();
        let halves = block
            .iter()
            .map(|&(id, part, at)| half(id, part, at, "a", &mut symbols))
            .collect();
        duplicates += pairing
            .block(0, halves, &mut symbols, &mut log)
            .values()
            .sum::<u64>();
    }
    pairing.finish(&mut log);
    (log, duplicates)
}

#[test]
fn a_pair_is_one_operation_wherever_its_records_stand() {
    use Part::{Request, Response};
    let whole = run(&[&[
        ("a", Request, 1),
        ("b", Request, 2),
        ("a", Response, 3),
        ("b", Response, 4),
    ]]);
    let cut = run(&[
        &[("a", Request, 1), ("b", Request, 2)],
        &[("a", Response, 3)],
        &[("b", Response, 4)],
    ]);
    let expected = [
        ("a".to_owned(), "pair", Outcome::Allowed, 1),
        ("b".to_owned(), "pair", Outcome::Allowed, 2),
    ];
    assert_eq!(whole.0.operations, expected);
    assert_eq!(cut.0.operations, expected);
}

#[test]
fn a_response_may_come_first() {
    let (log, _) = run(&[&[("a", Part::Response, 3)], &[("a", Part::Request, 1)]]);
    assert_eq!(
        log.operations,
        [("a".to_owned(), "pair", Outcome::Allowed, 1)]
    );
}

#[test]
fn lone_records_become_operations_in_file_order() {
    let (log, _) = run(&[&[
        ("z", Part::Request, 1),
        ("a", Part::Request, 2),
        ("m", Part::Response, 3),
    ]]);
    let ids: Vec<&str> = log
        .operations
        .iter()
        .map(|operation| operation.0.as_str())
        .collect();
    assert_eq!(ids, ["z", "a", "m"]);
    assert_eq!(log.operations[0].2, Outcome::Unknown);
}

#[test]
fn repetitions_add_no_operation() {
    use Part::{Request, Response};
    let (log, duplicates) = run(&[
        &[("a", Request, 1), ("a", Response, 2)],
        &[("a", Request, 1), ("a", Response, 2)],
    ]);
    assert_eq!((log.operations.len(), duplicates), (1, 2));
    assert_eq!(log.duplicates, [0, 0]);
}

#[test]
fn a_repetition_of_a_waiting_record_links_the_handles() {
    let mut pairing = Pairing::default();
    let mut log = Log::default();
    for (device, accessor) in [(0, "hmac-1"), (1, "hmac-2")] {
        let mut symbols = Symbols::new();
        let halves = vec![half("a", Part::Request, 1, accessor, &mut symbols)];
        pairing.block(device, halves, &mut symbols, &mut log);
    }
    assert_eq!(log.same, [("hmac-1".to_owned(), "hmac-2".to_owned())]);
}

/// Whoever ships a log at least once may write a record twice.
#[test]
fn a_half_that_is_logged_twice_is_no_pair() {
    use Part::{Request, Response};
    let (log, duplicates) = run(&[&[("a", Request, 1), ("a", Request, 1)]]);
    assert_eq!((duplicates, log.lone), (1, vec![(0, 1)]));
    let (log, _) = run(&[&[("a", Response, 1), ("a", Response, 1), ("a", Request, 0)]]);
    assert_eq!(log.lone, []);
    let (log, _) = run(&[&[("a", Request, 0), ("a", Response, 1), ("a", Request, 0)]]);
    assert_eq!(log.lone, []);
}

#[test]
fn what_one_device_lost_another_may_have() {
    use Part::{Request, Response};
    let mut pairing = Pairing::default();
    let mut log = Log::default();
    for (device, parts) in [(0, vec![Request, Response]), (1, vec![Request])] {
        let mut symbols = Symbols::new();
        let halves = parts
            .iter()
            .map(|&part| half("a", part, 7, "x", &mut symbols))
            .collect();
        pairing.block(device, halves, &mut symbols, &mut log);
    }
    pairing.finish(&mut log);
    assert_eq!(log.operations.len(), 1);
    assert_eq!((log.lone, log.elsewhere), (vec![(1, 7)], vec![true]));
    // What two devices hold one half of each is whole nowhere.
    let (mut pairing, mut log) = (Pairing::default(), Log::default());
    for (device, part) in [(0, Request), (1, Response)] {
        let mut symbols = Symbols::new();
        let halves = vec![half("a", part, 7, "x", &mut symbols)];
        pairing.block(device, halves, &mut symbols, &mut log);
    }
    pairing.finish(&mut log);
    assert_eq!(log.elsewhere, [false, false]);
}

/// Both halves of a request are logged within its life: a time far from the other's is wrong, and
/// what the device logged just before tells which.
#[test]
fn a_half_of_another_time_does_not_move_its_operation() {
    use Part::{Request, Response};
    let day = 86_400_000_000;
    let now = 20_000 * day;
    let at = |request: i64, response: i64| {
        let (log, _) = run(&[
            &[("x", Request, now), ("x", Response, now + 1)],
            &[("a", Request, request), ("a", Response, response)],
        ]);
        log.operations[1].3 - now
    };
    assert_eq!(at(5, now + 9), 9);
    assert_eq!(at(now + 9, 5), 9);
    assert_eq!(at(now + 9, now + 400 * day), 9);
    assert_eq!(at(now + 400 * day, now + 9), 9);
    // A long request began with its request.
    assert_eq!(at(now + 9, now + 3_600_000_000), 9);
}

#[test]
fn a_split_entry_waits_for_all_its_pieces() {
    let piece = |index| Part::Split { index, total: 3 };
    let (log, _) = run(&[
        &[("a", piece(2), 1), ("a", piece(0), 2)],
        &[("a", piece(1), 3)],
    ]);
    assert_eq!(log.operations.len(), 1);
    assert_eq!(log.operations[0].1, "split");
}

/// A record of the operation `a`, changed.
fn changed(part: Part, at: i64, symbols: &mut Symbols, with: impl FnOnce(&mut Event<'_>)) -> Half {
    let place = half("a", part, at, "x", symbols).place;
    let id = "a".into();
    let mut event = Event::new(System::Vault, EventKind::Request, id, place, Timestamp(at));
    event.part = part;
    event.operation = "read".into();
    event.path = "secret/data/x".into();
    event.entity_id = Some("e1".into());
    event.outcome = match part {
        Part::Request => Outcome::Unknown,
        _ => Outcome::Allowed,
    };
    with(&mut event);
    Half::new(&event, symbols)
}

/// What becomes of the pair `a` behind two forged records of the same id.
fn behind(forge: impl Fn(&mut Event<'_>), at: i64) -> Log {
    let (mut pairing, mut log) = (Pairing::default(), Log::default());
    for forged in [true, false] {
        let mut symbols = Symbols::new();
        let halves = [Part::Request, Part::Response].map(|part| {
            let time = if forged { at } else { 1_000_000_000 };
            let with = |event: &mut Event<'_>| {
                if forged {
                    forge(event);
                }
            };
            changed(part, time, &mut symbols, with)
        });
        pairing.block(u8::from(forged), halves.into(), &mut symbols, &mut log);
    }
    pairing.finish(&mut log);
    log
}

#[test]
fn what_bears_the_id_of_another_hides_nothing() {
    let time = 1_000_000_000;
    let log = behind(|_| (), time + 2_000_000);
    assert_eq!(
        (log.operations.len(), log.duplicates.len()),
        (1, 2),
        "a copy"
    );
    type Forge = (Difference, i64, fn(&mut Event<'_>));
    let forges: [Forge; 5] = [
        (Difference::Operation, time, |event| {
            event.operation = "help".into()
        }),
        (Difference::Path, time, |event| event.path = "x".into()),
        (Difference::Principal, time, |event| {
            event.entity_id = Some("e2".into())
        }),
        (Difference::Outcome, time, |event| {
            if event.part == Part::Response {
                event.outcome = Outcome::Denied;
            }
        }),
        (Difference::Time, time - 60_000_000, |_| ()),
    ];
    for (difference, at, forge) in forges {
        let log = behind(forge, at);
        let kept: Vec<&str> = log.operations.iter().map(|kept| kept.1).collect();
        if difference == Difference::Outcome {
            // Its request is the same; the answer that differs stands alone.
            assert_eq!(kept, ["pair", "response"]);
        } else {
            assert_eq!(kept, ["pair", "pair"], "{difference:?}");
        }
        let real = &log.operations[1];
        assert_eq!((real.2, real.3), (Outcome::Allowed, time), "{difference:?}");
        assert!(real.0.starts_with("a~"), "{}", real.0);
        assert!(
            log.conflicts
                .iter()
                .all(|(what, kept)| *what == difference && *kept == real.0)
        );
        assert!(!log.conflicts.is_empty(), "{difference:?}");
        assert!(
            log.same.is_empty() && log.duplicates.len() <= 1,
            "{difference:?}"
        );
    }
}

#[test]
fn a_device_that_leaves_fields_out_repeats_all_the_same() {
    let log = behind(
        |event| {
            event.entity_id = None;
            event.path = "".into();
            event.caller.accessor = Some("hmac-of-another-salt".into());
        },
        1_000_000_000,
    );
    assert_eq!((log.operations.len(), log.conflicts.len()), (1, 0));
}

#[test]
fn a_forged_request_does_not_take_the_answer_of_another() {
    let (mut pairing, mut log) = (Pairing::default(), Log::default());
    let mut symbols = Symbols::new();
    let halves = vec![
        changed(Part::Request, 1, &mut symbols, |event| {
            event.path = "x".into()
        }),
        changed(Part::Request, 7_000_000, &mut symbols, |_| ()),
        changed(Part::Response, 7_000_001, &mut symbols, |_| ()),
    ];
    pairing.block(0, halves, &mut symbols, &mut log);
    pairing.finish(&mut log);
    let kept: Vec<(&str, i64)> = log.operations.iter().map(|kept| (kept.1, kept.3)).collect();
    assert_eq!(kept, [("pair", 7_000_000), ("request", 1)]);
    // Two records say something else than the first one of the id.
    assert_eq!(log.conflicts.len(), 2);
}
