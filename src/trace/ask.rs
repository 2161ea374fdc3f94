//! What is asked, and what is said when nothing is known by that name.

use crate::report::visible;
use crate::table::engine::EngineError;

use crate::model::{Failing, FailureKind};

/// What an id is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A GitLab job.
    Job,
    /// A Vault token.
    Token,
    /// A secret.
    Secret,
    /// A person.
    Person,
    /// A Cloud Run service.
    Service,
}

impl Kind {
    /// All kinds.
    pub(super) const ALL: [Kind; 5] = [
        Kind::Job,
        Kind::Token,
        Kind::Secret,
        Kind::Person,
        Kind::Service,
    ];

    /// The word used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Job => "job",
            Kind::Token => "token",
            Kind::Secret => "secret",
            Kind::Person => "person",
            Kind::Service => "service",
        }
    }

    /// How ids of this kind are written.
    fn forms(self) -> &'static str {
        match self {
            Kind::Job => {
                "gitlab:job/<project>/<job>, <project number or path>/<job>, <job>, or the address of its page"
            }
            Kind::Token => {
                "vault:accessor/<hash>, the hash or its first 8 digits or more, vault:login/<request id>, or the id of a request made with it"
            }
            Kind::Secret => {
                "a logical path (secret/app/db), an API path (secret/data/app/db), vault:path/<path>, gcp:resource/<full name>, or the name of a Google secret"
            }
            Kind::Person => {
                "a name of [people.aliases], a GitLab user name, gitlab:user/<name>, or an e-mail address"
            }
            Kind::Service => {
                "run:service/<project>/<region>/<name>, its name, or the account it runs as"
            }
        }
    }
}

/// One question.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// What the id is of.
    pub kind: Kind,
    /// The id, a URI or bare.
    pub id: &'a str,
    /// How many children of one node are shown.
    pub limit: usize,
}

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// Nothing is known by that id.
    #[error("no {} `{}` is in the logs and exports\n{}", .kind.as_str(), visible(.asked), help(*.kind, .asked, .near, .of))]
    Unknown {
        /// What the id is of.
        kind: Kind,
        /// The id as asked.
        asked: String,
        /// Ids that are written alike.
        near: Vec<String>,
        /// Other kinds that have this id.
        of: Vec<Kind>,
    },
    /// Several are.
    #[error("`{}` names several {}s\n  help: choose one of {}", visible(.asked), .kind.as_str(), listed(.found))]
    Ambiguous {
        /// What the id is of.
        kind: Kind,
        /// The id as asked.
        asked: String,
        /// What it may mean.
        found: Vec<String>,
    },
    /// The tables cannot be read back.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl Failing for TraceError {
    fn kind(&self) -> FailureKind {
        match self {
            TraceError::Unknown { .. } | TraceError::Ambiguous { .. } => FailureKind::Usage,
            TraceError::Engine(EngineError::File { .. }) => FailureKind::Input,
            TraceError::Engine(_) => FailureKind::Internal,
        }
    }
}

fn help(kind: Kind, asked: &str, near: &[String], of: &[Kind]) -> String {
    let mut lines = Vec::new();
    for other in of {
        let other = other.as_str();
        lines.push(format!(
            "  help: a {other} has this id: piperoll trace {other} {}",
            visible(asked)
        ));
    }
    // What is written alike would only distract from what has the very id.
    if of.is_empty() && !near.is_empty() {
        lines.push(format!("  help: written alike: {}", listed(near)));
    }
    lines.push(format!("  help: an id is {}", kind.forms()));
    lines.join("\n")
}

fn listed(ids: &[String]) -> String {
    let shown: Vec<_> = ids.iter().map(|id| visible(id)).collect();
    shown.join(", ")
}
