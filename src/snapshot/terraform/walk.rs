//! Modules, from those that nobody calls down to those that they call.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::Span as _;
use hcl_edit::structure::Block;

use super::body::body;
use super::module::{Modules, TextFiles, Written, called, folder};
use super::resources;
use super::scope::{Scope, written};
use super::value::Value;
use crate::model::{Attribute, FileId, Language, PolicyText, Sink, SourceText, secret};

/// What evaluation may cost over all modules: parts and bytes of values.
const BUDGET: usize = 16 << 20;

/// Says what the Terraform files state, a folder at a time, once all of them are read; `policies` are
/// the files that their functions may name.
pub fn resolve<'t>(
    texts: &'t [SourceText],
    policies: &'t [PolicyText],
    path: impl Fn(FileId) -> &'t str,
    sink: &mut dyn Sink,
) {
    let mut files: Vec<(&str, &SourceText)> = texts
        .iter()
        .filter(|text| text.language == Language::Terraform)
        .map(|text| (path(text.place.file), text))
        .collect();
    files.sort_by_key(|(path, text)| (*path, text.place.file, text.place.byte));
    let mut modules = Modules::new();
    for (path, text) in files {
        // It was read as it came in, so it is sound.
        if let Ok((body, lines)) = body(path, &text.text) {
            let module = modules.entry(folder(path).to_owned()).or_default();
            module.add(path, body, lines, text.place);
        }
    }
    let whole = policies
        .iter()
        .filter(|policy| policy.first_line == Some(1));
    let named = whole.map(|policy| {
        (
            path(policy.place.file),
            (policy.text.as_str(), policy.place),
        )
    });
    let budget = Cell::new(BUDGET);
    Walk {
        modules: &modules,
        files: &named.collect(),
        budget: &budget,
        seen: BTreeSet::new(),
        sink,
    }
    .all();
}

struct Walk<'m, 's> {
    modules: &'m Modules,
    files: &'m TextFiles<'m>,
    budget: &'m Cell<usize>,
    /// Folders of which something was said.
    seen: BTreeSet<&'m str>,
    sink: &'s mut dyn Sink,
}

impl<'m> Walk<'m, '_> {
    fn all(&mut self) {
        let callees: BTreeSet<String> = self
            .modules
            .iter()
            .flat_map(|(folder, module)| {
                let calls = module.blocks("module");
                calls.filter_map(|call| source(call.node).and_then(|s| called(folder, s)))
            })
            .collect();
        for folder in self
            .modules
            .keys()
            .filter(|folder| !callees.contains(*folder))
        {
            self.module(folder, None, &[]);
        }
        // Folders that call each other in a circle, and those below them.
        for folder in self.modules.keys() {
            if !self.seen.contains(folder.as_str()) {
                self.module(folder, None, &[]);
            }
        }
    }

    /// One module as it is called. `way` holds the folders and addresses of its callers.
    fn module(
        &mut self,
        folder: &str,
        arguments: Option<&BTreeMap<String, Value>>,
        way: &[(&'m str, &str)],
    ) {
        let Some((folder, module)) = self.modules.get_key_value(folder) else {
            return;
        };
        if way.iter().any(|(caller, _)| caller == folder) {
            return;
        }
        self.seen.insert(folder);
        let scope = Scope {
            module,
            folder,
            root: way.first().map_or(folder.as_str(), |(root, _)| *root),
            files: self.files,
            arguments,
            bound: Vec::new(),
            file: 0,
            budget: self.budget,
            depth: 0,
        };
        let address: String = way
            .iter()
            .map(|(_, address)| format!("{address}."))
            .collect();
        resources::emit(&scope, &address, self.sink);
        for call in module.blocks("module") {
            let named = source(call.node);
            let callee = named.and_then(|source| called(folder, source));
            let callee = callee.filter(|callee| self.modules.contains_key(callee));
            let Some(callee) = callee else {
                absent(&scope, call, &address, self.sink);
                continue;
            };
            let name = call.node.labels.first().map_or("", |label| label.as_str());
            for instance in scope.in_file(call.file).instances(call.node) {
                let passed = call.node.body.attributes().map(|attribute| {
                    let value = instance.scope.value(&attribute.value);
                    (attribute.key.as_str().to_owned(), value)
                });
                let address = format!("module.{name}{}", instance.suffix());
                let mut way = way.to_vec();
                way.push((folder, &address));
                self.module(&callee, Some(&passed.collect()), &way);
            }
        }
    }
}

/// Says that what a call calls is not among the files that were read.
fn absent(scope: &Scope<'_>, call: Written<'_, Block>, way: &str, sink: &mut dyn Sink) {
    let name = call.node.labels.first().map_or("", |label| label.as_str());
    let source = call.node.body.get_attribute("source");
    let value = source.map_or_else(String::new, |source| written(&source.value));
    let byte = call.node.span().map_or(0, |span| span.start);
    sink.attribute(Attribute {
        kind: "terraform-module-absent",
        object: format!("terraform:{way}module.{name}"),
        name: "source".to_owned(),
        value: secret::redact(value.trim().trim_matches('"')),
        valid_from: None,
        place: scope.module.place(call.file, byte),
    });
}

/// What a call says that it calls.
fn source(call: &Block) -> Option<&str> {
    call.body.get_attribute("source")?.value.as_str()
}
