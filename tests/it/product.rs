//! The product as its users run it: in this process or as the binary, and the packs it writes.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use walkdir::WalkDir;

/// What a run said, and its exit code.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: u8,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs the command line in this process.
pub(crate) fn piperoll<S: AsRef<str>>(arguments: &[S]) -> Ran {
    let words = arguments
        .iter()
        .map(|word| OsString::from(word.as_ref().to_owned()));
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = piperoll::cli::run(
        std::iter::once(OsString::from("piperoll")).chain(words),
        &mut out,
        &mut err,
    );
    Ran {
        code,
        out: String::from_utf8(out).unwrap(),
        err: String::from_utf8(err).unwrap(),
    }
}

/// The binary, in `directory`, which keeps it from finding a configuration by chance.
pub(crate) fn binary(directory: &Path) -> assert_cmd::Command {
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_piperoll"));
    command.current_dir(directory);
    command
}

/// Runs the binary in `directory`.
pub(crate) fn run_in(directory: &Path, arguments: &[&str]) -> Ran {
    ran(&binary(directory).args(arguments).output().unwrap())
}

/// What a finished process said.
pub(crate) fn ran(output: &std::process::Output) -> Ran {
    Ran {
        code: u8::try_from(output.status.code().unwrap()).unwrap(),
        out: String::from_utf8(output.stdout.clone()).unwrap(),
        err: String::from_utf8(output.stderr.clone()).unwrap(),
    }
}

/// One row of a CSV file, by column.
pub(crate) type Row = BTreeMap<String, String>;

/// An evidence pack in memory.
pub(crate) struct Pack {
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

impl Pack {
    /// Reads a pack.
    pub(crate) fn read(directory: &Path) -> Pack {
        Pack {
            files: tree(directory),
        }
    }

    /// The rows of `data/<name>.csv`.
    pub(crate) fn rows(&self, name: &str) -> Vec<Row> {
        rows(&self.files[&format!("data/{name}.csv")])
    }

    /// Every file but `run.json`, which is allowed to name clock, host and paths.
    pub(crate) fn reproducible(&self) -> BTreeMap<&str, &[u8]> {
        let named = self
            .files
            .iter()
            .map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
        named.filter(|(name, _)| *name != "run.json").collect()
    }

    /// Names of the files that hold `mark`.
    pub(crate) fn holding(&self, mark: &str) -> Vec<&str> {
        let holds = |bytes: &[u8]| memchr::memmem::find(bytes, mark.as_bytes()).is_some();
        let held = self.files.iter().filter(|(_, bytes)| holds(bytes));
        held.map(|(name, _)| name.as_str()).collect()
    }
}

/// The rows of a CSV text.
pub(crate) fn rows(bytes: &[u8]) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(bytes);
    reader.deserialize().map(Result::unwrap).collect()
}

/// Every file below `root`, by its path with `/`.
pub(crate) fn tree(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = WalkDir::new(root).into_iter().map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().is_file());
    files
        .map(|entry| {
            let name = entry.path().strip_prefix(root).unwrap();
            let name = name.to_str().unwrap().replace('\\', "/");
            (name, fs::read(entry.path()).unwrap())
        })
        .collect()
}

/// Runs `report` over `inputs` into a fresh directory; panics unless it ends with 0.
pub(crate) fn report(inputs: &[PathBuf], configuration: &Path, more: &[&str]) -> Pack {
    let (ran, pack) = try_report(inputs, configuration, more);
    assert_eq!(ran.code, 0, "{}", ran.err);
    pack.unwrap()
}

/// Runs `report` over `inputs` into a fresh directory.
pub(crate) fn try_report(
    inputs: &[PathBuf],
    configuration: &Path,
    more: &[&str],
) -> (Ran, Option<Pack>) {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("pack");
    let mut words = vec!["report".to_owned()];
    words.extend(inputs.iter().map(|path| path.display().to_string()));
    words.extend(["-c".to_owned(), configuration.display().to_string()]);
    words.extend(["-o".to_owned(), output.display().to_string()]);
    words.extend(more.iter().map(|word| (*word).to_owned()));
    let ran = piperoll(&words);
    let pack = output.is_dir().then(|| Pack::read(&output));
    (ran, pack)
}

/// A file or folder of `fixtures/`.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name)
}

/// The pack of the estate, written once for all tests that only look at it.
pub(crate) fn estate() -> &'static Pack {
    static ESTATE: OnceLock<Pack> = OnceLock::new();
    let configuration = || fixture("estate/piperoll.toml");
    ESTATE.get_or_init(|| report(&[fixture("estate")], &configuration(), &[]))
}

/// A folder of public logs and recordings beside the project, or `None` after saying what is
/// skipped. `PIPEROLL_SAMPLES` names another place.
pub(crate) fn samples(name: &str, test: &str) -> Option<PathBuf> {
    let root = std::env::var_os("PIPEROLL_SAMPLES").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples"),
        PathBuf::from,
    );
    let path = root.join(name);
    if !path.exists() {
        super::skipped::skipped(test, &format!("no {}", path.display()));
        return None;
    }
    Some(path)
}
