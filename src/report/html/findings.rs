//! The findings of the page: grouped by rule, the first of each in full.

use std::collections::BTreeMap;

use serde::Serialize;

use super::chain::Picture;
use super::words;
use crate::model::{Cited, Confidence, Disposition, Finding, Response, RuleRun, Status};
use crate::report::Report;
use crate::report::answer::Answer;
use crate::report::spread::{Spread, spreads};

/// How many findings of one rule the page shows at most; the rest is counted and in
/// `data/findings.csv`.
const FINDINGS_PER_RULE: usize = 25;
/// How many findings the page shows in all, so that it opens at once however many there are.
const FINDINGS_PER_PAGE: usize = 400;
/// How many pieces of evidence of one finding the page shows; the rest is counted and in
/// `data/finding_evidence.csv`.
pub(super) const EVIDENCE_PER_FINDING: usize = 5;

#[derive(Serialize)]
pub(super) struct Group {
    rule_id: String,
    title: String,
    severity: &'static str,
    question: String,
    logic: String,
    remediation: String,
    controls: String,
    population: String,
    spread: String,
    total: u64,
    hidden: u64,
    findings: Vec<Card>,
}

#[derive(Serialize)]
pub(super) struct Card {
    id: String,
    severity: &'static str,
    title: String,
    message: String,
    subject: String,
    object: String,
    /// The same with hashes cut: the whole is in the title and in the message.
    subject_short: String,
    object_short: String,
    confidence: String,
    band: &'static str,
    first: String,
    last: String,
    count: u64,
    ended: Option<String>,
    status: &'static str,
    waiver: Option<String>,
    /// What a reviewer says became of it; empty where nothing but its status is known.
    disposition: &'static str,
    answers: Vec<Told>,
    picture: Option<Picture>,
    /// What other audit devices write for the credentials that it names.
    other_handles: String,
    evidence: Vec<Pointer>,
    hidden_evidence: u64,
    total_evidence: u64,
}

/// One thing that was answered to it.
#[derive(Serialize)]
struct Told {
    what: &'static str,
    text: String,
}

#[derive(Serialize)]
struct Pointer {
    pointer: String,
    byte: u64,
    end: u64,
    kind: &'static str,
    sha256: String,
}

/// One of the worst findings, in words, for the first screen.
#[derive(Serialize)]
pub(super) struct Worst {
    /// Where the page tells more: the finding, or its rule when the finding is below the cap.
    anchor: String,
    severity: &'static str,
    title: String,
    message: String,
    others: u64,
}

/// How many findings of one rule this page shows: as many as fit, at least the worst of each rule.
pub(super) fn per_rule(findings: &[Finding]) -> usize {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in findings {
        *counts.entry(&finding.rule_id).or_default() += 1;
    }
    let shown = |most: usize| {
        counts
            .values()
            .map(|count| (*count).min(most))
            .sum::<usize>()
    };
    (1..=FINDINGS_PER_RULE)
        .rev()
        .find(|most| shown(*most) <= FINDINGS_PER_PAGE)
        .unwrap_or(1)
}

/// Groups the findings by rule, in the order in which the worst of each rule comes; the first
/// `per_rule` of each in full.
pub(super) fn groups(report: &Report<'_>, per_rule: usize) -> Vec<Group> {
    let runs: BTreeMap<&str, &RuleRun> = report
        .rules
        .iter()
        .map(|run| (run.rule_id.as_str(), run))
        .collect();
    let spreads = spreads(report);
    let mut place: BTreeMap<&str, usize> = BTreeMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for (index, finding) in report.findings.iter().enumerate() {
        let at = *place.entry(&finding.rule_id).or_insert_with(|| {
            let rule = finding.rule_id.as_str();
            let run = runs.get(rule).copied();
            groups.push(group(finding, run, spreads.get(rule)));
            groups.len() - 1
        });
        let Some(group) = groups.get_mut(at) else {
            continue;
        };
        group.total += 1;
        if group.findings.len() < per_rule {
            let links = report.pictures.get(index).map(Vec::as_slice);
            group.findings.push(card(
                finding,
                report.evidence.get(index).map_or(&[], Vec::as_slice),
                report.responses.get(&finding.id),
                Picture::new(links.unwrap_or_default()),
                other_handles(finding, report),
            ));
        } else {
            group.hidden += 1;
        }
    }
    groups
}

/// The worst open findings of up to three different rules.
pub(super) fn worst(findings: &[Finding], per_rule: usize) -> Vec<Worst> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut worst: Vec<(&Finding, bool, u64)> = Vec::new();
    for finding in findings {
        let place = seen.entry(&finding.rule_id).or_default();
        *place += 1;
        if finding.status != Status::Open {
            continue;
        }
        let shown = *place <= per_rule;
        let known = worst
            .iter()
            .position(|(known, _, _)| known.rule_id == finding.rule_id);
        if let Some((_, _, others)) = known.and_then(|index| worst.get_mut(index)) {
            *others += 1;
        } else if worst.len() < 3 {
            worst.push((finding, shown, 0));
        }
    }
    worst
        .into_iter()
        .map(|(finding, shown, others)| Worst {
            anchor: if shown {
                format!("f-{}", finding.id)
            } else {
                format!("r-{}", finding.rule_id)
            },
            severity: finding.severity.as_str(),
            title: words::clip(&finding.title, 200),
            message: words::clip(&finding.message, 400),
            others,
        })
        .collect()
}

fn group(finding: &Finding, run: Option<&RuleRun>, spread: Option<&Spread<'_>>) -> Group {
    let told = |text: fn(&RuleRun) -> &String| run.map(text).cloned().unwrap_or_default();
    let mut controls: Vec<String> = finding.soc2.clone();
    controls.extend(finding.iso27001.iter().map(|id| format!("A.{id}")));
    Group {
        rule_id: finding.rule_id.clone(),
        title: run.map_or_else(|| words::clip(&finding.title, 200), |run| run.title.clone()),
        severity: finding.severity.as_str(),
        question: told(|run| &run.question),
        logic: told(|run| &run.logic),
        remediation: told(|run| &run.remediation),
        controls: controls.join(" \u{00B7} "),
        population: run
            .map(|run| words::number(run.population))
            .unwrap_or_default(),
        spread: spread.map(told_spread).unwrap_or_default(),
        total: 0,
        hidden: 0,
        findings: Vec::new(),
    }
}

/// Rate, concentration and spread in words; nothing where one occurrence is all.
fn told_spread(spread: &Spread<'_>) -> String {
    if spread.occurrences < 2 {
        return String::new();
    }
    let number = |count: u64, one: &str| {
        let more = if count == 1 { "" } else { "s" };
        format!("{} {one}{more}", words::number(count))
    };
    let mut said = number(spread.occurrences, "occurrence");
    if let Some(rate) = spread.rate() {
        said += &format!(", {rate} % of what was examined");
    }
    said += &format!("; {}", number(spread.subjects(), "subject"));
    if let (true, Some(share)) = (spread.subjects() > 1, spread.concentration()) {
        said += &format!(", {share} % by one");
    }
    said += &format!("; {}", number(spread.objects(), "object"));
    if spread.days() > 0 {
        said += &format!("; on {}", number(spread.days(), "day"));
    }
    if spread.ended > 0 {
        said += &format!("; {} ended again", words::number(spread.ended));
    }
    said
}

fn card(
    finding: &Finding,
    cited: &[Cited],
    response: Option<&Response>,
    picture: Option<Picture>,
    other_handles: String,
) -> Card {
    let answer = Answer::of(&finding.status, response);
    let total = cited.len() as u64;
    let evidence: Vec<Pointer> = cited
        .iter()
        .take(EVIDENCE_PER_FINDING)
        .map(|evidence| Pointer {
            pointer: words::clip(&evidence.pointer(), 400),
            byte: evidence.byte,
            end: evidence.end,
            kind: evidence.kind.as_str(),
            sha256: evidence.sha256.to_string(),
        })
        .collect();
    Card {
        id: finding.id.clone(),
        severity: finding.severity.as_str(),
        title: words::clip(&finding.title, 200),
        message: words::clip(&finding.message, 1_200),
        subject_short: words::short(&words::clip(&finding.subject, 400)),
        object_short: words::short(&words::clip(&finding.object, 400)),
        subject: words::clip(&finding.subject, 400),
        object: words::clip(&finding.object, 400),
        confidence: finding.confidence.to_string(),
        band: Confidence::band(finding.confidence).map_or("", |band| band.as_str()),
        first: words::optional_time(finding.first_seen),
        last: words::optional_time(finding.last_seen),
        count: finding.count,
        ended: finding.ended.as_ref().map(|ended| {
            let record = format!("{}:{}", ended.file, ended.line);
            format!("{} by {}", words::time(ended.at), words::clip(&record, 400))
        }),
        status: finding.status.as_str(),
        waiver: waiver(&finding.status),
        disposition: match answer.disposition {
            Disposition::Open | Disposition::AcceptedRisk => "",
            closed => closed.as_str(),
        },
        answers: answers(&finding.status, &answer),
        picture,
        other_handles,
        hidden_evidence: total - evidence.len() as u64,
        total_evidence: total,
        evidence,
    }
}

/// What other audit devices write for the credentials that a finding names.
fn other_handles(finding: &Finding, report: &Report<'_>) -> String {
    let ends = [&finding.subject, &finding.object].into_iter();
    let others: Vec<&str> = ends
        .filter_map(|end| report.handles.get(end))
        .flatten()
        .map(String::as_str)
        .collect();
    words::clip_of(&others.join(", "), 400, "data/credential_names.csv")
}

/// What was answered, thing by thing; what the waiver says already is not said again.
fn answers(status: &Status, answer: &Answer<'_>) -> Vec<Told> {
    let open = *status == Status::Open;
    let own = |text: &str| if open { text.to_owned() } else { String::new() };
    let approved = matches!(status, Status::Waived(it)
        if !it.approved_by.is_empty() || it.approved_on.is_some());
    let reviewed = match approved {
        true => [""; 2],
        false => [answer.reviewed_by, &answer.reviewed_at],
    };
    let reviewed: Vec<&str> = reviewed
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect();
    [
        ("Cause", answer.cause.to_owned()),
        ("Effect", answer.effect.to_owned()),
        ("Response", own(answer.response)),
        ("Owner", own(answer.owner)),
        ("Ticket", own(answer.ticket)),
        ("Reviewed", reviewed.join(", ")),
    ]
    .into_iter()
    .filter(|(_, text)| !text.is_empty())
    .map(|(what, text)| Told {
        what,
        text: words::clip_of(&text, 1_200, "data/exceptions.csv"),
    })
    .collect()
}

fn waiver(status: &Status) -> Option<String> {
    let Status::Waived(accepted) = status else {
        return None;
    };
    let ticket = match accepted.ticket.as_str() {
        "" => String::new(),
        ticket => format!(", {ticket}"),
    };
    let by = match accepted.approved_by.as_str() {
        "" => String::new(),
        named => format!(" by {named}"),
    };
    let day = accepted.approved_on;
    let on = day.map_or_else(String::new, |day| format!(" on {}", day.date()));
    let approved = match (by.as_str(), on.as_str()) {
        ("", "") => String::new(),
        _ => format!(", approved{by}{on},"),
    };
    Some(format!(
        "Accepted by {}{approved} until {}{ticket}: {}. A waived finding is still an exception.",
        accepted.owner,
        words::time(accepted.expires),
        accepted.reason
    ))
}
