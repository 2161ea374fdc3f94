//! The jobs of a file as its pipelines run them, and the conditions for which none runs.

use super::condition;
use super::job::Job;
use super::node::Node;
use super::resolve::{CiFile, inherits};
use super::variant::{Entries, admitted, flat, of_rule, with};
use super::workflow::{Run, Workflow};

impl CiFile {
    /// A job as the pipelines of the file run it: once for each rule of `workflow:` that sets
    /// variables of those that `matter` to it, and once for the other rules.
    #[must_use]
    pub fn runs(&self, job: &Job, matter: impl Fn(&str) -> bool) -> Vec<Run> {
        let conditions = conditions(job.body.get("rules"), &job.body);
        let asked = |name: &str| {
            let named = format!("${name}");
            conditions.iter().any(|text| text.contains(&named))
        };
        let inherit = job.body.get("inherit").cloned().unwrap_or_default();
        let reaches = |name: &str| {
            !job.own.contains(name)
                && inherits(&inherit, "variables", name)
                && (matter(name) || asked(name))
        };
        let mut rules = Vec::new();
        flat(self.workflow.body.get("rules"), &mut rules);
        let set: Vec<Entries> = rules.iter().map(|rule| of_rule(rule, &reaches)).collect();
        let with_rules = |body: Node| Workflow {
            body,
            variables: self.workflow.variables.clone(),
        };
        if set.iter().all(Vec::is_empty) {
            let workflow = self.workflow.clone();
            let job = job.clone();
            return vec![Run { workflow, job }];
        }
        let body = &self.workflow.body;
        let others = Run {
            workflow: with_rules(admitted(body, &rules, |at| {
                set.get(at).is_some_and(Vec::is_empty)
            })),
            job: job.clone(),
        };
        let own = set.iter().enumerate().filter(|(_, set)| !set.is_empty());
        let own = own.map(|(own, set)| Run {
            workflow: with_rules(admitted(body, &rules, |at| at == own)),
            job: job.with(with(&job.body, set)),
        });
        std::iter::once(others).chain(own).collect()
    }

    /// What a job runs as, where the rules of its file, its own or its matrix change the variables that
    /// it logs in with.
    #[must_use]
    pub fn login_runs(&self, job: &Job) -> Vec<Run> {
        let commands = job.commands();
        let logs_in = commands.iter().any(|command| command.contains("login"));
        let named = |name: &str| logs_in && commands.iter().any(|command| command.contains(name));
        // What a variable that matters is made of matters as well.
        let parts = |name: &str| {
            let named = format!("${name}");
            let braced = format!("${{{name}}}");
            let mut values = job.variables.iter();
            values.any(|(of, value)| {
                of.starts_with("VAULT_") && (value.contains(&named) || value.contains(&braced))
            })
        };
        let matter = |name: &str| name.starts_with("VAULT_") || named(name) || parts(name);
        let runs = self.runs(job, matter).into_iter();
        runs.flat_map(|run| {
            let jobs = run.job.variants(matter).into_iter();
            let workflow = run.workflow;
            jobs.map(move |job| Run {
                workflow: workflow.clone(),
                job,
            })
        })
        .collect()
    }

    /// The conditions for which GitLab refuses the file: the line of each, and why.
    #[must_use]
    pub fn refused(&self, text: &str) -> Vec<(usize, &'static str)> {
        let mut found = Vec::new();
        let includes = match self.top.get("include") {
            Some(Node::List(items)) => items.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        let includes = includes.iter().map(|include| (1, include));
        let workflow = std::iter::once((1, &self.workflow.body));
        let jobs = self.jobs.iter().map(|job| (job.line, &job.body));
        for (from, body) in includes.chain(workflow).chain(jobs) {
            for condition in conditions(body.get("rules"), body) {
                let why = condition::fault(condition);
                found.extend(why.map(|why| (line_of(text, from, condition), why)));
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The line, from 1, on which a condition stands: behind `from`, else before it, else `from` itself,
/// where the file writes it otherwise.
fn line_of(text: &str, from: usize, condition: &str) -> usize {
    let first = condition.lines().next().unwrap_or("").trim();
    let lines = || text.lines().zip(1usize..);
    let plain = |line: &str| {
        line.replace("\\\"", "\"")
            .replace("''", "'")
            .replace("\\\\", "\\")
    };
    let holds = |(line, _): &(&str, usize)| {
        !first.is_empty() && (line.contains(first) || plain(line).contains(first))
    };
    let behind = lines().skip(from.saturating_sub(1)).find(holds);
    behind
        .or_else(|| lines().find(holds))
        .map_or(from, |(_, line)| line)
}

/// The texts of the conditions of `rules`, `only` and `except`.
fn conditions<'n>(rules: Option<&'n Node>, body: &'n Node) -> Vec<&'n str> {
    let mut listed = Vec::new();
    flat(rules, &mut listed);
    let mut found: Vec<&str> = listed
        .iter()
        .filter_map(|rule| rule.get("if")?.text())
        .collect();
    for words in ["only", "except"].map(|key| body.get(key)) {
        let texts = words.and_then(|words| words.get("variables"));
        found.extend(texts.map(Node::texts).unwrap_or_default());
    }
    found
}
