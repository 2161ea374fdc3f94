//! Several runs, each over a share of the inputs, put together: the store of one run over all.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::product::{Ran, estate, fixture, piperoll, try_report};
use super::super::vault_log::{calm, folder, gzip};
use super::{ingested, pack_of, report_of, same};

/// Reads one share of `inputs` into `store`.
fn shard(inputs: &Path, configuration: &Path, which: &str, store: &Path) -> Ran {
    let (inputs, store) = (inputs.display().to_string(), store.display().to_string());
    let configuration = configuration.display().to_string();
    let words = ["ingest", &inputs, "-c", &configuration];
    piperoll(&[&words[..], &["--shard", which, "--store", &store]].concat())
}

fn united(shards: &[PathBuf], store: &Path) -> Ran {
    let mut words = vec!["ingest".to_owned(), "--from-shards".to_owned()];
    words.extend(shards.iter().map(|shard| shard.display().to_string()));
    words.extend(["--store".to_owned(), store.display().to_string()]);
    piperoll(&words)
}

/// Shards of the inputs, each whole; what none of them could read is told by one.
fn shards(inputs: &Path, configuration: &Path, count: usize, below: &Path) -> Vec<PathBuf> {
    let made = (1..=count).map(|number| {
        let store = below.join(format!("shard-{number}"));
        let ran = shard(inputs, configuration, &format!("{number}/{count}"), &store);
        assert!(ran.code == 0 || ran.code == 3, "{}", ran.err);
        store
    });
    made.collect()
}

/// The digests of what a store holds of its files.
fn accounts(store: &Path) -> Vec<(String, String)> {
    let text = fs::read(store.join("store.json")).unwrap();
    let catalogue: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let digest =
        |file: &serde_json::Value| (file["name"].to_string(), file["account_sha256"].to_string());
    catalogue["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(digest)
        .collect()
}

#[test]
fn the_estate_in_shards_gives_the_same_pack_in_whatever_order_they_are_named() {
    let configuration = fixture("estate/piperoll.toml");
    let place = tempfile::tempdir().unwrap();
    let mut parts = shards(&fixture("estate"), &configuration, 3, place.path());
    let store = place.path().join("store");
    for _ in 0..2 {
        let ran = united(&parts, &store);
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(ran.out.ends_with(" of 3 shard(s)\n"), "{}", ran.out);
        parts.reverse();
    }
    same(estate(), &pack_of(&store, &configuration));
    // What Spark was asked over the one, it may answer over the other.
    let one = place.path().join("one");
    ingested(&[fixture("estate")], &configuration, &one);
    assert_eq!(accounts(&one), accounts(&store));
    let verified = piperoll(&["ingest", "--verify", "--store", store.to_str().unwrap()]);
    assert_eq!(verified.code, 0, "{}", verified.err);
}

#[test]
fn a_file_that_one_shard_cannot_read_to_its_end_is_named_and_counted_as_by_one_run() {
    let log = calm(200);
    let mut cut = gzip(log.as_bytes());
    cut.truncate(cut.len() / 2);
    let place = folder(&[
        ("in/vault/audit.log.1.gz", &cut[..]),
        ("in/vault/audit.log", log.as_bytes()),
        ("piperoll.toml", b""),
    ]);
    let (inputs, configuration) = (place.path().join("in"), place.path().join("piperoll.toml"));
    let parts = shards(&inputs, &configuration, 4, place.path());
    let store = place.path().join("store");
    let ran = united(&parts, &store);
    let warning = "warning: `vault/audit.log.1.gz` could be read in part only: line ";
    assert_eq!(ran.err.matches("warning: ").count(), 1, "{}", ran.err);
    assert!(ran.err.contains(warning), "{}", ran.err);
    let again = (1..=4).map(|number| {
        let store = place.path().join(format!("again-{number}"));
        shard(&inputs, &configuration, &format!("{number}/4"), &store)
    });
    let told: Vec<Ran> = again.filter(|ran| ran.err.contains(warning)).collect();
    assert!(told.len() == 1 && told[0].code == 0);
    let (wanted, pack) = try_report(&[inputs], &configuration, &[]);
    let (found, other) = report_of(&store, &configuration);
    assert_eq!((wanted.code, ran.code), (found.code, 0), "{}", ran.err);
    let (pack, other) = (pack.unwrap(), other.unwrap());
    same(&pack, &other);
    let coverage = other.rows("coverage");
    let cut = coverage
        .iter()
        .find(|row| row["file"] == "vault/audit.log.1.gz");
    let cut = cut.expect("the file that was cut is accounted for");
    assert!(cut["parsed"] != "0" && cut["rejected"] != "0", "{cut:?}");
    let lines = other.rows("rejected_lines");
    let of_cut = |reason: &str| {
        let mut of = lines
            .iter()
            .filter(|row| row["file"] == "vault/audit.log.1.gz");
        of.any(|row| row["reason"].contains(reason))
    };
    assert!(of_cut("unreadable stream"), "{lines:?}");
}

#[test]
fn what_is_not_all_of_the_inputs_is_never_reported_on() {
    let log = calm(3);
    let files: Vec<(String, &[u8])> = (0..9)
        .map(|number| (format!("in/vault/audit.log.{number}"), log.as_bytes()))
        .collect();
    let mut files: Vec<(&str, &[u8])> = files.iter().map(|(name, log)| (&**name, *log)).collect();
    files.extend([
        ("piperoll.toml", &b""[..]),
        ("other/vault/audit.log", log.as_bytes()),
    ]);
    let place = folder(&files);
    let (inputs, configuration) = (place.path().join("in"), place.path().join("piperoll.toml"));
    let parts = shards(&inputs, &configuration, 2, place.path());
    let (alone, _) = report_of(&parts[0], &configuration);
    assert_eq!(alone.code, 2);
    assert!(alone.err.contains("is shard 1/2"), "{}", alone.err);
    let other = place.path().join("other-2");
    shard(&place.path().join("other"), &configuration, "2/2", &other);
    let third = place.path().join("third");
    shard(&inputs, &configuration, "3/3", &third);
    let whole = place.path().join("whole");
    let words = [
        "ingest",
        inputs.to_str().unwrap(),
        "--store",
        whole.to_str().unwrap(),
    ];
    assert_eq!(piperoll(&words).code, 0);
    let store = place.path().join("store");
    let [one, two] = [parts[0].clone(), parts[1].clone()];
    for (given, code, said) in [
        (vec![one.clone()], 3, "shard 2/2 is not there"),
        (
            vec![one.clone(), one.clone()],
            2,
            "shard 1/2 is there twice",
        ),
        (vec![one.clone(), other], 2, "made of other inputs"),
        (
            vec![one.clone(), third],
            2,
            "it is shard 3/3, others are of 2",
        ),
        (vec![one.clone(), whole], 2, "no shard"),
    ] {
        let ran = united(&given, &store);
        assert_eq!(ran.code, code, "{}", ran.err);
        assert!(ran.err.contains(said), "{}", ran.err);
    }
    let again = shard(&inputs, &configuration, "2/2", &one);
    assert_eq!(again.code, 2);
    assert!(
        again.err.contains("it is shard 1/2, and not shard 2/2"),
        "{}",
        again.err
    );
    assert_eq!(united(&[one, two.clone()], &store).code, 0);
    // What is not what was written comes into no store.
    let account = fs::read_dir(two.join("file")).unwrap().next().unwrap();
    fs::write(account.unwrap().path(), "{}").unwrap();
    let damaged = united(&parts, &store);
    assert_eq!(damaged.code, 3);
    assert!(damaged.err.contains("is damaged"), "{}", damaged.err);
    assert_eq!(report_of(&store, &configuration).0.code, 0);
}
