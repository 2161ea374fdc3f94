//! Terraform and OpenTofu: Vault policies, roles and auth methods as resources.
//!
//! Read are `vault_policy`, `vault_generic_endpoint` and `vault_generic_secret` where they write a
//! policy or a role, `vault_jwt_auth_backend_role`, `vault_gcp_auth_backend_role`, `vault_jwt_auth_backend` and
//! the data source `vault_policy_document`, and what `google` says, in the native syntax and in JSON. A folder is a module: its
//! files see each other's locals, variables (as a call from another folder passes them, else as
//! `terraform.tfvars` and `*.auto.tfvars` set them, else their defaults) and resources. `for_each`,
//! `count`, loops, conditions, templates and the functions of `function` are followed as long as
//! everything in them is written down. The rest is an expression that only Terraform can evaluate: it
//! is never guessed. A variable that another `.tfvars` file of the folder sets is one of them: which
//! file a run names is not known.
//!
//! The attribute of a role that holds such an expression is named under `unresolved`, and rules that
//! need it say nothing. A name, mount or namespace that is not known is shown as its expression. Of a
//! policy the stanzas stay that are literal.
//!
//! Roles are kind `vault-role` and methods `vault-auth-config`, as in `snapshot::vault`; each
//! attribute has its own line. Besides: kind `terraform-unresolved`, object `terraform:<address>`,
//! attributes `expression` = what a policy's text, or parts of it, could not be read from, `policy`
//! and `namespace` = the policy's name, and `stanzas` where what is not known may be whole stanzas, so
//! that nobody can say what the policy grants; and kind `terraform-module-absent`, object
//! `terraform:<address>`, attribute `source`, of a call whose module is not among the files; and kind
//! `terraform-not-read`, attribute `attribute`, of a resource of another kind that grants policies,
//! or access in a cloud.

mod aws;
mod body;
mod document;
mod file;
mod function;
mod google;
mod google_names;
#[cfg(test)]
mod google_tests;
mod instance;
mod json;
mod module;
mod resource;
mod resources;
mod scope;
mod stanza;
#[cfg(test)]
mod tests;
mod value;
mod walk;

use self::body::{body, json_named};
pub use self::walk::resolve;
use crate::model::{
    About, BYTE_ORDER_MARK, Format, Framing, Language, Record, Sample, Sink, SourceText, Verdict,
    unpacked,
};

/// Every format of this folder.
pub const FORMATS: &[&dyn Format] = &[&Terraform, &TerraformJson, &Variables];

struct Terraform;

/// Blocks that begin a Terraform file, and how many labels each has.
const BLOCKS: [(&str, usize); 14] = [
    ("action", 2),
    ("check", 1),
    ("data", 2),
    ("ephemeral", 2),
    ("import", 0),
    ("locals", 0),
    ("module", 1),
    ("moved", 0),
    ("output", 1),
    ("provider", 1),
    ("removed", 0),
    ("resource", 2),
    ("terraform", 0),
    ("variable", 1),
];

/// How many labels a block has; none for what is no block of Terraform.
fn labels(kind: &str) -> Option<usize> {
    let block = BLOCKS.iter().find(|(block, _)| *block == kind);
    block.map(|(_, labels)| *labels)
}

/// Whether a line begins a block of Terraform: `resource "vault_policy" "x" {`, with or without
/// blanks and quotes.
fn begins_block(line: &str) -> bool {
    let word = |text: &str| {
        let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
        text.find(|c: char| !part(c)).unwrap_or(text.len())
    };
    let (name, mut rest) = line.split_at(word(line));
    let Some(labels) = labels(name) else {
        return false;
    };
    for _ in 0..labels {
        rest = rest.trim_start();
        let label = match rest.strip_prefix('"') {
            Some(inner) => inner.find('"').map(|end| end + 2),
            None => Some(word(rest)).filter(|&end| end > 0),
        };
        let Some(after) = label.and_then(|end| rest.get(end..)) else {
            return false;
        };
        rest = after;
    }
    rest.trim_start().starts_with('{')
}

impl Format for Terraform {
    fn about(&self) -> &About {
        &About {
            source: &crate::snapshot::vault::SOURCE,
            title: "Terraform configuration",
            framing: Framing::TextFile,
        }
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        let head = String::from_utf8_lossy(sample.head);
        let mut comment = false;
        for line in head.lines() {
            let line = line.trim_start_matches(BYTE_ORDER_MARK).trim();
            let line = if comment || line.starts_with("/*") {
                let behind = line.split_once("*/");
                comment = behind.is_none();
                behind.map_or("", |(_, behind)| behind.trim_start())
            } else {
                line
            };
            if line.is_empty() || line.starts_with('#') || line.starts_with("//") {
                continue;
            }
            return begins_block(line);
        }
        false
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        // Terraform has no block `path`: in a file that is none of its own, a policy stands behind
        // what looks like Terraform.
        let stanza = |line: &[u8]| line.starts_with(b"path \"") || line.starts_with(b"path\"");
        let mut lines = record.bytes.split(|&byte| byte == b'\n');
        let named = [".tf", ".tofu"]
            .iter()
            .any(|end| record.path.ends_with(end));
        if !named && lines.any(stanza) {
            return Verdict::Foreign;
        }
        read(record, sink)
    }
}

/// The same in JSON, and its variables: only the name tells either from other objects.
struct TerraformJson;

impl Format for TerraformJson {
    fn about(&self) -> &About {
        const {
            &About::json(
                &crate::snapshot::vault::SOURCE,
                "Terraform configuration in JSON",
            )
        }
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        let object = sample.value.is_some_and(serde_json::Value::is_object);
        object && json_named(sample.path)
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        if !json_named(record.path) {
            return Verdict::Foreign;
        }
        read(record, sink)
    }
}

/// Files that set variables: `*.tfvars`.
struct Variables;

impl Format for Variables {
    fn about(&self) -> &About {
        &About {
            source: &crate::snapshot::vault::SOURCE,
            title: "Terraform variables",
            framing: Framing::TextFile,
        }
    }

    /// Only the name tells such a file from any other list of settings; what it holds must fit.
    fn recognises(&self, sample: &Sample<'_>) -> bool {
        let code = |line: &&str| !line.is_empty() && !line.starts_with(['#', '/']);
        let head = String::from_utf8_lossy(sample.head);
        unpacked(sample.path).ends_with(".tfvars")
            && head
                .lines()
                .map(str::trim)
                .find(code)
                .and_then(|line| line.split_once('='))
                .is_some_and(|(name, _)| {
                    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
                    name.trim().chars().all(part)
                })
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        read(record, sink)
    }
}

/// Takes a text that is sound; what it states is known when its whole folder is read.
fn read(record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
    let Ok(text) = std::str::from_utf8(record.bytes) else {
        return Verdict::Rejected("Terraform configuration is not UTF-8".into());
    };
    match body(record.path, text) {
        Ok(_) => {
            sink.source_text(SourceText {
                language: Language::Terraform,
                text: text.to_owned(),
                place: record.place,
            });
            Verdict::Parsed
        }
        Err(why) => Verdict::Rejected(why.into()),
    }
}
