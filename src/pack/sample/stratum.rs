//! Strata: equal parts of the period, and how many rows of each are drawn.

use crate::model::Timestamp;
use crate::report::Stratum;

/// How many parts a period has at most: a month each in a year.
const PARTS: u64 = 12;

/// The parts of a period, and one more for rows without a time.
pub(super) struct Spans {
    from: i64,
    to: i64,
    parts: u64,
}

impl Spans {
    /// Cuts the period into at most as many parts as rows are drawn. A period that is not known is
    /// one part.
    pub(super) fn new(from: Option<i64>, to: Option<i64>, size: u64) -> Spans {
        let (from, to) = (from.unwrap_or(0), to.unwrap_or(0));
        Spans {
            from,
            to,
            parts: if to > from { size.clamp(1, PARTS) } else { 1 },
        }
    }

    /// How many strata there can be.
    pub(super) fn len(&self) -> usize {
        usize::try_from(self.parts).unwrap_or(0) + 1
    }

    /// The stratum of a moment. What lies before the period belongs to its first part, what lies
    /// after it to its last.
    pub(super) fn of(&self, time: Option<i64>) -> usize {
        let last = self.len() - 1;
        let Some(time) = time else {
            return last;
        };
        let length = i128::from(self.to) - i128::from(self.from);
        if length <= 0 {
            return 0;
        }
        let into = (i128::from(time) - i128::from(self.from)).max(0);
        let part = into * i128::from(self.parts) / length;
        usize::try_from(part).unwrap_or(last).min(last - 1)
    }

    /// A stratum as it is told.
    pub(super) fn stratum(&self, at: usize, rows: u64, drawn: u64) -> Stratum {
        let (from, to) = self.ends(at);
        Stratum {
            from,
            to,
            rows,
            drawn,
        }
    }

    /// The first moment of a stratum and the first after it; empty for rows without a time.
    pub(super) fn ends(&self, at: usize) -> (String, String) {
        if at + 1 >= self.len() || self.to <= self.from {
            return (String::new(), String::new());
        }
        // The first moment that `of` puts into this part.
        let edge = |part: usize| {
            let length = i128::from(self.to) - i128::from(self.from);
            let parts = i128::from(self.parts);
            let into = (length * part as i128 + parts - 1) / parts;
            let moment = i64::try_from(i128::from(self.from) + into).unwrap_or(self.to);
            Timestamp(moment).to_string()
        };
        (edge(at), edge(at + 1))
    }
}

/// How many rows of each stratum are drawn: one of every stratum that has any, as far as they
/// suffice, the rest in proportion, by largest remainder, the earlier stratum first.
pub(super) fn allot(counts: &[u64], size: u64) -> Vec<u64> {
    let total: u64 = counts.iter().sum();
    if size >= total {
        return counts.to_vec();
    }
    let filled = counts.iter().filter(|count| **count > 0).count() as u64;
    let least = u64::from(filled <= size);
    let mut allotted: Vec<u64> = counts.iter().map(|count| least.min(*count)).collect();
    let rest = size - allotted.iter().sum::<u64>();
    let left: u64 = counts
        .iter()
        .zip(&allotted)
        .map(|(all, one)| all - one)
        .sum();
    let mut remainders: Vec<(u128, usize)> = Vec::new();
    let mut given = 0;
    for (at, (count, share)) in counts.iter().zip(allotted.iter_mut()).enumerate() {
        let due = u128::from(rest) * u128::from(count - *share);
        let whole = due.checked_div(u128::from(left)).unwrap_or(0);
        let remainder = due.checked_rem(u128::from(left)).unwrap_or(0);
        let whole = u64::try_from(whole).unwrap_or(0);
        *share += whole;
        given += whole;
        remainders.push((remainder, at));
    }
    remainders.sort_by_key(|&(remainder, at)| (std::cmp::Reverse(remainder), at));
    let missing = usize::try_from(rest - given).unwrap_or(0);
    for (_, at) in remainders.into_iter().take(missing) {
        if let Some(share) = allotted.get_mut(at) {
            *share += 1;
        }
    }
    allotted
}
