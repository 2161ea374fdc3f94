//! Joins of up to ten million operations, made in memory: time and memory must grow with them, no
//! faster.
//!
//! `cargo bench --no-default-features --bench join -- [EVENTS ...]`

use std::error::Error;
use std::io::{Write, stdout};
use std::process::Command;
use std::time::Instant;

use piperoll::identity::{Declared, Directory, Identity, Ledger, MountClass, Owner};
use piperoll::model::{Digest, EventKind, FileId, Job, Outcome, Part, Place, System, Timestamp};
use piperoll::table::row::NONE;
use piperoll::table::row::half::{FIELDS, Field, Half, LIST};

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
    let mut exported = Vec::new();
    for number in 0..jobs {
        let project = match shape {
            "uniform" => number % PROJECTS,
            _ if number % 2 == 0 => 0,
            _ => number / 2 % PROJECTS,
        };
        exported.push(job(number, project));
        session(&mut ledger, number, project, shape == "batch");
    }
    let filled = begun.elapsed();
    let begun = Instant::now();
    let directory = Directory::new(exported, &[], Vec::new(), Vec::new(), &Default::default());
    let identity = Identity::resolve(ledger, directory, &Mounts);
    let edges = identity.edges(&Mounts);
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
    let metadata = if number % 5 == 4 {
        format!("project_id={project}")
    } else {
        format!("project_id={project}{LIST}job_id={number}")
    };
    for index in 0..PER_JOB {
        let login = index == 0;
        let half = half(start + index as i64 * SECOND, start, login);
        ledger.record(&half, |field, own| {
            let text = match field {
                Field::Id => format!("{number}-{index}"),
                Field::RemoteAddress => format!("10.0.0.{}", number % 200),
                Field::EntityId => format!("entity-{project}"),
                Field::DisplayName | Field::IssuedDisplayName => format!("gitlab-{project}"),
                Field::Mount if login => "auth/gitlab/".to_owned(),
                Field::Path if login => "auth/gitlab/login".to_owned(),
                Field::Path => format!("secret/data/{project}/{index}"),
                Field::Role => format!("role-{project}"),
                Field::Accessor if !login => accessor.clone(),
                // Requests hash a batch token otherwise than its login did.
                Field::Token if !login && batch => format!("hmac:u{number}"),
                Field::Token if !login => token.clone(),
                Field::IssuedAccessor if login => accessor.clone(),
                Field::IssuedToken if login => token.clone(),
                Field::IssuedEntity if login => format!("entity-{project}"),
                Field::IssuedMetadata if login => metadata.clone(),
                _ => return NONE,
            };
            own.add(&text)
        });
    }
}

fn half(at: i64, issued: i64, login: bool) -> Half {
    Half {
        key: 0,
        transient: false,
        system: System::Vault,
        kind: if login {
            EventKind::Login
        } else {
            EventKind::Request
        },
        part: Part::Whole,
        place: PLACE,
        at: Timestamp(at),
        outcome: Outcome::Allowed,
        status: None,
        token_issued_at: (!login).then_some(Timestamp(issued)),
        issued_ttl: login.then_some(900),
        secret_version: None,
        issues: login,
        texts: [NONE; FIELDS],
        deltas: Vec::new(),
    }
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
struct Mounts;

impl Declared for Mounts {
    fn knows_egress(&self) -> bool {
        false
    }
    fn is_own_network(&self, _: &str) -> bool {
        false
    }
    fn is_bot(&self, _: &str) -> bool {
        false
    }
    fn mount_class(&self, _: &str, _: &str) -> Option<MountClass> {
        Some(MountClass::Ci)
    }
    fn owner(&self, _: &str, _: &str) -> Option<Owner> {
        None
    }
    fn tier(&self, _: &str) -> Option<&str> {
        None
    }
    fn person(&self, _: &str) -> Option<&str> {
        None
    }
    fn is_exempt(&self, _: &str) -> bool {
        false
    }
    fn knows_runners(&self) -> bool {
        false
    }
    fn is_runner(&self, _: &str) -> bool {
        false
    }
    fn grace_micros(&self) -> i64 {
        60 * SECOND
    }
    fn skew_micros(&self) -> i64 {
        30 * SECOND
    }
    fn as_of(&self) -> Timestamp {
        Timestamp(START)
    }
}
