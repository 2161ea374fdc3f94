//! Where the time of a run goes: the clocks that `report --timings` reads.

use std::cell::RefCell;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use crate::model::{Phase, Watch};
use crate::pack::{Stopwatch as Sealing, Timings, Took};

/// A moment: by the clock of the machine and by the time its processors gave to this process.
#[derive(Clone, Copy, Debug)]
struct Moment {
    at: Instant,
    cpu: Option<Duration>,
}

impl Moment {
    fn now() -> Moment {
        Moment {
            at: Instant::now(),
            cpu: cpu_time(),
        }
    }

    /// What happened since.
    fn took(self, name: &str, records: u64) -> Took {
        let cpu = self.cpu.zip(cpu_time());
        Took {
            name: name.to_owned(),
            records,
            wall_us: micros(self.at.elapsed()),
            cpu_us: cpu.map(|(before, now)| micros(now.saturating_sub(before))),
            peak_bytes: peak(),
        }
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// Measures phases and rules as they end.
#[derive(Debug)]
pub(super) struct Stopwatch {
    phase: Moment,
    rule: Moment,
    taken: RefCell<Timings>,
}

impl Stopwatch {
    /// Starts.
    pub(super) fn new() -> Stopwatch {
        let now = Moment::now();
        Stopwatch {
            phase: now,
            rule: now,
            taken: RefCell::default(),
        }
    }

    /// Writes what was measured, the longest rules first.
    pub(super) fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let taken = self.taken.borrow();
        writeln!(out, "\n{:<10} {:>12} {HEADS}", "phase", "records")?;
        for took in &taken.phases {
            line(out, took)?;
        }
        let mut rules: Vec<&Took> = taken.rules.iter().collect();
        rules.sort_by(|a, b| (b.wall_us, &a.name).cmp(&(a.wall_us, &b.name)));
        writeln!(out, "\n{:<10} {:>12} {HEADS}", "rule", "population")?;
        rules.into_iter().try_for_each(|took| line(out, took))
    }
}

const HEADS: &str = "    wall s     cpu s  peak MiB";

fn line(out: &mut dyn Write, took: &Took) -> io::Result<()> {
    let seconds = |micros: u64| format!("{:.3}", micros as f64 / 1e6);
    let cpu = took.cpu_us.map_or_else(|| "-".to_owned(), seconds);
    let peak = took.peak_bytes.map(|bytes| (bytes >> 20).to_string());
    let (name, wall) = (&took.name, seconds(took.wall_us));
    let (records, peak) = (took.records, peak.as_deref().unwrap_or("-"));
    writeln!(
        out,
        "{name:<10} {records:>12} {wall:>10} {cpu:>9} {peak:>9}"
    )
}

impl Watch for Stopwatch {
    fn ended(&mut self, phase: Phase, records: u64) {
        let took = self.phase.took(phase.as_str(), records);
        self.taken.get_mut().phases.push(took);
        self.phase = Moment::now();
    }

    fn asked(&mut self) {
        self.rule = Moment::now();
    }

    fn answered(&mut self, rule: &str, population: u64) {
        let took = self.rule.took(rule, population);
        self.taken.get_mut().rules.push(took);
    }
}

impl Sealing for Stopwatch {
    fn timings(&self, files: u64) -> Timings {
        let took = self.phase.took(Phase::Pack.as_str(), files);
        self.taken.borrow_mut().phases.push(took);
        self.taken.borrow().clone()
    }
}

/// Ticks of a second in which Linux tells processor time to programs, on every architecture it
/// documents (`USER_HZ`, proc_pid_stat(5)).
const TICKS: u64 = 100;

/// What all threads took of the processors, ended ones included: `utime` and `stime`, the 14th and
/// 15th field of proc_pid_stat(5). The second field, the name, may hold blanks and brackets.
fn cpu_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let (_, behind) = stat.rsplit_once(')')?;
    let mut fields = behind.split_ascii_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    let ticks = ticks()?.checked_add(ticks()?)?;
    Some(Duration::from_millis(ticks.checked_mul(1000 / TICKS)?))
}

/// The most memory that the process has held: `VmHWM` of proc_pid_status(5), in kibibytes.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line?.trim().strip_suffix("kB")?.trim();
    kib.parse::<u64>().ok()?.checked_mul(1024)
}
