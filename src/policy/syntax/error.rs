//! Faults of a policy text.

use crate::model::{Position, SourceFile, Span, secret};

/// One fault of a policy text, for which a server refuses the whole of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}:{}: {message}", position.line, position.column)]
pub struct SyntaxError {
    /// The bytes at fault.
    pub span: Span,
    /// Where the fault begins.
    pub position: Position,
    /// What is wrong, the offending value named in it.
    pub message: String,
    /// The offending value as written; empty where something is missing.
    pub value: String,
    /// What to write instead.
    pub help: String,
}

/// How many faults of one text are listed; the others are counted. A line of nothing but `*` has one
/// at every character.
const LISTED: usize = 100;

/// The faults found so far.
pub(super) struct Faults<'t> {
    pub(super) lines: SourceFile<'t>,
    found: Vec<SyntaxError>,
    /// Where the first fault is that is not listed, and how many there are.
    more: Option<(Span, u64)>,
}

impl<'t> Faults<'t> {
    pub(super) fn new(text: &'t str) -> Faults<'t> {
        Faults {
            lines: SourceFile::new(text),
            found: Vec::new(),
            more: None,
        }
    }

    pub(super) fn add(
        &mut self,
        span: Span,
        message: impl Into<String>,
        value: impl Into<String>,
        help: impl Into<String>,
    ) {
        if self.found.len() >= LISTED {
            let (first, count) = self.more.unwrap_or((span, 0));
            self.more = Some((first, count + 1));
            return;
        }
        self.found.push(SyntaxError {
            span,
            position: self.lines.position(span.start),
            message: secret::redact(&message.into()),
            value: secret::redact(&value.into()),
            help: secret::redact(&help.into()),
        });
    }

    /// How many faults there are so far.
    pub(super) fn count(&self) -> usize {
        self.found.len()
    }

    /// Forgets the faults found since there were `count`.
    pub(super) fn forget_behind(&mut self, count: usize) {
        self.found.truncate(count);
    }

    pub(super) fn sorted(mut self) -> Vec<SyntaxError> {
        self.found
            .sort_by(|a, b| (a.span, &a.message).cmp(&(b.span, &b.message)));
        if let Some((span, count)) = self.more {
            self.found.push(SyntaxError {
                span,
                position: self.lines.position(span.start),
                message: format!("{count} more fault(s) are not listed"),
                value: String::new(),
                help: "mend the first ones".to_owned(),
            });
        }
        self.found
    }
}
