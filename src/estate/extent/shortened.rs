//! Logs whose texts were cut short on the way: what is left of an id, a path or a name may be the
//! beginning of any other, so nothing that rests on it is certain.
//!
//! It is told by the ids of records, which are UUIDs in some logs: most of them end early.

use std::collections::BTreeMap;

use crate::model::{Hole, SHORTENED, System};
use crate::table::row::Symbols;
use crate::table::row::half::{Field, Half};

/// Logs whose records bear a UUID each, and what the log is called.
const UUIDS: [(System, &str, &str); 3] = [
    (System::Aws, "cloudtrail", "CloudTrail"),
    (System::Okta, "okta", "Okta"),
    (System::Vault, "vault", "Vault"),
];
/// Where the dashes of a UUID stand, and its length.
const DASHES: [usize; 4] = [8, 13, 18, 23];
const LENGTH: usize = 36;
/// The least that is told from an id of another kind, and records from which it is no accident.
const LEAST: usize = 14;
const RECORDS: u64 = 5;

/// How many records of each such log there are.
#[derive(Debug, Default)]
pub(in crate::estate) struct Shortened {
    counted: BTreeMap<System, Counted>,
}

#[derive(Debug, Default)]
struct Counted {
    cut: u64,
    all: u64,
}

impl Shortened {
    /// Counts an operation.
    pub(in crate::estate) fn record(&mut self, half: &Half, symbols: &Symbols) {
        if !UUIDS.iter().any(|(system, ..)| *system == half.system) {
            return;
        }
        let counted = self.counted.entry(half.system).or_default();
        counted.all += 1;
        counted.cut += u64::from(ends_early(symbols.get(half.sym(Field::Id))));
    }

    /// A hole of each log of whose records most bear what is left of an id.
    pub(in crate::estate) fn holes(&self) -> Vec<Hole> {
        let cut = UUIDS.iter().filter_map(|(system, of, title)| {
            let Counted { cut, all } = self.counted.get(system)?;
            (*cut >= RECORDS && cut * 2 > *all).then(|| {
                let words = format!(
                    "{cut} of {all} record(s) of {title} bear ids that were cut short, and what else they say may have been"
                );
                Hole::somewhere(format!("{of}{SHORTENED}"), words)
            })
        });
        cut.collect()
    }
}

/// Whether the id that a record bears is the beginning of a UUID.
fn ends_early(id: &str) -> bool {
    let id = Half::borne(id);
    let fits = |(at, byte): (usize, u8)| {
        if DASHES.contains(&at) {
            byte == b'-'
        } else {
            byte.is_ascii_hexdigit()
        }
    };
    (LEAST..LENGTH).contains(&id.len()) && id.bytes().enumerate().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Event, EventKind, Place, Text, Timestamp};

    fn said(ids: &[&'static str]) -> Vec<String> {
        let mut symbols = Symbols::new();
        let mut shortened = Shortened::default();
        for id in ids {
            let (place, at) = (Place::of_line(1), Timestamp(1));
            let kind = EventKind::Request;
            let event = Event::new(System::Vault, kind, Text::Borrowed(id), place, at);
            shortened.record(&Half::new(&event, &mut symbols), &symbols);
        }
        let holes = shortened.holes().into_iter();
        holes.map(|hole| hole.of).collect()
    }

    #[test]
    fn a_log_whose_ids_end_early_was_cut() {
        let cut = "0c7a1f09-3d1c-4000-8000-00000000";
        let whole = "0c7a1f09-3d1c-4000-8000-000000000001";
        assert_eq!(said(&[cut, cut, cut, cut, cut, whole]), ["vault/shortened"]);
        assert_eq!(said(&["0c7a1f09-3d1c-40~00a1"; 5]), ["vault/shortened"]);
        assert_eq!(said(&[cut; 4]), [""; 0], "few");
        assert_eq!(said(&[[cut; 5], [whole; 5]].concat()), [""; 0], "half");
        for id in ["r1", "12345678", "req-4", "0c7a1f09x3d1c-4000"] {
            assert_eq!(said(&[id; 9]), [""; 0], "{id}");
        }
    }
}
