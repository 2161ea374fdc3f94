//! Many like events of one actor inside a window (VLT-EVT-006, VLT-EVT-007).

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Place, Timestamp};

/// One event that may belong to a burst.
#[derive(Clone, Debug)]
pub struct Suspect {
    /// `denied` or `login-failure`.
    pub kind: &'static str,
    /// Credential, entity or address.
    pub actor: String,
    /// Mount, where bursts are per mount; empty where an actor's events count together.
    pub scope: String,
    /// Path.
    pub path: String,
    /// Owner of the path, if another's than the actor's.
    pub other_owner: String,
    /// Sub-class by error text.
    pub class: &'static str,
    /// The event.
    pub event_id: String,
    /// When.
    pub at: Timestamp,
    /// Where it was read.
    pub place: Place,
}

/// How many like events in how short a time make a burst.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Events.
    pub events: usize,
    /// Distinct paths.
    pub paths: usize,
    /// Window in microseconds.
    pub window: i64,
}

/// One burst.
#[derive(Clone, Debug)]
pub struct Burst {
    /// Its events, by time.
    pub events: Vec<Suspect>,
    /// Distinct paths.
    pub paths: usize,
    /// Distinct owners other than the actor's.
    pub owners: usize,
    /// What it is about: the mount, or what all its paths begin with.
    pub scope: String,
}

/// Finds the bursts of each (kind, actor, scope): runs of events of which some window holds enough
/// of them over enough paths. Windows that overlap are one burst.
#[must_use]
pub fn bursts(suspects: Vec<Suspect>, limits: impl Fn(&str) -> Limits) -> Vec<Burst> {
    let mut groups: BTreeMap<(&'static str, String, String), Vec<Suspect>> = BTreeMap::new();
    for suspect in suspects {
        let key = (suspect.kind, suspect.actor.clone(), suspect.scope.clone());
        groups.entry(key).or_default().push(suspect);
    }
    let mut found = Vec::new();
    for ((kind, _, _), mut events) in groups {
        events.sort_by(|a, b| (a.at, &a.event_id).cmp(&(b.at, &b.event_id)));
        let marked = mark(&events, limits(kind));
        let mut run: Vec<Suspect> = Vec::new();
        for (event, inside) in events.into_iter().zip(marked) {
            if inside {
                run.push(event);
            } else if !run.is_empty() {
                found.push(Burst::new(std::mem::take(&mut run)));
            }
        }
        if !run.is_empty() {
            found.push(Burst::new(run));
        }
    }
    found
}

/// Which events lie in some window that is dense enough.
fn mark(events: &[Suspect], limits: Limits) -> Vec<bool> {
    let mut marked = vec![false; events.len()];
    let mut paths: BTreeMap<&str, usize> = BTreeMap::new();
    let mut start = 0;
    let mut marked_to = 0;
    for (end, event) in events.iter().enumerate() {
        *paths.entry(event.path.as_str()).or_default() += 1;
        while let Some(first) = events
            .get(start)
            .filter(|first| event.at.0 - first.at.0 > limits.window)
        {
            if let Some(count) = paths.get_mut(first.path.as_str()) {
                *count -= 1;
                if *count == 0 {
                    paths.remove(first.path.as_str());
                }
            }
            start += 1;
        }
        if end + 1 - start >= limits.events && paths.len() >= limits.paths {
            let from = start.max(marked_to);
            marked
                .iter_mut()
                .take(end + 1)
                .skip(from)
                .for_each(|inside| *inside = true);
            marked_to = end + 1;
        }
    }
    marked
}

impl Burst {
    fn new(events: Vec<Suspect>) -> Burst {
        let paths: BTreeSet<&str> = events.iter().map(|event| event.path.as_str()).collect();
        let owners: BTreeSet<&str> = events
            .iter()
            .map(|event| event.other_owner.as_str())
            .filter(|owner| !owner.is_empty())
            .collect();
        let scope = match events.first().map(|event| event.scope.as_str()) {
            None | Some("") => format!("vault:path/{}", common_path(&paths)),
            Some(scope) => scope.to_owned(),
        };
        let (paths, owners) = (paths.len(), owners.len());
        Burst {
            events,
            paths,
            owners,
            scope,
        }
    }
}

/// The longest run of whole segments that all paths begin with.
fn common_path<'p>(paths: &BTreeSet<&'p str>) -> &'p str {
    let (Some(first), Some(last)) = (paths.first(), paths.last()) else {
        return "";
    };
    // Sorted: what the first and the last share, all between share.
    let shared = first
        .bytes()
        .zip(last.bytes())
        .take_while(|(a, b)| a == b)
        .count();
    let whole = shared == first.len() && shared == last.len();
    let end = first
        .get(..shared)
        .and_then(|head| head.rfind('/'))
        .map_or(0, |slash| slash + 1);
    if whole {
        first
    } else {
        first.get(..end).unwrap_or("")
    }
}

/// The class of a refused login, by the texts of `vault.md` section 8; hashed ones are `unknown`.
#[must_use]
pub fn login_failure_class(error: &str) -> &'static str {
    let classes = [
        ("aud", "audience"),
        ("claim", "claim"),
        ("expired", "expired"),
        ("could not be found", "role-not-found"),
        ("signature", "signature"),
        ("issuer", "issuer"),
        ("permission denied", "cidr-or-permission"),
        ("invalid credentials", "credentials"),
        ("invalid username or password", "credentials"),
    ];
    let found = classes.into_iter().find(|(text, _)| error.contains(text));
    found.map_or("unknown", |(_, class)| class)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(at: i64, path: &str) -> Suspect {
        Suspect {
            kind: "denied",
            actor: "a".to_owned(),
            scope: "s".to_owned(),
            path: path.to_owned(),
            other_owner: String::new(),
            class: "unknown",
            event_id: format!("e{at}"),
            at: Timestamp(at),
            place: Place::of_line(1),
        }
    }

    fn found(events: Vec<Suspect>) -> Vec<usize> {
        let limits = Limits {
            events: 3,
            paths: 2,
            window: 10,
        };
        bursts(events, |_| limits)
            .iter()
            .map(|burst| burst.events.len())
            .collect()
    }

    #[test]
    fn enough_events_over_enough_paths_in_the_window_are_a_burst() {
        assert_eq!(
            found(vec![event(0, "x"), event(5, "y"), event(10, "x")]),
            [3]
        );
        assert_eq!(
            found(vec![event(0, "x"), event(5, "x"), event(10, "x")]),
            [0; 0]
        );
        assert_eq!(
            found(vec![event(0, "x"), event(6, "y"), event(12, "x")]),
            [0; 0]
        );
    }

    #[test]
    fn overlapping_windows_are_one_burst_and_a_pause_makes_two() {
        let dense = |from: i64| {
            (0..5).map(move |n| event(from + n * 4, if n % 2 == 0 { "x" } else { "y" }))
        };
        assert_eq!(found(dense(0).collect()), [5]);
        let mut two: Vec<Suspect> = dense(0).chain([event(60, "z")]).chain(dense(100)).collect();
        assert_eq!(found(two.clone()), [5, 5]);
        two.reverse();
        assert_eq!(found(two), [5, 5]);
    }
}
