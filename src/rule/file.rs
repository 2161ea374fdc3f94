//! The keys of a rule file.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de};

use crate::model::Severity;

/// One rule, whole.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// `VLT-EVT-001`; also the file's stem.
    pub id: String,
    /// The bad pattern in a few words.
    pub title: String,
    /// What kind of rule it is.
    pub kind: RuleKind,
    /// Severity unless a row of the answer says otherwise.
    pub severity: Severity,
    /// The question an auditor would ask.
    pub question: String,
    /// What the rule looks for, in words, exclusions included.
    pub logic: String,
    /// What the subject of a finding is.
    pub subject: String,
    /// What the object of a finding is.
    pub object: String,
    /// What must be there for the rule to answer.
    #[serde(default)]
    pub requires: Requires,
    /// SQL that counts the things examined.
    pub population: Option<String>,
    /// SQL that returns one row per piece of evidence.
    pub sql: Option<String>,
    /// The built-in check that answers instead of SQL.
    pub check: Option<String>,
    /// The finding in words; see [`crate::rule::message`].
    pub message: String,
    /// What to do about a finding.
    pub remediation: String,
    /// SOC 2 criteria, primary first.
    pub soc2: Vec<String>,
    /// ISO/IEC 27001:2022 Annex A ids, primary first.
    pub iso27001: Vec<String>,
    /// Claims of the founding articles that the rule tests.
    #[serde(default)]
    pub claims: Vec<String>,
    /// Where the facts come from.
    pub source: String,
    /// Numbers the SQL uses as `{name}`, with their defaults.
    #[serde(default)]
    pub thresholds: BTreeMap<String, Span>,
    /// When the severity differs, in words.
    #[serde(default)]
    pub modifiers: Vec<String>,
    /// Tiny inputs with the answer they must get.
    #[serde(default, rename = "example")]
    pub examples: Vec<Example>,
    /// The text of its file, of a rule that is not in the box.
    #[serde(skip)]
    pub own: Option<String>,
    /// Why it cannot be asked: its file is wrong.
    #[serde(skip)]
    pub broken: Option<String>,
}

/// What kind of rule it is.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum RuleKind {
    /// Configuration alone decides.
    Lint,
    /// Single events decide.
    Event,
    /// Many events together decide.
    Aggregate,
    /// Several systems together decide.
    Join,
    /// Completeness and integrity of the logs.
    Coverage,
    /// Configuration against observed use.
    Drift,
}

impl RuleKind {
    /// The word used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            RuleKind::Lint => "lint",
            RuleKind::Event => "event",
            RuleKind::Aggregate => "aggregate",
            RuleKind::Join => "join",
            RuleKind::Coverage => "coverage",
            RuleKind::Drift => "drift",
        }
    }
}

/// What must be there; whatever is missing makes the rule not-assessed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requires {
    /// Sources of which every one must be supplied.
    #[serde(default)]
    pub sources: Vec<String>,
    /// Sources of which at least one must be supplied.
    #[serde(default)]
    pub any_source: Vec<String>,
    /// Sources of which at least one must be supplied, and any is enough: which of them an estate
    /// has is its choice.
    #[serde(default)]
    pub either: Vec<String>,
    /// Dotted configuration keys that must be set.
    #[serde(default)]
    pub settings: Vec<String>,
    /// Whether the addresses in Vault's log must tell callers apart.
    #[serde(default)]
    pub addresses: bool,
    /// Whether the reasons of refused logins must be readable: a hashed one says nothing.
    #[serde(default)]
    pub reasons: bool,
    /// Tables that must have rows.
    #[serde(default)]
    pub tables: Vec<String>,
    /// `table.column` that must have a value in some row.
    #[serde(default)]
    pub columns: Vec<String>,
    /// Logs of a source that must be supplied, where the source has several:
    /// `gcp-audit/data-access`, `gcp-audit/admin-activity`.
    #[serde(default)]
    pub logs: Vec<String>,
    /// Kinds of configured things that must be exported: `vault-policy`, `ci-file`, `iam-policy`.
    #[serde(default)]
    pub things: Vec<String>,
    /// Sources, logs and kinds of things that the rule also looks at where they are there: without
    /// one of them it looks in part.
    #[serde(default)]
    pub also: Vec<String>,
    /// Sources and kinds of things that would hold what the rule says is absent: inside their holes
    /// nobody is accused.
    #[serde(default)]
    pub counterpart: Vec<String>,
    /// What would hold other candidates of the rule's joins: inside its holes nobody is accused by a
    /// join that no id proves.
    #[serde(default)]
    pub candidates: Vec<String>,
    /// `kind.name` of configured attributes, of which one must be stated before it is a pass that a
    /// rule in SQL found nothing.
    #[serde(default)]
    pub to_pass: Vec<String>,
}

/// What the addresses of Vault's requests are called among what a rule looks at.
pub const ADDRESSES: &str = "request-address";

/// What the reasons of refused logins are called among what a rule looks at.
pub const REASONS: &str = "refused-login";

impl Requires {
    /// Everything that the rule looks at: sources, or those of their logs that it names, and kinds
    /// of things.
    #[must_use]
    pub fn looks_at(&self) -> Vec<&str> {
        let some = self.any_source.iter().chain(&self.either);
        let sources = self.sources.iter().chain(some);
        let whole = sources.filter(|source| {
            let log = |log: &String| log.split('/').next() == Some(source.as_str());
            !self.logs.iter().any(log)
        });
        let named = self.logs.iter().chain(&self.things).chain(&self.also);
        let clearing = self.counterpart.iter().chain(&self.candidates);
        let reasons = self.reasons.then_some(REASONS);
        let addresses = self.addresses.then_some(ADDRESSES);
        let all = whole.chain(named).chain(clearing).map(String::as_str);
        all.chain(reasons).chain(addresses).collect()
    }
}

impl Rule {
    /// Whether it judges exported configuration, and so has nothing to say where none is.
    #[must_use]
    pub fn asks_exports(&self) -> bool {
        self.requires
            .sources
            .iter()
            .any(|source| source.ends_with("-config"))
    }
}

/// A number, or a length of time in whole seconds: `60`, `"10m"`, `"24h"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// A plain number.
    Number(i64),
    /// Seconds.
    Seconds(i64),
}

impl Span {
    /// The number that SQL sees.
    #[must_use]
    pub fn value(self) -> i64 {
        match self {
            Span::Number(value) | Span::Seconds(value) => value,
        }
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Span, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(i64),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Number(number) => Ok(Span::Number(number)),
            Written::Text(text) => seconds(&text).map(Span::Seconds).ok_or_else(|| {
                de::Error::custom(format!(
                    "`{text}` is no length of time; write e.g. \"60s\", \"10m\", \"24h\", \"90d\""
                ))
            }),
        }
    }
}

fn seconds(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at_checked(text.find(|c: char| !c.is_ascii_digit())?)?;
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    number.parse::<i64>().ok()?.checked_mul(unit)
}

/// A tiny input and the answer it must get.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What it shows.
    pub name: String,
    /// The answer.
    pub expect: Expect,
    /// For `expect = "waived"`: the example of a finding that is accepted here. Inputs and findings
    /// are that example's.
    pub of: Option<String>,
    /// With `of`: lines of its files, by path, each of which a waiver is written above. Without it
    /// `piperoll.toml` accepts the findings.
    #[serde(default)]
    pub above: BTreeMap<String, Vec<String>>,
    /// Sources that count as supplied; by default all that the rule requires.
    pub sources: Option<Vec<String>>,
    /// Configuration keys that count as set; by default all that the rule requires.
    pub settings: Option<Vec<String>>,
    /// Why addresses do not tell callers apart, for a rule that needs them to.
    pub hidden_addresses: Option<String>,
    /// Small files by path, for a rule with a `check`.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// Lines of a Vault audit log, for a rule with a `check` that asks one.
    #[serde(default, rename = "request")]
    pub requests: Vec<LoggedRequest>,
    /// Lines of an access log of a mesh, for a rule with a `check` that asks one.
    #[serde(default, rename = "call")]
    pub calls: Vec<LoggedCall>,
    /// Text of a `piperoll.toml`, for a rule with a `check`.
    #[serde(default)]
    pub config: String,
    /// Rows by table; see [`crate::assess::example`] for what a row may leave out.
    #[serde(default)]
    pub rows: BTreeMap<String, Vec<toml::Table>>,
    /// `subject -> object` of every finding, for `expect = "finding"` and `"waived"`.
    #[serde(default)]
    pub finds: Vec<[String; 2]>,
    /// The worst severity that its rows state, where that is what the example shows.
    pub severity: Option<Severity>,
    /// What the detail of some finding contains, where that is what the example shows.
    pub detail: Option<String>,
}

/// An operation of an example's Vault audit log, by one token that has no other.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoggedRequest {
    /// When, RFC 3339.
    pub at: String,
    /// `read`, `update`, ...
    pub operation: String,
    /// Path below the namespace.
    pub path: String,
    /// Policies of the token; of the issued one on a login.
    #[serde(default)]
    pub policies: Vec<String>,
    /// Policies that let it through.
    #[serde(default)]
    pub granting: Vec<String>,
    /// Role that a login takes; it makes the operation a login.
    #[serde(default)]
    pub role: String,
    /// Entity of the token.
    #[serde(default)]
    pub entity: String,
    /// Whether the server refused it.
    #[serde(default)]
    pub denied: bool,
}

/// A line of an example's access log: a request that the caller's and the called service's mesh
/// names, `<mesh>/<service>`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoggedCall {
    /// When, RFC 3339.
    pub at: String,
    /// The caller; empty where the line names none.
    #[serde(default)]
    pub from: String,
    /// The called.
    pub to: String,
    /// Status of the answer.
    #[serde(default = "LoggedCall::answered")]
    pub status: i64,
    /// Id of the request; empty where the line has none.
    #[serde(default)]
    pub request_id: String,
    /// URIs of the caller's certificate, joined by commas.
    #[serde(default)]
    pub peer: String,
}

impl LoggedCall {
    fn answered() -> i64 {
        200
    }
}

/// The answer an example must get.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Expect {
    /// At least one finding.
    Finding,
    /// None.
    Pass,
    /// Findings, every one accepted while its waiver lasts, and open after it.
    Waived,
    /// The rule cannot look.
    NotAssessed,
}
