//! `[[source]]`: how an input was collected.

use globset::Glob;

use super::reading::Fields;
use crate::model::Timestamp;

/// What is declared about the inputs that a glob names.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Export {
    /// Glob over input paths.
    pub path: String,
    /// The system that exported it.
    pub system: Option<String>,
    /// The instance, where there are several of one system.
    pub instance: Option<String>,
    /// The environment it comes from.
    pub environment: Option<String>,
    /// The command or job that collected it.
    pub command: Option<String>,
    /// When it was collected.
    pub collected_at: Option<Timestamp>,
    /// Who collected it.
    pub collected_by: Option<String>,
    /// How many records it must have.
    pub expect_records: Option<u64>,
    /// Whether records come without pause, so that silence is a gap.
    pub continuous: Option<bool>,
    /// Whether a report is incomplete without it.
    pub required: Option<bool>,
    /// How many records the whole list has that it is a page of, as its server said.
    pub total: Option<u64>,
    /// Whether another page of the list follows, as its server said.
    pub followed: Option<bool>,
    /// Where it stands: `piperoll.toml:12`.
    pub declared_at: String,
}

/// Reads every `[[source]]`.
pub(super) fn read(tables: Vec<Fields<'_>>) -> Vec<Export> {
    let mut exports = Vec::new();
    for mut fields in tables {
        let path = fields.string("path");
        if !fields.has("path") {
            fields.missing("`path`", "write a glob, e.g. path = \"vault/audit*.log\"");
        }
        if let Some(fault) = path.as_ref().and_then(|path| Glob::new(path).err()) {
            let message = format!("`source.path` is no glob: {}", fault.kind());
            fields.complain(
                "path",
                message,
                "write a glob, e.g. path = \"vault/audit*.log\"",
            );
        }
        exports.push(Export {
            path: path.unwrap_or_default(),
            system: fields.string("system"),
            instance: fields.string("instance"),
            environment: fields.string("environment"),
            command: fields.string("command"),
            collected_at: fields.time("collected_at"),
            collected_by: fields.string("collected_by"),
            expect_records: fields.count("expect_records"),
            continuous: fields.boolean("continuous"),
            required: fields.boolean("required"),
            total: None,
            followed: None,
            declared_at: fields.document.pointer(&fields.span),
        });
        fields.finish();
    }
    exports
}
