//! How the findings of a rule spread: over what was examined, over subjects, objects and days.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Finding, Timestamp};

use super::Report;

/// The findings of one rule, taken together.
#[derive(Debug, Default)]
pub(super) struct Spread<'a> {
    pub(super) findings: u64,
    pub(super) occurrences: u64,
    /// How many things the rule examined.
    pub(super) population: u64,
    /// Occurrences by subject.
    subjects: BTreeMap<&'a str, u64>,
    objects: BTreeSet<&'a str>,
    days: BTreeSet<i64>,
    pub(super) first_seen: Option<Timestamp>,
    pub(super) last_seen: Option<Timestamp>,
    /// Findings whose end is in the logs.
    pub(super) ended: u64,
}

impl<'a> Spread<'a> {
    fn add(&mut self, finding: &'a Finding) {
        self.findings += 1;
        self.occurrences += finding.count;
        *self.subjects.entry(&finding.subject).or_default() += finding.count;
        self.objects.insert(&finding.object);
        self.days.extend(&finding.days);
        self.first_seen = [self.first_seen, finding.first_seen]
            .into_iter()
            .flatten()
            .min();
        self.last_seen = self.last_seen.max(finding.last_seen);
        self.ended += u64::from(finding.ended.is_some());
    }

    /// Occurrences of a hundred examined; none where nothing was examined, or where one examined
    /// thing may be found several times.
    pub(super) fn rate(&self) -> Option<String> {
        let shares = self.population > 0 && self.occurrences <= self.population;
        shares.then(|| percent(self.occurrences, self.population))
    }

    /// The subject of most occurrences, the first by name of equals.
    pub(super) fn largest(&self) -> Option<(&'a str, u64)> {
        let mut largest: Option<(&str, u64)> = None;
        for (subject, count) in &self.subjects {
            if largest.is_none_or(|(_, most)| *count > most) {
                largest = Some((subject, *count));
            }
        }
        largest
    }

    /// The largest subject's occurrences of a hundred.
    pub(super) fn concentration(&self) -> Option<String> {
        let (_, most) = self.largest()?;
        (self.occurrences > 0).then(|| percent(most, self.occurrences))
    }

    pub(super) fn subjects(&self) -> u64 {
        self.subjects.len() as u64
    }

    pub(super) fn objects(&self) -> u64 {
        self.objects.len() as u64
    }

    pub(super) fn days(&self) -> u64 {
        self.days.len() as u64
    }
}

/// How findings spread, by rule.
pub(super) fn spreads<'a>(report: &Report<'a>) -> BTreeMap<&'a str, Spread<'a>> {
    let mut spreads: BTreeMap<&str, Spread<'_>> = BTreeMap::new();
    for finding in report.findings {
        spreads.entry(&finding.rule_id).or_default().add(finding);
    }
    for run in report.rules {
        if let Some(spread) = spreads.get_mut(run.rule_id.as_str()) {
            spread.population = run.population;
        }
    }
    spreads
}

/// A share in hundredths of a percent, cut, never rounded up: what is not all is not `100.00`.
fn percent(part: u64, whole: u64) -> String {
    let share = u128::from(part) * 10_000 / u128::from(whole.max(1));
    format!("{}.{:02}", share / 100, share % 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Severity;
    use crate::report::sample::finding;

    #[test]
    fn what_one_subject_has_most_of_is_told_and_nothing_is_rounded_up() {
        let mut spread = Spread {
            population: 10_000,
            ..Spread::default()
        };
        let all: Vec<Finding> = [("b", 2), ("a", 1), ("c", 2), ("b", 4)]
            .map(|(subject, count)| finding("R-1", Severity::High, subject, count))
            .into();
        all.iter().for_each(|finding| spread.add(finding));
        assert_eq!((spread.findings, spread.occurrences), (4, 9));
        assert_eq!(
            (spread.subjects(), spread.objects(), spread.days()),
            (3, 1, 2)
        );
        assert_eq!(spread.largest(), Some(("b", 6)));
        assert_eq!(spread.concentration().as_deref(), Some("66.66"));
        assert_eq!(spread.rate().as_deref(), Some("0.09"));
        assert_eq!(percent(9_999_999, 10_000_000), "99.99");
    }

    #[test]
    fn more_occurrences_than_things_examined_have_no_rate() {
        let of = |population, occurrences| Spread {
            population,
            occurrences,
            ..Spread::default()
        };
        assert_eq!(of(0, 0).rate(), None);
        assert_eq!(of(3, 4).rate(), None);
        assert_eq!(of(4, 4).rate().as_deref(), Some("100.00"));
    }
}
