//! `oscal-catalog`: the controls that assessment results name, as an OSCAL 1.2.1 catalogue with
//! titles of our own; the texts of the standards are not in it.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{LintFormat, LintReport, NamedControl};
use crate::model::Digest;
use crate::report::escaped;
use crate::report::visible::visible;

pub(super) struct OscalCatalog;

impl LintFormat for OscalCatalog {
    fn name(&self) -> &'static str {
        "oscal-catalog"
    }

    fn write(&self, report: &LintReport<'_>, out: &mut dyn Write) -> io::Result<()> {
        escaped::to_writer_pretty(out, &catalog(report))?;
        out.write_all(b"\n")
    }
}

/// The catalogue: one group per framework, in the order of the control matrix.
pub(super) fn catalog(report: &LintReport<'_>) -> Value {
    let mut groups: Vec<Value> = Vec::new();
    for part in report
        .controls
        .chunk_by(|one, next| one.framework == next.framework)
    {
        let Some(first) = part.first() else { continue };
        let controls: Vec<Value> = part
            .iter()
            .map(|control| {
                json!({
                    "id": token(control),
                    "title": visible(&control.title),
                    "props": [{ "name": "label", "value": visible(&control.id) }],
                })
            })
            .collect();
        groups.push(json!({
            "id": name(&first.framework),
            "title": visible(&first.framework_title),
            "controls": controls,
        }));
    }
    let at = report.as_of.to_string();
    let ids = report.controls.iter().map(token).collect::<Vec<_>>();
    let mut catalog = json!({
        "uuid": uuid(&format!("catalog\n{}\n{at}", ids.join("\n"))),
        "metadata": {
            "title": "Ids of controls with titles by piperoll",
            "last-modified": at,
            "version": report.version,
            "oscal-version": "1.2.1",
            "remarks": "Ids and titles only. What a control asks for stands in its standard.",
        },
    });
    // OSCAL knows no empty list.
    if let Some(fields) = catalog.as_object_mut()
        && !groups.is_empty()
    {
        fields.insert("groups".to_owned(), Value::Array(groups));
    }
    json!({ "catalog": catalog })
}

/// A control's id as a token, which begins with a letter and holds letters, digits, `.`, `-`, `_`:
/// `soc2-cc6.1`, `nist80053-ac-6.1`. Where the id holds what no token can, its digest tells it from
/// others.
pub(super) fn token(control: &NamedControl) -> String {
    let short = control.framework.split('-').next().unwrap_or_default();
    let id = control.id.to_lowercase();
    // NIST's own catalogue writes `ac-6.1` for its enhancement AC-6(1).
    let written = id.replace('(', ".").replace(')', "");
    let token = name(&format!("{short}-{written}"));
    if token.ends_with(&written) {
        token
    } else {
        format!("{token}-{:.8}", Digest::of(id.as_bytes()))
    }
}

/// Text of ours or of a configuration as a token.
fn name(text: &str) -> String {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || ".-_".contains(letter);
    text.chars()
        .map(|letter| if allowed(letter) { letter } else { '_' })
        .collect()
}

/// A UUID of version 5's form out of a digest: the same thing has the same one in every run.
pub(super) fn uuid(name: &str) -> String {
    let digest = Digest::of(name).to_string();
    let part = |from: usize, to: usize| digest.get(from..to).unwrap_or_default().to_owned();
    format!(
        "{}-{}-5{}-8{}-{}",
        part(0, 8),
        part(8, 12),
        part(13, 16),
        part(17, 20),
        part(20, 32)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(framework: &str, id: &str) -> String {
        token(&NamedControl {
            framework: framework.to_owned(),
            framework_title: String::new(),
            id: id.to_owned(),
            title: String::new(),
        })
    }

    #[test]
    fn an_id_is_a_token_and_two_ids_are_two() {
        assert_eq!(of("soc2-2017", "CC6.1"), "soc2-cc6.1");
        assert_eq!(of("iso27001-2022", "8.2"), "iso27001-8.2");
        assert_eq!(of("nist80053-r5", "AC-6(1)"), "nist80053-ac-6.1");
        let (slash, blank) = (of("own", "AC/07"), of("own", "AC 07"));
        assert!(slash.starts_with("own-ac_07-") && blank.starts_with("own-ac_07-"));
        assert_ne!(slash, blank);
    }
}
