//! Stretches in which Vault's requests have no response: nobody can tell what became of them.

use crate::model::{Hole, Part, Period, Timestamp};
use crate::table::row::pairing::Lone;

/// Requests in a row that make a stretch: a crash leaves the few that were at work.
const LEAST: usize = 5;
/// What lies further apart is another stretch, in microseconds.
const APART: i64 = 3_600_000_000;

/// The stretches of a period; what another device has whole is not lost.
pub(in crate::estate) fn holes(lone: &[(u8, Lone)], period: Period) -> Vec<Hole> {
    let mut alone: Vec<(Timestamp, &str)> = lone
        .iter()
        .map(|(_, lone)| lone)
        .filter(|lone| lone.part == Part::Request && !lone.elsewhere && period.contains(lone.at))
        // Switching a device on or off loses its own half.
        .filter(|lone| !lone.path.starts_with("sys/audit"))
        .map(|lone| (lone.at, lone.path.as_str()))
        .collect();
    // Each device logs the request once.
    alone.sort_unstable();
    alone.dedup();
    let stretches = alone.chunk_by(|(one, _), (next, _)| next.0 - one.0 <= APART);
    let long = stretches.filter(|stretch| stretch.len() >= LEAST);
    let holes = long.filter_map(|stretch| {
        let ((from, _), (to, _)) = (stretch.first()?, stretch.last()?);
        let words = format!(
            "{} record(s) of requests to Vault from {from} to {to} have no response",
            stretch.len()
        );
        let (from, to) = (*from, *to);
        Some(Hole::spanning("vault", Period { from, to }, words))
    });
    holes.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Place;

    fn stretches(seconds: impl Iterator<Item = i64>, part: Part, elsewhere: bool) -> usize {
        let lone = |at: i64| Lone {
            place: Place::of_line(1),
            part,
            at: Timestamp(at * 1_000_000),
            path: "kv/data/a".to_owned(),
            elsewhere,
        };
        let period = Period {
            from: Timestamp(0),
            to: Timestamp(i64::MAX),
        };
        let lone: Vec<(u8, Lone)> = seconds.map(|at| (0, lone(at))).collect();
        holes(&lone, period).len()
    }

    #[test]
    fn requests_in_a_row_without_a_response_are_a_hole_each_stretch() {
        let twice = (0..9).chain(90_000..90_009);
        assert_eq!(stretches(twice.clone(), Part::Request, false), 2);
        assert_eq!(stretches(twice.clone(), Part::Request, true), 0);
        assert_eq!(stretches(twice, Part::Response, false), 0);
        // What a crash leaves.
        assert_eq!(stretches(0..3, Part::Request, false), 0);
    }
}
