//! `piperoll lint`: the CI gate.

mod changed;
mod fix;
mod waivers;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use super::rule_choice::{FailOn, FailOnParser, RuleArgs, rule};
use super::settings::{self, Loaded, links, time};
use super::terminal::{self, coloured};
use super::{DONE, FINDINGS, Failure, INPUT, output};
use crate::config::Settings;
use crate::finding::{Framework, baseline, frameworks};
use crate::lint::{AddedWaiver, LintRequest, Linted, lint};
use crate::model::{Finding, Period, Timestamp};
use crate::report::lint::{Fault, LintReport, Said, Shown, Snippet};
use crate::rule::{Excerpt, Rule, catalogue};

/// Judges Vault policies and roles, CI files and IAM policies, as they lie in a repository or an
/// export.
#[derive(Args, Debug)]
pub(super) struct LintArgs {
    /// Files, directories (recursive) or globs
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<String>,
    /// Configuration file; default: ./piperoll.toml if it is there
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Format on standard output
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = output::format)]
    format: String,
    /// Write a format to a file as well, e.g. sarif=lint.sarif; may be repeated
    #[arg(long = "output", value_name = "FORMAT=FILE", value_parser = output::target)]
    outputs: Vec<output::Target>,
    /// Exit 1 when an open finding is at or above this severity: crit, high, med, low, info; none:
    /// never
    #[arg(long, value_name = "SEVERITY", default_value = "high", value_parser = FailOnParser)]
    fail_on: FailOn,
    #[command(flatten)]
    rules: RuleArgs,
    /// Say findings only, without summary and notes (text)
    #[arg(short, long)]
    quiet: bool,
    /// Say how many findings there are of each rule, instead of each one (text)
    #[arg(long)]
    statistics: bool,
    /// Say of each rule that was not assessed why (text)
    #[arg(short, long, conflicts_with = "quiet")]
    verbose: bool,
    /// Explain one rule, as `rules explain` does, and judge nothing
    #[arg(long, value_name = "ID")]
    explain: Option<String>,
    /// Write a patch, for `git apply` or `patch -p1`, instead of findings: policies that deny where no
    /// request arrives, and quotes, as far as the policy engine proves that nobody gains by it
    #[arg(long, conflicts_with_all = ["explain", "baseline", "git_base", "logs", "outputs"])]
    fix: bool,
    /// JSON or NDJSON of an earlier lint: its findings are known and do not fail this one
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Leave findings of the baseline out
    #[arg(long, requires = "baseline")]
    new_only: bool,
    /// Take no waiver from comments of the files: who writes a file does not approve it
    #[arg(long)]
    no_inline_waivers: bool,
    /// Commit or branch to compare with, e.g. the target branch: waivers that it does not have are
    /// listed as added by the change
    #[arg(long, value_name = "REF")]
    git_base: Option<String>,
    /// Waivers that the change adds accept nothing
    #[arg(long, requires = "git_base")]
    refuse_added_waivers: bool,
    /// Show what the change brings alone: findings that the base has too are counted and left out
    #[arg(long, requires = "git_base")]
    changed_only: bool,
    /// Logs that say what real use needs of the policies: files, directories or globs; may be
    /// repeated
    #[arg(long, value_name = "PATH")]
    logs: Vec<String>,
    /// First moment of the logs that is judged; overrides [period] from
    #[arg(long, value_name = "TIME", value_parser = time, requires = "logs")]
    from: Option<Timestamp>,
    /// First moment of the logs that is judged no more; overrides [period] to
    #[arg(long, value_name = "TIME", value_parser = time, requires = "logs")]
    to: Option<Timestamp>,
    /// The moment the lint speaks from: waiver expiry, `expiration`; default: now
    #[arg(long, value_name = "TIME", value_parser = time)]
    as_of: Option<Timestamp>,
    /// Refuse files that only a link out of the paths leads to; without it they are noted
    #[arg(long)]
    no_follow: bool,
    /// Exit 3 when there is a note: something was left out, or only a run of Terraform could know it
    #[arg(long)]
    strict: bool,
}

/// Runs the command.
pub(super) fn run(
    args: &LintArgs,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Failure> {
    match &args.explain {
        Some(id) => {
            let (rules, _) = settings::rules_to_show(args.rules.own(None), err)?;
            terminal::Shown(out).write_all(catalogue::explain(rule(&rules, id)?).as_bytes())?;
            Ok(DONE)
        }
        None => gate(args, out, err),
    }
}

fn gate(args: &LintArgs, out: &mut dyn Write, err: &mut dyn Write) -> Result<u8, Failure> {
    let mut loaded = settings::load(args.config.as_deref(), args.rules.own(None), err)?;
    let known = args.baseline.as_deref().map(baseline::read).transpose()?;
    let known = known.unwrap_or_default();
    let here = std::env::current_dir()?;
    let base = waivers::base(args, &here)?;
    let (known, grown) = waivers::baseline(args, &here, base.as_ref(), known);
    let added = waivers::configured(args, &here, base.as_ref(), &mut loaded);
    let left_out = waivers::settings(args, &here, base.as_ref(), &mut loaded);
    args.rules.choose(&mut loaded)?;
    something_is_asked(&loaded)?;
    let as_of = args.as_of.or(loaded.settings.period.as_of);
    let written = args.outputs.iter().map(|target| &target.file);
    let except = loaded.config.iter().chain(&args.baseline).chain(written);
    let except: Vec<PathBuf> = except.cloned().collect();
    let window = window(args, &loaded.settings)?;
    let request = LintRequest {
        paths: &args.paths,
        logs: &args.logs,
        window,
        except: &except,
        links: links(args.no_follow),
        here: &here,
        settings: &loaded.settings,
        rules: &loaded.rules,
        as_of: as_of.unwrap_or_else(now),
        comments: waivers::comments(args, base.as_ref()),
    };
    if args.fix {
        return fix::run(&request, out, err);
    }
    let mut linted = lint(&request)?;
    linted.notes.extend(grown.into_iter().chain(left_out));
    if let Some(base) = base.as_ref().filter(|_| args.changed_only) {
        let before = changed::known(base, loaded.config.as_deref(), &request)?;
        let found = linted.findings.iter();
        let count = found.filter(|found| before.contains(&found.id)).count();
        linted.notes.push(format!(
            "{count} finding(s) are left out that stand in the base too (--changed-only)"
        ));
        linted.findings.retain(|found| !before.contains(&found.id));
    }
    let added: Vec<AddedWaiver> = added.into_iter().chain(linted.added.clone()).collect();
    let view = View::new(&linted, &loaded.rules, &known, args.new_only);
    let frameworks = frameworks(&loaded.settings)?;
    say(
        args,
        &linted,
        &view,
        &added,
        &frameworks,
        request.as_of,
        out,
    )?;
    let code = exit_code(&linted, &view, args, err)?;
    Ok(if loaded.faults > 0 { INPUT } else { code })
}

/// Writes what was found in every format that is asked for.
fn say(
    args: &LintArgs,
    linted: &Linted,
    view: &View<'_>,
    added: &[AddedWaiver],
    frameworks: &[Framework],
    as_of: Timestamp,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let report = LintReport {
        command: "lint",
        version: env!("CARGO_PKG_VERSION"),
        as_of,
        period: None,
        findings: &view.findings,
        rules: &linted.runs,
        controls: &output::named_controls(frameworks),
        broken: &view.broken,
        files: &linted.files,
        notes: &linted.notes,
        added: &waivers::shown(added),
        fail_on: args.fail_on.0,
        colour: args.format == "text" && coloured(),
        said: Said {
            quiet: args.quiet,
            statistics: args.statistics,
            verbose: args.verbose,
        },
    };
    output::files(&args.outputs, &report)?;
    Ok(output::write(&args.format, &report, out)?)
}

/// A gate that asks nothing would always be green.
fn something_is_asked(loaded: &Loaded) -> Result<(), Failure> {
    let chosen = &loaded.settings.rules;
    let mut asked = loaded.rules.iter().filter(|rule| rule.check.is_some());
    if asked.any(|rule| chosen.left_out(&rule.id).is_none()) {
        return Ok(());
    }
    let what = "no rule is left that lint judges: of those chosen, none reads configuration alone";
    let help = "see --select, --ignore and [rules]; `piperoll rules list` names the rules, and `report` asks those in SQL";
    Err(Failure::usage(what, help))
}

/// What of the logs is judged: the flags, else `[period]`.
fn window(args: &LintArgs, settings: &Settings) -> Result<Option<Period>, Failure> {
    let from = args.from.or(settings.period.from);
    let to = args.to.or(settings.period.to);
    if from.is_none() && to.is_none() {
        return Ok(None);
    }
    let window = Period {
        from: from.unwrap_or(Timestamp::MIN),
        to: to.unwrap_or(Timestamp::MAX),
    };
    if window.to <= window.from {
        let what = format!(
            "the window of the logs ends before it begins: {} to {}",
            window.from, window.to
        );
        let help = "check --from and --to, and [period] of the configuration";
        return Err(Failure::usage(what, help));
    }
    Ok(Some(window))
}

/// The only reading of the clock.
fn now() -> Timestamp {
    Timestamp(chrono::Utc::now().timestamp_micros())
}

fn exit_code(
    linted: &Linted,
    view: &View<'_>,
    args: &LintArgs,
    err: &mut dyn Write,
) -> io::Result<u8> {
    if !linted.broken.is_empty() {
        writeln!(
            err,
            "error: {} fault(s) in files that cannot be parsed; all other files were linted",
            linted.broken.len()
        )?;
        return Ok(INPUT);
    }
    if linted.files.is_empty() {
        writeln!(
            err,
            "error: no file holds configuration that is linted\n  help: name policies, role exports, Terraform, .gitlab-ci.yml or IAM policies"
        )?;
        return Ok(INPUT);
    }
    if let Some(logged) = linted.logged.filter(|logged| logged.in_window == 0) {
        // A gate that asks logs and finds none must not look as if nobody lost anything.
        let what = if logged.any {
            "no Vault request or login of the logs lies in the window\n  help: check --from, --to and [period]"
        } else {
            "no Vault audit record was found with --logs\n  help: name the audit device's files or their directory"
        };
        writeln!(err, "error: {what}")?;
        return Ok(INPUT);
    }
    if args.strict && !linted.notes.is_empty() {
        writeln!(
            err,
            "error: {} note(s), and --strict is given\n  help: each names what was not judged; the formats `text` and `json` show them",
            linted.notes.len()
        )?;
        return Ok(INPUT);
    }
    let fail_on = args.fail_on.0;
    let gated = view.findings.iter().filter(|shown| shown.is_open());
    let least = |severity| fail_on.is_some_and(|least| severity >= least);
    let mut gated = gated.filter(|shown| least(shown.finding.severity));
    Ok(if gated.next().is_some() {
        FINDINGS
    } else {
        DONE
    })
}

/// What the formats borrow.
struct View<'l> {
    findings: Vec<Shown<'l>>,
    broken: Vec<Fault<'l>>,
}

impl<'l> View<'l> {
    fn new(
        linted: &'l Linted,
        rules: &'l [Rule],
        known: &BTreeSet<String>,
        new_only: bool,
    ) -> View<'l> {
        let remediation: BTreeMap<&str, &str> = rules
            .iter()
            .map(|rule| (rule.id.as_str(), rule.remediation.as_str()))
            .collect();
        let show = |finding: &'l Finding| Shown {
            finding,
            snippet: linted.excerpts.get(&finding.id).map(snippet),
            remediation: remediation
                .get(finding.rule_id.as_str())
                .copied()
                .unwrap_or_default(),
            known: known.contains(&finding.id),
            lead: finding
                .evidence
                .iter()
                .find(|at| !linted.logs.contains(&at.file))
                .or(finding.first_evidence()),
        };
        let findings = linted.findings.iter().map(show);
        View {
            findings: findings
                .filter(|shown| !(new_only && shown.known))
                .collect(),
            broken: linted
                .broken
                .iter()
                .map(|fault| Fault {
                    file: &fault.file,
                    line: fault.line,
                    column: fault.column,
                    reason: &fault.reason,
                    help: &fault.help,
                    snippet: fault.excerpt.as_ref().map(snippet),
                })
                .collect(),
        }
    }
}

fn snippet(excerpt: &Excerpt) -> Snippet<'_> {
    Snippet {
        line: excerpt.line,
        column: excerpt.column,
        length: excerpt.length,
        offset: excerpt.offset,
        text: &excerpt.text,
    }
}
