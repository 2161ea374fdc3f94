//! How a signal ends a run: what is not finished goes first.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::PathBuf;

/// How often a removal is tried: a library may be writing meanwhile.
const TRIES: u32 = 5;

/// Removes the directories of a process that is about to end.
fn remove(living: &BTreeSet<PathBuf>) {
    for path in living {
        for _ in 0..TRIES {
            if fs::remove_dir_all(path).is_ok() || !path.exists() {
                break;
            }
        }
    }
}

/// Removes the directories of this process, lets `say` say why, and ends it.
pub fn end(code: u8, say: impl FnOnce()) -> ! {
    // Held to the end: whoever wants to write meanwhile waits, and ends with the process.
    let living = super::living();
    remove(&living);
    say();
    std::process::exit(i32::from(code))
}

/// Makes the signals that end a run remove its directories first, and the one that says that a file
/// would be too large an error of writing.
///
/// A signal that is ignored, as `nohup` does with SIGHUP, stays ignored.
///
/// # Errors
///
/// Fails when the system refuses a handler.
#[cfg(unix)]
pub fn on_signals() -> io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXCPU, SIGXFSZ};
    let ignored = ignored();
    let heard = |signal: &i32| ignored & (1 << (signal - 1)) == 0;
    let ends = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXCPU];
    let mut signals = signal_hook::iterator::Signals::new(ends.iter().filter(|s| heard(s)))?;
    if heard(&SIGXFSZ) {
        let noticed = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        signal_hook::flag::register(SIGXFSZ, noticed)?;
    }
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            for signal in signals.forever() {
                // Held to the end: whoever wants to write meanwhile waits, and ends with the process.
                let living = super::living();
                remove(&living);
                // Whoever waits for this process sees how it ended.
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        })?;
    Ok(())
}

/// Elsewhere the directories are removed when the run ends, and swept.
///
/// # Errors
///
/// None.
#[cfg(not(unix))]
pub fn on_signals() -> io::Result<()> {
    Ok(())
}

/// The signals that are ignored, one bit each, where the system tells.
#[cfg(unix)]
fn ignored() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}

#[cfg(all(test, unix))]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use super::*;
    use crate::scratch::{Scratch, create, create_directories, living};

    #[test]
    fn nothing_comes_up_in_a_directory_that_is_being_removed() {
        for _ in 0..20 {
            let parent = tempfile::tempdir().unwrap();
            let scratch = Scratch::new_in(parent.path(), "pack.tmp-").unwrap();
            let written = AtomicU32::new(0);
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    for number in 0..400 {
                        let folder = scratch.path().join(format!("{}", number % 7));
                        let _ = create_directories(&folder);
                        // Fails once the folder is gone.
                        let _ = create(&folder.join(format!("{number}")));
                        written.store(number, Ordering::SeqCst);
                    }
                });
                while written.load(Ordering::SeqCst) < 20 {
                    std::thread::yield_now();
                }
                let living = living();
                remove(&BTreeSet::from([scratch.path().to_owned()]));
                for _ in 0..3 {
                    assert!(!scratch.path().exists());
                    std::thread::sleep(Duration::from_millis(1));
                }
                drop(living);
            });
        }
    }
}
