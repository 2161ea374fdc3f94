//! `ocsf`: Compliance Finding (2003) of OCSF 1.8.0, one event a line.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{LintFormat, LintReport, Shown};
use crate::model::{Finding, Severity, Status, Timestamp};
use crate::report::escaped;
use crate::report::visible::visible;

/// Class and activity: a finding was created.
const CLASS: u32 = 2003;
const CREATE: u32 = 1;

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
    let requirements: Vec<&String> = finding.soc2.iter().chain(&finding.iso27001).collect();
    let mut standards = Vec::new();
    if !finding.soc2.is_empty() {
        standards.push("SOC 2 TSC 2017");
    }
    if !finding.iso27001.is_empty() {
        standards.push("ISO/IEC 27001:2022");
    }
    let evidences: Vec<_> = finding
        .evidence
        .iter()
        .map(|piece| {
            json!({ "data": { "file": piece.file, "line": piece.line, "byte": piece.byte } })
        })
        .collect();
    let info = info(finding);
    let (status, status_id) = match (&finding.status, shown.known) {
        (Status::Waived { .. }, _) => ("Suppressed", 3),
        (Status::Open, true) => ("In Progress", 2),
        (Status::Open, false) => ("New", 1),
    };
    let control = requirements.first().copied().cloned().unwrap_or_default();
    let event = json!({
        "activity_id": CREATE,
        "category_uid": 2,
        "class_uid": CLASS,
        "type_uid": CLASS * 100 + CREATE,
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
        "finding_info": info,
        "compliance": {
            "standards": standards,
            "requirements": requirements,
            "control": control,
            "status": "Fail",
            "status_id": 3,
        },
        "resources": [{ "uid": visible(&finding.object) }],
        "remediation": { "desc": visible(shown.remediation) },
        "evidences": evidences,
        "unmapped": { "subject": visible(&finding.subject) },
    });
    escaped::to_writer(out, &event)?;
    out.write_all(b"\n")
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
