//! `policy decide`: requests in, one decision per line out, in order.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use serde::Serialize;

use super::DecideArgs;
use super::load::{self, Policies};
use super::request::{Line, Lines};
use crate::cli::Failure;
use crate::disk;
use crate::model::{FailureKind, Timestamp, list};
use crate::policy::{Acl, AclContext, Dialect, Entity, Operation, Policy, Request};
use crate::report::escaped;

/// Compiled sets kept at a time; a stream with more starts over instead of growing without bound.
const MAX_SETS: usize = 4096;

/// One decision line, in the order of its keys.
#[derive(Serialize)]
struct Out<'a> {
    allowed: bool,
    granting: Vec<&'a str>,
    rule: Option<&'a str>,
    file: Option<&'a str>,
    line: Option<u32>,
}

pub(super) fn run(
    args: &DecideArgs,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<(), Failure> {
    let reading = args.input.reading.reading();
    let as_of = reading.as_of;
    let policies = load::policies(&args.input.policies, reading, stderr)?;
    let Some(path) = &args.requests else {
        return Ok(());
    };
    let mut reader: Box<dyn BufRead> = if path == Path::new("-") {
        Box::new(BufReader::new(io::stdin()))
    } else {
        match disk::open_file(path) {
            Ok(file) => Box::new(BufReader::with_capacity(1 << 16, file)),
            Err(error) => {
                writeln!(stderr, "error: cannot read {}: {error}", path.display())?;
                return Err(Failure::Reported(FailureKind::Usage));
            }
        }
    };
    let mut decider = Decider {
        policies: &policies,
        dialect: args.input.reading.dialect,
        as_of,
        sets: HashMap::new(),
        absent: BTreeSet::new(),
    };
    let mut out = BufWriter::with_capacity(1 << 16, stdout);
    let mut lines = Lines::new(&mut *reader);
    while let Some((number, line)) = lines.next()? {
        if let Err(message) = decider.line(line, &mut out, stderr)? {
            out.flush()?;
            writeln!(stderr, "error: {}:{number}: {message}", path.display())?;
            writeln!(
                stderr,
                "help: a request is one line of JSON with policies, operation, path"
            )?;
            return Err(Failure::Reported(FailureKind::Usage));
        }
    }
    Ok(out.flush()?)
}

struct Decider<'p> {
    policies: &'p Policies,
    dialect: Dialect,
    as_of: Timestamp,
    sets: HashMap<String, Acl>,
    absent: BTreeSet<String>,
}

impl Decider<'_> {
    /// Decides one line; the inner error is a fault of the line.
    fn line(
        &mut self,
        line: &[u8],
        out: &mut dyn Write,
        stderr: &mut dyn Write,
    ) -> io::Result<Result<(), String>> {
        let request: Line<'_> = match serde_json::from_slice(line) {
            Ok(request) => request,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let operation: Operation = match request.operation.parse() {
            Ok(operation) => operation,
            Err(error) => return Ok(Err(error)),
        };
        let namespace = request.namespace.as_deref().unwrap_or_default();
        self.warn_absent(namespace, &request.policies, stderr)?;
        let policies = self.policies;
        let acl = match self.set(&request) {
            Ok(acl) => acl,
            Err(error) => return Ok(Err(error)),
        };
        let decision = acl.decide(&Request {
            operation,
            path: &request.path,
            parameters: request.parameters.as_ref(),
            wrap_ttl: request.wrap_ttl,
        });
        let stanza = decision.stanza();
        let file = stanza.and_then(|stanza| policies.get_in(namespace, stanza.policy));
        let answer = Out {
            allowed: decision.allowed,
            granting: decision.granting().collect(),
            rule: decision.rule(),
            file: file.map(|loaded| loaded.file.as_str()),
            line: stanza.map(|stanza| stanza.line),
        };
        escaped::to_writer(out, &answer)?;
        out.write_all(b"\n")?;
        Ok(Ok(()))
    }

    fn warn_absent(
        &mut self,
        namespace: &str,
        names: &[String],
        stderr: &mut dyn Write,
    ) -> io::Result<()> {
        for name in names {
            if name != "root"
                && self.policies.get_in(namespace, name).is_none()
                && self.absent.insert(name.clone())
            {
                writeln!(stderr, "warning: no policy {name:?}: it grants nothing")?;
            }
        }
        Ok(())
    }

    /// The compiled set of a request's policies, namespace and identity.
    fn set(&mut self, request: &Line<'_>) -> Result<&Acl, String> {
        let mut key = String::new();
        let namespace = request.namespace.as_deref().unwrap_or_default();
        list::add_part(&mut key, namespace);
        for name in &request.policies {
            list::add_part(&mut key, name);
        }
        key.push(';');
        key.push_str(request.entity.map_or("", |entity| entity.get()));
        if self.sets.len() >= MAX_SETS && !self.sets.contains_key(&key) {
            self.sets.clear();
        }
        match self.sets.entry(key) {
            std::collections::hash_map::Entry::Occupied(known) => Ok(known.into_mut()),
            std::collections::hash_map::Entry::Vacant(slot) => {
                let entity: Option<Entity> = match request.entity {
                    Some(raw) => serde_json::from_str(raw.get())
                        .map_err(|error| format!("entity: {error}"))?,
                    None => None,
                };
                let nothing = Policy::default();
                let held: Vec<(&str, &Policy)> = request
                    .policies
                    .iter()
                    .map(|name| {
                        let loaded = self.policies.get_in(namespace, name);
                        (
                            name.as_str(),
                            loaded.map_or(&nothing, |loaded| &loaded.policy),
                        )
                    })
                    .collect();
                let context = AclContext {
                    dialect: self.dialect,
                    namespace,
                    entity: entity.as_ref(),
                    as_of: Some(self.as_of),
                    ..AclContext::default()
                };
                Ok(slot.insert(Acl::new(&held, context)))
            }
        }
    }
}
