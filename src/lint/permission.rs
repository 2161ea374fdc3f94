//! Who may do what: one request decided for whoever a name stands for, by the policies as stated.

use std::collections::BTreeSet;

use super::broken::{self, Broken};
use super::{LintRequest, gather};
use crate::policy::{Operation, Request};
use crate::posture::Posture;
use crate::posture::vault::{callers, names};
use crate::rule::Facts;
use crate::source::{self, InputFile};

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    /// A policy (several by commas), a role, an entity, a project or a service account.
    pub who: &'q str,
    /// What it wants to do.
    pub operation: Operation,
    /// The path below the namespace; of a key-value engine also without `data/`.
    pub path: &'q str,
}

/// What the stated policies say of one that the name stands for.
#[derive(Clone, Debug)]
pub struct Permission {
    /// Its id.
    pub who: String,
    /// Namespace, empty for root.
    pub namespace: String,
    /// The policies of its tokens.
    pub policies: BTreeSet<String>,
    /// The path that was decided.
    pub path: String,
    /// Whether they allow it.
    pub allowed: bool,
    /// The policies that do.
    pub granting: Vec<String>,
    /// The deciding pattern.
    pub rule: Option<String>,
    /// File and line of the deciding stanza.
    pub place: Option<(String, u64)>,
    /// Its policies that are not stated: what they grant is not known.
    pub absent: Vec<String>,
    /// Templated stanzas that may match, and whose values are not known.
    pub templates: Vec<String>,
}

/// The answers, or the names that are most alike where the name stands for nothing.
#[derive(Clone, Debug)]
pub struct Permissions {
    /// One per thing that the name stands for, by id.
    pub answers: Vec<Permission>,
    /// Faults of the files: what they would grant is not known.
    pub broken: Vec<Broken>,
    /// What to say of links that leave the paths and were followed.
    pub links: Vec<String>,
    /// Names that can be asked about.
    pub names: BTreeSet<String>,
}

/// Reads the paths and answers.
///
/// # Errors
///
/// A path that is missing or cannot be listed, or nothing to read.
pub fn permissions(
    request: &LintRequest<'_>,
    question: Question<'_>,
) -> Result<Permissions, source::Error> {
    let files = gather::files(request)?;
    let gathered = gather::gather(&files, request);
    let facts = Facts::new(gathered.sources.clone(), request.settings);
    let names_of_files: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
    let input = Posture::new(gathered.stated(request, &facts, &names_of_files));
    let (broken, _) = broken::collect(&gathered, &input, &files);
    Ok(Permissions {
        answers: answers(&input, question),
        broken,
        links: InputFile::links_told(&files),
        names: names(&input),
    })
}

fn answers(input: &Posture<'_>, question: Question<'_>) -> Vec<Permission> {
    let path = question.path.trim_start_matches('/');
    let lists = question.operation.lists();
    let asked = callers(input, question.who).into_iter().map(|caller| {
        let path = caller.api_path(input, path, lists);
        let said = caller.ask(input, &Request::new(question.operation, &path));
        Permission {
            who: caller.id,
            namespace: caller.namespace,
            policies: caller.policies,
            path,
            allowed: said.allowed,
            granting: said.granting,
            rule: said.rule,
            place: said.place,
            absent: said.absent,
            templates: said.templates,
        }
    });
    asked.collect()
}
