//! The most memory that a command may hold: one that holds more ends at once, says so, and leaves
//! nothing behind.

use std::fmt;
use std::io::{self, Write as _};
use std::str::FromStr;
use std::thread;
use std::time::Duration;

use super::{Failure, INPUT, logs};
use crate::scratch;

/// How often what the process holds is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// The least that may be asked for: the program itself, its rules and blocks that are read take it.
const LEAST: MemorySize = MemorySize(64 << 20);

/// A number of bytes: `512MiB`, `8GiB`, `1000000`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct MemorySize(pub(super) u64);

impl fmt::Display for MemorySize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 % (1 << 20) {
            0 => write!(f, "{} MiB", self.0 >> 20),
            _ => write!(f, "{} bytes", self.0),
        }
    }
}

impl FromStr for MemorySize {
    type Err = String;

    fn from_str(text: &str) -> Result<MemorySize, String> {
        let digits = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let shift = match unit.to_ascii_lowercase().as_str() {
            "" | "b" => 0,
            "k" | "kib" => 10,
            "m" | "mib" => 20,
            "g" | "gib" => 30,
            _ => 64,
        };
        let bytes = number.parse::<u64>().ok();
        bytes
            .and_then(|number| number.checked_mul(1u64.checked_shl(shift)?))
            .map(MemorySize)
            .ok_or_else(|| format!("`{text}` is no size, e.g. 512MiB or 8GiB"))
    }
}

/// The physical memory of this process, where the system tells.
fn held() -> Option<MemorySize> {
    memory_stats::memory_stats().map(|stats| MemorySize(stats.physical_mem as u64))
}

/// Ends the process as soon as it holds more than `most`.
///
/// Who allocates cannot be told to do with less, and a system out of memory kills without a word:
/// what is held is looked at from beside, so that for a few milliseconds it may be more.
///
/// # Errors
///
/// The system does not tell what is held, or `most` is less than any run takes.
pub(super) fn limit(most: MemorySize) -> Result<(), Failure> {
    if most < LEAST {
        let what = format!("`--memory` of {most} is less than any run takes");
        return Err(Failure::usage(what, &format!("give it {LEAST} at least")));
    }
    if held().is_none() {
        let help = "leave it out, and bound the process from outside";
        let what = "`--memory`: this system does not say what a process holds";
        return Err(Failure::usage(what, help));
    }
    let watch = thread::Builder::new().name("memory".to_owned());
    watch.spawn(move || {
        loop {
            match held() {
                Some(now) if now > most => scratch::end(INPUT, || say(now, most)),
                _ => thread::sleep(LOOK),
            }
        }
    })?;
    Ok(())
}

/// Says why the process ends.
fn say(now: MemorySize, most: MemorySize) {
    let words: Vec<_> = std::env::args_os().collect();
    let said = format!(
        "error: {} MiB of memory are held and more is needed; `--memory` allows {most}\n  help: allow more, or give fewer logs or a shorter time; docs/performance.md says what a log of its size takes\n",
        now.0 >> 20,
    );
    let mut err = io::stderr();
    // If standard error is gone, so is the listener.
    let _ = if logs::are_json(&words) {
        let mut lines = logs::JsonLines::new(&mut err);
        let told = lines.write_all(said.as_bytes());
        told.and_then(|()| lines.end(&words, INPUT, None))
    } else {
        err.write_all(said.as_bytes())
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_a_number_and_a_unit() {
        for (text, bytes) in [
            ("0", 0),
            ("1000000", 1_000_000),
            ("1000b", 1_000),
            ("512MiB", 512 << 20),
            ("8g", 8 << 30),
            ("3K", 3 << 10),
        ] {
            assert_eq!(text.parse(), Ok(MemorySize(bytes)), "{text}");
        }
        for text in [
            "",
            "MiB",
            "1.5GiB",
            "-1",
            "1TiB",
            "99999999999999GiB",
            "much",
        ] {
            let wrong = text.parse::<MemorySize>();
            assert!(wrong.is_err_and(|said| said.contains(text)), "{text}");
        }
    }

    #[test]
    fn less_than_any_run_takes_is_refused() {
        let refused = limit(MemorySize(1 << 20)).unwrap_err();
        assert!(format!("{refused:?}").contains("less than any run takes"));
    }
}
