//! Accepted findings stay findings; a waiver that has ended or fits nothing is said.

use crate::model::{Acceptance, Finding, Status, Timestamp, Waiver};

/// What became of one waiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WaiverUse {
    /// It accepts this many findings.
    InForce(usize),
    /// It ended before `as_of`; this many findings it named are open again.
    Expired(usize),
    /// It is in force and names nothing that was found: the fault is mended, or the name wrong.
    Unused,
}

impl WaiverUse {
    /// A note for the reader of the report; `None` when there is nothing to say.
    #[must_use]
    pub fn note(&self, waiver: &Waiver) -> Option<String> {
        let Waiver {
            rule,
            owner,
            declared_at,
            expires,
            ..
        } = waiver;
        match self {
            WaiverUse::InForce(_) => None,
            WaiverUse::Expired(open) => Some(format!(
                "{declared_at}: the waiver of {owner} for {rule} ended {expires}; \
                 {open} finding(s) it named are open"
            )),
            WaiverUse::Unused => Some(format!(
                "{declared_at}: the waiver of {owner} for {rule} names no finding of this run"
            )),
        }
    }
}

/// Marks the findings that a waiver in force at `as_of` accepts; one answer per waiver, in order.
///
/// Where several fit, the first in the configuration file stands in the finding.
pub fn apply(findings: &mut [Finding], waivers: &[Waiver], as_of: Timestamp) -> Vec<WaiverUse> {
    let judge = |waiver: &Waiver, findings: &mut [Finding]| {
        let named = accept(findings, waiver, as_of, |finding| fits(waiver, finding));
        match (as_of < waiver.expires, named) {
            (false, named) => WaiverUse::Expired(named),
            (true, 0) => WaiverUse::Unused,
            (true, named) => WaiverUse::InForce(named),
        }
    };
    waivers
        .iter()
        .map(|waiver| judge(waiver, findings))
        .collect()
}

/// Marks the findings of the waiver's rule that `names` picks, if it is in force at `as_of`; says
/// how many it named.
pub fn accept(
    findings: &mut [Finding],
    waiver: &Waiver,
    as_of: Timestamp,
    names: impl Fn(&Finding) -> bool,
) -> usize {
    let named = findings
        .iter_mut()
        .filter(|finding| waiver.rule == finding.rule_id && names(finding));
    let mut count = 0;
    for finding in named {
        count += 1;
        if as_of < waiver.expires && finding.status == Status::Open {
            finding.status = Status::Waived(Acceptance {
                owner: waiver.owner.clone(),
                reason: waiver.reason.clone(),
                expires: waiver.expires,
                ticket: waiver.ticket.clone(),
                approved_by: waiver.approved_by.clone(),
                approved_on: waiver.approved_on,
            });
        }
    }
    count
}

fn fits(waiver: &Waiver, finding: &Finding) -> bool {
    match (&waiver.fingerprint, &waiver.subject, &waiver.object) {
        (Some(fingerprint), _, _) => *fingerprint == finding.id,
        (None, Some(subject), Some(object)) => {
            *subject == finding.subject && *object == finding.object
        }
        _ => false,
    }
}
