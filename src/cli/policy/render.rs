//! Shows a fault of a policy text with its source line.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::policy::SyntaxError;

/// Renders one fault of `text`, which stands in `file`.
pub(super) fn fault(file: &str, text: &str, error: &SyntaxError) -> String {
    let start = text
        .get(..error.span.start)
        .map_or(0, |head| head.rfind('\n').map_or(0, |n| n + 1));
    let rest = text.get(start..).unwrap_or_default();
    let line = rest.split('\n').next().unwrap_or_default();
    let from = (error.span.start - start).min(line.len());
    let to = (error.span.end.max(error.span.start) - start).clamp(from, line.len());
    let snippet = Snippet::source(line)
        .path(file)
        .line_start(usize::try_from(error.position.line).unwrap_or(usize::MAX))
        .annotation(AnnotationKind::Primary.span(from..to));
    let report = [Level::ERROR
        .primary_title(error.message.as_str())
        .element(snippet)
        .element(Level::HELP.message(error.help.as_str()))];
    Renderer::plain().render(&report)
}
