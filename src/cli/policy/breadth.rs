//! `policy breadth`: how broad each policy is.

use std::io::{self, BufReader, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::load::{self, Policies};
use super::request::Lines;
use super::{BreadthArgs, Format, sets};
use crate::cli::Failure;
use crate::disk;
use crate::model::FailureKind;
use crate::policy::{
    Acl, AclContext, Breadth, BreadthInput, DEFAULT_CAP, Evidence, Observed, Policy, Universe,
    breadth,
};
use crate::report::escaped;

/// One request that was made; `allowed` defaults to true.
#[derive(Deserialize)]
struct Made {
    policies: Vec<String>,
    operation: String,
    path: String,
    #[serde(default = "yes")]
    allowed: bool,
}

fn yes() -> bool {
    true
}

/// One measure, in the order of its keys.
#[derive(Serialize)]
struct Out<'a> {
    policies: &'a [String],
    score: u32,
    over_privilege: f64,
    under_privilege: f64,
    openness: u8,
    open_patterns: &'a [String],
    unused_capabilities: f64,
    cross_owner: f64,
    foreign_owners: Vec<&'a String>,
    granted_weight: u64,
    used_weight: u64,
    granted_atoms: usize,
    unused: Vec<String>,
    escalations: Vec<OutEscalation<'a>>,
    overly_broad: bool,
    rulings: Vec<&'static str>,
    /// The 95 % upper bound of the use of what went unused; null says insufficient evidence.
    unused_bound: Option<f64>,
    complete: bool,
}

#[derive(Serialize)]
struct OutEscalation<'a> {
    region: &'a str,
    path: &'a str,
    capabilities: String,
    rule: Option<&'a str>,
}

pub(super) fn run(
    args: &BreadthArgs,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<(), Failure> {
    let policies = load::policies(&args.input.policies, args.input.reading.reading(), stderr)?;
    let made = match &args.requests {
        Some(path) => made(path, stderr)?,
        None => Vec::new(),
    };
    let mut estate = BreadthInput {
        mounts: args.mount.clone(),
        owners: args.owner.clone(),
        holder_owners: args.holder.iter().cloned().collect(),
        sessions: args.sessions,
        window_days: args.window_days,
        ..BreadthInput::default()
    };
    // One universe for all, whoever made the requests.
    estate.listed = made
        .iter()
        .map(|(_, observed)| observed.path.clone())
        .collect();
    let universe = Universe::new(&estate, args.input.reading.dialect);
    for set in sets(&args.set, policies.names()) {
        if let Some(absent) = set.iter().find(|name| policies.get(name).is_none()) {
            writeln!(stderr, "error: no policy {absent:?}")?;
            return Err(Failure::Reported(FailureKind::Usage));
        }
        let holds = |policies: &[String]| set.iter().all(|name| policies.contains(name));
        let own = made.iter().filter(|(policies, _)| holds(policies));
        estate.observed = own.map(|(_, observed)| observed.clone()).collect();
        let acl = acl(&policies, &set, args);
        let measured = breadth(&acl, &universe, &estate, DEFAULT_CAP);
        match args.format {
            Format::Ndjson => ndjson(&set, &measured, stdout)?,
            Format::Text => text(&set, &measured, stdout)?,
        }
    }
    Ok(())
}

fn acl(policies: &Policies, set: &[String], args: &BreadthArgs) -> Acl {
    let held: Vec<(&str, &Policy)> = set
        .iter()
        .filter_map(|name| Some((name.as_str(), &policies.get(name)?.policy)))
        .collect();
    let context = AclContext {
        dialect: args.input.reading.dialect,
        keep_templates: true,
        as_of: Some(super::as_of(args.input.reading.as_of)),
        ..AclContext::default()
    };
    Acl::new(&held, context)
}

type ByPolicies = Vec<(Vec<String>, Observed)>;

fn made(path: &Path, stderr: &mut dyn Write) -> Result<ByPolicies, Failure> {
    let mut fail = |what: String| -> Result<ByPolicies, Failure> {
        writeln!(stderr, "error: {what}")?;
        Err(Failure::Reported(FailureKind::Usage))
    };
    let file = match disk::open_file(path) {
        Ok(file) => file,
        Err(error) => return fail(format!("cannot read {}: {error}", path.display())),
    };
    let mut reader = BufReader::new(file);
    let mut lines = Lines::new(&mut reader);
    let mut made = Vec::new();
    while let Some((number, line)) = lines.next()? {
        let parsed = serde_json::from_slice::<Made>(line).map_err(|error| error.to_string());
        let read = parsed.and_then(|made| Ok((made.operation.parse()?, made)));
        match read {
            Ok((
                operation,
                Made {
                    policies,
                    path,
                    allowed,
                    ..
                },
            )) => {
                made.push((
                    policies,
                    Observed {
                        path,
                        operation,
                        allowed,
                    },
                ));
            }
            Err(error) => return fail(format!("{}:{number}: {error}", path.display())),
        }
    }
    Ok(made)
}

fn ndjson(set: &[String], measured: &Breadth, out: &mut dyn Write) -> Result<(), Failure> {
    let atom = |atom: &crate::policy::Atom| format!("{} {}", atom.capability, atom.path);
    let line = Out {
        policies: set,
        score: measured.score,
        over_privilege: round(measured.over_privilege),
        under_privilege: round(measured.under_privilege),
        openness: measured.openness,
        open_patterns: &measured.open_patterns,
        unused_capabilities: round(measured.unused_capabilities),
        cross_owner: round(measured.cross_owner),
        foreign_owners: measured.foreign_owners.iter().collect(),
        granted_weight: measured.granted_weight,
        used_weight: measured.used_weight,
        granted_atoms: measured.granted_atoms,
        unused: measured.unused.iter().map(atom).collect(),
        escalations: measured
            .escalations
            .iter()
            .map(|escalation| OutEscalation {
                region: &escalation.region,
                path: &escalation.path,
                capabilities: escalation.capabilities.to_string(),
                rule: escalation.rule.as_deref(),
            })
            .collect(),
        overly_broad: measured.is_overly_broad(),
        rulings: measured
            .rulings
            .iter()
            .map(|ruling| ruling.code())
            .collect(),
        unused_bound: match measured.evidence {
            Evidence::Bound(bound) => Some(round(bound)),
            Evidence::Insufficient => None,
        },
        complete: measured.complete,
    };
    escaped::to_writer(out, &line)?;
    Ok(out.write_all(b"\n")?)
}

/// Four decimals are more than the measure is good for.
fn round(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

fn text(set: &[String], measured: &Breadth, out: &mut dyn Write) -> Result<(), Failure> {
    let name = set.join(",");
    let rulings: Vec<&str> = measured.rulings.iter().map(|r| r.code()).collect();
    let verdict = match rulings.as_slice() {
        [] => "not overly broad".to_owned(),
        rulings => format!("overly broad ({})", rulings.join(", ")),
    };
    let (name, score) = (name.escape_debug(), measured.score);
    writeln!(out, "{name}: {verdict}, score {score}")?;
    measures(measured, out)?;
    for escalation in &measured.escalations {
        let (capabilities, path) = (escalation.capabilities, &escalation.path);
        let region = &escalation.region;
        writeln!(out, "  escalation: {capabilities} on {path:?} ({region})")?;
    }
    match measured.evidence {
        Evidence::Bound(bound) => {
            let share = bound * 100.0;
            writeln!(
                out,
                "  unused means: used in under {share:.1} % of sessions"
            )?;
        }
        Evidence::Insufficient => {
            writeln!(out, "  insufficient evidence to call anything unused")?;
        }
    }
    if !measured.complete {
        let what = "too many kinds of path, some patterns were not looked at";
        writeln!(out, "  unknown: {what}")?;
    }
    Ok(())
}

/// The four parts of the score.
fn measures(measured: &Breadth, out: &mut dyn Write) -> io::Result<()> {
    let (granted, used) = (measured.granted_weight, measured.used_weight);
    let over = measured.over_privilege;
    writeln!(
        out,
        "  over-privilege {over:.2}: {used} of weight {granted} used"
    )?;
    let patterns: Vec<String> = measured
        .open_patterns
        .iter()
        .map(|pattern| format!("{pattern:?}"))
        .collect();
    let (openness, patterns) = (measured.openness, patterns.join(", "));
    writeln!(out, "  open-endedness {openness} of 5: {patterns}")?;
    let unused = measured.unused_capabilities;
    writeln!(out, "  unused capabilities {unused:.2}")?;
    let owners: Vec<String> = measured
        .foreign_owners
        .iter()
        .map(|owner| format!("{owner:?}"))
        .collect();
    let (cross, owners) = (measured.cross_owner, owners.join(", "));
    writeln!(out, "  other owners {cross:.2}: {owners}")
}
