//! A module: the Terraform files of one folder, and who calls it.

use std::collections::BTreeMap;

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body};

use crate::model::Place;

/// The files of one folder.
#[derive(Default)]
pub(super) struct Module {
    files: Vec<File>,
}

struct File {
    body: Body,
    /// Byte at which each line begins.
    lines: Vec<usize>,
    place: Place,
    kind: Kind,
}

/// What Terraform does with a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It is part of the configuration.
    Configuration,
    /// It sets variables of the root module.
    Settings,
    /// It sets them when the command line names it.
    OptionalSettings,
}

/// A node and the file of the module in which it stands.
#[derive(Clone, Copy)]
pub(super) struct Written<'m, T> {
    pub(super) node: &'m T,
    pub(super) file: usize,
}

impl Kind {
    /// What Terraform does with the file of this name.
    pub(super) fn of(path: &str) -> Kind {
        let name = path.rsplit('/').next().unwrap_or(path);
        if !name.ends_with(".tfvars") {
            Kind::Configuration
        } else if name == "terraform.tfvars" || name.ends_with(".auto.tfvars") {
            Kind::Settings
        } else {
            Kind::OptionalSettings
        }
    }
}

impl Module {
    /// Takes one more file.
    pub(super) fn add(&mut self, text: &str, body: Body, place: Place, kind: Kind) {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        self.files.push(File {
            body,
            lines: std::iter::once(0).chain(ends).collect(),
            place,
            kind,
        });
    }

    /// Where a byte of a file stands.
    pub(super) fn place(&self, file: usize, byte: usize) -> Place {
        let file = &self.files[file];
        let line = file.lines.partition_point(|start| *start <= byte).max(1);
        Place {
            line: file.place.line + (line as u64 - 1),
            ..file.place
        }
    }

    /// The blocks of the configuration, in order.
    pub(super) fn blocks<'m>(
        &'m self,
        kind: &'static str,
    ) -> impl Iterator<Item = Written<'m, Block>> {
        self.files
            .iter()
            .enumerate()
            .filter(|(_, file)| file.kind == Kind::Configuration)
            .flat_map(move |(number, file)| {
                file.body
                    .get_blocks(kind)
                    .map(move |node| Written { node, file: number })
            })
    }

    /// A resource or data source by its address.
    pub(super) fn block(&self, address: &str) -> Option<Written<'_, Block>> {
        let kind = if address.starts_with("data.") {
            "data"
        } else {
            "resource"
        };
        self.blocks(kind)
            .find(|block| self::address(block.node) == address)
    }

    /// A local value.
    pub(super) fn local(&self, name: &str) -> Option<Written<'_, Expression>> {
        self.blocks("locals")
            .find_map(|block| attribute(block, name))
    }

    /// What a variable is without being set.
    pub(super) fn default(&self, name: &str) -> Option<Written<'_, Expression>> {
        self.blocks("variable")
            .find(|block| {
                block
                    .node
                    .labels
                    .first()
                    .is_some_and(|l| l.as_str() == name)
            })
            .and_then(|block| attribute(block, "default"))
    }

    /// What a variable of a root module is; `None` too where a file that only the command line can
    /// name sets it to something of its own.
    pub(super) fn setting(&self, name: &str) -> Option<Written<'_, Expression>> {
        let set = |kind: Kind| {
            let files = self.files.iter().enumerate();
            files
                .filter(move |(_, file)| file.kind == kind)
                .filter_map(|(number, file)| {
                    let attribute = file.body.get_attribute(name)?;
                    Some(Written {
                        node: &attribute.value,
                        file: number,
                    })
                })
        };
        if set(Kind::OptionalSettings).next().is_some() {
            return None;
        }
        // The last one in the order of names wins.
        set(Kind::Settings)
            .next_back()
            .or_else(|| self.default(name))
    }
}

fn attribute<'m>(block: Written<'m, Block>, name: &str) -> Option<Written<'m, Expression>> {
    let attribute = block.node.body.get_attribute(name)?;
    Some(Written {
        node: &attribute.value,
        file: block.file,
    })
}

/// `type.label`, with `data.` before it for a data source.
pub(super) fn address(block: &Block) -> String {
    let prefix = if block.ident.as_str() == "data" {
        "data."
    } else {
        ""
    };
    let labels: Vec<&str> = block.labels.iter().map(|label| label.as_str()).collect();
    format!("{prefix}{}", labels.join("."))
}

/// The folder of a file, without a slash at its end.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The folder that `source` names from `folder`, when it is one of this repository.
pub(super) fn called(folder: &str, source: &str) -> Option<String> {
    if !source.starts_with("./") && !source.starts_with("../") {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in source.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// Modules by folder.
pub(super) type Modules = BTreeMap<String, Module>;
