//! Holds a pack against a ground truth (shape and meaning: `fixtures/README.md`).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::product::{Pack, Row};

/// What is true of an estate.
#[derive(Deserialize)]
pub(crate) struct Truth {
    pub(crate) edges: Vec<TrueEdge>,
    pub(crate) incidents: Vec<Incident>,
    pub(crate) decoys: Vec<Decoy>,
}

#[derive(Deserialize)]
pub(crate) struct TrueEdge {
    pub(crate) edge: String,
    left: Vec<String>,
    pub right: Vec<String>,
    resolvable: bool,
    optional: bool,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Incident {
    pub(crate) rule_id: String,
    subject: Vec<String>,
    object: Vec<String>,
    evidence: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Decoy {
    pub(crate) rule_id: String,
    pub(crate) token: String,
    pub(crate) why: String,
}

impl Truth {
    pub(crate) fn read(path: &Path) -> Truth {
        serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
    }
}

/// Whether `name` stands in `text` whole: `orders` is not in `orders-api`.
pub(crate) fn stands_in(text: &str, name: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    let open = |inner: Option<char>, outer: Option<char>| {
        !(inner.is_some_and(word) && outer.is_some_and(word))
    };
    text.match_indices(name).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + name.len()..]);
        open(name.chars().next(), before.chars().next_back())
            && open(name.chars().next_back(), after.chars().next())
    })
}

impl Incident {
    /// Whether a finding says this incident; an empty list asks for nothing.
    pub(crate) fn is(&self, finding: &Row) -> bool {
        let named = |names: &[String], column: &str| {
            names.is_empty() || names.iter().any(|name| stands_in(&finding[column], name))
        };
        finding["rule_id"] == self.rule_id
            && named(&self.subject, "subject")
            && named(&self.object, "object")
    }

    /// Whether one of `places` (`file:line`) is evidence of this incident.
    pub(crate) fn is_shown_by(&self, places: &BTreeSet<String>) -> bool {
        self.evidence.iter().any(|wanted| {
            places.iter().any(|place| {
                place == wanted
                    || place
                        .rsplit_once(':')
                        .is_some_and(|(file, _)| file == wanted)
            })
        })
    }
}

impl Decoy {
    /// Whether a finding of the rule names the decoy.
    pub(crate) fn is_named_by(&self, finding: &Row) -> bool {
        let named = |column: &str| stands_in(&finding[column], &self.token);
        finding["rule_id"] == self.rule_id && (named("subject") || named("object"))
    }
}

/// `file:line` of every piece of evidence, by finding.
pub(crate) fn evidence(pack: &Pack) -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in pack.rows("finding_evidence") {
        let place = format!("{}:{}", row["file"], row["line"]);
        all.entry(row["finding_id"].clone())
            .or_default()
            .insert(place);
    }
    all
}

/// What a pack misses of the incidents, finds beside them, or says of a decoy.
pub(crate) fn faults(pack: &Pack, truth: &Truth) -> Vec<String> {
    let (findings, evidence) = (pack.rows("findings"), evidence(pack));
    let mut wrong = Vec::new();
    for incident in &truth.incidents {
        let mut said = findings.iter().filter(|row| incident.is(row));
        if !said.any(|row| incident.is_shown_by(&evidence[&row["finding_id"]])) {
            wrong.push(format!("not found, or on other evidence: {incident:?}"));
        }
    }
    for row in &findings {
        let words = format!("{}: {} | {}", row["rule_id"], row["subject"], row["object"]);
        if !truth.incidents.iter().any(|incident| incident.is(row)) {
            wrong.push(format!("no incident: {words}"));
        }
        for decoy in truth.decoys.iter().filter(|decoy| decoy.is_named_by(row)) {
            wrong.push(format!("{} ({}) is none: {words}", decoy.token, decoy.why));
        }
    }
    wrong
}

/// The edges of one kind: those of the pack against those that are true.
pub(crate) struct EdgeScore {
    pub(crate) kind: String,
    /// Established edges that are not true.
    pub(crate) wrong: Vec<String>,
    /// Resolvable edges that the pack does not hold in any band.
    pub(crate) missed: Vec<String>,
    pub(crate) established: usize,
    pub(crate) found: usize,
    pub(crate) resolvable: usize,
}

impl EdgeScore {
    /// Share of the resolvable edges that the pack holds.
    pub(crate) fn recall(&self) -> f64 {
        if self.resolvable == 0 {
            return 1.0;
        }
        self.found as f64 / self.resolvable as f64
    }

    pub(crate) fn line(&self) -> String {
        format!(
            "{:<14} established {:>5}, wrong {:>4}; resolvable {:>5}, found {:>5}, recall {:.4}",
            self.kind,
            self.established,
            self.wrong.len(),
            self.resolvable,
            self.found,
            self.recall()
        )
    }

    /// What is wrong, a few examples of it.
    pub(crate) fn complaint(&self) -> String {
        let mut text = self.line();
        for (word, edges) in [("wrong", &self.wrong), ("missed", &self.missed)] {
            for edge in edges.iter().take(3) {
                let _ = write!(text, "\n    {word}: {edge}");
            }
        }
        text
    }
}

/// Scores every kind of edge that the truth or the pack knows.
pub(crate) fn edges(truth: &Truth, pack: &Pack) -> BTreeMap<String, EdgeScore> {
    let mut held: BTreeMap<String, BTreeMap<(String, String), bool>> = BTreeMap::new();
    for row in pack.rows("identity_edges") {
        let ends = (row["left_id"].clone(), row["right_id"].clone());
        let established = row["band"] == "established";
        held.entry(row["edge"].clone())
            .or_default()
            .insert(ends, established);
    }
    let kinds: BTreeSet<String> = truth
        .edges
        .iter()
        .map(|edge| edge.edge.clone())
        .chain(held.keys().cloned())
        .collect();
    let none = BTreeMap::new();
    kinds
        .into_iter()
        .map(|kind| {
            let held = held.get(&kind).unwrap_or(&none);
            (kind.clone(), score(kind, truth, held))
        })
        .collect()
}

fn score(kind: String, truth: &Truth, held: &BTreeMap<(String, String), bool>) -> EdgeScore {
    let of_kind = || truth.edges.iter().filter(|edge| edge.edge == kind);
    let ends = |edge: &TrueEdge| -> Vec<(String, String)> {
        let pair = |left: &String| {
            let left = left.clone();
            edge.right
                .iter()
                .map(move |right| (left.clone(), right.clone()))
        };
        edge.left.iter().flat_map(pair).collect()
    };
    let valid: BTreeSet<(String, String)> = of_kind().flat_map(ends).collect();
    let established: Vec<_> = held
        .iter()
        .filter(|(_, established)| **established)
        .collect();
    let wrong = established
        .iter()
        .filter(|(edge, _)| !valid.contains(*edge))
        .map(|((left, right), _)| format!("{left} -> {right}"))
        .collect();
    let wanted: Vec<_> = of_kind()
        .filter(|edge| edge.resolvable && !edge.optional)
        .map(ends)
        .collect();
    let missed: Vec<String> = wanted
        .iter()
        .filter(|ends| !ends.iter().any(|edge| held.contains_key(edge)))
        .map(|ends| format!("{} -> {}", ends[0].0, ends[0].1))
        .collect();
    EdgeScore {
        wrong,
        established: established.len(),
        found: wanted.len() - missed.len(),
        resolvable: wanted.len(),
        missed,
        kind,
    }
}

#[test]
fn a_name_stands_whole() {
    assert!(stands_in("vault:role/gitlab/orders", "orders"));
    assert!(!stands_in("run:service/p/r/orders-api", "orders"));
    assert!(!stands_in("gitlab:job/101/880023", "gitlab:job/101/88002"));
    assert!(stands_in(
        "vault:path/secret/data/ci/x/prod/db",
        "ci/x/prod/db"
    ));
    assert!(stands_in("vault/socket/audit.log", "vault/socket/"));
    assert!(!stands_in("vault:mount/auth/run-dr/", "auth/run"));
}
