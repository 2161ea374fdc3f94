//! Every access that a policy grants: policies of Vault, bindings of Google Cloud.

use super::table::{Draft, Need, Row, Shown, rows};
use crate::estate::Estate;
use crate::model::id;
use crate::pack::Error;
use crate::posture::StatedPolicy;

pub(super) const NEEDS: &[Need] = &[
    Need {
        what: "Vault policies (sys/policies/acl)",
        shown_by: Shown::VaultPolicy,
    },
    Need {
        what: "IAM policies of Google Cloud (get-iam-policy or an asset export)",
        shown_by: Shown::Table("grant"),
    },
];

pub(super) fn draft(estate: &Estate) -> Result<Draft, Error> {
    let mut all = rows(
        &estate.store,
        "SELECT language AS system, holder, capability, resource, condition, \
         source_file, source_line, source_byte, source_sha256 FROM grant",
    )?;
    all.extend(vault(estate));
    Ok(Draft {
        id: "grants",
        title: "Every access that a policy grants",
        columns: vec!["system", "holder", "capability", "resource", "condition"],
        worksheet: &[],
        rows: all,
        needs: NEEDS,
    })
}

/// One row per policy, path and capability.
fn vault(estate: &Estate) -> Vec<Row> {
    let mut all = Vec::new();
    for StatedPolicy { text, policy, .. } in &estate.policies {
        let namespace = Some(text.namespace.as_str()).filter(|name| !name.is_empty());
        let holder = id::vault_policy(namespace, &text.name);
        let Some(file) = file_of(estate, text.place.file) else {
            continue;
        };
        for stanza in &policy.stanzas {
            for capability in stanza.capabilities.iter() {
                all.push(Row {
                    cells: vec![
                        "vault".to_owned(),
                        holder.clone(),
                        capability.to_string(),
                        stanza.path.clone(),
                        String::new(),
                    ],
                    evidence: crate::model::Evidence {
                        file: file.to_owned(),
                        line: text.place.line,
                        byte: text.place.byte,
                        sha256: text.place.sha256.to_string(),
                    },
                });
            }
        }
    }
    all
}

fn file_of(estate: &Estate, file: crate::model::FileId) -> Option<&str> {
    let mut files = estate.files.iter();
    files
        .find(|found| found.id == file)
        .map(|found| found.name.as_str())
}
