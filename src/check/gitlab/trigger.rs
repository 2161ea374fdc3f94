//! Whether a pipeline that anybody with push access can start runs a job: `rules`, `only`,
//! `workflow:rules`.
//!
//! The expressions of `if` are decided with three values: what the pipeline's starter may choose is
//! unknown, what nobody sets is null (GitLab documentation, "CI/CD job rules").

use std::collections::BTreeMap;

use regex::Regex;

use crate::snapshot::gitlab::ci::{Job, Node};

/// One way to start a pipeline on a branch that nobody protects.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trigger {
    /// What to call it.
    pub(super) name: &'static str,
    source: &'static str,
    /// The word by which `only` admits it, beside `branches`.
    only: &'static str,
    on_branch: bool,
    /// Whether its starter sets variables.
    free: bool,
}

const fn trigger(name: &'static str, only: &'static str, on_branch: bool, free: bool) -> Trigger {
    Trigger {
        name,
        source: name,
        only,
        on_branch,
        free,
    }
}

pub(super) const TRIGGERS: [Trigger; 6] = [
    trigger("api", "api", true, true),
    trigger(
        "external_pull_request_event",
        "external_pull_requests",
        false,
        false,
    ),
    trigger("merge_request_event", "merge_requests", false, false),
    trigger("push", "pushes", true, false),
    trigger("trigger", "triggers", true, true),
    trigger("web", "web", true, true),
];

/// A branch name that no rule is made for.
const BRANCH: &str = "untrusted-branch";

/// Whether a pipeline started so, on an unprotected branch, certainly can run the job.
pub(super) fn admits(top: &Node, job: &Job, trigger: &Trigger) -> bool {
    let scene = Scene { job, trigger };
    let workflow = top
        .get("workflow")
        .and_then(|workflow| workflow.get("rules"));
    if let Some(Node::List(rules)) = workflow
        && !scene.admitted(rules)
    {
        return false;
    }
    match job.body.get("rules") {
        Some(Node::List(rules)) => scene.admitted(rules),
        Some(_) => false,
        None => scene.only(),
    }
}

struct Scene<'s> {
    job: &'s Job,
    trigger: &'s Trigger,
}

impl Scene<'_> {
    /// The first rule that applies decides; none means no.
    fn admitted(&self, rules: &[Node]) -> bool {
        for rule in rules {
            let never = rule.get("when").and_then(Node::text) == Some("never");
            let holds = match rule.get("if").map(Node::text) {
                None => Some(true),
                Some(Some(text)) => Expression::decide(text, self),
                Some(None) => None,
            };
            // The files that must have changed or exist are the pusher's to choose.
            let by_files = rule.get("changes").is_some() || rule.get("exists").is_some();
            match holds {
                Some(false) => {}
                Some(true) if never && by_files => {}
                Some(true) => return !never,
                None if self.trigger.free && !never => return true,
                None => {}
            }
        }
        false
    }

    fn only(&self) -> bool {
        let words = |key: &str| -> Vec<String> {
            let node = self.job.body.get(key);
            let refs = node.and_then(|node| node.get("refs")).or(node);
            let texts = refs.map(Node::texts).unwrap_or_default();
            texts.into_iter().map(str::to_owned).collect()
        };
        let means = |word: &String| {
            word == self.trigger.only || (self.trigger.on_branch && word == "branches")
        };
        if words("except").iter().any(means) {
            return false;
        }
        match self.job.body.get("only") {
            None => self.trigger.on_branch,
            Some(only) if only.get("variables").is_some() => false,
            Some(_) => words("only").iter().any(means),
        }
    }

    /// The value of a variable: unknown, null, or a text.
    fn value(&self, name: &str) -> Option<Option<String>> {
        let trigger = self.trigger;
        let known: BTreeMap<&str, Option<&str>> = BTreeMap::from([
            ("CI_PIPELINE_SOURCE", Some(trigger.source)),
            ("CI_COMMIT_REF_NAME", Some(BRANCH)),
            ("CI_COMMIT_REF_SLUG", Some(BRANCH)),
            ("CI_COMMIT_REF_PROTECTED", Some("false")),
            ("CI_DEFAULT_BRANCH", Some("main")),
            ("CI_COMMIT_BRANCH", trigger.on_branch.then_some(BRANCH)),
            ("CI_COMMIT_TAG", None),
            ("CI_MERGE_REQUEST_IID", (!trigger.on_branch).then_some("1")),
            ("CI_MERGE_REQUEST_ID", (!trigger.on_branch).then_some("1")),
            ("CI_OPEN_MERGE_REQUESTS", None),
        ]);
        if let Some(value) = known.get(name) {
            return Some(value.map(str::to_owned));
        }
        if name.starts_with("CI_") || name.starts_with("GITLAB_") || trigger.free {
            return None;
        }
        match self.job.variable(name) {
            Some(value) if value.contains('$') => None,
            value => Some(value),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Variable(String),
    Text(String),
    Pattern(String),
    Null,
    Sign(&'static str),
}

const SIGNS: [&str; 8] = ["&&", "||", "==", "!=", "=~", "!~", "(", ")"];

struct Expression<'e> {
    tokens: Vec<Token>,
    at: usize,
    scene: &'e Scene<'e>,
}

impl Expression<'_> {
    /// Whether an `if` holds; none where that is unknown or the text is no expression.
    fn decide(text: &str, scene: &Scene<'_>) -> Option<bool> {
        let tokens = tokens(text)?;
        let count = tokens.len();
        let mut expression = Expression {
            tokens,
            at: 0,
            scene,
        };
        let value = expression.any(0);
        if expression.at == count { value } else { None }
    }

    fn takes(&mut self, sign: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Sign(found)) if *found == sign);
        self.at += usize::from(found);
        found
    }

    fn any(&mut self, depth: usize) -> Option<bool> {
        let mut value = self.all(depth);
        while self.takes("||") {
            value = match (value, self.all(depth)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), other) => other,
                (None, _) => None,
            };
        }
        value
    }

    fn all(&mut self, depth: usize) -> Option<bool> {
        let mut value = self.one(depth);
        while self.takes("&&") {
            value = match (value, self.one(depth)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), other) => other,
                (None, _) => None,
            };
        }
        value
    }

    fn one(&mut self, depth: usize) -> Option<bool> {
        // Files are hostile: brackets nest only so deep.
        if depth < 32 && self.takes("(") {
            let value = self.any(depth + 1);
            return if self.takes(")") { value } else { None };
        }
        let left = self.operand()?;
        let sign = ["==", "!=", "=~", "!~"]
            .into_iter()
            .find(|sign| self.takes(sign));
        let Some(sign) = sign else {
            return Some(left?.is_some_and(|text| !text.is_empty()));
        };
        let right = self.tokens.get(self.at).cloned()?;
        if sign == "==" || sign == "!=" {
            let right = self.operand()?;
            let (left, right) = (left?, right?);
            return Some((left == right) == (sign == "=="));
        }
        self.at += 1;
        let Token::Pattern(pattern) = right else {
            return None;
        };
        let regex = Regex::new(&pattern).ok()?;
        let found = left?.is_some_and(|text| regex.is_match(&text));
        Some(found == (sign == "=~"))
    }

    /// Outer none: no operand stands here. Inner: unknown, null, or a text.
    #[allow(clippy::option_option, reason = "three states of one value")]
    fn operand(&mut self) -> Option<Option<Option<String>>> {
        let token = self.tokens.get(self.at)?;
        let value = match token {
            Token::Variable(name) => self.scene.value(name),
            Token::Text(text) => Some(Some(text.clone())),
            Token::Null => Some(None),
            Token::Pattern(_) | Token::Sign(_) => return None,
        };
        self.at += 1;
        Some(value)
    }
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign));
        if let Some(sign) = sign {
            tokens.push(Token::Sign(sign));
            rest = rest.get(sign.len()..)?;
        } else if first == '"' || first == '\'' {
            let (inner, after) = rest.get(1..)?.split_once(first)?;
            tokens.push(Token::Text(inner.to_owned()));
            rest = after;
        } else if first == '/' {
            let (inner, after) = rest.get(1..)?.split_once('/')?;
            let (insensitive, after) = match after.strip_prefix('i') {
                Some(after) => ("(?i)", after),
                None => ("", after),
            };
            tokens.push(Token::Pattern(format!("{insensitive}{inner}")));
            rest = after;
        } else if first == '$' {
            let name = rest.get(1..)?.trim_start_matches('{');
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let end = name.find(|c| !is_name(c)).unwrap_or(name.len());
            tokens.push(Token::Variable(name.get(..end)?.to_owned()));
            rest = name.get(end..)?.trim_start_matches('}');
        } else {
            rest = rest.strip_prefix("null")?;
            tokens.push(Token::Null);
        }
        rest = rest.trim_start();
    }
    Some(tokens)
}
