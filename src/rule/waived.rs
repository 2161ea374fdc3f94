//! Waived examples: the finding of another example, accepted by a comment or in `piperoll.toml`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::rule::{Example, Expect, Rule, RuleKind};

/// What every waiver of an example says beside the rule; it outlasts the moment examples speak from.
const SAID: [(&str, &str); 3] = [
    ("reason", "known and accepted"),
    ("owner", "security"),
    ("expires", "2027-01-01"),
];

/// Writes out the examples that accept another one's findings; what is wrong with them comes back.
pub(crate) fn complete(rule: &mut Rule) -> Vec<String> {
    let mut problems = Vec::new();
    let (id, known) = (rule.id.clone(), rule.examples.clone());
    for example in &mut rule.examples {
        if let Err(why) = write_out(example, &id, &known) {
            problems.push(format!("example \"{}\": {why}", example.name));
        }
    }
    problems
}

/// The kinds of examples that a lint must have and has not. A rule about waivers needs no waived
/// one: accepting that a waiver is wrong is what waivers are not for.
#[must_use]
pub fn missing(rule: &Rule) -> Vec<String> {
    if rule.kind != RuleKind::Lint || rule.check.is_none() {
        return Vec::new();
    }
    let kinds = [
        (Expect::Pass, "pass"),
        (Expect::Finding, "finding"),
        (Expect::Waived, "waived"),
    ];
    let about_waivers = rule.id.starts_with("WVR-");
    let wanted = kinds
        .into_iter()
        .filter(|(kind, _)| !(about_waivers && *kind == Expect::Waived));
    wanted
        .filter(|(kind, _)| !rule.examples.iter().any(|found| found.expect == *kind))
        .map(|(_, word)| format!("{}: no example has expect = \"{word}\"", rule.id))
        .collect()
}

fn write_out(example: &mut Example, id: &str, known: &[Example]) -> Result<(), String> {
    let Some(of) = &example.of else {
        return match example.above.is_empty() {
            true => Ok(()),
            false => Err("`above` needs `of`".to_owned()),
        };
    };
    if example.expect != Expect::Waived {
        return Err("`of` is for expect = \"waived\"".to_owned());
    }
    if !(example.files.is_empty() && example.finds.is_empty() && example.config.is_empty()) {
        return Err("files, config and finds are those of the example it names".to_owned());
    }
    let found = known
        .iter()
        .find(|other| other.name == *of && other.expect == Expect::Finding);
    let found = found.ok_or_else(|| format!("no example of a finding is named \"{of}\""))?;
    example.sources.clone_from(&found.sources);
    example.settings.clone_from(&found.settings);
    example.finds.clone_from(&found.finds);
    example.files.clone_from(&found.files);
    example.requests.clone_from(&found.requests);
    example.calls.clone_from(&found.calls);
    example.config.clone_from(&found.config);
    if example.above.is_empty() {
        for [subject, object] in &found.finds {
            example.config.push_str(&entry(id, subject, object));
        }
        return Ok(());
    }
    comment(&mut example.files, &example.above, id)
}

/// A `[[waiver]]` of `piperoll.toml`.
fn entry(id: &str, subject: &str, object: &str) -> String {
    let mut entry = toml::Table::new();
    for (key, value) in [("rule", id), ("subject", subject), ("object", object)]
        .into_iter()
        .chain(SAID)
    {
        entry.insert(key.to_owned(), toml::Value::from(value));
    }
    format!("\n[[waiver]]\n{entry}")
}

/// Writes a waiver above every line that `above` names, as far to the right.
fn comment(
    files: &mut BTreeMap<String, String>,
    above: &BTreeMap<String, Vec<String>>,
    id: &str,
) -> Result<(), String> {
    let mut said = format!("# piperoll: allow {id}");
    for (key, value) in SAID {
        let _ = write!(said, " {key}=\"{value}\"");
    }
    for (path, named) in above {
        let text = files.get_mut(path);
        let text = text.ok_or_else(|| format!("there is no file `{path}`"))?;
        for wanted in named {
            if text.lines().filter(|line| line.trim() == wanted).count() != 1 {
                return Err(format!("`{wanted}` is not one line of `{path}`"));
            }
        }
        let mut written = String::new();
        for line in text.split_inclusive('\n') {
            if named.iter().any(|wanted| line.trim() == wanted) {
                let blank = line.len() - line.trim_start().len();
                let indent = line.get(..blank).unwrap_or_default();
                let _ = writeln!(written, "{indent}{said}");
            }
            written.push_str(line);
        }
        *text = written;
    }
    Ok(())
}
