//! `policy can`: whether a role, an entity, a project, an account or a policy may do something, and
//! by which line.

use std::io::Write;

use serde::Serialize;

use super::{CanArgs, Format};
use crate::cli::Failure;
use crate::lint::{Comments, LintRequest, Permission, Permissions, Question, permissions};
use crate::model::FailureKind;
use crate::report::{escaped, visible};

/// One answer, in the order of its keys.
#[derive(Serialize)]
struct Out<'a> {
    who: &'a str,
    namespace: &'a str,
    operation: &'a str,
    path: &'a str,
    allowed: bool,
    granting: &'a [String],
    rule: Option<&'a str>,
    file: Option<&'a str>,
    line: Option<u64>,
    policies: Vec<&'a str>,
    absent: &'a [String],
    templates: &'a [String],
}

pub(super) fn run(
    args: &CanArgs,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<u8, Failure> {
    let (loaded, as_of) = args.configured.load(stderr)?;
    let paths = [args.policies.display().to_string()];
    let here = std::env::current_dir()?;
    let request = LintRequest {
        paths: &paths,
        logs: &[],
        window: None,
        except: &[],
        links: crate::cli::settings::links(args.no_follow),
        here: &here,
        settings: &loaded.settings,
        rules: &loaded.rules,
        as_of,
        comments: Comments::Ignored,
    };
    let question = Question {
        who: &args.who,
        operation: args.operation,
        path: &args.path,
    };
    let said = match permissions(&request, question) {
        Ok(said) => said,
        Err(error) => {
            writeln!(stderr, "error: {error}")?;
            return Err(Failure::Reported(FailureKind::Usage));
        }
    };
    answer(args, &said, stdout, stderr)
}

fn answer(
    args: &CanArgs,
    said: &Permissions,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<u8, Failure> {
    for told in &said.links {
        writeln!(stderr, "note: {}", visible(told))?;
    }
    for fault in &said.broken {
        let (file, reason) = (visible(&fault.file), visible(&fault.reason));
        writeln!(stderr, "error: {file}:{}: {reason}", fault.line)?;
    }
    if said.answers.is_empty() {
        unknown(&args.who, said, stderr)?;
        return Err(Failure::Reported(FailureKind::Usage));
    }
    for permission in &said.answers {
        match args.format {
            Format::Ndjson => ndjson(args, permission, stdout)?,
            Format::Text => text(args, permission, stdout)?,
        }
    }
    if !said.broken.is_empty() {
        // What a file that nobody could read grants, no answer counts.
        return Ok(crate::cli::INPUT);
    }
    let nobody = said.answers.iter().all(|permission| !permission.allowed);
    Ok(u8::from(args.exit_code && nobody))
}

fn unknown(who: &str, said: &Permissions, stderr: &mut dyn Write) -> Result<(), Failure> {
    let short = |name: &String| name.rsplit('/').next().unwrap_or(name).to_owned();
    let mut near: Vec<(f64, &String)> = said
        .names
        .iter()
        .map(|name| {
            let whole = strsim::jaro_winkler(name, who);
            (whole.max(strsim::jaro_winkler(&short(name), who)), name)
        })
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let near: Vec<&str> = near.iter().take(3).map(|(_, name)| name.as_str()).collect();
    writeln!(
        stderr,
        "error: nothing that was read is called {:?}\n  help: name a policy, a role (`gitlab/deploy`), an entity, a project (`group/name`) or a service account; {}",
        who,
        match near.is_empty() {
            true => "--policies names no roles, entities or policies".to_owned(),
            false => format!("near it: {}", visible(&near.join(", "))),
        }
    )?;
    Ok(())
}

fn ndjson(args: &CanArgs, said: &Permission, out: &mut dyn Write) -> Result<(), Failure> {
    let line = Out {
        who: &said.who,
        namespace: &said.namespace,
        operation: args.operation.as_str(),
        path: &said.path,
        allowed: said.allowed,
        granting: &said.granting,
        rule: said.rule.as_deref(),
        file: said.place.as_ref().map(|(file, _)| file.as_str()),
        line: said.place.as_ref().map(|(_, line)| *line),
        policies: said.policies.iter().map(String::as_str).collect(),
        absent: &said.absent,
        templates: &said.templates,
    };
    escaped::to_writer(out, &line)?;
    Ok(out.write_all(b"\n")?)
}

fn text(args: &CanArgs, said: &Permission, out: &mut dyn Write) -> Result<(), Failure> {
    let verdict = if said.allowed { "yes" } else { "no " };
    let within = match said.namespace.is_empty() {
        true => String::new(),
        false => format!(" in namespace {}", visible(&said.namespace)),
    };
    let (who, path) = (visible(&said.who), visible(&said.path));
    writeln!(out, "{verdict}  {who}: {} {path}{within}", args.operation)?;
    let mut line = |words: String| writeln!(out, "     {}", visible(&words));
    match (&said.rule, &said.place) {
        (Some(rule), Some((file, number))) => {
            let by = match said.granting.is_empty() {
                true => String::new(),
                false => format!(", of policy {}", said.granting.join(", ")),
            };
            line(format!("{rule:?} at {file}:{number}{by}"))?;
        }
        (Some(rule), None) => line(format!("{rule:?} of {}", said.granting.join(", ")))?,
        (None, _) if said.policies.contains("root") && said.allowed => line("root".to_owned())?,
        (None, _) => line("no stanza of its policies matches".to_owned())?,
    }
    let policies: Vec<&str> = said.policies.iter().map(String::as_str).collect();
    line(format!("policies: {}", policies.join(", ")))?;
    if !said.absent.is_empty() {
        line(format!(
            "not among the files, so what they grant is not known: {}",
            said.absent.join(", ")
        ))?;
    }
    for label in &said.templates {
        line(format!("may match, by the entity's values: {label:?}"))?;
    }
    Ok(())
}
