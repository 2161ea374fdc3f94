//! From an assessed estate to the evidence pack on disk.

use std::collections::BTreeMap;
use std::path::Path;

use super::chain_walk::StoredChains;
use super::contents::Contents;
use super::difference::since;
use super::edge_walk::StoredEdges;
use super::picture::pictures;
use super::population::populations;
use super::resolved::resolved;
use super::reviews::Reviews;
use super::root_cause::causes;
use super::{Error, Packed, Provenance, RunRecord, write};
use crate::assess::{Assessment, missing, reach, rule_texts, ruleset_digests};
use crate::config::Settings;
use crate::estate::{Citations, Estate};
use crate::identity::MountClass;
use crate::model::{Cited, Digest, Period, RootCause};
use crate::report::{ChainLink, FORMATS, JoinReadiness, Population, Report, Templates};

/// Version of piperoll, as packs name it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What a pack is made with besides what was read and settled.
#[derive(Clone, Copy, Debug)]
pub struct Given<'g> {
    /// The pack of the period before: what changed since is said.
    pub previous: Option<&'g Contents>,
    /// What reviewers decided.
    pub reviews: &'g Reviews,
    /// What the page is made of.
    pub templates: &'g Templates,
}

/// Writes the pack of an assessed estate to `directory`, which must not exist.
///
/// # Errors
///
/// When the directory exists or something cannot be read back or written.
pub fn write_pack(
    estate: &Estate,
    assessment: &Assessment,
    settings: &Settings,
    given: Given<'_>,
    directory: &Path,
    run: &RunRecord<'_>,
) -> Result<Packed, Error> {
    let (previous, reviews) = (given.previous, given.reviews);
    let basis = Basis::of(estate, assessment, settings, given);
    let shown = Shown::of(estate, assessment, settings, given)?;
    let mut report = Report {
        entity: settings.output.entity.as_deref().unwrap_or(""),
        environment: settings.output.environment.as_deref().unwrap_or(""),
        prepared_by: settings.output.prepared_by.as_deref().unwrap_or(""),
        framework: &shown.framework,
        framework_title: &shown.framework_title,
        period: estate.period,
        period_derived: estate.period_derived,
        as_of: estate.as_of,
        interim: assessment.interim.as_deref(),
        report_id: &basis.report_id,
        ruleset_sha256: &basis.ruleset,
        version: VERSION,
        findings: &assessment.findings,
        evidence: &shown.evidence,
        pictures: &shown.pictures,
        responses: reviews.responses(),
        causes: &shown.causes,
        rules: &assessment.runs,
        coverage: &estate.coverage,
        collected: &estate.provenance.collections(&estate.coverage),
        bridges: &estate.bridges,
        devices: &estate.devices,
        handles: &estate.handles,
        rejected: &estate.rejected,
        controls: &assessment.controls,
        edges: &StoredEdges(&estate.store),
        chains: &StoredChains(&estate.store),
        readiness: &readiness(estate),
        configuration: &settings.text,
        settings: &basis.resolved,
        rule_texts: &texts_of(&basis.rules, &assessment.own_rules),
        populations: &shown.populations,
        templates: Some(given.templates),
        previous: None,
        notes: &shown.notes,
    };
    let provenance = Provenance {
        configuration_sha256: &basis.configuration,
        configuration_file: &settings.file,
        rules: &basis.rules,
    };
    let difference = previous
        .map(|pack| since(pack, &report, &provenance))
        .transpose()?;
    report.previous = difference.as_ref();
    write(directory, FORMATS, &report, &provenance, run)
}

/// What decides a pack besides its inputs, by digest, and the id of what follows from all of them.
struct Basis {
    /// Every rule with the digest of its file.
    rules: Vec<(String, String)>,
    /// The digest of all of them.
    ruleset: String,
    /// Every setting in force.
    resolved: Vec<(String, String)>,
    /// The digest of the configuration.
    configuration: String,
    report_id: String,
}

impl Basis {
    fn of(
        estate: &Estate,
        assessment: &Assessment,
        settings: &Settings,
        given: Given<'_>,
    ) -> Basis {
        let (rules, ruleset) = ruleset_digests(&assessment.own_rules);
        let mut resolved = resolved(settings, estate);
        resolved.extend(given.reviews.settings());
        resolved.extend(given.templates.settings());
        let configuration = settled(settings, &resolved);
        Basis {
            report_id: report_id(estate, &ruleset, &configuration, given.previous),
            rules,
            ruleset,
            resolved,
            configuration,
        }
    }
}

/// What the pack shows of an estate and its findings that neither of them has in that form.
struct Shown {
    /// The ids of the frameworks.
    framework: String,
    /// Their titles, with the edition.
    framework_title: String,
    /// The evidence of each finding.
    evidence: Vec<Vec<Cited>>,
    /// The chain behind each finding.
    pictures: Vec<Vec<ChainLink>>,
    causes: Vec<RootCause>,
    /// What other audit devices call the credentials that findings name.
    populations: Vec<Population>,
    notes: Vec<String>,
}

impl Shown {
    fn of(
        estate: &Estate,
        assessment: &Assessment,
        settings: &Settings,
        given: Given<'_>,
    ) -> Result<Shown, Error> {
        let findings = &assessment.findings;
        let cited = findings.iter().flat_map(|finding| &finding.evidence);
        let evidence = Citations::read(estate, settings, cited)?.of_findings(findings);
        let populations = populations(estate, settings, given.reviews)?;
        let pictures = pictures(estate, findings)?;
        let causes = causes(estate, findings)?;
        let mut notes = notes(estate, assessment, settings);
        notes.extend(strangers(given.reviews, &populations));
        notes.extend(given.reviews.unmatched(findings));
        notes.extend(given.previous.and_then(|pack| between(pack, estate)));
        let frameworks = assessment.frameworks.iter();
        let ids: Vec<&str> = frameworks.clone().map(|one| one.id.as_str()).collect();
        let titles = frameworks.map(|one| format!("{} ({})", one.title, one.edition));
        Ok(Shown {
            framework: ids.join(";"),
            framework_title: titles.collect::<Vec<_>>().join("; "),
            evidence,
            pictures,
            causes,
            populations,
            notes,
        })
    }
}

/// The digest of the configuration: the file as it is, and what holds with it; neither where it
/// lies nor how the program is built.
fn settled(settings: &Settings, resolved: &[(String, String)]) -> String {
    let lines = resolved.iter();
    let lines: String = lines
        .map(|(name, value)| format!("{name}={value}\n"))
        .collect();
    Digest::of(format!("file={}\n{lines}", settings.sha256).as_bytes()).to_string()
}

/// The id of a report: the same of the same inputs, rules, configuration, period and version.
fn report_id(
    estate: &Estate,
    ruleset: &str,
    configuration: &str,
    previous: Option<&Contents>,
) -> String {
    let files = estate.coverage.iter();
    let inputs: String = files
        .map(|file| format!("{} {}\n", file.sha256, file.path))
        .collect();
    let Period { from, to } = estate.period;
    let [from, to, as_of] = [from, to, estate.as_of].map(|at| at.stated());
    let period = format!("{from} {to} {as_of}");
    let before = previous.map_or_else(String::new, |pack| {
        format!("\nprevious={}", pack.sha256sums_sha256)
    });
    let identity = [VERSION, ruleset, configuration, &period, &inputs].join("\n") + &before;
    format!("{:.16}", Digest::of(identity.as_bytes()))
}

/// The text of every rule, beside its digest.
fn texts_of(
    rules: &[(String, String)],
    own: &BTreeMap<String, String>,
) -> Vec<(String, String, String)> {
    let texts = rule_texts(own);
    let text = |id: &String| texts.get(id.as_str()).copied().unwrap_or_default();
    rules
        .iter()
        .map(|(id, sha256)| (id.clone(), sha256.clone(), text(id).to_owned()))
        .collect()
}

/// How well the logins of each role can be joined, as the report shows it.
#[must_use]
pub fn readiness(estate: &Estate) -> Vec<JoinReadiness> {
    estate
        .readiness
        .iter()
        .map(|role| JoinReadiness {
            role: role.role.clone(),
            mount_class: role.class.map_or("", MountClass::as_str).to_owned(),
            logins: role.logins,
            established: role.established,
            ambiguous: role.ambiguous,
            unjoined: role.unjoined,
            missing_claims: role
                .missing_claims
                .iter()
                .map(|claim| (*claim).to_owned())
                .collect(),
            remedy: role.remedy.clone(),
        })
        .collect()
}

/// What the report says where nothing tells a period.
const UNDATED: &str = "No period was given and none could be derived, for no record that was read has a time: what is found holds for the inputs, whenever they were written, and no waiver that ends is taken to be in force without --as-of.";

/// What was chosen of the rules: a reader who does not know it would take silence for a pass.
fn chosen(assessment: &Assessment, settings: &Settings) -> Option<String> {
    let chosen = settings.rules.resolved();
    if chosen.is_empty() {
        return None;
    }
    let runs = assessment.runs.iter();
    let left_out = runs.filter(|run| settings.rules.left_out(&run.rule_id).is_some());
    let chosen = chosen
        .iter()
        .map(|(name, value)| format!("{name} = {value}"));
    Some(format!(
        "{} of {} rules were left out and count as not assessed, by the choice of rules: {}.",
        left_out.count(),
        assessment.runs.len(),
        chosen.collect::<Vec<_>>().join("; ")
    ))
}

fn notes(estate: &Estate, assessment: &Assessment, settings: &Settings) -> Vec<String> {
    let mut notes = Vec::new();
    let events: u64 = estate.coverage.iter().map(|file| file.in_period).sum();
    if !estate.period.is_known() {
        notes.push(UNDATED.to_owned());
    } else if events == 0 {
        notes.push(format!(
            "No event lies in the period {} to {}: nothing below says anything about it.",
            estate.period.from, estate.period.to
        ));
    }
    for (file, reason) in &estate.unreadable {
        notes.push(format!("{file} could not be read: {reason}"));
    }
    if estate.shift != 0 {
        let seconds = estate.shift as f64 / 1e6;
        notes.push(format!(
            "Vault's clock was moved by {seconds:.3} s to match GitLab's, as learned from logins that name their job."
        ));
    }
    let reach = reach::of(estate);
    notes.extend(
        reach
            .into_iter()
            .map(|log| format!("Of the period: {log}.")),
    );
    let (lines, more) = missing::of(&estate.holes);
    notes.extend(lines.into_iter().map(|line| format!("Missing: {line}.")));
    if more > 0 {
        notes.push(format!(
            "Missing: something of {more} more kinds; data/rules.csv says what each rule lacks."
        ));
    }
    notes.extend(chosen(assessment, settings));
    notes.extend(assessment.notes.iter().cloned());
    notes
}

/// Reviews that name nothing here are no reviews of this.
fn strangers(reviews: &Reviews, populations: &[Population]) -> Option<String> {
    let rows = populations.iter().flat_map(|population| &population.rows);
    let count = reviews.strangers(rows.map(|row| row.id.as_str()));
    let rows = if count == 1 { "row is" } else { "rows are" };
    (count > 0).then(|| {
        format!("{count} reviewed {rows} not in this pack: what was decided there is gone or has changed, and must be reviewed anew.")
    })
}

/// What lies between the previous pack's period and this one, or in both.
fn between(previous: &Contents, estate: &Estate) -> Option<String> {
    let (end, start) = (&previous.manifest.period.to, estate.period.from.stated());
    (*end != start).then(|| {
        format!(
            "The previous pack ends at {end}, this period begins at {start}: what lies between is in neither, what overlaps is in both."
        )
    })
}
