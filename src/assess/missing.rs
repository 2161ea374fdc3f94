//! What the inputs should hold and do not, as the first screen and the page name it: one line for each thing
//! that is missing something, undelivered audit devices first.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Hole;
use crate::rule::in_words;

/// How many lines are shown, and how many holes in one line.
const LINES: usize = 8;
const SHOWN: usize = 2;

/// The holes by what they are holes of; and how many of those things are left out.
#[must_use]
pub fn of(holes: &[Hole]) -> (Vec<String>, usize) {
    let mut of: BTreeMap<(usize, &str), Vec<&Hole>> = BTreeMap::new();
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for hole in holes.iter().filter(|hole| told.insert(&hole.words)) {
        let known = of.entry((rank(hole), &hole.of)).or_default();
        known.push(hole);
    }
    // The last one takes no more room than to say that there is one more.
    let shown = if of.len() == LINES + 1 {
        of.len()
    } else {
        LINES
    };
    let more = of.len().saturating_sub(shown);
    let lines = of.into_iter().take(shown);
    let lines = lines.map(|((_, of), holes)| line(of, holes));
    (lines.collect(), more)
}

/// Whole devices that are not there come first, then logs, then what configuration lacks.
fn rank(hole: &Hole) -> usize {
    match hole.of.as_str() {
        "vault/device" => 0,
        "vault" => 1,
        of if of.ends_with("-config") => 3,
        of if of.starts_with("vault-") || of.starts_with("iam-") || of.starts_with("run-") => 4,
        _ => 2,
    }
}

/// What one thing lacks: stretches of days, what may lie anywhere, then the longest other stretches;
/// of several that differ in numbers alone, the first before the others of all.
fn line(of: &str, mut holes: Vec<&Hole>) -> String {
    holes.sort_by_key(|hole| {
        let length = hole.span.map(|(from, to)| to.0.saturating_sub(from.0));
        (
            !hole.is_of_days(),
            length.is_some(),
            std::cmp::Reverse(length.unwrap_or_default()),
        )
    });
    let mut shapes: BTreeSet<String> = BTreeSet::new();
    let (first, others): (Vec<&Hole>, Vec<&Hole>) =
        holes.iter().partition(|hole| shapes.insert(shape(hole)));
    let shown: Vec<&str> = first
        .iter()
        .chain(&others)
        .take(SHOWN)
        .map(|hole| hole.words.as_str())
        .collect();
    let more = match holes.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    format!("{}: {}{more}", in_words(of), shown.join("; "))
}

/// What a hole says, without its numbers.
fn shape(hole: &Hole) -> String {
    let plain = hole.words.chars().filter(|one| !one.is_ascii_digit());
    plain.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Period, Timestamp};

    #[test]
    fn holes_are_told_by_what_lacks_them_and_devices_first() {
        let span = |from, to| Period {
            from: Timestamp(from),
            to: Timestamp(to),
        };
        let holes = [
            Hole::somewhere("gitlab-jobs", "jobs end with a full page"),
            Hole::spanning("vault", span(0, 5), "silent for 5"),
            Hole::spanning("vault", span(0, 9), "silent for 9"),
            Hole::spanning("vault", span(0, 7), "silent for 7"),
            Hole::somewhere("vault-policy", "policies"),
            Hole::somewhere("vault/device", "2 audit devices"),
        ];
        let (lines, more) = of(&holes);
        assert_eq!(
            lines,
            [
                "Vault's audit devices: 2 audit devices",
                "Vault audit log: silent for 9; silent for 7; and 1 more",
                "GitLab jobs: jobs end with a full page",
                "Vault policies: policies",
            ]
        );
        assert_eq!(more, 0);
    }

    #[test]
    fn days_are_told_first_and_one_of_what_differs_in_numbers_alone() {
        let days = Period {
            from: Timestamp(0),
            to: Timestamp(2 * 86_400_000_000),
        };
        let cut = Hole::somewhere("vault", "1 unit could not be read");
        let silent = Hole::spanning("vault", days, "begins 2 days into the period");
        let (lines, _) = of(&[cut, silent]);
        assert_eq!(
            lines,
            ["Vault audit log: begins 2 days into the period; 1 unit could not be read"]
        );
        let jobs = |words: &str| Hole::somewhere("gitlab-jobs", words);
        let logins = ["13 logins of project 1", "14 logins of project 2"];
        let page = jobs("jobs.json ends with a full page");
        let (lines, _) = of(&[jobs(logins[0]), jobs(logins[1]), page]);
        let told =
            "GitLab jobs: 13 logins of project 1; jobs.json ends with a full page; and 1 more";
        assert_eq!(lines, [told]);
    }

    #[test]
    fn one_more_thing_is_told_and_several_are_counted() {
        let told = |things: usize| {
            let holes = (0..things).map(|thing| {
                let name = format!("thing-{thing:02}");
                Hole::somewhere(name.clone(), name)
            });
            let (lines, more) = of(&holes.collect::<Vec<_>>());
            (lines.len(), more)
        };
        assert_eq!(told(LINES), (8, 0));
        assert_eq!(told(LINES + 1), (9, 0));
        assert_eq!(told(LINES + 2), (8, 2));
    }
}
