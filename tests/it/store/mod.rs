//! A store in place of the inputs: the same bytes, and only what is new is read.

mod again;
mod joined;
mod refused;
mod same;
mod secret;
mod shards;

use std::path::{Path, PathBuf};

use super::product::{Pack, Ran, piperoll};

/// Ingests `inputs` into `store`.
fn ingest(inputs: &[PathBuf], configuration: &Path, store: &Path) -> Ran {
    let mut words = vec!["ingest".to_owned()];
    words.extend(inputs.iter().map(|path| path.display().to_string()));
    words.extend(["-c".to_owned(), configuration.display().to_string()]);
    words.extend(["--store".to_owned(), store.display().to_string()]);
    piperoll(&words)
}

/// The same; what was said, which must be a success.
#[track_caller]
fn ingested(inputs: &[PathBuf], configuration: &Path, store: &Path) -> String {
    let ran = ingest(inputs, configuration, store);
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.out
}

/// Reports from `store` into a fresh directory.
fn report_of(store: &Path, configuration: &Path) -> (Ran, Option<Pack>) {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("pack");
    let ran = piperoll(&[
        "report",
        "--store",
        store.to_str().unwrap(),
        "-c",
        configuration.to_str().unwrap(),
        "-o",
        output.to_str().unwrap(),
    ]);
    let pack = output.is_dir().then(|| Pack::read(&output));
    (ran, pack)
}

/// The pack of a report that ends well.
#[track_caller]
fn pack_of(store: &Path, configuration: &Path) -> Pack {
    let (ran, pack) = report_of(store, configuration);
    assert_eq!(ran.code, 0, "{}", ran.err);
    pack.unwrap()
}

#[track_caller]
fn same(one: &Pack, other: &Pack) {
    let (one, other) = (one.reproducible(), other.reproducible());
    assert_eq!(
        one.keys().collect::<Vec<_>>(),
        other.keys().collect::<Vec<_>>()
    );
    for (name, bytes) in &one {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (left, right) = (text(bytes), text(other[name]));
        let first = left.lines().zip(right.lines()).find(|(a, b)| a != b);
        assert!(left == right, "{name} differs first in {first:?}");
    }
}
