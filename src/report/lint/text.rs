//! `text`: for people, with the source line of every finding.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Element, Level, Renderer};

use super::{LintFormat, LintReport, Shown, Snippet, tally};
use crate::model::{RuleOutcome, Severity, Status};
use crate::report::visible::visible;

pub(super) struct Text;

impl LintFormat for Text {
    fn name(&self) -> &'static str {
        "text"
    }

    fn write(&self, report: &LintReport<'_>, out: &mut dyn Write) -> io::Result<()> {
        let renderer = if report.colour {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        for fault in report.broken {
            let lead = Lead {
                level: Level::ERROR,
                id: "unreadable",
                title: fault.reason,
            };
            let place = (fault.file, fault.line, fault.snippet);
            show(&renderer, lead, place, &[("help", fault.help)], out)?;
        }
        if report.said.statistics {
            statistics(report, out)?;
        } else {
            for shown in report.findings.iter().filter(|shown| shown.is_open()) {
                finding(&renderer, shown, out)?;
            }
        }
        if report.said.quiet {
            return Ok(());
        }
        summary(report, out)
    }
}

struct Lead<'a> {
    level: Level<'a>,
    id: &'a str,
    title: &'a str,
}

fn finding(renderer: &Renderer, shown: &Shown<'_>, out: &mut dyn Write) -> io::Result<()> {
    let found = shown.finding;
    let (file, line) = shown.place();
    let level = match found.severity {
        Severity::Crit | Severity::High => Level::ERROR,
        Severity::Med => Level::WARNING,
        Severity::Low | Severity::Info => Level::NOTE,
    };
    let id = format!("{} {}", found.severity, found.rule_id);
    let lead = Lead {
        level,
        id: &id,
        title: &found.title,
    };
    let more = shown.more().count();
    let more = if more > 0 {
        format!("and at {more} other place(s)")
    } else {
        String::new()
    };
    let notes = [
        ("note", found.message.as_str()),
        ("note", more.as_str()),
        ("help", shown.remediation),
    ];
    show(renderer, lead, (file, line, shown.snippet), &notes, out)
}

fn show(
    renderer: &Renderer,
    lead: Lead<'_>,
    (file, line, snippet): (&str, u64, Option<Snippet<'_>>),
    notes: &[(&str, &str)],
    out: &mut dyn Write,
) -> io::Result<()> {
    // Text of the files is shown as text: a control character never reaches the terminal.
    let (title, file) = (visible(lead.title), visible(file));
    let source = snippet.map(|snippet| visible_line(snippet.text));
    let messages: Vec<(bool, String)> = notes
        .iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(kind, text)| (*kind == "help", visible(text).into_owned()))
        .collect();
    let mut group = lead
        .level
        .primary_title(&*title)
        .id(lead.id)
        .elements(Vec::<Element<'_>>::new());
    match (&snippet, &source) {
        (Some(snippet), Some(source)) => {
            let span = span(source, snippet);
            let shown = annotate_snippets::Snippet::source(source.as_str())
                .path(&*file)
                .line_start(usize::try_from(snippet.line).unwrap_or(usize::MAX))
                .annotation(AnnotationKind::Primary.span(span));
            group = group.element(shown);
        }
        _ => {
            let origin = annotate_snippets::Origin::path(&*file)
                .line(usize::try_from(line).unwrap_or(usize::MAX));
            group = group.element(origin);
        }
    }
    let cut = snippet.filter(|snippet| snippet.offset > 0).map(|snippet| {
        format!(
            "column {} of a long line, of which a part is shown",
            snippet.column
        )
    });
    if let Some(text) = &cut {
        group = group.element(Level::NOTE.message(text.as_str()));
    }
    for (help, text) in &messages {
        let level = if *help { Level::HELP } else { Level::NOTE };
        group = group.element(level.message(text.as_str()));
    }
    writeln!(out, "{}\n", renderer.render(&[group]))
}

/// A source line with tabs kept and every other hidden character shown.
fn visible_line(line: &str) -> String {
    line.split('\t').map(visible).collect::<Vec<_>>().join("\t")
}

/// The bytes of a part given in characters.
fn span(line: &str, snippet: &Snippet<'_>) -> std::ops::Range<usize> {
    let byte = |column: usize| {
        let found = line.char_indices().nth(column).map(|(at, _)| at);
        found.unwrap_or(line.len())
    };
    let start = (snippet.column.saturating_sub(snippet.offset) as usize).saturating_sub(1);
    byte(start)..byte(start + snippet.length as usize)
}

/// How many open findings there are of each rule, most first.
fn statistics(report: &LintReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut counts: BTreeMap<(Severity, &str, &str), u64> = BTreeMap::new();
    for shown in report.findings.iter().filter(|shown| shown.is_open()) {
        let found = shown.finding;
        let key = (found.severity, found.rule_id.as_str(), found.title.as_str());
        *counts.entry(key).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|((severity, rule, title), count)| {
        (Reverse(*count), Reverse(*severity), *rule, *title)
    });
    for ((severity, rule, title), count) in counts {
        writeln!(
            out,
            "{count:>6}  {severity:<5} {rule:<12} {}",
            visible(title)
        )?;
    }
    Ok(())
}

fn summary(report: &LintReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (_, passed, not_assessed) = tally(report.rules);
    let open: Vec<&Shown<'_>> = report
        .findings
        .iter()
        .filter(|shown| shown.is_open())
        .collect();
    let counts: Vec<String> = Severity::WORST_FIRST
        .iter()
        .map(|severity| {
            (
                open.iter()
                    .filter(|s| s.finding.severity == *severity)
                    .count(),
                severity,
            )
        })
        .filter(|(count, _)| *count > 0)
        .map(|(count, severity)| format!("{count} {severity}"))
        .collect();
    let counts = if counts.is_empty() {
        "no open finding".to_owned()
    } else {
        format!("{} open: {}", open.len(), counts.join(", "))
    };
    let waived = report
        .findings
        .iter()
        .filter(|shown| matches!(shown.finding.status, Status::Waived(_)))
        .count();
    let known = report
        .findings
        .iter()
        .filter(|shown| shown.state() == "known")
        .count();
    writeln!(
        out,
        "{counts}; {waived} waived, {known} in the baseline; {} file(s) read, {} fault(s); {passed} rule(s) passed, {not_assessed} not assessed",
        report.files.len(),
        report.broken.len(),
    )?;
    rules(report, out)?;
    for added in report.added {
        let place = format!("{}:{}", added.file, added.line);
        writeln!(out, "  {}: {}", visible(&place), visible(&added.said()))?;
    }
    for note in report.notes {
        writeln!(out, "  note: {}", visible(note))?;
    }
    Ok(())
}

/// The rules that could not look: as one count, or one by one.
fn rules(report: &LintReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    if !report.said.verbose {
        let (_, _, not_assessed) = tally(report.rules);
        let in_part = report
            .rules
            .iter()
            .filter(|run| run.partly.is_some())
            .count();
        if not_assessed + in_part > 0 {
            writeln!(
                out,
                "  {not_assessed} rule(s) not assessed, {in_part} in part: --verbose says why"
            )?;
        }
        return Ok(());
    }
    for run in report.rules {
        if let RuleOutcome::NotAssessed(reason) = &run.outcome {
            writeln!(out, "  not assessed {}: {}", run.rule_id, visible(reason))?;
        } else if let Some(missing) = &run.partly {
            let missing = visible(missing);
            writeln!(out, "  assessed in part {}: {missing}", run.rule_id)?;
        }
    }
    Ok(())
}
