//! `ocsf`: findings as events of OCSF 1.8.0, one a line: what a policy, role or binding allows is
//! an IAM Analysis Finding (2008), all else a Compliance Finding (2003).

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{LintFormat, LintReport, Shown};
use crate::model::{Evidence, Finding, Severity, Status, Timestamp};
use crate::report::escaped;
use crate::report::visible::visible;

/// Classes and activity: a finding was created.
const COMPLIANCE: u32 = 2003;
const IAM_ANALYSIS: u32 = 2008;
const CREATE: u32 = 1;

/// Rules that analyse what may be done, whether or not somebody did it.
const ANALYSES: [&str; 5] = ["VLT-POL-", "VLT-ROL-", "VLT-USE-", "GCP-IAM-", "AWS-TRU-"];

pub(super) struct Ocsf;

impl LintFormat for Ocsf {
    fn name(&self) -> &'static str {
        "ocsf"
    }

    fn write(&self, report: &LintReport<'_>, out: &mut dyn Write) -> io::Result<()> {
        for shown in report.findings {
            event(report, shown, out)?;
        }
        Ok(())
    }
}

fn event(report: &LintReport<'_>, shown: &Shown<'_>, out: &mut dyn Write) -> io::Result<()> {
    let finding = shown.finding;
    let analysis = ANALYSES.iter().any(|of| finding.rule_id.starts_with(of));
    let class = if analysis { IAM_ANALYSIS } else { COMPLIANCE };
    let (status, status_id) = match (&finding.status, shown.known) {
        (Status::Waived(_), _) => ("Suppressed", 3),
        (Status::Open, true) => ("In Progress", 2),
        (Status::Open, false) => ("New", 1),
    };
    let mut event = json!({
        "activity_id": CREATE,
        "category_uid": 2,
        "class_uid": class,
        "type_uid": class * 100 + CREATE,
        "severity_id": severity(finding.severity),
        "time": millis(finding.last_seen.unwrap_or(report.as_of)),
        "count": finding.count,
        "message": visible(&finding.message),
        "status": status,
        "status_id": status_id,
        "metadata": {
            "version": "1.8.0",
            "product": {
                "name": "piperoll",
                "vendor_name": "piperoll",
                "version": report.version,
            },
        },
        "finding_info": info(finding),
        "resources": [{ "uid": visible(&finding.object) }],
        "remediation": { "desc": visible(shown.remediation) },
    });
    let own = if analysis {
        analysed(finding)
    } else {
        judged(finding)
    };
    if let (Some(event), Value::Object(own)) = (event.as_object_mut(), own) {
        event.extend(own);
    }
    escaped::to_writer(out, &event)?;
    out.write_all(b"\n")
}

/// What a Compliance Finding has of its own.
fn judged(finding: &Finding) -> Value {
    let mut standards = Vec::new();
    if !finding.soc2.is_empty() {
        standards.push("SOC 2 TSC 2017");
    }
    if !finding.iso27001.is_empty() {
        standards.push("ISO/IEC 27001:2022");
    }
    let requirements = requirements(finding);
    let control = requirements.first().copied().cloned().unwrap_or_default();
    let evidences: Vec<Value> = places(finding)
        .into_iter()
        .map(|place| json!({ "data": place }))
        .collect();
    json!({
        "compliance": {
            "standards": standards,
            "requirements": requirements,
            "control": control,
            "status": "Fail",
            "status_id": 3,
        },
        "evidences": evidences,
        "unmapped": { "subject": visible(&finding.subject) },
    })
}

/// What an IAM Analysis Finding has of its own: the policy, or the identity, whose power it is.
fn analysed(finding: &Finding) -> Value {
    let subject = visible(&finding.subject);
    // The class knows neither controls nor pieces of evidence.
    let unmapped = json!({
        "subject": subject,
        "requirements": requirements(finding),
        "evidences": places(finding),
    });
    if finding.subject.starts_with("vault:policy/") || finding.subject.starts_with("aws:policy/") {
        let policy = json!({ "policy": { "uid": subject } });
        json!({ "permission_analysis_results": [policy], "unmapped": unmapped })
    } else {
        json!({ "user": { "uid": subject }, "unmapped": unmapped })
    }
}

fn requirements(finding: &Finding) -> Vec<&String> {
    finding.soc2.iter().chain(&finding.iso27001).collect()
}

fn places(finding: &Finding) -> Vec<Value> {
    let place =
        |piece: &Evidence| json!({ "file": piece.file, "line": piece.line, "byte": piece.byte });
    finding.evidence.iter().map(place).collect()
}

/// A moment in milliseconds.
fn millis(time: Timestamp) -> i64 {
    time.0.div_euclid(1_000)
}

/// What was found, in words, and when.
fn info(finding: &Finding) -> Value {
    let mut info = json!({
        "uid": finding.id,
        "title": visible(&finding.title),
        "desc": visible(&finding.message),
        "types": [finding.rule_id],
    });
    let times = [
        ("first_seen_time", finding.first_seen),
        ("last_seen_time", finding.last_seen),
    ];
    for (name, time) in times {
        if let (Some(fields), Some(time)) = (info.as_object_mut(), time) {
            fields.insert(name.to_owned(), json!(millis(time)));
        }
    }
    info
}

fn severity(severity: Severity) -> u8 {
    match severity {
        Severity::Info => 1,
        Severity::Low => 2,
        Severity::Med => 3,
        Severity::High => 4,
        Severity::Crit => 5,
    }
}
