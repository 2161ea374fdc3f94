//! GitLab job traces: raw terminal output of a runner.
//!
//! The trace names neither job nor user; the path does (`projects/<id>/jobs/<id>/trace*`). What
//! the text says is emitted as attributes of kind `job-trace` on `gitlab:job/<project>/<job>`, or
//! on `gitlab:trace/<path>` when a number is missing:
//!
//! - `runner_version`, `runner_revision`, `runner_description`, `runner_token` (the short public
//!   prefix), `runner_system_id`, `runner_host`, `executor`
//! - `project_id`, `sha`, `ref` as the runner printed them; `path-contradiction` when the path
//!   names another project
//! - `secret` (one per CI variable resolved), `secret_resolver`
//! - `section.<name>.started_at`, `section.<name>.finished_at`, and `section.<name>.unclosed`
//! - `first_at`, `last_at` with the timestamp feature
//! - `end_state` (`success`, `failed`, or `absent`: truncated or cancelled), `end_reason`,
//!   `truncated_at_bytes`
//! - `refusal` (rule GLB-002): `audience`, `claims`, `role`, `expired`, `forbidden`, `denied`,
//!   `kms-denied`; each class once, at its first line
//!
//! Secrets are searched in the raw bytes between carriage returns and again without control
//! sequences, and leave as redacted exposures (rule GLB-001).

mod ansi;
mod fact;
mod line;
mod reader;
mod section;
#[cfg(test)]
mod tests;

use crate::model::{Format, Framing, GitlabPath, Record, Sample, Sink, Verdict};

/// The format of GitLab job traces.
pub struct Traces;

/// Lines of the head that are looked at.
const LINES_TRIED: usize = 400;

impl Format for Traces {
    fn source(&self) -> &'static str {
        "gitlab-trace"
    }

    fn title(&self) -> &'static str {
        "GitLab job trace"
    }

    fn framing(&self) -> Framing {
        Framing::TextLines
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        let first = sample.head.iter().find(|byte| !byte.is_ascii_whitespace());
        if matches!(first, None | Some(b'{')) {
            return false;
        }
        let looks = line::Lines::new(sample.head)
            .take(LINES_TRIED)
            .enumerate()
            .any(|(index, line)| is_typical(&line, index));
        // A runner's own lines may be cut off; then the name of the file settles it, unless the
        // content is structured.
        let is_structured = sample
            .value
            .is_some_and(|value| value.is_object() || value.is_array());
        looks || (GitlabPath::parse(sample.path).is_trace && !is_structured)
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        reader::read(record, sink);
        Verdict::Parsed
    }
}

/// Whether a line is one that only runners print.
fn is_typical(line: &line::Line<'_>, index: usize) -> bool {
    if index == 0 && line.at.is_some() {
        return true;
    }
    line.text.split(|byte| *byte == b'\r').any(|segment| {
        let shown = ansi::visible(segment);
        shown.starts_with(b"Running with gitlab-runner ")
            || section::marker(&shown).is_some_and(|(before, _)| before.is_empty())
    })
}
