//! Terraform and OpenTofu: Vault policies, roles and auth methods as resources.
//!
//! Read are `vault_policy`, `vault_jwt_auth_backend_role`, `vault_gcp_auth_backend_role`,
//! `vault_jwt_auth_backend` and the data source `vault_policy_document`, out of a subset of HCL 2:
//! literals, lists, maps, heredocs, products of numbers, and references to resources of the same
//! file. Anything else is an expression that only Terraform can evaluate: it is never guessed. The
//! attribute of a role that holds one is named under `unresolved`, and rules that need it say
//! nothing. A name, mount or namespace that is not known is shown as its expression.
//!
//! Roles are kind `vault-role` and methods `vault-auth-config`, as in `snapshot::vault`; each
//! attribute has its own line. Besides: kind `terraform-unresolved`, object `terraform:<address>`,
//! attribute `expression` = what a policy's text could not be read from.

mod expression;
mod lexer;
mod parser;
mod resource;
#[cfg(test)]
mod tests;

use crate::model::{Format, Framing, Language, Record, Sample, Sink, SourceText, Verdict};

/// Every format of this folder.
pub const FORMATS: &[&dyn Format] = &[&Terraform];

struct Terraform;

/// Blocks that begin a Terraform file.
const BLOCKS: [&str; 10] = [
    "data \"",
    "import {",
    "locals {",
    "module \"",
    "moved {",
    "output \"",
    "provider \"",
    "resource \"",
    "terraform {",
    "variable \"",
];

impl Format for Terraform {
    fn source(&self) -> &'static str {
        super::vault::SOURCE
    }

    fn title(&self) -> &'static str {
        "Terraform configuration"
    }

    fn framing(&self) -> Framing {
        Framing::TextFile
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        let head = String::from_utf8_lossy(sample.head);
        let mut comment = false;
        for line in head.lines() {
            let line = line.trim_start_matches('\u{feff}').trim();
            if comment || line.starts_with("/*") {
                comment = !line.contains("*/");
                continue;
            }
            if line.is_empty() || line.starts_with('#') || line.starts_with("//") {
                continue;
            }
            return BLOCKS.iter().any(|block| line.starts_with(block));
        }
        false
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        let Ok(text) = std::str::from_utf8(record.bytes) else {
            return Verdict::Rejected("Terraform configuration is not UTF-8".into());
        };
        match parser::parse(text) {
            Ok(blocks) => {
                resource::emit(&blocks, record.place, sink);
                sink.source_text(SourceText {
                    language: Language::Terraform,
                    text: text.to_owned(),
                    place: record.place,
                });
                Verdict::Parsed
            }
            Err(fault) => Verdict::Rejected(format!("line {}: {}", fault.line, fault.what).into()),
        }
    }
}
