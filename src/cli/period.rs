//! `--period`: a quarter, month or year by its name.

use chrono::{DateTime, Datelike as _, Months, NaiveDate, Utc};

use crate::model::{Period, Timestamp};

/// A period by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NamedPeriod {
    /// The whole month before the moment of the run.
    LastMonth,
    /// The whole quarter before it.
    LastQuarter,
    /// So many months from a day on.
    From(NaiveDate, u32),
}

/// Reads `last-month`, `last-quarter`, `2026-Q3`, `2026-09` or `2026`.
pub(super) fn named(text: &str) -> Result<NamedPeriod, String> {
    match text {
        "last-month" => return Ok(NamedPeriod::LastMonth),
        "last-quarter" => return Ok(NamedPeriod::LastQuarter),
        _ => {}
    }
    let (year, rest) = text.split_once('-').unwrap_or((text, ""));
    let year = Some(year).filter(|year| year.len() == 4);
    let year = year.and_then(|year| year.parse::<i32>().ok());
    let (month, months) = match (rest, rest.strip_prefix(['Q', 'q'])) {
        ("", _) => (Some(1), 12),
        (_, Some(quarter)) => {
            let quarter = quarter.parse::<u32>().ok();
            let month = quarter.filter(|quarter| (1..=4).contains(quarter));
            (month.map(|quarter| quarter * 3 - 2), 3)
        }
        (month, None) => (month.parse::<u32>().ok().filter(|_| month.len() == 2), 1),
    };
    let day = year.zip(month);
    let day = day.and_then(|(year, month)| NaiveDate::from_ymd_opt(year, month, 1));
    let day = day.map(|day| NamedPeriod::From(day, months));
    day.ok_or_else(|| {
        format!("`{text}` is no period; write last-month, last-quarter, 2026-Q3, 2026-09 or 2026")
    })
}

impl NamedPeriod {
    /// The period, half-open, as seen from `now`; none beyond the calendar.
    pub(super) fn bounds(self, now: Timestamp) -> Option<Period> {
        let today = DateTime::<Utc>::from_timestamp_micros(now.0)?.date_naive();
        let (first, months) = match self {
            NamedPeriod::From(first, months) => (first, months),
            NamedPeriod::LastMonth => {
                let this = today.with_day(1)?;
                (this.checked_sub_months(Months::new(1))?, 1)
            }
            NamedPeriod::LastQuarter => {
                let month = today.month0() / 3 * 3 + 1;
                let this = NaiveDate::from_ymd_opt(today.year(), month, 1)?;
                (this.checked_sub_months(Months::new(3))?, 3)
            }
        };
        let last = first.checked_add_months(Months::new(months))?;
        let at = |day: NaiveDate| {
            Timestamp(
                day.and_time(chrono::NaiveTime::MIN)
                    .and_utc()
                    .timestamp_micros(),
            )
        };
        Some(Period {
            from: at(first),
            to: at(last),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str, now: &str) -> (String, String) {
        let now = Timestamp::parse_date_or_time(now).unwrap();
        let period = named(text).unwrap().bounds(now).unwrap();
        (period.from.to_string(), period.to.to_string())
    }

    #[test]
    fn a_period_begins_and_ends_at_midnight() {
        let day = |text: &str| format!("{text}T00:00:00.000000Z");
        for (text, now, from, to) in [
            ("last-month", "2026-03-01", "2026-02-01", "2026-03-01"),
            ("last-month", "2026-01-31", "2025-12-01", "2026-01-01"),
            ("last-quarter", "2026-01-01", "2025-10-01", "2026-01-01"),
            ("last-quarter", "2026-11-28", "2026-07-01", "2026-10-01"),
            ("2026-Q3", "2020-01-01", "2026-07-01", "2026-10-01"),
            ("2026-q4", "2020-01-01", "2026-10-01", "2027-01-01"),
            ("2026-12", "2020-01-01", "2026-12-01", "2027-01-01"),
            ("2026", "2020-01-01", "2026-01-01", "2027-01-01"),
        ] {
            assert_eq!(said(text, now), (day(from), day(to)), "{text} {now}");
        }
    }

    #[test]
    fn what_is_no_period_is_refused() {
        for text in [
            "2026-Q5",
            "2026-Q0",
            "2026-13",
            "26-Q1",
            "2026-9",
            "last-year",
            "",
            "Q3",
            "2026-Q4294967295",
        ] {
            assert!(named(text).is_err(), "{text}");
        }
    }
}
