//! Every parser comes back from whatever it is given: the seeds of the fuzz targets, and mutations of
//! them, on a stable compiler and in seconds. `PIPEROLL_FUZZ_ROUNDS` makes it hours.

use std::collections::BTreeSet;
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use piperoll::estate::formats;
use piperoll::model::{Event, Export, Sink};
use piperoll::source::{Links, Output, expand, ingest};

#[path = "../../fuzz/targets.rs"]
mod targets;

use targets::TARGETS;

/// How many mutations of each seed are fed where nothing else is asked.
const ROUNDS: u64 = 60;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The seeds of a target, by name.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = root().join("fuzz/seeds").join(target);
    let mut paths: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// Numbers that look random and are the same in every run (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// Pieces that parsers stumble over.
const PIECES: [&[u8]; 18] = [
    b"\n",
    b"\r\n",
    b"\0",
    b"\xff",
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[[",
    b"]",
    b"${",
    b"<<EOT\n",
    b"\xef\xbb\xbf",
    b"\xe2\x80\xae",
    b"1e999",
    b"-9223372036854775809",
    b"\x1b[0m",
    b"\x1f\x8b\x08",
];

/// One to four changes of a seed.
fn mutate(seed: &[u8], others: &[Vec<u8>], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(bytes.len() + 1);
        let to = (at + numbers.below(64)).min(bytes.len());
        match numbers.below(7) {
            0 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << numbers.below(8);
                }
            }
            1 => bytes.truncate(at),
            2 => drop(bytes.drain(at..to)),
            3 => {
                let piece = PIECES[numbers.below(PIECES.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
            4 => {
                let piece = bytes[at..to].to_vec();
                let twice = piece.repeat(1 + numbers.below(40));
                bytes.splice(at..at, twice);
            }
            5 => {
                let piece = PIECES[numbers.below(PIECES.len())];
                bytes.splice(at..to, piece.repeat(numbers.below(400)));
            }
            _ => {
                let other = &others[numbers.below(others.len())];
                let from = numbers.below(other.len() + 1);
                let end = (from + numbers.below(400)).min(other.len());
                bytes.splice(at..at, other[from..end].iter().copied());
            }
        }
    }
    bytes
}

#[test]
fn every_parser_comes_back_from_seeds_and_mutations() {
    let asked = std::env::var("PIPEROLL_FUZZ_ROUNDS").ok();
    let rounds: u64 = asked.map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    let only = std::env::var("PIPEROLL_FUZZ_TARGET").ok();
    for (number, (name, target)) in (0..).zip(TARGETS) {
        if only.as_ref().is_some_and(|only| only != name) {
            continue;
        }
        let seeds = seeds(name);
        assert!(!seeds.is_empty(), "{name}");
        let mut numbers = Numbers(number);
        let mut fed = 0;
        for seed in &seeds {
            feed(name, target, seed);
            for _ in 0..rounds {
                feed(name, target, &mutate(seed, &seeds, &mut numbers));
                fed += 1;
            }
        }
        println!("{name}: {} seeds, {fed} mutations", seeds.len());
    }
}

/// Feeds a target; what breaks it is kept beside the build, so that it can be a seed.
fn feed(name: &str, target: &fn(&[u8]), bytes: &[u8]) {
    let came_back = std::panic::catch_unwind(|| target(bytes)).is_ok();
    if !came_back {
        let kept = root().join("target").join(format!("broke-{name}"));
        let _ = fs::write(&kept, bytes);
        panic!("{name} does not come back from {}", kept.display());
    }
}

/// A sink that keeps nothing.
#[derive(Default)]
struct Nothing;

impl Sink for Nothing {
    fn event(&mut self, _: &Event<'_>) {}
    fn export(&mut self, _: Export) {}
}

#[test]
fn every_log_is_fed_by_a_seed_that_is_read_as_it() {
    let seeds = root().join("fuzz/seeds").display().to_string();
    let files = expand(&[seeds], &[], Links::default()).unwrap();
    let mut read: BTreeSet<&str> = BTreeSet::new();
    let take = |output| {
        if let Output::Block { tally, .. } = output {
            read.extend(tally.sources.into_keys());
        }
    };
    ingest(
        &files,
        &formats(),
        NonZeroUsize::MIN,
        Nothing::default,
        take,
    );
    let sources = formats().into_iter().map(|format| format.about().source);
    for log in sources.filter(|source| source.is_log()) {
        assert!(read.contains(log.name), "no seed is read as `{}`", log.name);
    }
}

#[test]
fn every_target_has_its_seeds_and_its_place_in_cargo_fuzz() {
    let listed: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let folders: BTreeSet<String> = fs::read_dir(root().join("fuzz/seeds"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(folders, listed);
    let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
    for name in listed {
        let path = format!("fuzz_targets/{name}.rs");
        assert!(root().join("fuzz").join(&path).is_file(), "{path}");
        assert!(manifest.contains(&format!("path = \"{path}\"")), "{path}");
    }
}
