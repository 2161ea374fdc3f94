//! CI files: text, jobs, and the project they belong to.

use super::name;
use crate::model::{GitlabPath, Place, SourceText};
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

    /// The place of a line of the file.
    #[must_use]
    pub fn line(&self, line: usize) -> Place {
        Place {
            line: line as u64,
            ..self.place
        }
    }
}
