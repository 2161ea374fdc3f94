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
    /// What stands on that line, without the comment.
    pub statement: String,
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
                statement: statement
                    .and_then(|at| lines.get(at))
                    .map(|line| line.split(MARK).next().unwrap_or(line).trim().to_owned())
                    .unwrap_or_default(),
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
