//! Vault policies: text, stanzas, and where each stands in its file.

use super::name;
use crate::model::{Digest, Evidence, Place, PolicyText, Timestamp, id};
use crate::policy::{Dialect, LineIndex, Policy, Span, Stanza, SyntaxError, parse_at};
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
    /// The text as stored.
    pub text: &'c str,
    /// The stanzas.
    pub policy: Policy,
    /// Path of its file.
    pub path: &'c str,
    /// Where it was read.
    pub place: Place,
    /// The auth roles that give it, in the order of the configured things.
    pub holders: Vec<Holder>,
    first_line: Option<u64>,
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
    /// Namespace, empty for root.
    pub namespace: &'c str,
    /// Name without the namespace.
    pub name: &'c str,
    /// Path of its file.
    pub path: &'c str,
    /// The text as stored.
    pub text: &'c str,
    /// Where it was read.
    pub place: Place,
    /// Line of the file on which the text begins, if the file holds it as it is.
    pub first_line: Option<u64>,
    /// Every error, in the order of the text.
    pub errors: Vec<SyntaxError>,
    /// Whether the other dialect accepts the text.
    pub other_dialect: Option<Dialect>,
}

/// Parses every policy; those with errors come apart.
pub(super) fn read<'c>(
    texts: &'c [PolicyText],
    dialect: Dialect,
    as_of: Timestamp,
    files: &'c [String],
) -> (Vec<VaultPolicy<'c>>, Vec<RefusedPolicy<'c>>) {
    let (mut sound, mut refused) = (Vec::new(), Vec::new());
    for text in texts {
        let path = name(files, text.place.file);
        let (policy, errors) = parse_at(&text.text, dialect, as_of);
        if !errors.is_empty() {
            let other = match dialect {
                Dialect::Vault => Dialect::OpenBao,
                Dialect::OpenBao => Dialect::Vault,
            };
            refused.push(RefusedPolicy {
                namespace: &text.namespace,
                name: &text.name,
                path,
                text: &text.text,
                place: text.place,
                first_line: text.first_line,
                errors,
                other_dialect: parse_at(&text.text, other, as_of)
                    .1
                    .is_empty()
                    .then_some(other),
            });
            continue;
        }
        sound.push(VaultPolicy {
            id: id::vault_policy(Some(&text.namespace), &text.name),
            namespace: &text.namespace,
            name: &text.name,
            text: &text.text,
            policy,
            path,
            place: text.place,
            holders: Vec::new(),
            first_line: text.first_line,
        });
    }
    sound.sort_by(|a, b| (&a.id, a.path, a.place).cmp(&(&b.id, b.path, b.place)));
    refused.sort_by(|a, b| (a.path, a.place).cmp(&(b.path, b.place)));
    (sound, refused)
}

impl VaultPolicy<'_> {
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
        let evidence = match self.policy.stanzas.first() {
            Some(stanza) => self.evidence(stanza.span),
            None => self.evidence(Span::at(0)),
        };
        Observation::of(self.id.clone(), object, evidence)
    }

    /// Whether it is what a server answered with, not a text that a repository or an export holds.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        self.first_line.is_none() && !self.path.ends_with(".tf")
    }

    /// The same place as [`VaultPolicy::evidence`], with the file by number.
    #[must_use]
    pub fn place_of(&self, span: Span) -> Place {
        let seen = self.evidence(span);
        let mut place = Place {
            line: seen.line,
            byte: seen.byte,
            ..self.place
        };
        if seen.byte != self.place.byte || seen.sha256 != self.place.sha256.to_string() {
            let bytes = self.line_of(span).as_bytes();
            place.sha256 = Digest::of(bytes);
        }
        place
    }

    /// The line on which `span` begins; the whole record where the file holds the text escaped.
    #[must_use]
    pub fn evidence(&self, span: Span) -> Evidence {
        let whole = Evidence {
            file: self.path.to_owned(),
            line: self.place.line,
            byte: self.place.byte,
            sha256: self.place.sha256.to_string(),
        };
        // Only where the text is the file can a line's bytes be pointed at.
        let (Some(first), 0) = (self.first_line, self.place.byte) else {
            return whole;
        };
        let line = u64::from(LineIndex::new(self.text).line(span.start));
        if first != 1 {
            return Evidence {
                line: first + line - 1,
                ..whole
            };
        }
        let bytes = self.line_of(span).as_bytes();
        Evidence {
            line,
            byte: self.line_start(span.start) as u64,
            sha256: Digest::of(bytes).to_string(),
            ..whole
        }
    }

    /// What to show: `span` on its line; `within` says which lines belong together.
    #[must_use]
    pub fn excerpt(&self, within: Span, span: Span) -> Option<Excerpt> {
        let first = self.first_line?;
        let lines = LineIndex::new(self.text);
        let position = lines.position(span.start);
        let end = self.line_end(span.start);
        let text = self.text.get(self.line_start(span.start)..end)?;
        let shown = self
            .text
            .get(span.start..span.end.min(end))
            .unwrap_or_default();
        let line = first + u64::from(position.line) - 1;
        let last_line = first + u64::from(lines.line(within.end)) - 1;
        let length = u32::try_from(shown.chars().count().max(1)).unwrap_or(1);
        Some(Excerpt::new(
            text,
            (line, last_line),
            position.column,
            length,
        ))
    }

    /// The line on which `span` begins, without its end.
    fn line_of(&self, span: Span) -> &str {
        let (start, end) = (self.line_start(span.start), self.line_end(span.start));
        let line = self.text.get(start..end).unwrap_or_default();
        line.strip_suffix('\r').unwrap_or(line)
    }

    fn line_start(&self, byte: usize) -> usize {
        let before = self.text.get(..byte).unwrap_or_default();
        before.rfind('\n').map_or(0, |at| at + 1)
    }

    fn line_end(&self, byte: usize) -> usize {
        let behind = self.text.get(byte..).unwrap_or_default();
        behind.find('\n').map_or(self.text.len(), |at| byte + at)
    }
}
