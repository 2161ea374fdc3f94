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
//! - `first_at`, `last_at` with the timestamp feature; else both by the first section marker, which
//!   the runner writes before anything of the job runs
//! - `end_state` (`success`, `failed`, or `absent`: truncated or cancelled), `end_reason`,
//!   `truncated_at_bytes`
//! - `refusal` (rule GLB-002): `audience`, `claims`, `role`, `expired`, `forbidden`, `denied`,
//!   `kms-denied`; each class once, at its first line
//! - `sealed`: what the job printed packed or encrypted so that nothing here opens it (`bzip2`, `xz`,
//!   `openssl`, ...), each kind once, at its first line
//!
//! Secrets are searched in the raw bytes between carriage returns, again without control sequences,
//! in the whole line without what nobody sees, and in lines that are pieces of one text or of a dump;
//! they leave as redacted exposures (rule GLB-001). What an API or a proxy answered in place of a
//! trace, and what is no text, is damage.
//! Times are the runner's, or none: text of a job that looks like them is text.

mod ansi;
mod content;
mod fact;
mod joined;
mod line;
mod reader;
mod seam;
mod section;
mod spread;
#[cfg(test)]
mod tests;

use crate::model::{
    About, Format, Framing, GitlabPath, Holds, Record, Sample, Sink, Source, Verdict,
};

/// The format of GitLab job traces.
pub struct Traces;

/// Lines of the head that are looked at.
const LINES_TRIED: usize = 400;

/// What its files are records of.
const SOURCE: Source = Source {
    name: "gitlab-trace",
    holds: Holds::Records,
};

impl Format for Traces {
    fn about(&self) -> &About {
        &About {
            source: &SOURCE,
            title: "GitLab job trace",
            framing: Framing::TextLines,
        }
    }

    fn owns(&self, path: &str) -> bool {
        GitlabPath::parse(path).is_trace
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        let first = sample.head.iter().find(|byte| !byte.is_ascii_whitespace());
        if matches!(first, None | Some(b'{')) {
            return false;
        }
        line::Lines::new(sample.head)
            .take(LINES_TRIED)
            .enumerate()
            .any(|(index, line)| is_typical(&line, index))
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        if let Some(answer) = content::answer(record.bytes) {
            return Verdict::Rejected(answer.into());
        }
        // A job may print what it likes: what it leaked beside is found all the same.
        reader::read(record, sink);
        match content::is_text(record.bytes) {
            true => Verdict::Parsed,
            false => Verdict::Rejected("no text where a trace lies".into()),
        }
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
