//! The functions that read files of the configuration: `file`, `templatefile` and their like.
//!
//! Nothing is opened for them: they find what was read as an input. A file that was not is left to
//! Terraform, and named.

use std::str::FromStr as _;

use hcl_edit::template::Template;

use super::function;
use super::module::called;
use super::scope::Scope;
use super::value::{Text, Value};

impl Scope<'_> {
    /// What a function of a file returns; `None` for any other, and for a file that was not read.
    pub(super) fn of_file(&self, name: &str, arguments: &[Value]) -> Option<Value> {
        let (path, rest) = arguments.split_first()?;
        let of_file = ["file", "templatefile", "filebase64"].contains(&name);
        let path = of_file.then(|| path.known()).flatten()?;
        let (text, place) = self.files.get(self.at(&path)?.as_str()).copied()?;
        match (name, rest) {
            ("file", []) => Some(Value::Text(Text {
                place: Some(place),
                ..Text::of(text)
            })),
            ("filebase64", []) => function::call("base64encode", &[Value::text(text)]),
            ("templatefile", [Value::Map(variables)]) => {
                let template = Template::from_str(text).ok()?;
                let mut scope = self.clone();
                scope.depth += 1;
                scope.bound.clone_from(variables);
                Some(scope.rendered(&template, Some(place)))
            }
            _ => None,
        }
    }

    /// The path of a file among the inputs: what is relative is so to the root module.
    fn at(&self, path: &str) -> Option<String> {
        let relative = match path.starts_with("./") || path.starts_with("../") {
            true => path.to_owned(),
            false => format!("./{path}"),
        };
        if path.starts_with('/') {
            return None;
        }
        called(self.root, &relative)
    }

    /// What `path.module` and its like are, relative to the root module.
    pub(super) fn folder_of(&self, which: &str) -> Option<Value> {
        let folder = match which {
            "module" => self.folder,
            "root" | "cwd" => return Some(Value::text(".")),
            _ => return None,
        };
        let parts = |folder: &'_ str| -> Vec<String> {
            let parts = folder.split('/').filter(|part| !part.is_empty());
            parts.map(str::to_owned).collect()
        };
        let (from, to) = (parts(self.root), parts(folder));
        let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
        let up = std::iter::repeat_n("..".to_owned(), from.len() - common);
        let way: Vec<String> = up.chain(to.into_iter().skip(common)).collect();
        Some(Value::text(match way.is_empty() {
            true => ".".to_owned(),
            false => way.join("/"),
        }))
    }
}
