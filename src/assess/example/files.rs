//! The inputs of a check's example: small files, read by the formats of the snapshots.

use std::collections::BTreeSet;

use serde::Deserialize as _;
use serde_json::Value;

use super::{calls, requests};
use crate::assess::{Answer, run_check};
use crate::check::Known;
use crate::config::{Settings, Threshold};
use crate::model::{
    Digest, Evidence, FileId, Format, Framing, Place, Record, Sample, Timestamp, Verdict,
};
use crate::posture::{Posture, Stated, StatedPolicy};
use crate::rule::{Example, Facts, Rule, Span, embedded};
use crate::snapshot;
use crate::table::row::Harvest;

/// What an example's files say.
#[derive(Debug, Default)]
pub(super) struct Files {
    names: Vec<String>,
    sources: BTreeSet<String>,
    kept: Harvest,
}

/// The moment examples speak from.
const AS_OF: &str = "2026-06-01T00:00:00Z";

/// Runs a check's rule over the files of an example.
pub(super) fn answer(rule: &Rule, example: &Example) -> Result<Answer, String> {
    with_configuration(rule, example, |input, known| {
        let unused = match rule.check.as_deref() {
            Some("unused-waiver") => Some(unused(input, known)?),
            _ => None,
        };
        let known = Known {
            unused_waivers: unused.as_deref(),
            ..known
        };
        Ok(run_check(rule, input, &known))
    })?
}

/// Reads the files of an example and asks about what they state.
///
/// # Errors
///
/// A file that no format knows, and whatever else keeps the example from being read.
pub fn with_configuration<T>(
    rule: &Rule,
    example: &Example,
    ask: impl FnOnce(&mut Posture<'_>, Known<'_>) -> T,
) -> Result<T, String> {
    let settings = settings(rule, &example.config)?;
    let mut files = Files::default();
    for (path, text) in &example.files {
        files.read(path, text)?;
    }
    files.terraform();
    let as_of = Timestamp::parse(AS_OF).unwrap_or(Timestamp(0));
    if let Some(sources) = &example.sources {
        files.sources = sources.iter().cloned().collect();
    }
    if !example.requests.is_empty() {
        files.sources.insert("vault".to_owned());
    }
    if !example.calls.is_empty() {
        files.sources.insert("mesh".to_owned());
    }
    let facts = Facts::new(files.sources.clone(), &settings);
    let policies = std::mem::take(&mut files.kept.exports.policies);
    let policies = StatedPolicy::parse(policies, &settings, as_of);
    let mut input = Posture::new(Stated {
        settings: &settings,
        facts: &facts,
        attributes: &files.kept.exports.attributes,
        policies: &policies,
        services: &files.kept.exports.services,
        grants: &files.kept.exports.grants,
        texts: &files.kept.exports.texts,
        files: &files.names,
        as_of,
    });
    if let Some(refused) = input.refused.first() {
        let error = refused.stated.errors.first().map(ToString::to_string);
        return Err(format!("{}: {}", refused.path, error.unwrap_or_default()));
    }
    let usage = match example.requests.is_empty() {
        true => None,
        false => requests::usage(&example.requests, &input, as_of)?,
    };
    if let Some(usage) = &usage {
        input.logged_paths = usage.paths.iter().cloned().collect();
    }
    let calls = match example.calls.is_empty() {
        true => None,
        false => Some(calls::calls(&example.calls)?),
    };
    let known = Known {
        usage: usage.as_ref(),
        calls: calls.as_ref(),
        unused_waivers: None,
    };
    Ok(ask(&mut input, known))
}

/// The comments that cover nothing that their rule sees.
fn unused(input: &Posture<'_>, known: Known<'_>) -> Result<Vec<Evidence>, String> {
    let rules = embedded().map_err(|_| "a rule file is wrong".to_owned())?;
    let mut unused = Vec::new();
    for waiver in &input.waivers {
        let named = rules.iter().find(|rule| rule.id == waiver.waiver.rule);
        let seen = named.map(|rule| run_check(rule, input, &known).observations);
        let met = seen.unwrap_or_default().iter().any(|seen| {
            let last = seen.excerpt.as_ref().map_or(0, |excerpt| excerpt.last_line);
            waiver.covers(&seen.evidence.file, seen.evidence.line, last)
        });
        if !met {
            unused.push(waiver.evidence.clone());
        }
    }
    Ok(unused)
}

fn settings(rule: &Rule, text: &str) -> Result<Settings, String> {
    let known: Vec<(&str, Threshold)> = rule
        .thresholds
        .iter()
        .map(|(name, span)| {
            let threshold = match span {
                Span::Number(number) => Threshold::Number(*number as f64),
                Span::Seconds(seconds) => Threshold::Duration(seconds.saturating_mul(1_000_000)),
            };
            (name.as_str(), threshold)
        })
        .collect();
    Settings::parse("piperoll.toml", text, &known).map_err(|problems| problems.to_string())
}

impl Files {
    /// Adds what the Terraform files state together.
    fn terraform(&mut self) {
        let name = |file: FileId| self.names.get(file.0 as usize).map_or("", String::as_str);
        let mut stated = Harvest::default();
        let exports = &self.kept.exports;
        snapshot::terraform::resolve(&exports.texts, &exports.policies, name, &mut stated);
        self.kept
            .exports
            .attributes
            .extend(stated.exports.attributes);
        self.kept.exports.policies.extend(stated.exports.policies);
    }

    /// Reads one file with the first format that recognises it.
    fn read(&mut self, path: &str, text: &str) -> Result<(), String> {
        let file = FileId(u32::try_from(self.names.len()).unwrap_or(u32::MAX));
        self.names.push(path.to_owned());
        let formats: Vec<&dyn Format> = [
            snapshot::vault::FORMATS,
            snapshot::gcp::FORMATS,
            snapshot::aws::FORMATS,
            snapshot::terraform::FORMATS,
            snapshot::mesh::FORMATS,
            snapshot::review::FORMATS,
            snapshot::gitlab::FORMATS,
        ]
        .concat();
        let recognise = |value: Option<&Value>, framings: &[Framing]| {
            let head = text.as_bytes();
            let sample = Sample { path, value, head };
            let mut known = formats
                .iter()
                .filter(|f| framings.contains(&f.about().framing));
            known.find(|format| format.recognises(&sample)).copied()
        };
        let text_format = recognise(None, &[Framing::TextLines, Framing::TextFile]);
        if !text.trim_start().starts_with(['{', '['])
            && let Some(format) = text_format
        {
            return self.record(format, path, text, file);
        }
        for value in documents(text).map_err(|error| format!("{path}: {error}"))? {
            let format = recognise(Some(&value), &[Framing::Json]);
            let format = format.ok_or_else(|| format!("{path}: no format knows this file"))?;
            self.record(format, path, &value.to_string(), file)?;
        }
        Ok(())
    }

    fn record(
        &mut self,
        format: &dyn Format,
        path: &str,
        text: &str,
        file: FileId,
    ) -> Result<(), String> {
        let place = Place {
            file,
            line: 1,
            byte: 0,
            sha256: Digest::of(text.as_bytes()),
        };
        let bytes = text.as_bytes();
        match format.read(&Record { path, bytes, place }, &mut self.kept) {
            Verdict::Parsed => {
                self.sources.insert(format.about().source.name.to_owned());
                Ok(())
            }
            other => Err(format!("{path}: {other:?}")),
        }
    }
}

/// The objects of a JSON or YAML text; the elements of a list come one by one.
fn documents(text: &str) -> Result<Vec<Value>, String> {
    let mut values = Vec::new();
    if text.trim_start().starts_with(['{', '[']) {
        values.push(serde_json::from_str(text).map_err(|error| error.to_string())?);
    } else {
        for document in yaml_serde::Deserializer::from_str(text) {
            values.push(Value::deserialize(document).map_err(|error| error.to_string())?);
        }
    }
    let mut flat = Vec::new();
    for value in values {
        match value {
            Value::Array(items) => flat.extend(items),
            value => flat.push(value),
        }
    }
    Ok(flat)
}
