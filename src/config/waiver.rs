//! `[[waiver]]`: findings that somebody accepts until a date.

use super::reading::Fields;
use crate::model::Waiver;

/// Reads every `[[waiver]]`; one with faults is reported and left out.
pub(super) fn read(tables: Vec<Fields<'_>>) -> Vec<Waiver> {
    let mut waivers = Vec::new();
    for mut fields in tables {
        waivers.extend(read_one(&mut fields));
        fields.finish();
    }
    waivers
}

fn read_one(fields: &mut Fields<'_>) -> Option<Waiver> {
    let rule = required(
        fields,
        "rule",
        "the id of the rule, e.g. rule = \"VLT-POL-001\"",
    );
    let fingerprint = fields.string("fingerprint");
    let subject = fields.string("subject");
    let object = fields.string("object");
    let reason = required(fields, "reason", "why the finding is accepted");
    let owner = required(fields, "owner", "who accepts it");
    let expires = fields.time("expires");
    if !fields.has("expires") {
        fields.missing(
            "`expires`",
            "every acceptance ends: expires = \"2026-12-31\"",
        );
    }
    let ticket = fields.string("ticket").unwrap_or_default();
    let approved_by = fields.string("approved_by").unwrap_or_default();
    let approved_on = fields.time("approved_on");
    let by_fingerprint = fields.has("fingerprint");
    let (subject_named, object_named) = (fields.has("subject"), fields.has("object"));
    if by_fingerprint && (subject_named || object_named) {
        fields.complain(
            "fingerprint",
            "a waiver has both `fingerprint` and `subject`/`object`",
            "name the finding one way: fingerprint, or subject and object",
        );
    } else if !by_fingerprint && (!subject_named || !object_named) {
        fields.missing(
            "finding",
            "name it by fingerprint (finding_id of findings.csv), or by subject and object",
        );
    }
    Some(Waiver {
        rule: rule?,
        fingerprint,
        subject,
        object,
        reason: reason?,
        owner: owner?,
        expires: expires?,
        ticket,
        approved_by,
        approved_on,
        declared_at: fields.document.pointer(&fields.span),
    })
}

fn required(fields: &mut Fields<'_>, key: &'static str, help: &str) -> Option<String> {
    let value = fields.string(key);
    if !fields.has(key) {
        fields.missing(&format!("`{key}`"), format!("write {help}"));
    }
    value
}
