//! Vault policies: text, stanzas, and where each stands in its file.

use std::sync::Mutex;

use super::name;
use crate::config::{self, Settings};
use crate::model::{Digest, Evidence, Line, Place, PolicyText, Timestamp, id, unpacked};
use crate::policy::{Capability, Dialect, Policy, SourceFile, Span, Stanza, SyntaxError, parse_at};
use crate::rule::{Excerpt, Observation};

/// A policy that the server accepts.
#[derive(Debug)]
pub struct VaultPolicy<'c> {
    /// `vault:policy/<name>`, the namespace before the name.
    pub id: String,
    /// Namespace, empty for root.
    pub namespace: &'c str,
    /// Name within the namespace.
    pub name: &'c str,
    /// Path of its file.
    pub path: &'c str,
    /// The text, where it was read, and the stanzas.
    pub stated: &'c StatedPolicy,
    /// The auth roles that give it, in the order of the configured things.
    pub holders: Vec<Holder>,
    /// Where its lines begin, found once: a text of one line may hold thousands of stanzas.
    lines: SourceFile<'c>,
    /// The digest of the line that was asked for last.
    digest: Mutex<Option<(u32, Digest)>>,
}

/// An auth role that gives a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The id of the role.
    pub id: String,
    /// Its position among the roles.
    pub position: usize,
}

/// A policy that the server refuses.
#[derive(Debug)]
pub struct RefusedPolicy<'c> {
    /// Path of its file.
    pub path: &'c str,
    /// The text, where it was read, and every error.
    pub stated: &'c StatedPolicy,
}

#[cfg(feature = "tables")]
impl RefusedPolicy<'_> {
    /// Why, in words that quote nothing of the text.
    #[must_use]
    pub fn reason(&self) -> String {
        let first = self.stated.errors.first();
        let line = first.map_or(1, |error| error.position.line);
        let other = self.stated.other_dialect.map(|dialect| {
            format!("; {dialect} accepts it: set `[vault] dialect` if that is the server")
        });
        let other = other.unwrap_or_default();
        format!("a policy that the server refuses, at its line {line}{other}")
    }
}

/// A policy as it is stated, and what the server makes of it: parsed once a run.
#[derive(Debug)]
pub struct StatedPolicy {
    /// The text, and where it was read.
    pub text: PolicyText,
    /// The stanzas.
    pub policy: Policy,
    /// Why the server refuses it, in the order of the text.
    pub errors: Vec<SyntaxError>,
    /// Where it refuses it, the other server if that accepts it.
    pub other_dialect: Option<Dialect>,
}

impl StatedPolicy {
    /// Parses policies as the server does that `settings` mean.
    #[must_use]
    pub fn parse(
        texts: Vec<PolicyText>,
        settings: &Settings,
        as_of: Timestamp,
    ) -> Vec<StatedPolicy> {
        let dialect = dialect(settings);
        let other = match dialect {
            Dialect::Vault => Dialect::OpenBao,
            Dialect::OpenBao => Dialect::Vault,
        };
        let read = |text: PolicyText| {
            let (policy, errors) = parse_at(&text.text, dialect, as_of);
            let refused = !errors.is_empty();
            let accepted = || parse_at(&text.text, other, as_of).1.is_empty();
            StatedPolicy {
                other_dialect: (refused && accepted()).then_some(other),
                policy,
                errors,
                text,
            }
        };
        texts.into_iter().map(read).collect()
    }
}

/// The server whose policy language is meant.
pub(super) fn dialect(settings: &Settings) -> Dialect {
    match settings.dialect {
        config::Dialect::Vault => Dialect::Vault,
        config::Dialect::OpenBao => Dialect::OpenBao,
    }
}

/// The policies by place; those with errors come apart.
pub(super) fn apart<'c>(
    stated: &'c [StatedPolicy],
    files: &'c [String],
) -> (Vec<VaultPolicy<'c>>, Vec<RefusedPolicy<'c>>) {
    let (mut sound, mut refused) = (Vec::new(), Vec::new());
    for one in stated {
        let text = &one.text;
        let path = name(files, text.place.file);
        if one.errors.is_empty() {
            sound.push(VaultPolicy {
                id: id::vault_policy(Some(&text.namespace), &text.name),
                namespace: &text.namespace,
                name: &text.name,
                path,
                stated: one,
                holders: Vec::new(),
                lines: SourceFile::new(&text.text),
                digest: Mutex::default(),
            });
        } else {
            refused.push(RefusedPolicy { path, stated: one });
        }
    }
    sound.sort_by(|a, b| (&a.id, a.path, a.place()).cmp(&(&b.id, b.path, b.place())));
    refused.sort_by_key(|refused| (refused.path, refused.stated.text.place));
    (sound, refused)
}

impl<'c> VaultPolicy<'c> {
    /// The text as stored.
    #[must_use]
    pub fn text(&self) -> &'c str {
        &self.stated.text.text
    }

    /// The stanzas, in the order of the text.
    #[must_use]
    pub fn stanzas(&self) -> &'c [Stanza] {
        &self.stated.policy.stanzas
    }

    /// How many capabilities its stanzas give together.
    pub(super) fn breadth(&self) -> usize {
        let given = self.stanzas().iter().map(|stanza| stanza.capabilities);
        let given = given.filter(|all| !all.has(Capability::Deny));
        given.map(|all| all.iter().count()).sum()
    }

    /// Where it was read.
    #[must_use]
    pub fn place(&self) -> Place {
        self.stated.text.place
    }

    /// An observation about a stanza, with the line it begins on as evidence and `span` shown.
    #[must_use]
    pub fn observe(&self, object: impl Into<String>, stanza: &Stanza, span: Span) -> Observation {
        let evidence = self.evidence(stanza.span);
        let mut seen = Observation::of(self.id.clone(), object, evidence);
        seen.excerpt = self.excerpt(stanza.span, span);
        seen
    }

    /// An observation about the policy as a whole.
    #[must_use]
    pub fn observe_whole(&self, object: impl Into<String>) -> Observation {
        let evidence = match self.stanzas().first() {
            Some(stanza) => self.evidence(stanza.span),
            None => self.evidence(Span::at(0)),
        };
        Observation::of(self.id.clone(), object, evidence)
    }

    /// Whether it is what a server answered with, not a text that a repository or an export holds.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        self.stated.text.first_line.is_none() && !unpacked(self.path).ends_with(".tf")
    }

    /// The same place as [`VaultPolicy::evidence`], with the file by number.
    #[must_use]
    pub fn place_of(&self, span: Span) -> Place {
        let seen = self.evidence(span);
        let mut place = Place {
            line: seen.line,
            byte: seen.byte,
            ..self.place()
        };
        if seen.byte != self.place().byte || seen.sha256 != self.place().sha256.to_string() {
            place.sha256 = self.digest_of(self.lines.line_of(span.start));
        }
        place
    }

    /// The line on which `span` begins; the whole record where the file holds the text escaped.
    #[must_use]
    pub fn evidence(&self, span: Span) -> Evidence {
        let whole = Evidence {
            file: self.path.to_owned(),
            line: self.place().line,
            byte: self.place().byte,
            sha256: self.place().sha256.to_string(),
        };
        // Only where the text is the file can a line's bytes be pointed at.
        let (Some(first), 0) = (self.stated.text.first_line, self.place().byte) else {
            return whole;
        };
        let line = self.lines.line_of(span.start);
        let number = u64::from(line.number);
        if first != 1 {
            return Evidence {
                line: first + number - 1,
                ..whole
            };
        }
        Evidence {
            line: number,
            byte: line.start as u64,
            sha256: self.digest_of(line).to_string(),
            ..whole
        }
    }

    /// The digest of a line; that of the last one is kept, since stanzas are asked for in order.
    fn digest_of(&self, line: Line<'_>) -> Digest {
        let Ok(mut last) = self.digest.lock() else {
            return Digest::of(line.text);
        };
        match *last {
            Some((number, digest)) if number == line.number => digest,
            _ => {
                let digest = Digest::of(line.text);
                *last = Some((line.number, digest));
                digest
            }
        }
    }

    /// What to show: `span` on its line; `within` says which lines belong together.
    #[must_use]
    pub fn excerpt(&self, within: Span, span: Span) -> Option<Excerpt> {
        let first = self.stated.text.first_line?;
        let last = self.lines.line_of(within.end).number;
        Some(Excerpt {
            last_line: first + u64::from(last) - 1,
            ..Excerpt::of_span(&self.lines, first, span)
        })
    }
}
