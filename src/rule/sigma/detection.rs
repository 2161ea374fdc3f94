//! The selections of a rule and the condition over them.

use std::collections::BTreeMap;

use rsigma_parser::{ConditionExpr, Detection, Detections, Quantifier, SelectorPattern};

use super::field::Log;
use super::item;
use super::junction::joined;

/// Expressions deeper than this are of no rule that anybody wrote.
const DEEPEST: usize = 32;

/// The condition of a rule on a row `e` of `event`, or why there is none.
pub(super) fn condition(detection: &Detections, log: &Log) -> Result<String, String> {
    if detection.timeframe.is_some() {
        return Err("`timeframe` in the detection: write a correlation".to_owned());
    }
    let named = detection.named.iter();
    let named: BTreeMap<&str, &Detection> = named
        .map(|(name, selection)| (name.as_str(), selection))
        .collect();
    let mut alternatives = Vec::new();
    for expression in &detection.conditions {
        alternatives.push(evaluated(expression, &named, log, 0)?);
    }
    joined(alternatives, " OR ").ok_or_else(|| "it has no condition".to_owned())
}

fn evaluated(
    expression: &ConditionExpr,
    named: &BTreeMap<&str, &Detection>,
    log: &Log,
    depth: usize,
) -> Result<String, String> {
    if depth > DEEPEST {
        return Err("its condition is nested too deeply".to_owned());
    }
    let all = |parts: &[ConditionExpr]| -> Result<Vec<String>, String> {
        let parts = parts.iter();
        parts
            .map(|part| evaluated(part, named, log, depth + 1))
            .collect()
    };
    let nothing = || format!("`{expression}` names no selection");
    match expression {
        ConditionExpr::And(parts) => joined(all(parts)?, " AND ").ok_or_else(nothing),
        ConditionExpr::Or(parts) => joined(all(parts)?, " OR ").ok_or_else(nothing),
        ConditionExpr::Not(part) => {
            let part = evaluated(part, named, log, depth + 1)?;
            Ok(format!("(NOT {part})"))
        }
        ConditionExpr::Identifier(name) => {
            let selection = named.get(name.as_str()).ok_or_else(nothing)?;
            selected(selection, log, depth + 1)
        }
        ConditionExpr::Selector {
            quantifier,
            pattern,
        } => {
            let chosen = named.iter().filter(|(name, _)| fits(name, pattern));
            let chosen: Result<Vec<String>, String> = chosen
                .map(|(_, selection)| selected(selection, log, depth + 1))
                .collect();
            let with = match quantifier {
                Quantifier::Any => " OR ",
                Quantifier::All => " AND ",
                Quantifier::Count(number) => {
                    return Err(format!(
                        "`{number} of` is not read; `1 of` and `all of` are"
                    ));
                }
            };
            joined(chosen?, with).ok_or_else(nothing)
        }
    }
}

/// Whether a selection is meant by `them` or by a name with `*`.
fn fits(name: &str, pattern: &SelectorPattern) -> bool {
    let SelectorPattern::Pattern(pattern) = pattern else {
        return !name.starts_with('_');
    };
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else {
        return rest.is_empty();
    };
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = rest.get(at + piece.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

fn selected(selection: &Detection, log: &Log, depth: usize) -> Result<String, String> {
    if depth > DEEPEST {
        return Err("its selections are nested too deeply".to_owned());
    }
    let empty = || "a selection is empty".to_owned();
    match selection {
        Detection::AllOf(items) => {
            let items = items.iter().map(|item| item::condition(item, log));
            let items: Result<Vec<String>, String> = items.collect();
            joined(items?, " AND ").ok_or_else(empty)
        }
        Detection::AnyOf(parts) | Detection::And(parts) => {
            let is_any = matches!(selection, Detection::AnyOf(_));
            let parts = parts.iter().map(|part| selected(part, log, depth + 1));
            let parts: Result<Vec<String>, String> = parts.collect();
            joined(parts?, if is_any { " OR " } else { " AND " }).ok_or_else(empty)
        }
        Detection::Keywords(_) => {
            Err("words without a field: the whole text of a record is in no table".to_owned())
        }
        Detection::ArrayMatch { .. } | Detection::Conditional { .. } => {
            Err("members of a list are in no table".to_owned())
        }
    }
}
