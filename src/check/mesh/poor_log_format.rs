//! KMA-007: formats of access logs that leave out who called whom.

use super::{Check, Known, Verdict, is_tried_only};
use crate::posture::{Posture, Thing};
use crate::rule::Observation;
use crate::usage::Lines;

pub(in crate::check) struct PoorLogFormat;

/// What a line must tell, and the commands that tell it.
const TOLD: [(&str, &[&str]); 4] = [
    ("the calling service", &["%KUMA_SOURCE_SERVICE%"]),
    ("the called service", &["%KUMA_DESTINATION_SERVICE%"]),
    ("the mesh", &["%KUMA_MESH%"]),
    (
        "an id of the request or trace",
        &[
            "X-REQUEST-ID",
            "TRACEPARENT",
            "X-B3-TRACEID",
            "X-DATADOG-TRACEID",
            "X-CLOUD-TRACE-CONTEXT",
            "%TRACE_ID%",
            "%STREAM_ID%",
        ],
    ),
];

impl Check for PoorLogFormat {
    fn name(&self) -> &'static str {
        "poor-log-format"
    }

    fn run(&self, input: &Posture<'_>, known: &Known<'_>) -> Verdict {
        let policies = input.things.of("mesh-access-log");
        let policies = policies.filter(|policy| !is_tried_only(policy));
        let backends = input.things.of("mesh").filter(|mesh| mesh.has("logging"));
        let stating: Vec<Thing<'_>> = policies.chain(backends).collect();
        if stating.is_empty() && known.calls.is_none() {
            let reason = "no access-log policies of Kuma were supplied";
            return Verdict::NotAssessed(reason.to_owned());
        }
        let mut observations = Vec::new();
        for thing in &stating {
            let named = thing.below("format.").map(|(_, format)| format);
            for format in thing.values("format").chain(named) {
                let upper = format.to_ascii_uppercase();
                // A format of TCP has no requests.
                let requests = upper.contains("%REQ(") || upper.contains("%RESPONSE_CODE%");
                let wanted = TOLD.iter().take(if requests { 4 } else { 3 });
                for (what, commands) in wanted {
                    if commands.iter().any(|command| upper.contains(command)) {
                        continue;
                    }
                    if let Some(place) = thing.place_of("format") {
                        let fault = format!("the format leaves out {what}");
                        observations.push(Observation::of(
                            thing.object,
                            fault,
                            input.evidence(place),
                        ));
                    }
                }
            }
        }
        let mut population = u64::try_from(stating.len()).unwrap_or(u64::MAX);
        let mut missing = Some(
            "no access log of a proxy was supplied: what its lines leave empty is not counted"
                .to_owned(),
        );
        if let Some(calls) = known.calls {
            missing = stating.is_empty().then(|| {
                "no access-log policy of Kuma was supplied: formats are not judged".to_owned()
            });
            for (called, lines) in &calls.lines {
                population = population.saturating_add(1);
                observations.extend(empty(input, called, lines));
            }
        }
        Verdict::looked(population, observations, missing)
    }
}

/// What the lines about one service leave empty more often than now and then.
fn empty(input: &Posture<'_>, called: &str, lines: &Lines) -> Vec<Observation> {
    let most = input.threshold("mesh_empty_percent").unwrap_or(1);
    let left_out = [
        ("who called whom", lines.nameless, lines.first_nameless),
        (
            "the id of request or trace",
            lines.untraced,
            lines.first_untraced,
        ),
    ];
    let mut observations = Vec::new();
    for (what, count, first) in left_out {
        let share = u128::from(count) * 100;
        let bound = u128::from(lines.all) * u128::try_from(most).unwrap_or(0);
        if let Some(place) = first.filter(|_| share > bound) {
            let fault = format!("its lines leave {what} empty");
            let tenths = u128::from(count) * 1000 / u128::from(lines.all.max(1));
            let detail = format!(
                "{count} of {} ({}.{} %)",
                lines.all,
                tenths / 10,
                tenths % 10
            );
            let seen = Observation::of(called, fault, input.evidence(place));
            observations.push(seen.with_detail(detail));
        }
    }
    observations
}
