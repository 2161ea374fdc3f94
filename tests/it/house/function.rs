//! Functions that are read in one go: steps with names.

use super::{Source, accept, sources};

/// Where functions stand, and the most lines that one may have there, from its `fn` to its closing
/// brace. A test tells one story from its beginning to its end, and the generator writes out whole
/// documents.
const MOST: [(&[&str], usize); 2] = [
    (&["src", "benches", "fuzz"], 60),
    (&["tests", "fixtures/generator", "examples"], 100),
];

/// A function: its name, its first line and how many lines it has.
fn functions(source: &Source) -> Vec<(&str, usize, usize)> {
    let lines: Vec<&str> = source.text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let indent = line.len() - code.len();
        let Some((before, rest)) = code.split_once("fn ") else {
            continue;
        };
        let modifier = |word: &str| {
            word.starts_with("pub")
                || ["const", "async", "in"].contains(&word)
                || word.ends_with(')')
        };
        if !before.split_whitespace().all(modifier) {
            continue;
        }
        let name = rest.split(['(', '<']).next().unwrap_or(rest);
        let closes = |line: &&str| line.trim_start() == "}" && line.len() == indent + 1;
        let body = lines.iter().skip(at);
        // A declaration of a trait, or a body on its line, ends at once.
        let one_line = code.ends_with('}') || code.ends_with(';');
        let length = if one_line {
            Some(1)
        } else {
            body.clone().position(closes).map(|end| end + 1)
        };
        found.push((name, at + 1, length.unwrap_or(1)));
    }
    found
}

#[test]
fn no_function_is_too_long_to_be_read_in_one_go() {
    let (mut faults, mut all) = (Vec::new(), 0);
    for (folders, most) in MOST {
        for source in &sources(folders) {
            for (name, line, length) in functions(source) {
                all += 1;
                if length > most {
                    let path = &source.path;
                    faults.push(format!("{path}:{line}: `{name}` has {length} lines"));
                }
            }
        }
    }
    accept("no function is too long", &faults);
    assert!(all > 3000, "only {all} functions were seen");
}

#[test]
fn a_long_function_is_seen() {
    let body = "    let x = 1;\n".repeat(70);
    let source = Source {
        path: "src/a.rs".to_owned(),
        text: format!(
            "impl A {{\n    pub(crate) fn long(&self) {{\n{body}    }}\n}}\nfn short() {{\n}}\n"
        ),
    };
    assert_eq!(functions(&source), [("long", 2, 72), ("short", 75, 2)]);
}
