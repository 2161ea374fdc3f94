//! Which files are read, in which order, and what they are called in the evidence.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use globset::GlobBuilder;
use walkdir::{DirEntry, WalkDir};

use super::Error;
use super::name::{absolute, common_ancestor, relative, tell_apart};
use crate::model::{FileId, secret};

/// One input stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputFile {
    /// Position in the sorted list.
    pub id: FileId,
    /// Name in the evidence: relative to the inputs' root, with `/`, secrets in it redacted; `stdin`
    /// for `-`.
    pub name: String,
    /// The folders above the name that say what lies below them (`policies`, `v1/team-a`), where the
    /// name begins inside of them.
    pub above: Option<String>,
    /// Where to open it; `None` for standard input.
    pub path: Option<PathBuf>,
    /// Where a link leads that leaves every directory of the inputs.
    pub outside: Option<PathBuf>,
    /// Why it is not opened at all.
    pub refused: Option<String>,
}

/// What becomes of links that leave every directory of the inputs. A link that was named itself is
/// meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Links {
    /// They are followed, and said.
    #[default]
    Followed,
    /// What lies behind them is refused.
    Refused,
}

/// How far up from texts of policies their folder `policies` is looked for.
const POLICIES_ABOVE: usize = 4;
/// How many links are told one by one.
const TOLD: usize = 20;

impl InputFile {
    /// A file by itself.
    #[must_use]
    pub fn at(name: &str, path: &Path) -> InputFile {
        InputFile {
            id: FileId(0),
            name: name.to_owned(),
            above: None,
            path: Some(path.to_owned()),
            outside: None,
            refused: None,
        }
    }

    /// What its path says of the kind of the file, and of what it is called.
    #[must_use]
    pub fn hint(&self) -> Cow<'_, str> {
        match &self.above {
            Some(above) => Cow::Owned(format!("{above}/{}", self.name)),
            None => Cow::Borrowed(&self.name),
        }
    }

    /// What to say of links that leave the inputs and were followed.
    pub fn links_told(files: &[InputFile]) -> Vec<String> {
        let left = files.iter().filter(|file| file.refused.is_none());
        let left: Vec<(&str, &Path)> = left
            .filter_map(|file| Some((file.name.as_str(), file.outside.as_deref()?)))
            .collect();
        let mut told: Vec<String> = left
            .iter()
            .take(TOLD)
            .map(|(name, path)| {
                let path = path.display().to_string();
                let path = secret::redact(&path);
                format!("`{name}` is read through a link that leaves the inputs, to `{path}`")
            })
            .collect();
        if left.len() > TOLD {
            let more = left.len() - TOLD;
            told.push(format!(
                "{more} more file(s) are read through links that leave the inputs"
            ));
        }
        told
    }
}

/// Why what lies behind a link is not read.
const REFUSED: &str = "a link leads out of the inputs, and --no-follow is given";

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
pub fn expand(
    inputs: &[String],
    except: &[PathBuf],
    links: Links,
) -> Result<Vec<InputFile>, Error> {
    expand_beside(inputs, except, links, &[]).map(|(files, _)| files)
}

/// The same beside inputs that were named earlier and had `bases`: names are relative to the deepest
/// directory that contains those as well. Answers the bases of all.
///
/// # Errors
///
/// As [`expand`].
pub fn expand_beside(
    inputs: &[String],
    except: &[PathBuf],
    links: Links,
    bases: &[PathBuf],
) -> Result<(Vec<InputFile>, Vec<PathBuf>), Error> {
    if inputs.is_empty() {
        return Err(Error::Unnamed);
    }
    let mut finder = Finder::new(inputs, except, links);
    finder.bases.extend_from_slice(bases);
    let mut stdin = false;
    for input in inputs {
        if input == "-" {
            stdin = true;
            continue;
        }
        let path = PathBuf::from(input);
        if path.is_dir() {
            finder.bases.push(absolute(&path));
            finder.walk(&path)?;
        } else if path.symlink_metadata().is_ok() {
            finder.bases.push(parent(&absolute(&path)));
            finder.add(&path);
        } else if is_glob(input) {
            finder.glob(input)?;
        } else {
            return Err(Error::Missing(path));
        }
    }
    let mut names = finder.named();
    if stdin {
        names.push(("stdin".to_owned(), None, None));
    }
    names.sort();
    tell_apart(names.iter_mut().map(|(name, ..)| name));
    if names.is_empty() {
        return Err(Error::Nothing(inputs.join(", ")));
    }
    let files = names
        .into_iter()
        .zip(0u32..)
        .map(|((name, path, outside), number)| InputFile {
            id: FileId(number),
            name,
            above: None,
            path,
            refused: (links == Links::Refused && outside.is_some()).then(|| REFUSED.to_owned()),
            outside,
        })
        .collect();
    finder.bases.sort();
    finder.bases.dedup();
    Ok((files, finder.bases))
}

/// What a file is called, its path, and where it lies if a link leads out of the inputs.
type Named = (String, Option<PathBuf>, Option<PathBuf>);

/// The files found so far.
struct Finder {
    except: Vec<PathBuf>,
    links: Links,
    /// What was named, and lies where it lies.
    named: BTreeSet<PathBuf>,
    /// The directories that were named, links resolved: what lies below is inside.
    homes: Vec<PathBuf>,
    /// The directories that names are relative to.
    bases: Vec<PathBuf>,
    found: BTreeMap<PathBuf, PathBuf>,
}

impl Finder {
    fn new(inputs: &[String], except: &[PathBuf], links: Links) -> Finder {
        let homes = inputs
            .iter()
            .filter(|input| *input != "-")
            .filter_map(|input| {
                let path = Path::new(input);
                let home = if path.is_dir() {
                    path.to_owned()
                } else if path.symlink_metadata().is_err() && is_glob(input) {
                    PathBuf::from(glob_start(input))
                } else {
                    parent(&absolute(path))
                };
                home.canonicalize().ok()
            });
        Finder {
            except: except.iter().map(|path| absolute(path)).collect(),
            links,
            named: inputs
                .iter()
                .map(|input| absolute(Path::new(input)))
                .collect(),
            homes: homes.collect(),
            bases: Vec::new(),
            found: BTreeMap::new(),
        }
    }

    /// Where a path lies, if a link leads out of the inputs.
    fn outside(&self, path: &Path) -> Option<PathBuf> {
        let real = path.canonicalize().ok()?;
        let inside = self.named.contains(&absolute(path))
            || self.homes.iter().any(|home| real.starts_with(home));
        (!inside).then_some(real)
    }

    /// Whether to look into an entry. A directory behind a refused link stays one entry: it may be
    /// the whole file system.
    fn enters(&self, entry: &DirEntry) -> bool {
        self.links == Links::Followed
            || !entry.path_is_symlink()
            || !entry.file_type().is_dir()
            || self.outside(entry.path()).is_none()
    }

    /// Names the files found, from the deepest folder that contains all inputs.
    fn named(&self) -> Vec<Named> {
        let root = self.root();
        self.found
            .iter()
            .map(|(whole, path)| {
                let outside = self.outside(path);
                let name = secret::redacted_typed(&relative(&root, whole)).into_owned();
                (name, Some(path.clone()), outside)
            })
            .collect()
    }

    /// The deepest folder with all inputs; of policies alone, the one that holds `policies`.
    fn root(&self) -> PathBuf {
        let root = common_ancestor(&self.bases);
        let policy = |path: &PathBuf| path.extension() == Some(OsStr::new("hcl"));
        let mut above = root.ancestors().take(POLICIES_ABOVE);
        let policies = above.find(|folder| folder.ends_with("policies"));
        let holds = policies.filter(|_| self.found.keys().all(policy));
        holds.and_then(Path::parent).unwrap_or(&root).to_owned()
    }

    fn walk(&mut self, directory: &Path) -> Result<(), Error> {
        let mut entries = WalkDir::new(directory).follow_links(true).into_iter();
        while let Some(entry) = entries.next() {
            match entry {
                Ok(entry) if entry.file_type().is_dir() => {
                    if self.except.contains(&absolute(entry.path())) {
                        entries.skip_current_dir();
                    } else if !self.enters(&entry) {
                        entries.skip_current_dir();
                        self.add(entry.path());
                    }
                }
                Ok(entry) => self.add(entry.path()),
                // A dangling link is an input that cannot be read: it must show up, not vanish.
                Err(error) => match error.path() {
                    Some(path) if path.is_symlink() => self.add(path),
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

    fn glob(&mut self, pattern: &str) -> Result<(), Error> {
        let matcher = GlobBuilder::new(pattern)
            .literal_separator(true)
            .build()
            .map_err(|error| Error::Glob {
                pattern: pattern.to_owned(),
                reason: error.to_string(),
            })?
            .compile_matcher();
        let before = self.found.len();
        let mut entries = WalkDir::new(glob_start(pattern))
            .follow_links(true)
            .into_iter();
        while let Some(entry) = entries.next() {
            let Ok(entry) = entry else { continue };
            let refused = !self.enters(&entry);
            if refused {
                entries.skip_current_dir();
            }
            let path = entry.path();
            let named = path.strip_prefix("./").unwrap_or(path);
            let meant = entry.file_type().is_file() || refused;
            if meant && (matcher.is_match(named) || matcher.is_match(path)) {
                self.bases.push(parent(&absolute(path)));
                self.add(path);
            }
        }
        if self.found.len() == before {
            return Err(Error::Missing(PathBuf::from(pattern)));
        }
        Ok(())
    }

    fn add(&mut self, path: &Path) {
        let whole = absolute(path);
        if !self
            .except
            .iter()
            .any(|excluded| whole.starts_with(excluded))
        {
            self.found.entry(whole).or_insert_with(|| path.to_owned());
        }
    }
}

fn is_glob(input: &str) -> bool {
    input.contains(['*', '?', '[', '{'])
}

/// The directory from which a glob is matched.
fn glob_start(pattern: &str) -> &str {
    let literal = pattern.find(['*', '?', '[', '{']).unwrap_or(pattern.len());
    match pattern.get(..literal).and_then(|head| head.rfind('/')) {
        Some(0) => "/",
        Some(slash) => pattern.get(..slash).unwrap_or("."),
        None => ".",
    }
}

fn parent(path: &Path) -> PathBuf {
    path.parent()
        .map_or_else(|| path.to_owned(), Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(unix)]
    use std::ffi::OsStr;
    use std::fs;

    fn names(inputs: &[String], except: &[PathBuf]) -> Vec<String> {
        expand(inputs, except, Links::Followed)
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
        let error = expand(&["no/such/thing".to_owned()], &[], Links::Followed)
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
        let error = expand(&[dir.path().display().to_string()], &[], Links::Followed).unwrap_err();
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
        link(other.path(), "vault/folder");
        let told = |input: &str, links: Links| -> (Vec<String>, Vec<String>) {
            let input = dir.path().join(input).display().to_string();
            let files = expand(&[input], &[], links).unwrap();
            let those = |wanted: fn(&&InputFile) -> bool| {
                let those = files.iter().filter(wanted);
                those.map(|file| file.name.clone()).collect()
            };
            (
                those(|file| file.outside.is_some()),
                those(|file| file.refused.is_some()),
            )
        };
        let (outside, refused) = told("", Links::Followed);
        assert_eq!(outside, ["vault/folder/other.log", "vault/out.log"]);
        assert!(refused.is_empty(), "{refused:?}");
        // A folder is refused as one: nothing behind the link is listed.
        let (outside, refused) = told("", Links::Refused);
        assert_eq!(outside, ["vault/folder", "vault/out.log"]);
        assert_eq!(refused, outside);
        assert_eq!(told("vault/*/*.log", Links::Followed).0, ["other.log"]);
        assert_eq!(told("vault/out.log", Links::Refused), (vec![], vec![]));
    }
}
