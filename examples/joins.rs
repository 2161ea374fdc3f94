//! Measures the joins on every hard variant of the estate and prints a Markdown table.
//!
//! `cargo run --release --example joins -- [--events N] [--seed S]`; exit 1 if an established edge
//! is false, a decoy fired, or fewer than 99 in 100 resolvable edges are established.
#![allow(clippy::print_stderr, clippy::print_stdout)]

#[path = "../fixtures/accuracy.rs"]
mod accuracy;
#[allow(dead_code, reason = "only the hard estates are written here")]
#[path = "../fixtures/generator/estate.rs"]
mod generator;

use accuracy::{Accuracy, COLUMNS, measure, share, variants};
use std::error::Error;
use std::io::{Write, stdout};
use std::process::ExitCode;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let (mut events, mut seed) = (8_000_u64, 5_u64);
    let mut arguments = std::env::args().skip(1);
    while let Some(flag) = arguments.next() {
        let value = arguments.next().and_then(|text| text.parse().ok());
        let value = value.ok_or_else(|| format!("{flag} needs a number"))?;
        match flag.as_str() {
            "--events" => events = value,
            "--seed" => seed = value,
            _ => return Err(format!("unknown flag {flag}").into()),
        }
    }
    if !(1_000..=10_000_000).contains(&events) {
        return Err("--events takes 1000 to 10000000".into());
    }
    let mut out = stdout().lock();
    writeln!(
        out,
        "| {} |\n|{}",
        COLUMNS.join(" | "),
        "---|".repeat(COLUMNS.len())
    )?;
    let mut failed = false;
    for (name, options) in variants(events, seed) {
        let folder = tempfile::tempdir()?;
        let found = measure(&options, folder.path())?;
        writeln!(out, "{}", row(name, &found))?;
        out.flush()?;
        for (word, edges) in [("false", &found.wrong), ("missed", &found.missed)] {
            for (kind, left, right) in edges.iter().take(3) {
                eprintln!("{name}: {word}: {kind} {left} -> {right}");
            }
        }
        failed |= !found.wrong.is_empty() || found.recall() < 0.99 || found.decoys_fired() > 0;
    }
    Ok(ExitCode::from(u8::from(failed)))
}

fn row(name: &str, found: &Accuracy) -> String {
    let list = |items: &mut dyn Iterator<Item = (&String, &u64)>| {
        let words: Vec<String> = items
            .map(|(name, count)| format!("{name} {count}"))
            .collect();
        if words.is_empty() {
            "none".to_owned()
        } else {
            words.join(", ")
        }
    };
    let band = |band: usize| match found.listed[band] {
        (0, _) => "none".to_owned(),
        (all, good) => format!(
            "{:.3} ({good} of {all}), {:.3}",
            found.precision(band),
            share(found.truth.1[band], found.truth.0)
        ),
    };
    format!(
        "| {name} | {} ({}) | {} | {} | {} | {} | {:.4} ({} of {}) | {} | {} | {} |",
        found.events,
        found.duplicates,
        list(&mut found.kinds.iter()),
        band(0),
        band(1),
        band(2),
        found.recall(),
        found.resolvable.1[0],
        found.resolvable.0,
        list(&mut found.mismatches.iter()),
        list(&mut found.findings.iter()),
        found.decoys_fired(),
    )
}
