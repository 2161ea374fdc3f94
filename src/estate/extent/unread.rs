//! Files and records that lay in the inputs and were not read.

use crate::estate::accounts::NAMED;
use crate::estate::guess::guesses;
use crate::model::{FileCoverage, Hole, Period};
use crate::source::{UNKNOWN, lies_beside};

/// What says which files of a trail there are: nothing is lost with it.
const DIGESTS: &str = "cloudtrail-digest";

/// Logs that shippers write other programs' records beside.
const SHIPPED: [&str; 4] = ["vault", "gcp-audit", "gcp-requests", "mesh"];

/// Sources that never answer with an empty list or document. GitLab does where a project has none of
/// something.
const NEVER_EMPTY: [&str; 3] = ["aws-config", "mesh-config", "vault-config"];

/// Whether a file of no known kind has nothing in it to read.
fn is_empty(file: &FileCoverage) -> bool {
    file.source == "unrecognised"
        && file.bytes > 0
        && file.parsed + file.rejected == 0
        && file.skip_reasons.iter().all(|(why, _)| why == "blank")
}

/// How many records of a list were of no kind that is read, though others of it were: what an API
/// answers is of one kind, so they were damaged. Beside a log that is shipped others may stand.
fn strange(file: &FileCoverage) -> Option<u64> {
    let known = file.parsed > 0 && !SHIPPED.contains(&file.source.as_str());
    let mut reasons = file.skip_reasons.iter().filter(|_| known);
    reasons
        .find(|(why, _)| why == UNKNOWN)
        .map(|(_, count)| *count)
}

/// The holes of each log that holds records of a time far from all others', given as the files of
/// those records and the hours that they belong in: there they are missing, and whoever wrote them may
/// have meant that. What is found there stands and is suspected, or one such line would take
/// everything back.
pub(in crate::estate) fn out_of_time(
    coverage: &[FileCoverage],
    strays: &[(String, Option<Period>)],
) -> Vec<Hole> {
    let mut holes = Vec::new();
    for file in coverage.iter().filter(|file| file.is_log) {
        let of =
            |(stray, _): &&(String, _)| stray.strip_prefix("input:") == Some(file.path.as_str());
        let own: Vec<_> = strays.iter().filter(of).map(|(_, hours)| *hours).collect();
        let words = format!(
            "{}: {} record(s) bear a time far from all others",
            file.path,
            own.len()
        );
        // Of more than are named some may belong anywhere.
        let many = own.len() >= NAMED;
        for hours in own {
            let hole = match hours.filter(|_| !many) {
                Some(hours) => Hole::spanning(file.source.as_str(), hours, words.as_str()),
                None => Hole::somewhere(file.source.as_str(), words.as_str()),
            };
            holes.push(Hole {
                doubtful: true,
                ..hole
            });
        }
    }
    holes
}

/// A hole for every file that was read in part or not at all.
pub(super) fn holes(coverage: &[FileCoverage], unreadable: &[(String, String)]) -> Vec<Hole> {
    let mut holes = Vec::new();
    for file in coverage {
        if file.rejected > 0 {
            let words = format!("{}: {} unit(s) could not be read", file.path, file.rejected);
            holes.extend(named(file, words));
        } else if let Some(count) = strange(file) {
            let words = format!(
                "{}: {count} of its records are of a type that nothing reads",
                file.path
            );
            holes.extend(named(file, words));
        } else if file.parsed == 0 && file.bytes > 0 && file.source != DIGESTS {
            let mut why = file.skip_reasons.iter().map(|(why, _)| why.as_str());
            let why = why.find(|why| *why != "blank" && !lies_beside(&file.path, why));
            if let Some(why) = why {
                holes.extend(named(file, format!("{} was not read: {why}", file.path)));
            }
        }
    }
    for file in coverage.iter().filter(|file| is_empty(file)) {
        let guesses = guesses(&file.path).into_iter();
        let answering = guesses.filter(|of| NEVER_EMPTY.contains(of));
        let words = format!("{} holds nothing", file.path);
        holes.extend(answering.map(|of| Hole::somewhere(of, words.clone())));
    }
    for (path, reason) in unreadable {
        let words = format!("{path} could not be read: {reason}");
        let guesses = guesses(path).into_iter();
        holes.extend(guesses.map(|of| Hole::somewhere(of, words.clone())));
    }
    holes
}

/// The hole of a file's source, or of what its path says it is.
fn named(file: &FileCoverage, words: String) -> Vec<Hole> {
    if file.source != "unrecognised" {
        return vec![Hole::somewhere(file.source.as_str(), words)];
    }
    let guesses = guesses(&file.path).into_iter();
    guesses
        .map(|of| Hole::somewhere(of, words.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;

    fn file(source: &str, parsed: u64, skipped: &[(&str, u64)]) -> FileCoverage {
        let mut file = FileCoverage::of_rows("exports/a.json", source, parsed);
        file.skip_reasons = skipped
            .iter()
            .map(|(why, count)| ((*why).to_owned(), *count))
            .collect();
        file
    }

    #[test]
    fn a_record_of_a_list_that_nothing_reads_is_missing_from_it() {
        let of = |file: FileCoverage| holes(&[file], &[]).pop().map(|hole| hole.of);
        let jobs = Some("gitlab-jobs".to_owned());
        assert_eq!(
            of(file("gitlab-jobs", 9, &[("blank", 2), (UNKNOWN, 1)])),
            jobs
        );
        assert_eq!(of(file("gitlab-jobs", 9, &[("blank", 2)])), None);
        // What a program says beside its audit log is none of it.
        assert_eq!(of(file("vault", 9, &[(UNKNOWN, 1)])), None);
    }

    #[test]
    fn a_record_of_another_time_is_missing_from_its_log() {
        let mut log = file("okta", 9, &[]);
        log.is_log = true;
        let holes = |strays: &[&str]| {
            let strays = strays.iter().map(|it| ((*it).to_owned(), None));
            out_of_time(&[log.clone()], &strays.collect::<Vec<_>>())
        };
        assert_eq!(holes(&["input:exports/b.json"]), Vec::new());
        let found = holes(&["input:exports/a.json", "input:exports/a.json"]);
        let [hole, _] = &found[..] else {
            panic!("{found:?}");
        };
        assert_eq!((hole.of.as_str(), hole.doubtful), ("okta", true));
        assert!(hole.words.contains(": 2 record(s)"), "{}", hole.words);
    }

    #[test]
    fn a_record_of_another_time_is_missing_from_the_hours_around_it_alone() {
        let mut log = file("vault", 9, &[]);
        log.is_log = true;
        let (from, to) = (Timestamp(5), Timestamp(9));
        let spans = |count| {
            let stray = ("input:exports/a.json".to_owned(), Some(Period { from, to }));
            let holes = out_of_time(&[log.clone()], &vec![stray; count]).into_iter();
            holes.map(|hole| hole.span).collect::<Vec<_>>()
        };
        assert_eq!(spans(1), [Some((from, to))]);
        assert_eq!(spans(NAMED), [None; NAMED], "more than are named");
    }
}
