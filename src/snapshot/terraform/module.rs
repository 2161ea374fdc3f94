//! A module: the Terraform files of one folder, and who calls it.

use std::collections::BTreeMap;

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body};

use crate::model::{Place, unpacked};

/// The files of one folder.
#[derive(Default)]
pub(super) struct Module {
    files: Vec<File>,
}

struct File {
    body: Body,
    /// From which byte on the line is which, in order.
    lines: Vec<(usize, u64)>,
    place: Place,
    kind: Kind,
    /// Whether what it says replaces what the other files say.
    overrides: bool,
}

/// What Terraform does with a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It is part of the configuration.
    Configuration,
    /// It sets variables of the root module.
    Settings,
    /// It sets them too, over those.
    AutomaticSettings,
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
        let name = unpacked(path.rsplit('/').next().unwrap_or(path));
        let name = name.strip_suffix(".json").unwrap_or(name);
        if !name.ends_with(".tfvars") {
            Kind::Configuration
        } else if name == "terraform.tfvars" {
            Kind::Settings
        } else if name.ends_with(".auto.tfvars") {
            Kind::AutomaticSettings
        } else {
            Kind::OptionalSettings
        }
    }
}

/// The lines of a text as it stands.
pub(super) fn lines_of(text: &str) -> Vec<(usize, u64)> {
    let ends = text.match_indices('\n').map(|(at, _)| at + 1);
    std::iter::once(0).chain(ends).zip(1..).collect()
}

/// Whether a file of this name is merged over the others: `override.tf`, `*_override.tf`.
fn overrides(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.split('.').next().unwrap_or(name);
    stem == "override" || stem.ends_with("_override")
}

impl Module {
    /// Takes one more file.
    pub(super) fn add(&mut self, path: &str, body: Body, lines: Vec<(usize, u64)>, place: Place) {
        self.files.push(File {
            body,
            lines,
            place,
            kind: Kind::of(path),
            overrides: overrides(path),
        });
    }

    /// Where a byte of a file stands.
    pub(super) fn place(&self, file: usize, byte: usize) -> Place {
        let file = &self.files[file];
        let after = file.lines.partition_point(|(start, _)| *start <= byte);
        let line = file.lines.get(after.saturating_sub(1));
        Place {
            line: file.place.line + line.map_or(0, |(_, line)| line - 1),
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
        let blocks = self.blocks(kind);
        // Two of one address are merged, attribute by attribute.
        only(blocks.filter(|block| self::address(block.node) == address))
    }

    /// A local value.
    pub(super) fn local(&self, name: &str) -> Option<Written<'_, Expression>> {
        let blocks = self.blocks("locals");
        self.in_force(blocks.filter_map(|block| attribute(block, name)))
    }

    /// The one that Terraform takes of several: the last that overrides. Of two others it refuses
    /// one, or its heir reads only one of their files.
    fn in_force<'m>(
        &self,
        found: impl Iterator<Item = Written<'m, Expression>>,
    ) -> Option<Written<'m, Expression>> {
        let found: Vec<_> = found.collect();
        let over = |at: &Written<'m, Expression>| self.files[at.file].overrides;
        match found.iter().rposition(over) {
            Some(last) => found.into_iter().nth(last),
            None => only(found.into_iter()),
        }
    }

    /// What a variable is without being set.
    pub(super) fn default(&self, name: &str) -> Option<Written<'_, Expression>> {
        let named = self.blocks("variable").filter(|block| {
            let mut labels = block.node.labels.iter();
            labels.next().is_some_and(|label| label.as_str() == name)
        });
        self.in_force(named.filter_map(|block| attribute(block, "default")))
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
        let last = |kind| set(kind).next_back();
        last(Kind::AutomaticSettings)
            .or_else(|| last(Kind::Settings))
            .or_else(|| self.default(name))
    }
}

/// The one thing there is; nothing where there are more.
fn only<T>(mut found: impl Iterator<Item = T>) -> Option<T> {
    let first = found.next()?;
    found.next().is_none().then_some(first)
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

/// The texts that were read whole, by the path of their file.
pub(super) type TextFiles<'t> = BTreeMap<&'t str, (&'t str, Place)>;
