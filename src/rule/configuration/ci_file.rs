//! CI files: text, jobs, and the project they belong to.

use sha2::{Digest as _, Sha256};

use super::name;
use crate::model::{Digest, Evidence, GitlabPath, Place, SourceText, secret};
use crate::rule::Excerpt;
use crate::snapshot::gitlab::ci::CiFile;

/// One parsed `.gitlab-ci.yml`.
#[derive(Debug)]
pub struct CiText<'c> {
    /// `gitlab:project/<id>` from the path; none where the path names no project.
    pub project: Option<String>,
    /// What comes before a job's name in its id, as `snapshot::gitlab` writes it:
    /// `gitlab:ci-job/<prefix>/<job>`.
    pub prefix: String,
    /// Jobs and the top of the file.
    pub ci: CiFile,
    /// The text. It may hold secrets: show it through [`super::Configuration::excerpt`] only.
    pub text: &'c str,
    /// Path of the file.
    pub path: &'c str,
    /// Where it was read.
    pub place: Place,
}

impl<'c> CiText<'c> {
    /// Parses a text; `None` when it is broken, which its format has reported.
    pub(super) fn read(text: &'c SourceText, files: &'c [String]) -> Option<CiText<'c>> {
        let path = name(files, text.place.file);
        let ci = CiFile::parse(&text.text).ok()?;
        let hint = GitlabPath::parse(path);
        Some(CiText {
            project: hint.owner(),
            prefix: hint.prefix(path).to_string(),
            ci,
            text: &text.text,
            path,
            place: text.place,
        })
    }

    /// The id of a job.
    #[must_use]
    pub fn job_id(&self, job: &str) -> String {
        format!("gitlab:ci-job/{}/{job}", self.prefix)
    }

    /// A line of the file, from 1, as evidence; the record is that line.
    #[must_use]
    pub fn evidence(&self, line: usize) -> Evidence {
        let index = line.saturating_sub(1);
        let before = self.text.split_inclusive('\n').take(index);
        let byte: usize = before.map(str::len).sum();
        let written = self.text.lines().nth(index).unwrap_or_default();
        Evidence {
            file: self.path.to_owned(),
            line: line as u64,
            byte: byte as u64,
            sha256: Digest(Sha256::digest(written.as_bytes()).into()).to_string(),
        }
    }

    /// A line of the file, redacted.
    #[must_use]
    pub fn excerpt(&self, line: usize) -> Option<Excerpt> {
        let written = self.text.lines().nth(line.checked_sub(1)?)?;
        let text = secret::redact(written);
        let blank = text.chars().take_while(|c| c.is_whitespace()).count();
        Some(Excerpt {
            line: line as u64,
            last_line: line as u64,
            column: u32::try_from(blank + 1).unwrap_or(1),
            length: u32::try_from(text.trim().chars().count()).unwrap_or(u32::MAX),
            text,
        })
    }

    /// The place of a line of the file.
    #[must_use]
    pub fn line(&self, line: usize) -> Place {
        Place {
            line: line as u64,
            ..self.place
        }
    }
}
