//! What two packs say differently, in the formats it can be read in.

mod csv;
mod json;
mod text;

pub use csv::{ChangesSincePrevious, difference_csv};
pub use json::difference_json;
pub use text::difference_text;

/// Which pack one side of a comparison is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackName {
    /// The pack's id.
    pub report_id: String,
    /// Digest of its `SHA256SUMS`; empty for a pack that is being written.
    pub sha256sums_sha256: String,
    /// First moment of its period.
    pub from: String,
    /// First moment after it.
    pub to: String,
    /// Why it is interim; empty when it is not.
    pub interim: String,
}

/// Everything in which two packs differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// The earlier pack.
    pub old: PackName,
    /// The later one.
    pub new: PackName,
    /// What differs, by topic and id.
    pub changes: Vec<Change>,
    /// Findings that both have, unchanged.
    pub same_findings: u64,
}

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// What it is about.
    pub topic: Topic,
    /// `new`, `gone` or `changed`.
    pub change: &'static str,
    /// Id of the thing.
    pub id: String,
    /// What it is, in words.
    pub what: String,
    /// The field that changed; empty for what is new or gone.
    pub field: String,
    /// What the earlier pack says.
    pub old: String,
    /// What the later one says.
    pub new: String,
    /// What a reader has to know before relying on it.
    pub note: String,
}

/// What a change is about, in the order in which it has to be known: what was asked and how comes
/// before what was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// The version of the program, the entity, the period.
    Run,
    /// A setting in force.
    Setting,
    /// The text of a rule: its answers are not those of the same question.
    Logic,
    /// An input.
    Input,
    /// A finding.
    Finding,
    /// What a rule answered.
    Rule,
    /// The state of a control.
    Control,
    /// How many rows a table has.
    Population,
}

impl Topic {
    /// Every topic, in order.
    pub const ALL: [Topic; 8] = [
        Topic::Run,
        Topic::Setting,
        Topic::Logic,
        Topic::Input,
        Topic::Finding,
        Topic::Rule,
        Topic::Control,
        Topic::Population,
    ];

    /// The word used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Topic::Run => "run",
            Topic::Setting => "setting",
            Topic::Logic => "logic",
            Topic::Input => "input",
            Topic::Finding => "finding",
            Topic::Rule => "rule",
            Topic::Control => "control",
            Topic::Population => "population",
        }
    }

    /// The heading of the topic, for people.
    #[must_use]
    pub fn heading(self) -> &'static str {
        match self {
            Topic::Run => "The run",
            Topic::Setting => "Settings",
            Topic::Logic => "Rules whose text changed: their answers have to be tested anew",
            Topic::Input => "Inputs",
            Topic::Finding => "Findings",
            Topic::Rule => "What rules answered",
            Topic::Control => "Controls",
            Topic::Population => "Rows of the tables",
        }
    }
}

impl Difference {
    /// The changes of a topic.
    pub fn of(&self, topic: Topic) -> impl Iterator<Item = &Change> {
        self.changes
            .iter()
            .filter(move |change| change.topic == topic)
    }

    /// How many things of a topic are new, gone, or changed. A thing that changed in several
    /// fields counts once.
    #[must_use]
    pub fn count(&self, topic: Topic, change: &str) -> u64 {
        let ids = self.of(topic).filter(|found| found.change == change);
        let ids: std::collections::BTreeSet<&str> = ids.map(|found| found.id.as_str()).collect();
        ids.len() as u64
    }
}
