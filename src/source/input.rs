//! Which files are read, in which order, and what they are called in the evidence.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use globset::GlobBuilder;
use walkdir::WalkDir;

use super::Error;
use crate::model::FileId;

/// One input stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputFile {
    /// Position in the sorted list.
    pub id: FileId,
    /// Name in the evidence: relative to the inputs' root, with `/`; `stdin` for `-`.
    pub name: String,
    /// Where to open it; `None` for standard input.
    pub path: Option<PathBuf>,
    /// Where a link leads that leaves every directory of the inputs.
    pub outside: Option<PathBuf>,
    /// Why it is not opened at all.
    pub refused: Option<String>,
}

impl InputFile {
    /// Refuses the files that only a link out of the inputs leads to.
    pub fn refuse_links(files: &mut [InputFile]) {
        for file in files.iter_mut().filter(|file| file.outside.is_some()) {
            file.refused =
                Some("a link leads out of the input, and --no-follow is given".to_owned());
        }
    }
}

/// Expands INPUT arguments into a sorted list of files without repetition.
///
/// Directories are walked recursively; a file reached twice is read once. `except` (the
/// configuration file, the output directory) is never input. Names are relative to the deepest
/// directory that contains all INPUTs and sort by bytes, so the list does not depend on the order
/// of the arguments or of the file system.
///
/// # Errors
///
/// A missing path, a bad glob, an unlistable directory, or nothing to read.
pub fn expand(inputs: &[String], except: &[PathBuf]) -> Result<Vec<InputFile>, Error> {
    if inputs.is_empty() {
        return Err(Error::Unnamed);
    }
    let except: Vec<PathBuf> = except.iter().map(|path| absolute(path)).collect();
    let mut found: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
    let mut bases: Vec<PathBuf> = Vec::new();
    let mut stdin = false;
    for input in inputs {
        if input == "-" {
            stdin = true;
            continue;
        }
        let path = PathBuf::from(input);
        if path.is_dir() {
            bases.push(absolute(&path));
            walk(&path, &except, &mut found)?;
        } else if path.symlink_metadata().is_ok() {
            bases.push(parent(&absolute(&path)));
            add(&path, &except, &mut found);
        } else if input.contains(['*', '?', '[', '{']) {
            glob(input, &except, &mut found, &mut bases)?;
        } else {
            return Err(Error::Missing(path));
        }
    }
    let mut names = named(inputs, found, &bases);
    if stdin {
        names.push(("stdin".to_owned(), None, None));
    }
    names.sort();
    if names.is_empty() {
        return Err(Error::Nothing(inputs.join(", ")));
    }
    Ok(names
        .into_iter()
        .zip(0u32..)
        .map(|((name, path, outside), number)| InputFile {
            id: FileId(number),
            name,
            path,
            outside,
            refused: None,
        })
        .collect())
}

/// What a file is called, its path, and where it lies if a link leads out of the inputs.
type Named = (String, Option<PathBuf>, Option<PathBuf>);

/// Names the files found, from the deepest folder that contains all inputs.
fn named(inputs: &[String], found: BTreeMap<PathBuf, PathBuf>, bases: &[PathBuf]) -> Vec<Named> {
    let root = common_ancestor(bases);
    let homes: Vec<PathBuf> = bases
        .iter()
        .filter_map(|base| base.canonicalize().ok())
        .collect();
    let named: BTreeSet<PathBuf> = inputs
        .iter()
        .map(|input| absolute(Path::new(input)))
        .collect();
    found
        .into_iter()
        .map(|(whole, path)| {
            // A link that was named itself is meant.
            let outside = path.canonicalize().ok().filter(|real| {
                !named.contains(&whole) && !homes.iter().any(|home| real.starts_with(home))
            });
            (relative(&root, &whole), Some(path), outside)
        })
        .collect()
}

fn walk(
    directory: &Path,
    except: &[PathBuf],
    found: &mut BTreeMap<PathBuf, PathBuf>,
) -> Result<(), Error> {
    let entries = WalkDir::new(directory)
        .follow_links(true)
        .into_iter()
        .filter_entry(|entry| !except.contains(&absolute(entry.path())));
    for entry in entries {
        match entry {
            Ok(entry) if entry.file_type().is_dir() => {}
            Ok(entry) => add(entry.path(), except, found),
            // A dangling link is an input that cannot be read: it must show up, not vanish.
            Err(error) => match error.path() {
                Some(path) if path.is_symlink() => add(path, except, found),
                path => {
                    let path = path.unwrap_or(directory).to_owned();
                    return Err(Error::List {
                        path,
                        reason: error.to_string(),
                    });
                }
            },
        }
    }
    Ok(())
}

fn glob(
    pattern: &str,
    except: &[PathBuf],
    found: &mut BTreeMap<PathBuf, PathBuf>,
    bases: &mut Vec<PathBuf>,
) -> Result<(), Error> {
    let matcher = GlobBuilder::new(pattern)
        .literal_separator(true)
        .build()
        .map_err(|error| Error::Glob {
            pattern: pattern.to_owned(),
            reason: error.to_string(),
        })?
        .compile_matcher();
    let literal = pattern.find(['*', '?', '[', '{']).unwrap_or(pattern.len());
    let start = match pattern.get(..literal).and_then(|head| head.rfind('/')) {
        Some(0) => "/",
        Some(slash) => pattern.get(..slash).unwrap_or("."),
        None => ".",
    };
    let before = found.len();
    for entry in WalkDir::new(start).follow_links(true).into_iter().flatten() {
        let path = entry.path();
        let named = path.strip_prefix("./").unwrap_or(path);
        if entry.file_type().is_file() && (matcher.is_match(named) || matcher.is_match(path)) {
            bases.push(parent(&absolute(path)));
            add(path, except, found);
        }
    }
    if found.len() == before {
        return Err(Error::Missing(PathBuf::from(pattern)));
    }
    Ok(())
}

fn add(path: &Path, except: &[PathBuf], found: &mut BTreeMap<PathBuf, PathBuf>) {
    let whole = absolute(path);
    if !except.iter().any(|excluded| whole.starts_with(excluded)) {
        found.entry(whole).or_insert_with(|| path.to_owned());
    }
}

/// The absolute form of a path without `.` and `..`, links unresolved: names are what was typed.
fn absolute(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut clean = PathBuf::new();
    for component in whole.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}

fn parent(path: &Path) -> PathBuf {
    path.parent()
        .map_or_else(|| path.to_owned(), Path::to_owned)
}

fn common_ancestor(bases: &[PathBuf]) -> PathBuf {
    let Some((first, rest)) = bases.split_first() else {
        return PathBuf::new();
    };
    rest.iter().fold(first.clone(), |common, base| {
        common
            .components()
            .zip(base.components())
            .take_while(|(a, b)| a == b)
            .map(|(a, _)| a)
            .collect()
    })
}

fn relative(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<String> = below
        .components()
        .filter(|component| !matches!(component, Component::RootDir | Component::Prefix(_)))
        .map(|component| lossless(component.as_os_str()))
        .collect();
    parts.join("/")
}

/// The name as text from which its bytes can be told: what is no UTF-8 or a control character is
/// `\xNN`, and a backslash is doubled.
fn lossless(name: &OsStr) -> String {
    let mut out = String::new();
    for chunk in name.as_encoded_bytes().utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' => out.push_str("\\\\"),
                c if c.is_control() => c
                    .encode_utf8(&mut [0; 4])
                    .bytes()
                    .for_each(|byte| out.push_str(&format!("\\x{byte:02x}"))),
                c => out.push(c),
            }
        }
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn names(inputs: &[String], except: &[PathBuf]) -> Vec<String> {
        expand(inputs, except)
            .unwrap()
            .into_iter()
            .map(|file| file.name)
            .collect()
    }

    fn tree() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for name in [
            "vault/b.log",
            "vault/a.log",
            "gitlab/jobs.json",
            "piperoll.toml",
        ] {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        dir
    }

    #[test]
    fn names_are_relative_sorted_and_without_the_configuration() {
        let dir = tree();
        let root = dir.path().display().to_string();
        let except = [dir.path().join("piperoll.toml")];
        assert_eq!(
            names(&[root], &except),
            ["gitlab/jobs.json", "vault/a.log", "vault/b.log"]
        );
    }

    #[test]
    fn the_order_and_repetition_of_arguments_do_not_matter() {
        let dir = tree();
        let path = |name: &str| dir.path().join(name).display().to_string();
        let one = names(&[path("vault"), path("gitlab")], &[]);
        let other = names(
            &[
                path("gitlab/jobs.json"),
                path("vault/a.log"),
                path("gitlab"),
                path("vault"),
            ],
            &[],
        );
        assert_eq!(one, other);
        assert_eq!(one, ["gitlab/jobs.json", "vault/a.log", "vault/b.log"]);
    }

    #[test]
    fn a_glob_stays_within_a_directory() {
        let dir = tree();
        let pattern = dir.path().join("*/a*").display().to_string();
        assert_eq!(names(&[pattern], &[]), ["a.log"]);
    }

    #[test]
    fn a_missing_path_is_named() {
        let error = expand(&["no/such/thing".to_owned()], &[])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("no/such/thing") && error.contains("help:"),
            "{error}"
        );
    }

    #[test]
    fn an_empty_directory_is_no_input() {
        let dir = tempfile::tempdir().unwrap();
        let error = expand(&[dir.path().display().to_string()], &[]).unwrap_err();
        assert!(matches!(error, Error::Nothing(_)));
    }

    #[cfg(unix)]
    #[test]
    fn names_keep_their_bytes() {
        use std::os::unix::ffi::OsStrExt as _;
        let dir = tempfile::tempdir().unwrap();
        for name in [&b"\xff.log"[..], b"\xfe.log", b"a\nb.log", b"\\xff.log"] {
            fs::write(dir.path().join(OsStr::from_bytes(name)), "x").unwrap();
        }
        assert_eq!(
            names(&[dir.path().display().to_string()], &[]),
            ["\\\\xff.log", "\\xfe.log", "\\xff.log", "a\\x0ab.log"]
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leaves_the_input_is_told_and_can_be_refused() {
        let (dir, other) = (tree(), tempfile::tempdir().unwrap());
        fs::write(other.path().join("other.log"), "x").unwrap();
        let link = |from: &Path, name: &str| {
            std::os::unix::fs::symlink(from, dir.path().join(name)).unwrap();
        };
        link(&other.path().join("other.log"), "vault/out.log");
        link(&dir.path().join("vault/a.log"), "vault/in.log");
        let mut files = expand(&[dir.path().display().to_string()], &[]).unwrap();
        InputFile::refuse_links(&mut files);
        let refused: Vec<&str> = files
            .iter()
            .filter(|file| file.refused.is_some())
            .map(|file| file.name.as_str())
            .collect();
        assert_eq!(refused, ["vault/out.log"]);
        let named = dir.path().join("vault/out.log").display().to_string();
        assert_eq!(expand(&[named], &[]).unwrap()[0].outside, None);
    }
}
