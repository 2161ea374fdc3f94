//! `policy rightsize`: the smallest policy that allows what was used, with its proof.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::{ConfiguredArgs, Format, time};
use crate::cli::{Failure, INPUT};
use crate::lint::{Comments, LintRequest, SizedPolicies, sized};
use crate::model::{Digest, Period, Timestamp};
use crate::policy::right_size::RightSized;
use crate::report::{escaped, visible};
use crate::source::Links;
use crate::usage::{Asking, SizedPolicy};

/// The name and version of one proof's schema.
const SCHEMA: &str = "piperoll/rightsize/1";

#[derive(Args, Clone, Debug)]
pub(super) struct RightsizeArgs {
    /// Names of policies; every stated one, unless given
    #[arg(value_name = "POLICY")]
    names: Vec<String>,
    /// Size the policies that this role gives, e.g. gitlab/orders; may be repeated
    #[arg(long, value_name = "MOUNT/NAME")]
    role: Vec<String>,
    /// Size stanzas on these paths alone, e.g. 'secret/ci/*', and leave every other as it is written;
    /// may be repeated
    #[arg(long, value_name = "PATTERN")]
    path: Vec<String>,
    /// Policies, roles and entities: an export, or a directory of policy texts
    #[arg(long, value_name = "DIR", required = true)]
    policies: Vec<String>,
    /// Vault audit logs: files, directories or globs; may be repeated
    #[arg(long, value_name = "PATH", required = true)]
    logs: Vec<String>,
    /// Days that the logs must span
    #[arg(long, value_name = "N", default_value_t = 14)]
    min_days: u64,
    /// Sessions (tokens) that must have used a policy
    #[arg(long, value_name = "N", default_value_t = 3)]
    min_sessions: u64,
    /// Give `create` and `update` only where each was seen
    #[arg(long)]
    strict: bool,
    /// Name exact paths only, without wildcards
    #[arg(long)]
    exact: bool,
    /// Write each policy to DIR/NAME.hcl and its proof to DIR/NAME.json; DIR must not exist
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// First moment of the logs that counts
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<Timestamp>,
    /// First moment of the logs that counts no more
    #[arg(long, value_name = "TIME", value_parser = time)]
    to: Option<Timestamp>,
    #[command(flatten)]
    configured: ConfiguredArgs,
    /// How results are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(
    args: &RightsizeArgs,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<u8, Failure> {
    let (loaded, as_of) = args.configured.load(stderr)?;
    let here = std::env::current_dir()?;
    let bounded = args.from.is_some() || args.to.is_some();
    let request = LintRequest {
        paths: &args.policies,
        logs: &args.logs,
        window: bounded.then(|| Period {
            from: args.from.unwrap_or(Timestamp::MIN),
            to: args.to.unwrap_or(Timestamp::MAX),
        }),
        except: &[],
        links: Links::Followed,
        here: &here,
        settings: &loaded.settings,
        rules: &loaded.rules,
        as_of,
        comments: Comments::Ignored,
    };
    let asking = Asking {
        policies: args.names.clone(),
        days: args.min_days,
        sessions: args.min_sessions,
        strict: args.strict,
        exact: args.exact,
        paths: args.path.clone(),
    };
    let said = sized(&request, &asking, &args.role)?;
    if let Some(role) = said.strangers.first() {
        let what = format!(
            "no role `{}` that gives a stated policy is among those read",
            visible(role)
        );
        let help =
            "name it as its mount and its own name, gitlab/orders, and export its policies too";
        return Err(Failure::usage(what, help));
    }
    if let Some(name) = said.unknown.first() {
        let what = format!("no policy `{}` is among those read", visible(name));
        let help = format!("there are: {}", visible(&said.names.join(", ")));
        return Err(Failure::usage(what, &help));
    }
    if said.policies.is_empty() {
        let help = "export them beside the logs: piperoll inputs --script vault";
        return Err(Failure::usage(
            "no policy is among those read with --policies",
            help,
        ));
    }
    if let Some(directory) = &args.output {
        write_all(directory, &said)?;
    }
    say(args, &said, stdout, stderr)
}

/// Writes what came of each policy, and what could not be read.
fn say(
    args: &RightsizeArgs,
    said: &SizedPolicies,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<u8, Failure> {
    for policy in &said.policies {
        match args.format {
            Format::Text => text(said, policy, stdout)?,
            Format::Ndjson => {
                escaped::to_writer(&mut *stdout, &proof(said, policy))?;
                writeln!(stdout)?;
            }
        }
    }
    if matches!(args.format, Format::Text) && said.policies.len() > 1 {
        table(said, stdout)?;
    }
    for note in &said.notes {
        writeln!(stderr, "note: {}", visible(note))?;
    }
    for fault in &said.broken {
        let (file, reason) = (visible(&fault.file), visible(&fault.reason));
        writeln!(stderr, "error: {file}:{}: {reason}", fault.line)?;
    }
    if said.window.is_none() {
        let help = "name the audit device's files or their directory with --logs";
        writeln!(
            stderr,
            "error: no Vault audit record was found\n  help: {help}"
        )?;
    }
    // What a file that nobody could read holds, nothing here counts.
    let whole = said.broken.is_empty() && said.window.is_some();
    Ok(if whole { crate::cli::DONE } else { INPUT })
}

/// The policy as it is proposed, with where it comes from in its head.
fn proposed(said: &SizedPolicies, policy: &SizedPolicy, sized: &RightSized) -> String {
    let window = said
        .window
        .map_or_else(String::new, |(from, to)| format!("{from} to {to}"));
    let name: String = policy.name.chars().filter(|c| !c.is_control()).collect();
    format!(
        "# {name}, sized by piperoll {} from {} request(s) of {} session(s), {window}.\n# Needs outside that time are not in it: look at what it takes away before it is used.\n\n{}",
        env!("CARGO_PKG_VERSION"),
        sized.requests.1,
        policy.sessions,
        sized.text
    )
}

/// What bounds the chance that a session needs what none of `sessions` needed, at 95 %.
fn bound(sessions: u64) -> f64 {
    3.0 / sessions.max(3) as f64
}

fn text(said: &SizedPolicies, policy: &SizedPolicy, out: &mut dyn Write) -> Result<(), Failure> {
    let name = visible(&policy.name);
    let sized = match &policy.answer {
        Err(why) => {
            writeln!(out, "{name}: not sized: {}\n", visible(&why.to_string()))?;
            return Ok(());
        }
        Ok(sized) => sized,
    };
    writeln!(
        out,
        "{name}: {} -> {} cells; {} of {} logged request(s) of its tokens needed it",
        sized.cells.0, sized.cells.1, sized.requests.1, sized.requests.0
    )?;
    taken(policy, sized, out)?;
    for obligation in &sized.proof.obligations {
        let holds = if obligation.holds {
            "proven"
        } else {
            "NOT PROVEN"
        };
        writeln!(
            out,
            "  {holds}      {}: {}",
            obligation.name, obligation.detail
        )?;
    }
    writeln!(
        out,
        "  residual    what none of {} session(s) used, another may need: at most {:.1} % of sessions (95 %)",
        policy.sessions,
        bound(policy.sessions) * 100.0
    )?;
    for path in &sized.proof.opened {
        writeln!(out, "  still open  {path:?}, as before")?;
    }
    if sized.differing > 0 {
        writeln!(
            out,
            "  not judged  {} logged request(s) that the policies as stated deny already",
            sized.differing
        )?;
    }
    for (operation, path, count) in &policy.refused {
        writeln!(
            out,
            "  refused     {operation} of {path:?} {count} times: not added"
        )?;
    }
    writeln!(out, "\n{}", shown(&proposed(said, policy, sized)))?;
    Ok(())
}

/// How broad each policy is, before and after, with the sums of those that were sized.
fn table(said: &SizedPolicies, out: &mut dyn Write) -> Result<(), Failure> {
    let names = said.policies.iter().map(|policy| visible(&policy.name));
    let names: Vec<_> = names.collect();
    let width = names.iter().map(|name| name.chars().count()).max();
    let width = width.unwrap_or(0).max("policy".len());
    writeln!(out, "{:<width$}  before   after  requests", "policy")?;
    let (mut before, mut after, mut sized) = (0, 0, 0);
    for (policy, name) in said.policies.iter().zip(&names) {
        match &policy.answer {
            Ok(found) => {
                let (old, new) = found.cells;
                writeln!(
                    out,
                    "{name:<width$}  {old:>6}  {new:>6}  {:>8}",
                    found.requests.1
                )?;
                (before, after, sized) = (before + old, after + new, sized + 1);
            }
            Err(why) => writeln!(
                out,
                "{name:<width$}  not sized: {}",
                visible(&why.to_string())
            )?,
        }
    }
    let all = said.policies.len();
    writeln!(
        out,
        "{sized} of {all} sized: {before} cells before, {after} after"
    )?;
    Ok(())
}

/// What is taken away of each pattern.
fn taken(policy: &SizedPolicy, sized: &RightSized, out: &mut dyn Write) -> Result<(), Failure> {
    for taken in &sized.taken {
        let unused = match taken.unused.is_empty() {
            true => String::new(),
            false => format!(": nobody used {}", taken.unused),
        };
        let narrowed = if taken.narrowed {
            ", narrowed to the paths used"
        } else {
            ""
        };
        writeln!(
            out,
            "  takes away  {}:{} {:?}{unused}{narrowed}",
            visible(&policy.file),
            taken.line,
            taken.pattern
        )?;
    }
    Ok(())
}

/// A text of lines, with what hides in it shown.
fn shown(text: &str) -> String {
    let lines: Vec<String> = text
        .lines()
        .map(|line| visible(line).into_owned())
        .collect();
    lines.join("\n") + "\n"
}

/// The proof, for machines.
fn proof(said: &SizedPolicies, policy: &SizedPolicy) -> Value {
    let before = Digest::of(policy.before.as_bytes()).to_string();
    let window = said
        .window
        .map(|(from, to)| [from.to_string(), to.to_string()]);
    let mut proof = json!({
        "schema": SCHEMA,
        "version": env!("CARGO_PKG_VERSION"),
        "policy": policy.name,
        "namespace": policy.namespace,
        "file": policy.file,
        "before_sha256": before,
        "window": window,
        "sessions": policy.sessions,
        "refused": policy.refused.iter().map(|(operation, path, count)| {
            json!({"operation": operation, "path": path, "count": count})
        }).collect::<Vec<_>>(),
    });
    match &policy.answer {
        Err(why) => proof["not_sized"] = json!(why.to_string()),
        Ok(sized) => {
            let text = proposed(said, policy, sized);
            proof["after_sha256"] = json!(Digest::of(text.as_bytes()).to_string());
            proof["cells"] = json!({"before": sized.cells.0, "after": sized.cells.1});
            proof["requests"] = json!({
                "of_its_tokens": sized.requests.0,
                "that_needed_it": sized.requests.1,
                "denied_as_stated": sized.differing,
            });
            proof["takes_away"] = sized.taken.iter().map(|taken| {
                let unused: Vec<&str> = taken.unused.iter().map(|c| c.as_str()).collect();
                json!({"pattern": taken.pattern, "line": taken.line, "unused": unused, "narrowed": taken.narrowed})
            }).collect();
            proof["obligations"] = sized.proof.obligations.iter().map(|obligation| {
                json!({"name": obligation.name, "holds": obligation.holds, "detail": obligation.detail})
            }).collect();
            proof["still_open"] = json!(sized.proof.opened);
            proof["residual_bound"] = json!(bound(policy.sessions));
            proof["hcl"] = json!(text);
        }
    }
    proof
}

/// Writes every sized policy and its proof below a new directory.
fn write_all(directory: &Path, said: &SizedPolicies) -> Result<(), Failure> {
    let failed = |path: &Path, error: &std::io::Error| {
        let what = format!("cannot write `{}`: {error}", path.display());
        Failure::usage(what, "name a directory that does not exist yet")
    };
    fs::create_dir(directory).map_err(|error| failed(directory, &error))?;
    for policy in &said.policies {
        // A name may hold slashes, and a namespace stands before it: neither leaves the directory.
        let whole = crate::model::id::in_namespace(Some(&policy.namespace), &policy.name);
        let name: String = whole
            .chars()
            .map(|c| {
                if c.is_alphanumeric() || "-_.".contains(c) {
                    c
                } else {
                    '_'
                }
            })
            .collect();
        let mut files = vec![("json", proof(said, policy).to_string() + "\n")];
        if let Ok(sized) = &policy.answer {
            files.push(("hcl", proposed(said, policy, sized)));
        }
        for (ending, text) in files {
            let path = directory.join(format!("{name}.{ending}"));
            let mut file = fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(&path);
            let written = file.as_mut().map(|file| file.write_all(text.as_bytes()));
            match written {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return Err(failed(&path, &error)),
                Err(error) => return Err(failed(&path, error)),
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_over_n_bounds_what_is_unseen() {
        assert!((bound(30) - 0.1).abs() < 1e-9);
        assert!((bound(0) - 1.0).abs() < 1e-9);
    }
}
