//! KMA-003: certificates of dataplanes that should have been renewed.

use super::{Check, Known, Verdict, without};
use crate::model::{Severity, Timestamp};
use crate::posture::{Posture, Thing};
use crate::rule::Observation;

pub(in crate::check) struct StalledRotation;

impl Check for StalledRotation {
    fn name(&self) -> &'static str {
        "stalled-rotation"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        if let Some(verdict) = without(input, "mesh-insight", "insights of Kuma dataplanes") {
            return verdict;
        }
        let (mut population, mut undated, mut observations) = (0, 0, Vec::new());
        for insight in input.things.of("mesh-insight") {
            if !insight.has("expires_at") {
                continue;
            }
            population += 1;
            let mut report = |fault: String, severity: Severity| {
                if let Some(place) = insight.place_of("expires_at") {
                    let seen = Observation::of(insight.object, fault, input.evidence(place));
                    observations.push(seen.with_severity(severity));
                }
            };
            let issued = insight.value("issued_backend");
            let mut supported = insight.values("supported_backend").peekable();
            if let Some(issued) = issued
                && supported.peek().is_some()
                && !supported.any(|backend| backend == issued)
            {
                let fault = format!("issued by backend {issued}, which is supported no more");
                report(fault, Severity::High);
            }
            // A dataplane that is away renews nothing.
            if !insight.is_true("online") {
                continue;
            }
            match standing(&insight) {
                None => undated += 1,
                Some(Standing::Expired) => report("expired".to_owned(), Severity::Crit),
                Some(Standing::Late(share)) => {
                    report(format!("{share} % of its life is over"), Severity::High);
                }
                Some(Standing::Sound) => {}
            }
        }
        let missing = (undated > 0).then(|| {
            format!("{undated} insight(s) state no time of their own: nothing tells how old their certificates were")
        });
        Verdict::looked(population, observations, missing)
    }
}

/// How far a certificate's life was over when the insight was taken.
enum Standing {
    Sound,
    Late(i64),
    Expired,
}

/// Judged by the latest time that the insight states itself: it was taken then or later, so what is
/// late by it was late. The time of the run says nothing of an older export.
fn standing(insight: &Thing<'_>) -> Option<Standing> {
    let time = |name: &str| insight.value(name).and_then(Timestamp::parse);
    let (seen, expires) = (time("seen_at")?, time("expires_at")?);
    if seen > expires {
        return Some(Standing::Expired);
    }
    let Some(from) = time("regenerated_at") else {
        return Some(Standing::Sound);
    };
    let life = expires.0.saturating_sub(from.0);
    let over = seen.0.saturating_sub(from.0);
    let share = over.saturating_mul(100).checked_div(life)?;
    Some(if share > 90 {
        Standing::Late(share)
    } else {
        Standing::Sound
    })
}
