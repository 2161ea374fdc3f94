//! The picture of coverage over time: one lane per source, silence hatched.

use std::collections::BTreeMap;

use serde::Serialize;

use super::words;
use crate::model::{FileCoverage, Period, Timestamp};

/// Width of the drawing in its own units.
const WIDTH: f64 = 960.0;
/// Where the lanes begin, right of their names.
const LEFT: f64 = 150.0;
/// Height of one lane.
const LANE: f64 = 44.0;
/// Height of the axis above the lanes.
const AXIS: f64 = 26.0;
/// The tallest bar.
const BAR: f64 = 30.0;
/// How many bars a lane has at most.
const BINS: i64 = 270;
const HOUR: i64 = 3_600_000_000;

#[derive(Serialize)]
pub(super) struct Timeline {
    width: f64,
    height: f64,
    left: f64,
    axis: f64,
    ticks: Vec<Tick>,
    lanes: Vec<Lane>,
    silence: String,
    bin: String,
}

#[derive(Serialize)]
struct Tick {
    x: f64,
    label: String,
}

#[derive(Serialize)]
struct Lane {
    source: String,
    y: f64,
    base: f64,
    path: String,
    events: String,
    gaps: Vec<Gap>,
}

#[derive(Serialize)]
struct Gap {
    x: f64,
    width: f64,
    middle: f64,
    label: String,
    labelled: bool,
    from: String,
    to: String,
}

impl Timeline {
    /// Draws the logs among `files` over `period`; `silence` is the shortest gap that is marked.
    pub(super) fn new(files: &[FileCoverage], period: Period, silence: u64) -> Timeline {
        let mut sources: BTreeMap<&str, BTreeMap<Timestamp, u64>> = BTreeMap::new();
        for file in files.iter().filter(|file| file.is_log) {
            let hours = sources.entry(&file.source).or_default();
            for &(hour, events) in &file.hours {
                // An hour that the period cuts is kept: the axis clips it.
                if hour.plus_micros(HOUR) > period.from && hour < period.to {
                    *hours.entry(hour).or_default() += events;
                }
            }
        }
        let scale = Scale::new(period);
        let lanes: Vec<Lane> = sources
            .iter()
            .enumerate()
            .map(|(index, (source, hours))| {
                let y = AXIS + LANE * index as f64;
                lane(source, hours, y, scale, silence)
            })
            .collect();
        Timeline {
            width: WIDTH,
            height: AXIS + LANE * lanes.len() as f64 + 6.0,
            left: LEFT,
            axis: AXIS,
            ticks: ticks(scale),
            lanes,
            silence: words::duration(silence),
            bin: words::duration((scale.bin() / 1_000_000).unsigned_abs()),
        }
    }
}

/// The shortest silence that is marked, from the settings in force; a day when they do not say.
pub(super) fn silence(settings: &[(String, String)]) -> u64 {
    let value = settings
        .iter()
        .find(|(name, _)| name == "thresholds.silence")
        .map(|(_, value)| value.trim());
    value.and_then(seconds).filter(|s| *s > 0).unwrap_or(86_400)
}

fn seconds(text: &str) -> Option<u64> {
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = match unit.trim() {
        "s" | "" => 1,
        "m" | "min" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

/// From time to place.
#[derive(Clone, Copy)]
struct Scale {
    period: Period,
    span: i64,
}

impl Scale {
    fn new(period: Period) -> Scale {
        Scale {
            period,
            span: (period.to.0 - period.from.0).max(1),
        }
    }

    fn x(self, at: Timestamp) -> f64 {
        let inside = at.clamp(self.period.from, self.period.to).0 - self.period.from.0;
        tenth(LEFT + (WIDTH - LEFT) * inside as f64 / self.span as f64)
    }

    /// Width of a bar in time: a whole number of hours.
    fn bin(self) -> i64 {
        (self.span / BINS / HOUR + 1) * HOUR
    }
}

fn lane(
    source: &str,
    hours: &BTreeMap<Timestamp, u64>,
    y: f64,
    scale: Scale,
    silence: u64,
) -> Lane {
    let base = y + LANE - 6.0;
    let bin = scale.bin();
    let first = scale.period.from.hour();
    let mut bins: BTreeMap<i64, u64> = BTreeMap::new();
    for (hour, events) in hours {
        *bins.entry((hour.0 - first.0) / bin).or_default() += events;
    }
    let tallest = bins.values().copied().max().unwrap_or(1).max(1) as f64;
    let mut path = String::new();
    for (index, events) in &bins {
        let from = scale.x(first.plus_micros(index * bin));
        let to = scale.x(first.plus_micros((index + 1) * bin));
        // The square root keeps quiet hours visible beside a nightly batch.
        let height = tenth((*events as f64 / tallest).sqrt() * BAR).max(1.0);
        let width = tenth((to - from - 0.4).max(0.4));
        path.push_str(&format!("M{from} {base}v-{height}h{width}v{height}z"));
    }
    Lane {
        source: source.to_owned(),
        y,
        base,
        path,
        events: words::number(hours.values().sum()),
        gaps: gaps(hours, scale, silence),
    }
}

/// The silences of a lane, those before its first and after its last event included.
fn gaps(hours: &BTreeMap<Timestamp, u64>, scale: Scale, silence: u64) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let mut quiet_from = scale.period.from;
    let ends = hours.keys().copied().chain([scale.period.to]);
    for next in ends {
        let seconds = (next.0 - quiet_from.0).max(0).unsigned_abs() / 1_000_000;
        if seconds >= silence {
            let x = scale.x(quiet_from);
            let width = tenth(scale.x(next) - x).max(1.0);
            gaps.push(Gap {
                x,
                width,
                middle: tenth(x + width / 2.0),
                label: words::duration(seconds),
                labelled: width > 64.0,
                from: words::time(quiet_from),
                to: words::time(next),
            });
        }
        quiet_from = next.plus_micros(HOUR);
    }
    gaps
}

fn ticks(scale: Scale) -> Vec<Tick> {
    const STEPS: [i64; 13] = [1, 3, 6, 12, 24, 48, 168, 336, 672, 1344, 4368, 8736, 87_360];
    let step = STEPS
        .into_iter()
        .map(|hours| hours * HOUR)
        .find(|step| scale.span / step <= 14)
        .unwrap_or(scale.span);
    let mut ticks = Vec::new();
    let mut at = scale.period.from;
    while at < scale.period.to && ticks.len() < 16 {
        let text = at.to_string();
        let label = if step < 24 * HOUR {
            text.get(5..16).unwrap_or_default().replace('T', " ")
        } else if step > 4368 * HOUR {
            text.get(..7).unwrap_or_default().to_owned()
        } else {
            text.get(5..10).unwrap_or_default().to_owned()
        };
        let x = scale.x(at);
        // The last label keeps clear of the frame; its line stays.
        let label = if x > WIDTH - 40.0 {
            String::new()
        } else {
            label
        };
        ticks.push(Tick { x, label });
        at = at.plus_micros(step);
    }
    ticks
}

/// One decimal, so that the drawing has the same bytes everywhere.
fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{Sample, at};

    #[test]
    fn a_silence_in_the_middle_and_at_the_ends_is_marked() {
        let period = Period {
            from: at("2026-06-28"),
            to: at("2026-10-03"),
        };
        let timeline = Timeline::new(&Sample::new().coverage, period, 86_400);
        assert_eq!(timeline.lanes.len(), 2, "configuration has no lane");
        let gaps: Vec<_> = timeline.lanes[1]
            .gaps
            .iter()
            .map(|gap| (gap.from.as_str(), gap.label.as_str()))
            .collect();
        assert_eq!(
            gaps,
            [
                ("2026-06-28 00:00Z", "3 d"),
                ("2026-08-10 00:00Z", "10 d"),
                ("2026-10-01 00:00Z", "2 d"),
            ]
        );
    }

    #[test]
    fn a_source_without_an_event_is_one_long_silence() {
        let mut files = Sample::new().coverage;
        files[1].hours.clear();
        let period = Period {
            from: at("2026-07-01"),
            to: at("2026-10-01"),
        };
        let timeline = Timeline::new(&files, period, 86_400);
        assert_eq!(timeline.lanes[1].gaps.len(), 1);
        assert_eq!(timeline.lanes[1].gaps[0].label, "92 d");
        assert!(timeline.lanes[1].path.is_empty());
    }

    #[test]
    fn any_period_draws_within_its_frame() {
        for period in [
            Period::ALL,
            Period {
                from: at("2026-07-01"),
                to: at("2026-07-01"),
            },
            Period {
                from: at("2026-07-01"),
                to: at("2026-07-01T00:00:01Z"),
            },
        ] {
            let timeline = Timeline::new(&Sample::new().coverage, period, 86_400);
            assert!(timeline.ticks.len() <= 16);
            assert!(timeline.ticks.iter().all(|tick| tick.x <= WIDTH));
        }
    }

    #[test]
    fn the_silence_threshold_is_read_from_the_settings() {
        let set = |value: &str| silence(&[("thresholds.silence".into(), value.into())]);
        assert_eq!(
            (set("24h"), set("90m"), set("2d"), set("60")),
            (86_400, 5_400, 172_800, 60)
        );
        assert_eq!((set("soon"), silence(&[])), (86_400, 86_400));
    }
}
