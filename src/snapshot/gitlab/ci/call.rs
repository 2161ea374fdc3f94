//! The functions of a job's scripts, called: their commands with the arguments in place of `$1`.

use std::collections::{BTreeMap, BTreeSet};

use super::shell::{Command, Script};
use crate::model::replaced;

/// Calls in calls, and commands of all of them: files are hostile.
const DEPTH: usize = 8;
const COMMANDS: usize = 10_000;

/// Words that may stand before a command without being one.
const BEFORE: [&str; 9] = [
    "!", "do", "elif", "else", "if", "then", "time", "until", "while",
];

/// The commands of scripts that run one after another in one shell. Where one calls a function, the
/// function's commands stand in its place; a function that nobody calls by its name shows its own.
pub(super) fn called(scripts: Vec<Script>) -> Vec<Command> {
    let mut functions = BTreeMap::new();
    let mut commands = Vec::new();
    for script in scripts {
        commands.extend(script.commands);
        // The last definition counts.
        functions.extend(script.functions);
    }
    if functions.is_empty() {
        return commands;
    }
    let mut caller = Caller {
        functions: &functions,
        used: BTreeSet::new(),
        found: Vec::new(),
        left: COMMANDS.max(commands.len()),
    };
    for command in commands {
        caller.command(command, 0);
    }
    let Caller {
        used, mut found, ..
    } = caller;
    let unused = functions.iter().filter(|(name, _)| !used.contains(*name));
    found.extend(unused.flat_map(|(_, body)| body.iter().cloned()));
    found
}

struct Caller<'f> {
    functions: &'f BTreeMap<String, Vec<Command>>,
    used: BTreeSet<String>,
    found: Vec<Command>,
    left: usize,
}

impl Caller<'_> {
    fn command(&mut self, command: Command, depth: usize) {
        let Some(left) = self.left.checked_sub(1) else {
            return;
        };
        self.left = left;
        let functions = self.functions;
        let is_before = |word: &String| BEFORE.contains(&word.as_str()) || is_assignment(word);
        let first = command.words.iter().position(|word| !is_before(word));
        let call = first.and_then(|at| {
            let (name, body) = functions.get_key_value(command.words.get(at)?)?;
            Some((name, body, command.words.get(at + 1..)?))
        });
        let Some((name, body, given)) = call.filter(|_| depth < DEPTH) else {
            self.found.push(command);
            return;
        };
        self.used.insert(name.clone());
        let mut arguments = given.to_vec();
        for inner in body {
            if inner.words.first().is_some_and(|word| word == "shift") {
                let by = inner.words.get(1).and_then(|by| by.parse().ok());
                arguments.drain(..by.unwrap_or(1).min(arguments.len()));
                continue;
            }
            let filled = |words: &[String]| -> Vec<String> {
                words
                    .iter()
                    .flat_map(|word| fill(word, &arguments))
                    .collect()
            };
            let inner = Command {
                words: filled(&inner.words),
                input: filled(&inner.input),
                line: command.line.clone(),
            };
            self.command(inner, depth + 1);
        }
    }
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

/// A word with the arguments in it; `$@` alone is as many words as there are arguments.
fn fill(word: &str, arguments: &[String]) -> Vec<String> {
    if word == "$@" || word == "$*" {
        return arguments.to_vec();
    }
    vec![replaced(word, '$', |after| parameter(after, arguments))]
}

/// What stands for a parameter behind its `$`, and what follows: `1`, `{1}`, `{1:-text}`, `@`.
fn parameter<'t>(text: &'t str, arguments: &[String]) -> Option<(String, &'t str)> {
    let at = |digits: &str| -> Option<String> {
        let number: usize = digits.parse().ok()?;
        Some(
            arguments
                .get(number.checked_sub(1)?)
                .cloned()
                .unwrap_or_default(),
        )
    };
    if let Some(behind) = text.strip_prefix(['@', '*']) {
        return Some((arguments.join(" "), behind));
    }
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        let (digit, behind) = text.split_at_checked(1)?;
        return Some((at(digit)?, behind));
    }
    let (inner, behind) = text.strip_prefix('{')?.split_once('}')?;
    let end = inner
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(inner.len());
    let (digits, operator) = inner.split_at_checked(end)?;
    let value = at(digits)?;
    let default = operator
        .strip_prefix(":-")
        .or_else(|| operator.strip_prefix('-'));
    match default {
        Some(default) if value.is_empty() => Some((default.to_owned(), behind)),
        _ => Some((value, behind)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(scripts: &[&str]) -> Vec<String> {
        let read = scripts.iter().map(|script| Script::read(script)).collect();
        called(read)
            .into_iter()
            .map(|one| one.words.join(" "))
            .collect()
    }

    #[test]
    fn a_call_does_what_the_function_does_with_its_arguments() {
        for (scripts, expected) in [
            (
                &["f() { a r=\"$1\" ${2:-x}; }", "f b"][..],
                &["a r=b x"][..],
            ),
            (
                &["f() { local r=$1; shift; a \"$@\"; }\nif f b c d; then e; fi"],
                &["local r=b", "a c d", "e", "fi"],
            ),
            (&["f() { g \"$1\"; }; g() { a $1; }", "X=1 f b"], &["a b"]),
            (&["f() { a $1; }; f b; f c"], &["a b", "a c"]),
            (&["f() { a $1; }"], &["a $1"]),
            (&["t=$(f b); f() { a ${1}; }"], &["a b", "t=$(f b)"]),
        ] {
            let found = words(scripts);
            let found: Vec<&str> = found
                .iter()
                .map(|one| one.trim_start_matches("then "))
                .collect();
            assert_eq!(found, expected, "{scripts:?}");
        }
    }

    #[test]
    fn functions_that_call_themselves_end() {
        assert!(words(&["f() { f; f; f; f; }; f"]).len() <= 10_000);
        assert!(!words(&["f() { g; }; g() { f; }; f"]).is_empty());
    }
}
