//! Records in any order, block, file and device.

use super::*;
use crate::model::{Digest, Event, EventKind, FileId, Place, System, Timestamp};

#[derive(Default)]
struct Log {
    operations: Vec<(String, &'static str, Outcome, i64)>,
    duplicates: Vec<u32>,
    same: Vec<(String, String)>,
    lone: Vec<(u8, i64)>,
    elsewhere: Vec<bool>,
}

impl Paired for Log {
    fn operation(&mut self, operation: Operation, symbols: &Symbols) -> u32 {
        let id = symbols.get(operation.half.sym(Field::Id)).to_owned();
        self.operations.push((
            id,
            operation.parts,
            operation.half.outcome,
            operation.half.at.0,
        ));
        self.operations.len() as u32 - 1
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

fn half(id: &str, part: Part, at: i64, accessor: &str, symbols: &mut Symbols) -> Half {
    let place = Place {
        file: FileId(0),
        line: at.unsigned_abs(),
        byte: 0,
        sha256: Digest([0; 32]),
    };
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
        duplicates += pairing.block(0, halves, &mut symbols, &mut log);
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
    for accessor in ["hmac-1", "hmac-2"] {
        let mut symbols = Symbols::new();
        let halves = vec![half("a", Part::Request, 1, accessor, &mut symbols)];
        pairing.block(0, halves, &mut symbols, &mut log);
    }
    assert_eq!(log.same, [("hmac-1".to_owned(), "hmac-2".to_owned())]);
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
