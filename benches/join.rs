//! Joins of up to ten million operations, made in memory: time and memory must grow with them, no
//! faster.
//!
//! `cargo bench --no-default-features --bench join -- [EVENTS ...]`

use std::error::Error;
use std::io::{Write, stdout};
use std::process::Command;
use std::time::Instant;

use piperoll::config::{Problems, Settings};
use piperoll::identity::{Directory, Identity, Ledger, Scope};
use piperoll::model::{
    Digest, Event, EventKind, Exports, FileId, Handles, Issued, Job, Outcome, Part, Place, System,
    Timestamp,
};
use piperoll::table::row::half::Half;
use piperoll::table::row::{Symbols, Translated, Translation};

/// Sizes that are measured unless others are asked for.
const SIZES: [u64; 3] = [100_000, 1_000_000, 10_000_000];
/// `uniform`: all projects run as many jobs. `skewed`: one runs half of all. `batch`: so does it,
/// and no token has an accessor.
const SHAPES: [&str; 3] = ["uniform", "skewed", "batch"];
const PROJECTS: u64 = 100;
/// Operations of one job: its login and what it reads.
const PER_JOB: u64 = 9;
const SECOND: i64 = 1_000_000;
/// A job starts every five seconds, however many there are: more events are a longer period.
const STEP: i64 = 5 * SECOND;
const LENGTH: i64 = 120 * SECOND;
const START: i64 = 1_788_220_800 * SECOND;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [shape, events] = words.as_slice()
        && SHAPES.contains(&shape.as_str())
    {
        return case(shape, events.parse()?);
    }
    let asked: Vec<u64> = words.iter().filter_map(|word| word.parse().ok()).collect();
    let sizes = if asked.is_empty() { &SIZES[..] } else { &asked };
    let mut out = stdout().lock();
    writeln!(
        out,
        "| Shape | Events | Fill s | Join s | Join ns/event | Peak MB |"
    )?;
    writeln!(out, "|---|---:|---:|---:|---:|---:|")?;
    out.flush()?;
    for shape in SHAPES {
        for events in sizes {
            // A process of its own: the peak of the memory is that of this case.
            let status = Command::new(std::env::current_exe()?)
                .args([shape, &events.to_string()])
                .status()?;
            if !status.success() {
                return Err(format!("{shape} {events}: {status}").into());
            }
        }
    }
    Ok(())
}

/// Measures one shape and size, and that everything was joined.
fn case(shape: &str, events: u64) -> Result<(), Box<dyn Error>> {
    let jobs = events / PER_JOB;
    let begun = Instant::now();
    let mut ledger = Ledger::default();
    let mut exports = Exports::default();
    for number in 0..jobs {
        let project = match shape {
            "uniform" => number % PROJECTS,
            _ if number % 2 == 0 => 0,
            _ => number / 2 % PROJECTS,
        };
        exports.jobs.push(job(number, project));
        session(&mut ledger, number, project, shape == "batch");
    }
    let filled = begun.elapsed();
    let settings = settings()?;
    let declared = Scope {
        settings: &settings,
        as_of: Timestamp(START),
    };
    let begun = Instant::now();
    let directory = Directory::new(&mut exports, &Default::default());
    let identity = Identity::resolve(ledger, directory, &declared);
    let edges = identity.edges(&declared);
    let operations = u32::try_from(identity.ledger.ops.len())?;
    let joined = (0..operations).filter(|op| identity.session(*op).is_some());
    let joined = joined.count() as u64;
    let logins = edges.iter().filter(|edge| edge.edge == "job-login").count() as u64;
    let seconds = begun.elapsed();
    if joined != jobs * (PER_JOB - 1) || logins < jobs * 4 / 5 {
        return Err(format!("only {joined} requests and {logins} logins were joined").into());
    }
    writeln!(
        stdout(),
        "| {shape} | {operations} | {:.2} | {:.2} | {:.0} | {:.0} |",
        filled.as_secs_f64(),
        seconds.as_secs_f64(),
        seconds.as_secs_f64() * 1e9 / f64::from(operations),
        peak()?
    )?;
    Ok(())
}

/// The most memory this process had, in MB.
fn peak() -> Result<f64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next());
    Ok(kilobytes.ok_or("no VmHWM")?.parse::<f64>()? / 1024.0)
}

/// One job in five logs in without its id.
fn session(ledger: &mut Ledger, number: u64, project: u64, batch: bool) {
    let start = START + number as i64 * STEP + 3 * SECOND;
    let accessor = if batch {
        String::new()
    } else {
        format!("hmac:a{number}")
    };
    let token = format!("hmac:t{number}");
    let (project_id, job_id) = (project.to_string(), number.to_string());
    let mut metadata = vec![("project_id".into(), project_id.into())];
    if number % 5 != 4 {
        metadata.push(("job_id".into(), job_id.into()));
    }
    let (mut symbols, mut known) = (Symbols::new(), Translation::default());
    for index in 0..PER_JOB {
        let login = index == 0;
        let id = format!("{number}-{index}");
        let mut event = event(id, start + index as i64 * SECOND, login);
        event.remote_address = Some(format!("10.0.0.{}", number % 200).into());
        event.entity_id = Some(format!("entity-{project}").into());
        event.display_name = Some(format!("gitlab-{project}").into());
        event.role = Some(format!("role-{project}").into());
        if login {
            event.mount = Some("auth/gitlab/".into());
            event.path = "auth/gitlab/login".into();
            event.issued = Some(Issued {
                handles: Handles {
                    accessor: Some(accessor.clone().into()),
                    token: Some(token.clone().into()),
                },
                entity_id: event.entity_id.clone(),
                display_name: event.display_name.clone(),
                metadata: metadata.clone(),
                ttl_seconds: Some(900),
                ..Issued::default()
            });
        } else {
            event.path = format!("secret/data/{project}/{index}").into();
            event.token_issued_at = Some(Timestamp(start));
            event.caller = Handles {
                accessor: Some(accessor.clone().into()),
                // Requests hash a batch token otherwise than its login did.
                token: Some(match batch {
                    true => format!("hmac:u{number}").into(),
                    false => token.clone().into(),
                }),
            };
        }
        let half = Half::new(&event, &mut symbols);
        ledger.record(&half, Translated::new(&half, &symbols, &mut known));
    }
}

fn event(id: String, at: i64, login: bool) -> Event<'static> {
    let kind = if login {
        EventKind::Login
    } else {
        EventKind::Request
    };
    let mut event = Event::new(System::Vault, kind, id.into(), PLACE, Timestamp(at));
    event.part = Part::Whole;
    event.outcome = Outcome::Allowed;
    event
}

const PLACE: Place = Place {
    file: FileId(0),
    line: 1,
    byte: 0,
    sha256: Digest([0; 32]),
};

fn job(number: u64, project: u64) -> Job {
    let start = START + number as i64 * STEP;
    Job {
        id: number,
        project_id: project,
        project_path: format!("group/project-{project}"),
        name: "deploy".to_owned(),
        stage: "deploy".to_owned(),
        status: "success".to_owned(),
        git_ref: "main".to_owned(),
        tag: false,
        sha: String::new(),
        created_at: Some(Timestamp(start - SECOND)),
        started_at: Some(Timestamp(start)),
        finished_at: Some(Timestamp(start + LENGTH)),
        user_id: None,
        username: format!("user-{}", number % 50),
        pipeline_id: None,
        pipeline_source: "push".to_owned(),
        environment: "production".to_owned(),
        runner_id: None,
        runner_addresses: Vec::new(),
        runner_description: String::new(),
        failure_reason: String::new(),
        tags: Vec::new(),
        web_url: String::new(),
        place: PLACE,
    }
}

/// All logins are of CI.
fn settings() -> Result<Settings, Problems> {
    Settings::parse(
        "piperoll.toml",
        "[vault]\nci_mounts = [\"auth/gitlab/\"]\n",
        &[],
    )
}
