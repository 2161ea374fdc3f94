//! What one job of the file runs as: with the variables of the rule that starts it
//! (`rules:variables`), and once for each cell of `parallel:matrix`.

use super::job::Job;
use super::node::{Node, put};

/// GitLab's limit of the jobs of one matrix.
const MOST: usize = 200;

impl Job {
    /// The jobs that this one stands for, where variables that `matter` differ between them; else
    /// the job itself. A rule that sets such a variable makes one of its own, which the rules before
    /// it do not start.
    #[must_use]
    pub fn variants(&self, matter: impl Fn(&str) -> bool) -> Vec<Job> {
        let mut found = vec![self.body.clone()];
        let parallel = self.body.get("parallel");
        if let Some(Node::List(rows)) = parallel.and_then(|node| node.get("matrix")) {
            let cells = rows.iter().flat_map(|row| cells(row, &matter));
            let cells: Vec<Entries> = cells.take(MOST).collect();
            if cells.iter().any(|cell| !cell.is_empty()) {
                found = cells.iter().map(|cell| with(&self.body, cell)).collect();
            }
        }
        let mut rules = Vec::new();
        flat(self.body.get("rules"), &mut rules);
        let set: Vec<Entries> = rules.iter().map(|rule| of_rule(rule, &matter)).collect();
        if set.iter().any(|set| !set.is_empty()) {
            let by_rule = |body: &Node| -> Vec<Node> {
                let others = Some(admitted(body, &rules, |at| {
                    set.get(at).is_some_and(Vec::is_empty)
                }));
                let own = set.iter().enumerate().filter(|(_, set)| !set.is_empty());
                let own = own.map(|(own, set)| with(&admitted(body, &rules, |at| at == own), set));
                others.into_iter().chain(own).collect()
            };
            found = found.iter().flat_map(by_rule).take(MOST).collect();
        }
        if found.len() == 1 {
            return vec![self.clone()];
        }
        found.into_iter().map(|body| self.with(body)).collect()
    }

    /// The job with another body.
    pub(super) fn with(&self, body: Node) -> Job {
        Job {
            own: self.own.clone(),
            ..Job::new(&self.name, self.line, body, self.unresolved.clone())
        }
    }
}

pub(super) type Entries = Vec<(String, Node)>;

pub(super) fn flat<'n>(node: Option<&'n Node>, found: &mut Vec<&'n Node>) {
    match node {
        Some(Node::List(items)) => items.iter().for_each(|item| flat(Some(item), found)),
        Some(rule @ Node::Map(_)) => found.push(rule),
        _ => {}
    }
}

/// The variables that a rule sets, of those that matter.
pub(super) fn of_rule(rule: &Node, matter: &impl Fn(&str) -> bool) -> Entries {
    let set = rule.get("variables").map(Node::entries).unwrap_or_default();
    let set = set.iter().filter(|(name, _)| matter(name));
    set.cloned().collect()
}

/// Every combination of one row of a matrix.
fn cells(row: &Node, matter: &impl Fn(&str) -> bool) -> Vec<Entries> {
    let mut found: Vec<Entries> = vec![Vec::new()];
    for (name, values) in row.entries().iter().filter(|(name, _)| matter(name)) {
        let values = values.texts();
        let longer = found.iter().flat_map(|cell| {
            values.iter().map(|value| {
                let mut cell = cell.clone();
                put(&mut cell, name.clone(), Node::Scalar((*value).to_owned()));
                cell
            })
        });
        found = longer.take(MOST).collect();
    }
    found
}

pub(super) fn with(body: &Node, set: &Entries) -> Node {
    let mut variables = body
        .get("variables")
        .map_or(Vec::new(), |of| of.entries().to_vec());
    for (name, value) in set {
        put(&mut variables, name.clone(), value.clone());
    }
    replaced(body, "variables", Node::Map(variables))
}

/// A body that only the rules start that are `kept`; the others start it never.
pub(super) fn admitted(body: &Node, rules: &[&Node], kept: impl Fn(usize) -> bool) -> Node {
    let rule = |(at, rule): (usize, &&Node)| match kept(at) {
        true => (*rule).clone(),
        false => replaced(rule, "when", Node::Scalar("never".to_owned())),
    };
    let rules = rules.iter().enumerate().map(rule).collect();
    replaced(body, "rules", Node::List(rules))
}

fn replaced(body: &Node, key: &str, value: Node) -> Node {
    let mut entries = body.entries().to_vec();
    put(&mut entries, key.to_owned(), value);
    Node::Map(entries)
}

#[cfg(test)]
mod tests {
    use super::super::CiFile;

    #[test]
    fn a_job_runs_with_the_variables_of_its_rule_and_of_its_cell() {
        let of = |keys: &str| -> Vec<String> {
            let file = CiFile::parse(&format!("j:\n  script: [x]\n  {keys}\n")).unwrap();
            let variants = file.jobs[0].variants(|name| name == "R").into_iter();
            variants
                .map(|job| job.variable("R").unwrap_or_default())
                .collect()
        };
        assert_eq!(of("variables: { R: a }"), ["a"]);
        assert_eq!(of("rules: [{ if: $A, variables: { S: b } }]"), [""]);
        assert_eq!(
            of("variables: { R: a }\n  rules: [{ if: $A, variables: { R: b } }, { when: always }]"),
            ["a", "b"]
        );
        assert_eq!(
            of("parallel: { matrix: [{ R: [a, b], S: [c, d] }, { R: e }] }"),
            ["a", "b", "e"]
        );
        assert_eq!(of("parallel: 5"), [""]);
    }
}
