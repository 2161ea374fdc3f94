//! Files and records that lay in the inputs and were not read.

use crate::estate::guess::guesses;
use crate::model::{FileCoverage, Hole};

/// What says which files of a trail there are: nothing is lost with it.
const DIGESTS: &str = "cloudtrail-digest";

/// A hole for every file that was read in part or not at all.
pub(super) fn holes(coverage: &[FileCoverage], unreadable: &[(String, String)]) -> Vec<Hole> {
    let mut holes = Vec::new();
    for file in coverage {
        if file.rejected > 0 {
            let words = format!("{}: {} unit(s) could not be read", file.path, file.rejected);
            holes.extend(named(file, words));
        } else if file.parsed == 0 && file.bytes > 0 && file.source != DIGESTS {
            let mut why = file.skip_reasons.iter().map(|(why, _)| why.as_str());
            let why = why.find(|why| *why != "blank");
            if let Some(why) = why {
                holes.extend(named(file, format!("{} was not read: {why}", file.path)));
            }
        }
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
