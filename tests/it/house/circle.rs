//! No circles between files: what a file names, it stands above.
//!
//! The unit is the file of `src/` without its tests. A name counts as an import of the file that
//! defines it, through however many `pub use` it was reached. What a module's own file takes of the
//! files below it does not count: a module is what it consists of, and registers and hands on its
//! parts. Everything else does, siblings above all.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, UseTree};

use super::{Source, accept, sources};

/// A path from the crate root, or from wherever it is named.
type Path = Vec<String>;

/// One module: where it stands and what its names mean.
#[derive(Default)]
struct Module {
    file: String,
    children: BTreeSet<String>,
    /// What it defines itself.
    defined: BTreeSet<String>,
    /// What a name that was imported or handed on stands for.
    bound: BTreeMap<String, Path>,
    /// Everything of these modules is handed on.
    globs: Vec<Path>,
    /// Paths that its code names, from the crate root, with whether a `use` names them.
    named: Vec<(Path, bool)>,
}

/// The modules of a crate that are no tests.
#[derive(Default)]
struct Crate(BTreeMap<Path, Module>);

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Path>()
                .is_ok_and(|path| path.is_ident("test"))
    })
}

/// The names of a `use`: what each leaf is called here, and its path; `*` is called so.
fn leaves(tree: &UseTree, before: &mut Path, found: &mut Vec<(String, Path)>) {
    match tree {
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            leaves(&path.tree, before, found);
            before.pop();
        }
        UseTree::Group(group) => {
            for tree in &group.items {
                leaves(tree, before, found);
            }
        }
        UseTree::Glob(_) => found.push(("*".to_owned(), before.clone())),
        UseTree::Name(name) => {
            let name = name.ident.to_string();
            let mut path = before.clone();
            if name != "self" {
                path.push(name);
            }
            found.push((path.last().cloned().unwrap_or_default(), path));
        }
        UseTree::Rename(rename) => {
            let mut path = before.clone();
            path.push(rename.ident.to_string());
            found.push((rename.rename.to_string(), path));
        }
    }
}

/// A path as named in module `at`, from the crate root; `None` for other crates and for names that
/// nothing here tells.
fn absolute(at: &Path, module: &Module, path: &Path) -> Option<Path> {
    let first = path.first()?;
    let mut from = at.clone();
    let mut rest = path.as_slice();
    match first.as_str() {
        "crate" | "piperoll" => {
            from.clear();
            rest = &path[1..];
        }
        "self" => rest = &path[1..],
        "super" => {
            while rest.first().is_some_and(|segment| segment == "super") {
                from.pop()?;
                rest = &rest[1..];
            }
        }
        name if module.children.contains(name) || module.defined.contains(name) => {}
        name => {
            from.clone_from(module.bound.get(name)?);
            rest = &path[1..];
        }
    }
    from.extend(rest.iter().cloned());
    Some(from)
}

impl Crate {
    /// Reads the modules of `sources` from the root on.
    fn read(sources: &[Source]) -> Crate {
        let files: BTreeMap<&str, &Source> = sources
            .iter()
            .map(|source| (source.path.as_str(), source))
            .collect();
        let mut found = Crate::default();
        let mut due: Vec<Path> = vec![Path::new()];
        while let Some(at) = due.pop() {
            let stem = at.join("/");
            let names = if at.is_empty() {
                ["src/lib.rs".to_owned(), "src/main.rs".to_owned()]
            } else {
                [format!("src/{stem}.rs"), format!("src/{stem}/mod.rs")]
            };
            let source = names.iter().find_map(|name| files.get(name.as_str()));
            let source = source.unwrap_or_else(|| panic!("no file of the module {stem}"));
            let parsed = syn::parse_file(&source.text)
                .unwrap_or_else(|error| panic!("{}: {error}", source.path));
            found.module(&at, &source.path, &parsed.items, &mut due);
        }
        found
    }

    fn module(&mut self, at: &Path, file: &str, items: &[Item], due: &mut Vec<Path>) {
        let mut module = Module {
            file: file.to_owned(),
            ..Module::default()
        };
        let mut inner: Vec<&ItemMod> = Vec::new();
        let mut uses: Vec<&ItemUse> = Vec::new();
        for item in items {
            match item {
                Item::Mod(child) if is_test(&child.attrs) => {}
                Item::Mod(child) => {
                    let name = child.ident.to_string();
                    let mut path = at.clone();
                    path.push(name.clone());
                    module.children.insert(name);
                    if child.content.is_some() {
                        inner.push(child);
                    } else {
                        due.push(path);
                    }
                }
                Item::Use(item) if !is_test(&item.attrs) => uses.push(item),
                other => module.defined.extend(name_of(other)),
            }
        }
        for item in uses {
            module.import(at, item);
        }
        for item in items {
            let mut paths = Paths {
                at,
                module: &module,
                named: Vec::new(),
            };
            if !matches!(item, Item::Mod(_) | Item::Use(_)) {
                paths.visit_item(item);
            }
            let named = paths.named;
            module.named.extend(named);
        }
        for child in inner {
            let mut path = at.clone();
            path.push(child.ident.to_string());
            let items = child.content.as_ref().map_or(&[][..], |(_, items)| items);
            self.module(&path, file, items, due);
        }
        self.0.insert(at.clone(), module);
    }

    /// The module that defines what a path from the crate root names, and whether it is named itself.
    fn home(&self, path: &Path, depth: usize) -> Option<(Path, bool)> {
        let mut at = Path::new();
        let mut rest = path.as_slice();
        while let Some(child) = rest
            .first()
            .filter(|name| self.0.get(&at).is_some_and(|m| m.children.contains(*name)))
        {
            at.push(child.clone());
            rest = &rest[1..];
        }
        let module = self.0.get(&at)?;
        let Some(name) = rest.first() else {
            return Some((at, true));
        };
        if !module.defined.contains(name) && depth < 16 {
            if let Some(target) = module.bound.get(name) {
                let mut whole = target.clone();
                whole.extend(rest[1..].iter().cloned());
                return self.home(&whole, depth + 1);
            }
            for glob in &module.globs {
                if self.0.get(glob).is_some_and(|m| m.defined.contains(name)) {
                    return Some((glob.clone(), false));
                }
            }
        }
        Some((at, false))
    }

    /// What every file imports.
    fn imports(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut imports: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (at, module) in &self.0 {
            let own = imports.entry(&module.file).or_default();
            for (path, by_use) in &module.named {
                let Some((home, itself)) = self.home(path, 0) else {
                    continue;
                };
                // A module is imported for what is named through it.
                if (itself && *by_use) || home.starts_with(at) {
                    continue;
                }
                let file = self.0.get(&home).map_or("", |module| &module.file);
                if file != module.file {
                    own.insert(file);
                }
            }
        }
        imports
    }
}

impl Module {
    fn import(&mut self, at: &Path, item: &ItemUse) {
        let mut found = Vec::new();
        leaves(&item.tree, &mut Path::new(), &mut found);
        for (name, path) in found {
            let Some(path) = absolute(at, self, &path) else {
                continue;
            };
            let all = name == "*";
            if all {
                self.globs.push(path.clone());
            } else {
                self.bound.insert(name, path.clone());
            }
            self.named.push((path, !all));
        }
    }
}

/// The name that an item defines.
fn name_of(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}

/// The paths that code names.
struct Paths<'m> {
    at: &'m Path,
    module: &'m Module,
    named: Vec<(Path, bool)>,
}

impl<'ast> Visit<'ast> for Paths<'_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Path = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        if segments.len() > 1 {
            self.named
                .extend(absolute(self.at, self.module, &segments).map(|path| (path, false)));
        }
        visit::visit_path(self, path);
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let mut found = Vec::new();
        leaves(&item.tree, &mut Path::new(), &mut found);
        for (_, path) in found {
            self.named
                .extend(absolute(self.at, self.module, &path).map(|path| (path, false)));
        }
    }
}

/// The files that can be reached from `file`, one import after the other.
fn reached<'s>(imports: &BTreeMap<&'s str, BTreeSet<&'s str>>, file: &'s str) -> BTreeSet<&'s str> {
    let mut found = BTreeSet::new();
    let mut due = vec![file];
    while let Some(at) = due.pop() {
        for next in imports.get(at).into_iter().flatten() {
            if found.insert(*next) {
                due.push(next);
            }
        }
    }
    found
}

/// The sets of files that import each other, however far around, each with the imports that close
/// it, one a line.
fn circles(sources: &[Source]) -> BTreeMap<Vec<String>, String> {
    let read = Crate::read(sources);
    let imports = read.imports();
    let reach: BTreeMap<&str, BTreeSet<&str>> = imports
        .keys()
        .map(|file| (*file, reached(&imports, file)))
        .collect();
    let mut found = BTreeMap::new();
    for (file, ahead) in &reach {
        if ahead.contains(file) {
            let back = |other: &&&str| reach.get(**other).is_some_and(|r| r.contains(file));
            let circle: BTreeSet<&str> = ahead.iter().filter(back).copied().collect();
            let names = circle.iter().map(|file| (*file).to_owned()).collect();
            found
                .entry(names)
                .or_insert_with(|| told(&circle, &imports));
        }
    }
    found
}

/// A circle and the imports that close it.
fn told(circle: &BTreeSet<&str>, imports: &BTreeMap<&str, BTreeSet<&str>>) -> String {
    let mut lines = vec![format!("a circle of {} files", circle.len())];
    for file in circle {
        let inside: Vec<&str> = imports[file].intersection(circle).copied().collect();
        lines.push(format!("  {file} imports {}", inside.join(", ")));
    }
    lines.join("\n")
}

#[test]
fn no_file_imports_what_imports_it() {
    let sources = sources(&["src"]);
    let found = circles(&sources);
    let faults: Vec<String> = found.into_values().collect();
    accept("no circles between files", &faults);
}

#[test]
fn a_circle_is_seen_however_it_is_written() {
    let of = |one: &str, other: &str| {
        let file = |path: &str, text: &str| Source {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        circles(&[
            file("src/lib.rs", "mod room;"),
            file("src/room/mod.rs", "mod a;\nmod b;\npub use b::B;"),
            file("src/room/a.rs", one),
            file("src/room/b.rs", other),
        ])
    };
    let of_a = "use super::a::A;\npub struct B(A);";
    for one in [
        "use super::b::B;\npub struct A(B);",
        "use super::B;\npub struct A(B);",
        "use crate::room::{B as C};\npub struct A(C);",
        "use super::b;\npub struct A(b::B);",
        "pub struct A(super::B);",
        "pub struct A;\nfn f() { use super::b::B; }",
        "use crate::room::b::*;\npub struct A;",
    ] {
        let found: Vec<Vec<String>> = of(one, of_a).into_keys().collect();
        let both = vec!["src/room/a.rs".to_owned(), "src/room/b.rs".to_owned()];
        assert_eq!(found, [both], "{one}");
    }
    for one in [
        "pub struct A;",
        "pub struct A;\n#[cfg(test)]\nmod tests {\n    use super::super::B;\n}",
        "// use super::B;\npub struct A;",
    ] {
        assert_eq!(of(one, of_a), BTreeMap::new(), "{one}");
    }
}
