//! The whole configuration, and how a file becomes one.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::de::DeTable;

use super::problem::{Problem, Problems};
use super::reading::{Document, Fields};
use super::{
    Dialect, Environments, Export, Mounts, Network, OwnControl, Owners, People, RuleChoice,
    Threshold, Thresholds, environment, export, network, own_control, owner, people, reference,
    rule_choice, threshold, vault, waiver,
};
use crate::model::{Digest, Timestamp, Waiver, secret};

/// The configuration of one run.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `[input] paths`, as written.
    pub input_paths: Vec<String>,
    /// `[period]`.
    pub period: PeriodBounds,
    /// `[vault]` mounts by class.
    pub mounts: Mounts,
    /// `[vault] dialect`.
    pub dialect: Dialect,
    /// `[[owner]]`.
    pub owners: Owners,
    /// `[environments]`.
    pub environments: Environments,
    /// `[network]`.
    pub network: Network,
    /// `[people]`.
    pub people: People,
    /// `[mesh.service_map]`: mesh service -> Cloud Run service.
    pub mesh_services: BTreeMap<String, String>,
    /// `[rules]`.
    pub rules: RuleChoice,
    /// `[thresholds]` over the defaults.
    pub thresholds: Thresholds,
    /// `[[waiver]]`, in the order of the file.
    pub waivers: Vec<Waiver>,
    /// `[[source]]`, in the order of the file.
    pub exports: Vec<Export>,
    /// `[[control]]`, in the order of the file.
    pub controls: Vec<OwnControl>,
    /// `[output]`.
    pub output: Output,
    /// `[proposed] keys`: settings that nobody has confirmed.
    pub proposed: Vec<String>,
    /// What is allowed but probably not meant.
    pub warnings: Vec<Problem>,
    /// The file's name, without its folder; empty without a file.
    pub file: String,
    /// The file's text; empty without a file.
    pub text: String,
    /// SHA-256 of the file's text; empty without a file.
    pub sha256: String,
    set: BTreeSet<String>,
}

/// `[period]`: half-open, in UTC; flags override it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct PeriodBounds {
    /// The first moment inside.
    pub from: Option<Timestamp>,
    /// The first moment after.
    pub to: Option<Timestamp>,
    /// The moment at which expiry is judged.
    pub as_of: Option<Timestamp>,
}

/// `[output]`: what the pack is called and shows.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Output {
    /// Frameworks whose controls are shown; empty means all.
    pub frameworks: Vec<String>,
    /// The audited entity's name.
    pub entity: Option<String>,
    /// The environment that the pack is about.
    pub environment: Option<String>,
    /// Who prepared the pack, as its cover says.
    pub prepared_by: Option<String>,
    /// Name of the redaction profile. There is one, `default`: no secret reaches an output, and what
    /// a trace leaks is shown as its type and digest.
    pub redaction: Option<String>,
    /// Where the pages of the rules stand.
    pub rule_pages: Option<RulePages>,
}

/// The address of the page of a rule, with `{rule}` for its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulePages(String);

impl RulePages {
    /// The address of the page of one rule.
    #[must_use]
    pub fn of(&self, rule: &str) -> String {
        self.0.replace("{rule}", rule)
    }

    fn read(fields: &mut Fields<'_>) -> Option<RulePages> {
        let text = fields.string("rule_pages")?;
        let rest = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"));
        let odd = |c: char| c.is_whitespace() || c.is_control() || "<>\"\\^`|".contains(c);
        let sound = rest.is_some_and(|rest| !rest.starts_with('/')) && text.contains("{rule}");
        if sound
            && !text
                .replace("{rule}", "")
                .contains(|c| odd(c) || "{}".contains(c))
        {
            return Some(RulePages(text));
        }
        let message = "`output.rule_pages` is no address of pages by rule";
        let help = "write an address with {rule} where the id stands, \"https://docs.example.com/rules/{rule}.html\"";
        fields.complain("rule_pages", message, help);
        None
    }
}

/// The secrets in a configuration file. No key asks for one, and what is configured is shown in
/// errors, on the first screen and in the pack.
fn secrets(file: &str, text: &str) -> Vec<Problem> {
    let bytes = text.as_bytes();
    let problem = |span: &Range<usize>, pattern: &str| {
        let message = format!("what looks like a secret ({pattern}) stands in the configuration");
        let help = "take it out, and revoke it: no key of the configuration asks for a secret";
        Problem::at(file, text, span, message, help.to_owned())
    };
    let plain = secret::find(bytes)
        .into_iter()
        .filter(|found| found.pattern != ACCESS_KEY_ID);
    let mut found: Vec<Problem> = plain
        .map(|found| problem(&found.range, found.pattern))
        .collect();
    let spelled = secret::spelled(bytes).into_iter();
    let spelled = spelled.filter(|found| found.pattern != ACCESS_KEY_ID);
    found.extend(spelled.map(|found| problem(&found.range, found.pattern)));
    found.sort();
    found.dedup_by_key(|problem| problem.line);
    found
}

/// The id of an access key of AWS names a principal (`aws:key/<id>`), and is no secret.
const ACCESS_KEY_ID: &str = "aws-access-key-id";

impl Settings {
    /// Reads the text of a configuration file; `file` is its name in messages.
    ///
    /// `rule_thresholds` are the thresholds that rule files declare, with their defaults, whose
    /// kind a configured value must have.
    ///
    /// # Errors
    ///
    /// Every fault of the file, in its order.
    pub fn parse(
        file: &str,
        text: &str,
        rule_thresholds: &[(&str, Threshold)],
    ) -> Result<Settings, Problems> {
        let secrets = secrets(file, text);
        if !secrets.is_empty() {
            return Err(Problems(secrets));
        }
        let (root, syntax) = DeTable::parse_recoverable(text);
        let document = Document {
            file,
            text,
            broken: !syntax.is_empty(),
            problems: RefCell::default(),
            warnings: RefCell::default(),
            set: RefCell::default(),
        };
        let settings = read(Fields::root(&document, &root), rule_thresholds);
        let mut problems: Vec<Problem> = syntax
            .iter()
            .map(|fault| {
                let span = fault.span().unwrap_or_default();
                let help = "see https://toml.io for the syntax".to_owned();
                Problem::at(file, text, &span, fault.message().replace('\n', ", "), help)
            })
            .collect();
        // A value that does not parse is recovered as something else; its kind says nothing.
        let broken: Vec<usize> = problems.iter().map(|problem| problem.line).collect();
        let read_problems = document.problems.into_inner().into_iter();
        problems.extend(read_problems.filter(|problem| !broken.contains(&problem.line)));
        problems.sort();
        problems.dedup();
        if !problems.is_empty() {
            return Err(Problems(problems));
        }
        Ok(Settings {
            warnings: document.warnings.into_inner(),
            file: file.rsplit(['/', '\\']).next().unwrap_or(file).to_owned(),
            text: text.to_owned(),
            sha256: digest(text),
            set: document.set.into_inner(),
            ..settings
        })
    }

    /// The configuration without a file, with the thresholds of the rules at their defaults.
    #[must_use]
    pub fn without_file(rule_thresholds: &[(&str, Threshold)]) -> Settings {
        Settings {
            thresholds: Thresholds::with(rule_thresholds),
            ..Settings::default()
        }
    }

    /// Waivers and choices that name a rule which is not among `ids`.
    #[must_use]
    pub fn unknown_rules(&self, ids: &[&str]) -> Vec<Problem> {
        let unknown = self.waivers.iter();
        let unknown = unknown.filter(|waiver| !ids.contains(&waiver.rule.as_str()));
        let told = unknown.map(|waiver| {
            let (file, line) = waiver.declared_at.rsplit_once(':').unwrap_or_default();
            Problem {
                file: file.to_owned(),
                line: line.parse().unwrap_or(1),
                column: 1,
                message: format!("the waiver names a rule that is none: `{}`", waiver.rule),
                help: rule_choice::meant(&waiver.rule, ids),
            }
        });
        let mut problems: Vec<Problem> = told.chain(self.rules.unknown(ids)).collect();
        problems.sort();
        problems
    }

    /// Whether the file has a table or key, by its dotted name: `vault.ci_mounts`, `owner`,
    /// `owner.project` (in any `[[owner]]`), `people.aliases`, `thresholds.grace`.
    ///
    /// An empty list counts: it says that there is none.
    #[must_use]
    pub fn is_set(&self, key: &str) -> bool {
        self.set.contains(key)
    }
}

fn digest(text: &str) -> String {
    Digest::of(text.as_bytes()).to_string()
}

fn read(mut root: Fields<'_>, rule_thresholds: &[(&str, Threshold)]) -> Settings {
    let mut settings = Settings::without_file(rule_thresholds);
    if let Some(mut input) = root.table("input") {
        let paths = input.strings("paths").unwrap_or_default();
        settings.input_paths = paths.into_iter().map(|(path, _)| path).collect();
        input.finish();
    }
    if let Some(fields) = root.table("period") {
        settings.period = read_period(fields);
    }
    if let Some(fields) = root.table("vault") {
        (settings.mounts, settings.dialect) = vault::read(fields);
    }
    if let Some(fields) = root.table("environments") {
        settings.environments = environment::read(fields);
    }
    settings.owners = owner::read(root.tables("owner"), &settings.environments);
    if let Some(fields) = root.table("network") {
        settings.network = network::read(fields);
    }
    if let Some(fields) = root.table("people") {
        settings.people = people::read(fields);
    }
    if let Some(fields) = root.table("mesh") {
        settings.mesh_services = read_mesh(fields);
    }
    if let Some(fields) = root.table("rules") {
        settings.rules = rule_choice::read(fields);
    }
    if let Some(fields) = root.table("thresholds") {
        settings.thresholds = threshold::read(fields, rule_thresholds);
    }
    settings.waivers = waiver::read(root.tables("waiver"));
    settings.exports = export::read(root.tables("source"));
    settings.controls = own_control::read(root.tables("control"));
    if let Some(mut fields) = root.table("output") {
        let frameworks = fields.string_or_strings("framework").unwrap_or_default();
        settings.output = Output {
            frameworks: frameworks.into_iter().map(|(name, _)| name).collect(),
            entity: fields.string("entity"),
            environment: fields.string("environment"),
            prepared_by: fields.string("prepared_by"),
            redaction: fields.one_of("redaction", &["default"]).map(str::to_owned),
            rule_pages: RulePages::read(&mut fields),
        };
        fields.finish();
    }
    if let Some(fields) = root.table("proposed") {
        settings.proposed = read_proposed(fields);
    }
    root.finish();
    settings
}

fn read_mesh(mut mesh: Fields<'_>) -> BTreeMap<String, String> {
    let mut services = BTreeMap::new();
    if let Some(fields) = mesh.table("service_map") {
        services = fields.open_strings();
    }
    mesh.finish();
    services
}

/// `[proposed]`: only settings that there are can be confirmed.
fn read_proposed(mut fields: Fields<'_>) -> Vec<String> {
    let mut proposed = Vec::new();
    for (key, span) in fields.strings("keys").unwrap_or_default() {
        let known = reference::TABLES.iter().any(|table| {
            let mut keys = table.keys.iter();
            table.name == key || keys.any(|of| format!("{}.{}", table.name, of.name) == key)
        });
        if known {
            proposed.push(key);
            continue;
        }
        let message = format!("`proposed.keys` names no setting: \"{key}\"");
        let help = "write a table or key of this file, e.g. \"vault.ci_mounts\" or \"owner\"";
        fields.document.complain(&span, message, help);
    }
    fields.finish();
    proposed
}

fn read_period(mut fields: Fields<'_>) -> PeriodBounds {
    let bounds = PeriodBounds {
        from: fields.time("from"),
        to: fields.time("to"),
        as_of: fields.time("as_of"),
    };
    if let (Some(from), Some(to)) = (bounds.from, bounds.to)
        && from >= to
    {
        fields.complain(
            "to",
            format!("the period ends at {to}, not after its start {from}"),
            "`to` is the first moment after the period",
        );
    }
    fields.finish();
    bounds
}
