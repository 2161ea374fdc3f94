//! Waivers written beside what they accept:
//! `# piperoll: allow RULE reason="..." owner="..." expires=YYYY-MM-DD [ticket="..."]`.
//!
//! Such a comment covers the statement it stands in, or the next one below it. It says who accepts
//! what, why and until when; one that leaves something out accepts nothing and is reported.

use crate::model::{Digest, Evidence, FileId, Place, Timestamp, Waiver, secret};

/// A waiver in a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InlineWaiver {
    /// What it accepts; subject and object are not named.
    pub waiver: Waiver,
    /// The comment.
    pub evidence: Evidence,
    /// The line it covers.
    pub covers: u64,
    /// The digest of the block that this line is part of, without comments: what was accepted.
    pub block: Digest,
}

/// A comment that means to be a waiver and is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MalformedWaiver {
    /// The rule it names, if any.
    pub rule: String,
    /// What is wrong.
    pub fault: String,
    /// The comment.
    pub evidence: Evidence,
}

impl InlineWaiver {
    /// Whether it covers a statement of a file, from its first line to its last.
    #[must_use]
    pub fn covers(&self, file: &str, first: u64, last: u64) -> bool {
        self.evidence.file == file && (first..=last.max(first)).contains(&self.covers)
    }
}

const MARK: &str = "piperoll: allow";

/// The waivers of a text whose first line is line `first` of the file.
pub(super) fn read(
    text: &str,
    first: u64,
    place: Place,
    path: &str,
) -> (Vec<InlineWaiver>, Vec<MalformedWaiver>) {
    let (mut sound, mut malformed) = (Vec::new(), Vec::new());
    let lines: Vec<&str> = text.lines().collect();
    let mut blocks = Blocks::new(&lines);
    for (index, line) in lines.iter().enumerate() {
        let Some(declared) = comment(line).and_then(|comment| comment.strip_prefix(MARK)) else {
            continue;
        };
        let number = first + index as u64;
        let evidence = Evidence {
            file: path.to_owned(),
            line: number,
            byte: place.byte,
            sha256: place.sha256.to_string(),
        };
        // A comment on a line of its own covers the next line that says something.
        let below = lines.iter().enumerate().skip(index + 1);
        let statement = match is_comment(line) {
            false => Some(index),
            true => below
                .into_iter()
                .find(|(_, line)| !line.trim().is_empty() && !is_comment(line))
                .map(|(at, _)| at),
        };
        let covers = first + statement.unwrap_or(index) as u64;
        match parse(declared, &evidence) {
            Ok(waiver) => sound.push(InlineWaiver {
                waiver,
                evidence,
                covers,
                block: blocks.digest(statement.unwrap_or(index)),
            }),
            Err((rule, fault)) => malformed.push(MalformedWaiver {
                rule,
                fault,
                evidence,
            }),
        }
    }
    (sound, malformed)
}

/// The blocks of a text: each from a line at the margin, outside brackets, to the next.
struct Blocks<'l> {
    lines: &'l [&'l str],
    /// Where each begins.
    starts: Vec<usize>,
    /// The digest of the one that was asked for last, by its number.
    last: Option<(usize, Digest)>,
}

impl<'l> Blocks<'l> {
    fn new(lines: &'l [&'l str]) -> Blocks<'l> {
        let (mut starts, mut depth) = (Vec::new(), 0usize);
        for (at, line) in lines.iter().enumerate() {
            let said = !line.trim().is_empty() && !is_comment(line);
            if said && depth == 0 && !line.starts_with([' ', '\t', '}', ']', ')']) {
                starts.push(at);
            }
            if said {
                depth = depth_after(line, depth);
            }
        }
        Blocks {
            lines,
            starts,
            last: None,
        }
    }

    /// The digest of what the block says that a line is part of.
    fn digest(&mut self, line: usize) -> Digest {
        let number = self.starts.partition_point(|start| *start <= line);
        if let Some((_, digest)) = self.last.filter(|(last, _)| *last == number) {
            return digest;
        }
        let from = number.checked_sub(1).and_then(|at| self.starts.get(at));
        let to = self.starts.get(number).copied().unwrap_or(self.lines.len());
        let block = self.lines.get(from.copied().unwrap_or(0)..to);
        let said = block.unwrap_or_default().iter().filter_map(|line| {
            let line = line.split(MARK).next().unwrap_or(line);
            let line = line.trim_end().trim_end_matches(['#', '/']).trim_end();
            (!line.is_empty() && !is_comment(line)).then_some(line)
        });
        let digest = Digest::of(said.collect::<Vec<_>>().join("\n"));
        self.last = Some((number, digest));
        digest
    }
}

/// How many brackets are open behind a line, quoted ones and those of comments aside.
fn depth_after(line: &str, mut depth: usize) -> usize {
    let (mut quote, mut escaped, mut before) = (None, false, ' ');
    for character in line.chars() {
        match (quote, character) {
            (Some(_), _) if escaped => escaped = false,
            (Some('"'), '\\') => escaped = true,
            (Some(open), close) if open == close => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(character),
            (None, '#') if before.is_whitespace() => break,
            (None, '{' | '[' | '(') => depth += 1,
            (None, '}' | ']' | ')') => depth = depth.saturating_sub(1),
            (None, _) => {}
        }
        before = character;
    }
    depth
}

/// The waivers of a whole text that is not evidence: of another version of a file.
#[must_use]
pub fn inline_waivers(text: &str, path: &str) -> Vec<InlineWaiver> {
    let place = Place {
        file: FileId(0),
        line: 1,
        byte: 0,
        sha256: Digest([0; 32]),
    };
    read(text, 1, place, path).0
}

fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with('#') || line.starts_with("//")
}

/// What a comment on a line says: behind the last `#` or `//` before the mark.
fn comment(line: &str) -> Option<&str> {
    let at = line.find(MARK)?;
    let (before, found) = line.split_at_checked(at)?;
    let before = before.trim_end();
    (before.ends_with('#') || before.ends_with("//")).then_some(found)
}

fn parse(declared: &str, evidence: &Evidence) -> Result<Waiver, (String, String)> {
    let mut words = words(declared).into_iter();
    let rule = words.next().unwrap_or_default();
    let fault = |text: String| Err((rule.clone(), text));
    if rule.is_empty() || rule.contains('=') {
        return Err((String::new(), "it names no rule".to_owned()));
    }
    let mut waiver = Waiver {
        rule: rule.clone(),
        fingerprint: None,
        subject: None,
        object: None,
        reason: String::new(),
        owner: String::new(),
        expires: Timestamp::MIN,
        ticket: String::new(),
        approved_by: String::new(),
        approved_on: None,
        declared_at: evidence.pointer(),
    };
    for word in words {
        let Some((key, value)) = word.split_once('=') else {
            return fault(format!("`{}` is no key=value", secret::redact(&word)));
        };
        let value = value.trim_matches('"').to_owned();
        match key {
            "reason" => waiver.reason = value,
            "owner" => waiver.owner = value,
            "ticket" => waiver.ticket = value,
            "expires" => match Timestamp::parse_date_or_time(&value) {
                Some(at) => waiver.expires = at,
                None => return fault(format!("`expires={value}` is no date")),
            },
            _ => return fault(format!("`{key}` is no key of a waiver")),
        }
    }
    for (missing, key) in [
        (waiver.reason.trim().is_empty(), "reason"),
        (waiver.owner.trim().is_empty(), "owner"),
        (waiver.expires == Timestamp::MIN, "expires"),
    ] {
        if missing {
            return fault(format!("`{key}` is missing"));
        }
    }
    Ok(waiver)
}

/// Splits at blanks outside double quotes.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in text.trim().chars() {
        match character {
            '"' => {
                quoted = !quoted;
                if let Some(word) = words.last_mut() {
                    word.push('"');
                }
            }
            blank if blank.is_whitespace() && !quoted => words.push(String::new()),
            other => {
                if let Some(word) = words.last_mut() {
                    word.push(other);
                }
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place::of_line(1)
    }

    #[test]
    fn a_comment_covers_the_next_statement_or_its_own_line() {
        let text = "# piperoll: allow A-1 reason=\"known risk\" owner=ann expires=2027-01-01\n\
            # why\n\npath \"x\" {\n  capabilities = [\"read\"] // piperoll: allow B-2 \
            reason=r owner=\"ann b\" expires=2027-01-01 ticket=T-1\n}\n";
        let (sound, malformed) = read(text, 1, place(), "a.hcl");
        assert!(malformed.is_empty(), "{malformed:?}");
        let seen: Vec<_> = sound
            .iter()
            .map(|w| (w.waiver.rule.as_str(), w.covers))
            .collect();
        assert_eq!(seen, [("A-1", 4), ("B-2", 5)]);
        assert_eq!(sound[0].waiver.reason, "known risk");
        assert_eq!(sound[1].waiver.owner, "ann b");
    }

    #[test]
    fn what_was_accepted_is_the_whole_block() {
        let mark = "# piperoll: allow A-1 reason=r owner=o expires=2030-01-01";
        let block = |text: &str| read(text, 1, place(), "a").0[0].block;
        let stanza = |path: &str, capability: &str| {
            format!("{mark}\npath \"{path}\" {{\ncapabilities = [\n  \"{capability}\"\n]\n}}\n")
        };
        let own = block(&stanza("a{b", "list"));
        assert_ne!(own, block(&stanza("a{b", "sudo")));
        assert_ne!(own, block(&stanza("*", "list")));
        let below = format!("{}path \"x\" {{}}\n", stanza("a{b", "list"));
        assert_eq!(own, block(&below));
        let above = format!("path \"x\" {{}}\n# why\n{}", stanza("a{b", "list"));
        assert_eq!(own, block(&above));
        let inside = |path: &str| format!("path \"{path}\" {{\n  capabilities = [] {mark}\n}}\n");
        assert_ne!(block(&inside("a")), block(&inside("*")));
        let job = |script: &str| format!("job:\n  {mark}\n  script:\n    - {script}\nother: x\n");
        assert_ne!(block(&job("true")), block(&job("env")));
        assert_eq!(
            block(&job("a")),
            block(&job("a").replace("other: x", "other: y"))
        );
    }

    #[test]
    fn what_is_left_out_or_misspelt_is_said() {
        for (text, fault) in [
            ("# piperoll: allow", "names no rule"),
            (
                "# piperoll: allow A-1 owner=a expires=2027-01-01",
                "`reason`",
            ),
            ("# piperoll: allow A-1 reason=r owner=a", "`expires`"),
            (
                "# piperoll: allow A-1 reason=r owner=a expires=soon",
                "no date",
            ),
            ("# piperoll: allow A-1 why=r", "`why`"),
        ] {
            let (sound, malformed) = read(text, 1, place(), "a.hcl");
            assert!(
                sound.is_empty() && malformed[0].fault.contains(fault),
                "{text}"
            );
        }
        assert_eq!(read("echo piperoll: allow A", 1, place(), "a").1, []);
    }
}
