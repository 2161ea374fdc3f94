//! Imports point downwards only, and two libraries are known to one room each.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use super::{Source, accept, sources};

/// Every room with the rooms that it may import. What is not listed is forbidden.
///
/// `usage` reads the halves of audit records beside the posture, because it pairs a log of its own
/// for `lint --logs`.
const ROOMS: [(&str, &[&str]); 23] = [
    ("disk", &[]),
    ("scratch", &[]),
    ("model", &[]),
    ("config", &["model"]),
    ("source", &["model", "disk", "scratch"]),
    ("policy", &["model"]),
    ("snapshot", &["model", "policy"]),
    ("table/row", &["model"]),
    ("table/engine", &["model", "disk", "scratch", "table/row"]),
    (
        "store",
        &[
            "model",
            "disk",
            "source",
            "scratch",
            "table/row",
            "table/engine",
        ],
    ),
    ("identity", &["model", "config", "table/row"]),
    ("rule", &["model", "config", "table/row"]),
    (
        "posture",
        &["model", "config", "policy", "snapshot", "identity", "rule"],
    ),
    (
        "usage",
        &[
            "model",
            "config",
            "policy",
            "snapshot",
            "identity",
            "rule",
            "posture",
            "table/row",
        ],
    ),
    (
        "estate",
        &[
            "model",
            "config",
            "policy",
            "snapshot",
            "identity",
            "rule",
            "posture",
            "usage",
            "source",
            "scratch",
            "table/row",
            "table/engine",
            "store",
        ],
    ),
    (
        "check",
        &[
            "model", "config", "policy", "snapshot", "identity", "rule", "posture", "usage",
        ],
    ),
    ("finding", &["model", "config", "disk", "rule"]),
    (
        "assess",
        &[
            "model",
            "config",
            "disk",
            "policy",
            "snapshot",
            "table/row",
            "table/engine",
            "identity",
            "rule",
            "posture",
            "usage",
            "estate",
            "check",
            "finding",
        ],
    ),
    ("report", &["model"]),
    (
        "pack",
        &[
            "model",
            "config",
            "disk",
            "policy",
            "snapshot",
            "table/row",
            "table/engine",
            "identity",
            "rule",
            "posture",
            "usage",
            "estate",
            "check",
            "finding",
            "assess",
            "report",
            "scratch",
        ],
    ),
    (
        "lint",
        &[
            "model",
            "config",
            "disk",
            "source",
            "policy",
            "snapshot",
            "table/row",
            "table/engine",
            "identity",
            "rule",
            "posture",
            "usage",
            "estate",
            "check",
            "finding",
            "assess",
            "report",
        ],
    ),
    (
        "trace",
        &[
            "model",
            "config",
            "source",
            "policy",
            "snapshot",
            "table/row",
            "table/engine",
            "identity",
            "rule",
            "posture",
            "usage",
            "estate",
            "check",
            "finding",
            "assess",
            "report",
        ],
    ),
    (
        "cli",
        &[
            "model",
            "config",
            "disk",
            "source",
            "policy",
            "snapshot",
            "table/row",
            "table/engine",
            "identity",
            "rule",
            "posture",
            "usage",
            "estate",
            "check",
            "finding",
            "assess",
            "report",
            "pack",
            "lint",
            "trace",
            "store",
            "scratch",
        ],
    ),
];

/// The room of a module path below the crate root; `table` alone is none.
fn room(path: &[&str]) -> Option<String> {
    match path {
        ["table", inner @ ("row" | "engine"), ..] => Some(format!("table/{inner}")),
        ["table", ..] | [] => None,
        [room, ..] => Some((*room).to_owned()),
    }
}

/// The module path of a file below `src/`.
fn module(path: &str) -> Vec<&str> {
    let mut module: Vec<&str> = path
        .trim_start_matches("src/")
        .trim_end_matches(".rs")
        .split('/')
        .collect();
    if module.last() == Some(&"mod") {
        module.pop();
    }
    module
}

/// The first two segments of every path in the group `text`, which begins behind `{`.
fn group(text: &str) -> Vec<String> {
    let mut paths = Vec::new();
    let (mut depth, mut path) = (0_usize, String::new());
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' | ',' if depth == 0 => {
                paths.push(std::mem::take(&mut path));
                if c == '}' {
                    break;
                }
            }
            '}' => depth -= 1,
            c if depth == 0 && !c.is_whitespace() => path.push(c),
            _ => {}
        }
    }
    paths
}

/// Every path from the crate root that `source` names, with its line.
fn named(source: &Source) -> Vec<(usize, String)> {
    let from_root = Regex::new(r"\b(?:crate|piperoll)::([a-z_]+(?:::[a-z_]+)?|\{)").unwrap();
    let upwards = Regex::new(r"\b((?:super::)+)([a-z_]+(?:::[a-z_]+)?)").unwrap();
    let inline = Regex::new(r"^(?:pub(?:\([a-z]+\))? )?mod [a-z_]+ \{").unwrap();
    let mut code = String::new();
    let mut starts = Vec::new();
    for (number, line) in source.code() {
        starts.push((code.len(), number));
        code.push_str(line);
        code.push('\n');
    }
    let line_of = |at: usize| starts[starts.partition_point(|(start, _)| *start <= at) - 1].1;
    let mut found = Vec::new();
    for hit in from_root.captures_iter(&code) {
        let at = hit.get(0).unwrap();
        if &hit[1] == "{" {
            let paths = group(&code[at.end()..]);
            found.extend(paths.into_iter().map(|path| (line_of(at.start()), path)));
            continue;
        }
        // `crate::table::{row::…, engine::…}` names its rooms one level deeper.
        let rest = &code[at.end()..];
        if let Some(rest) = rest.strip_prefix("::{").filter(|_| &hit[1] == "table") {
            let paths = group(rest).into_iter().map(|path| format!("table::{path}"));
            found.extend(paths.map(|path| (line_of(at.start()), path)));
        } else {
            found.push((line_of(at.start()), hit[1].to_owned()));
        }
    }
    let mut depth = module(&source.path).len();
    for (number, line) in source.code() {
        if inline.is_match(line) {
            depth += 1;
        } else if line == "}" && depth > module(&source.path).len() {
            depth -= 1;
        }
        for hit in upwards.captures_iter(line) {
            if hit[1].matches("super").count() == depth {
                found.push((number, hit[2].to_owned()));
            }
        }
    }
    found
}

/// What `source` imports against the table.
fn climbs(source: &Source) -> Vec<String> {
    let allowed: BTreeMap<&str, &[&str]> = ROOMS.into_iter().collect();
    let Some(own) = room(&module(&source.path)) else {
        return Vec::new();
    };
    if ["main", "lib", "build"].contains(&own.as_str()) {
        return Vec::new();
    }
    let Some(below) = allowed.get(own.as_str()) else {
        return vec![format!("{}: the room `{own}` is not listed", source.path)];
    };
    named(source)
        .into_iter()
        .filter_map(|(line, path)| {
            let path: Vec<&str> = path.split("::").collect();
            let other = room(&path)?;
            (allowed.contains_key(other.as_str())
                && other != own
                && !below.contains(&other.as_str()))
            .then(|| format!("{}:{line}: `{own}` imports `{other}`", source.path))
        })
        .collect()
}

#[test]
fn imports_point_downwards_only() {
    let faults: Vec<String> = sources(&["src"]).iter().flat_map(climbs).collect();
    accept("imports point downwards only", &faults);
}

#[test]
fn an_import_that_climbs_is_seen_however_it_is_written() {
    let climbing = [
        "use crate::rule::Rule;",
        "use crate::{model::Event, rule};",
        "use crate::table::engine::Store;",
        "use crate::table::{engine::Store, row};",
        "    crate::rule::read();",
        "use super::super::rule::Rule;",
        "mod tests {\n    use super::super::super::rule::Rule;\n}",
        "use piperoll::rule::Rule;",
    ];
    for text in climbing {
        let source = Source {
            path: "src/identity/edges.rs".to_owned(),
            text: text.to_owned(),
        };
        assert_eq!(climbs(&source).len(), 1, "{text}");
    }
    let sound = Source {
        path: "src/identity/edges.rs".to_owned(),
        text: "use crate::{identity, model, table::row};\n// crate::rule\nuse super::rule;\n"
            .to_owned(),
    };
    assert_eq!(climbs(&sound), Vec::<String>::new());
}

#[test]
fn the_table_of_rooms_goes_downwards_itself() {
    let mut seen = BTreeSet::new();
    for (room, below) in ROOMS {
        for other in below {
            assert!(
                seen.contains(other),
                "{room} imports {other}, which is above it"
            );
        }
        seen.insert(room);
    }
}

#[test]
fn only_the_engine_knows_polars_and_only_the_command_line_knows_clap() {
    let mut faults = Vec::new();
    for (library, home) in [
        ("polars", &["src/table/engine/"][..]),
        ("clap", &["src/cli/", "src/main.rs"]),
    ] {
        let name = Regex::new(&format!(r"\b{library}(?:_[a-z]+)?::|\buse {library}\b")).unwrap();
        for source in sources(&["src"]) {
            if home.iter().any(|home| source.path.starts_with(home)) {
                continue;
            }
            for (line, text) in source.code() {
                if name.is_match(text) {
                    faults.push(format!("{}:{line}: {library}", source.path));
                }
            }
        }
    }
    accept("a library is known to its own room only", &faults);
}

#[test]
fn only_the_command_line_prints() {
    let print = Regex::new(r"\be?print(?:ln)?!").unwrap();
    let mut faults = Vec::new();
    for source in sources(&["src"]) {
        let speaks = ["src/main.rs", "src/build.rs"].contains(&source.path.as_str());
        if source.path.starts_with("src/cli/") || speaks {
            continue;
        }
        for (line, text) in source.code() {
            if print.is_match(text) {
                faults.push(format!("{}:{line}: {}", source.path, text.trim()));
            }
        }
    }
    accept("only the command line prints", &faults);
}
