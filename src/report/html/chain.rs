//! The picture of one chain: who, through what, to what, and where the evidence is missing.

use serde::Serialize;

use super::words;
use crate::report::ChainLink;

/// Distance between two nodes.
const STEP: f64 = 190.0;
/// Space left and right of the first and last node.
const MARGIN: f64 = 90.0;
/// How many characters of an id fit under a node.
const LETTERS: usize = 26;

#[derive(Serialize)]
pub(super) struct Picture {
    width: f64,
    label: String,
    nodes: Vec<Node>,
}

#[derive(Serialize)]
struct Node {
    x: f64,
    kind: String,
    /// The whole id, for the list in words; empty when nothing shows it.
    id: String,
    /// The id as it fits the picture.
    short: String,
    edge: Option<Line>,
}

/// The line that leads to a node.
#[derive(Serialize)]
struct Line {
    from: f64,
    to: f64,
    middle: f64,
    /// Whether a record joins both ends; a dashed line says that none does.
    joined: bool,
    label: String,
}

impl Picture {
    /// Draws `links`; `None` when there is nothing to join.
    pub(super) fn new(links: &[ChainLink]) -> Option<Picture> {
        if links.len() < 2 {
            return None;
        }
        let nodes: Vec<Node> = links
            .iter()
            .enumerate()
            .map(|(index, link)| {
                let x = MARGIN + STEP * index as f64;
                Node {
                    x,
                    kind: link.kind.to_owned(),
                    id: words::clip(&link.id, 400),
                    short: words::middle(&crate::report::visible(&link.id), LETTERS),
                    edge: (index > 0).then(|| line(link, x)),
                }
            })
            .collect();
        let joined = nodes
            .iter()
            .filter_map(|node| node.edge.as_ref())
            .filter(|line| line.joined)
            .count();
        Some(Picture {
            width: MARGIN * 2.0 + STEP * (nodes.len() - 1) as f64,
            label: format!(
                "Chain of {} nodes, {joined} of {} links evidenced; the list below says the same.",
                nodes.len(),
                nodes.len() - 1
            ),
            nodes,
        })
    }
}

fn line(link: &ChainLink, x: f64) -> Line {
    let joined = !link.key.is_empty() && !link.id.is_empty();
    let label = match (joined, link.confidence) {
        (true, Some(confidence)) => format!("{} \u{00B7} {confidence}", link.key),
        (true, None) => link.key.to_owned(),
        (false, _) => "no evidence".to_owned(),
    };
    Line {
        from: x - STEP + 9.0,
        to: x - 9.0,
        middle: x - STEP / 2.0,
        joined,
        label,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::Sample;

    #[test]
    fn a_gap_is_dashed_and_says_so() {
        let sample = Sample::new();
        let picture = Picture::new(&sample.pictures[1]).unwrap();
        let labels: Vec<_> = picture
            .nodes
            .iter()
            .filter_map(|node| node.edge.as_ref())
            .map(|line| (line.joined, line.label.as_str()))
            .collect();
        assert_eq!(
            labels,
            [
                (true, "K1 · 1.00"),
                (false, "no evidence"),
                (true, "K2 · 0.95")
            ]
        );
        assert!(picture.label.contains("2 of 3 links evidenced"));
        assert!(Picture::new(&[]).is_none());
    }
}
