//! Which frameworks are judged: those in the box, or of them the ones asked for, and the controls of
//! the entity itself.

use std::collections::BTreeSet;

use super::{Control, Evaluable, Framework, FrameworkError};
use crate::config::Settings;
use crate::model::{Failing, FailureKind};
use crate::rule;

/// A choice of frameworks that cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ChoiceError {
    /// A framework file is wrong.
    #[error("{}: {}", .0.file, .0.message)]
    File(FrameworkError),
    /// A framework that is not in the box.
    #[error(
        "`{0}` is no framework\n  help: one of soc2-2017, iso27001-2022, nist80053-r5, cis-8.1"
    )]
    UnknownFramework(String),
    /// A control of the entity that answers to none of any framework.
    #[error(
        "{file}: [[control]] `{control}` answers to `{from}`, which is no control of SOC 2 or ISO 27001\n  help: write ids as data/control_map.csv has them, e.g. from = [\"CC6.3\", \"5.18\"]"
    )]
    UnknownControl {
        /// The configuration file.
        file: String,
        /// The control.
        control: String,
        /// What it is said to answer to.
        from: String,
    },
}

impl Failing for ChoiceError {
    fn kind(&self) -> FailureKind {
        match self {
            ChoiceError::File(_) => FailureKind::Internal,
            ChoiceError::UnknownFramework(_) | ChoiceError::UnknownControl { .. } => {
                FailureKind::Usage
            }
        }
    }
}

/// The frameworks asked for, the entity's own before the others.
///
/// # Errors
///
/// A framework is asked for that is not in the box, or a control of the entity answers to none.
pub fn frameworks(settings: &Settings) -> Result<Vec<Framework>, ChoiceError> {
    let all: Result<Vec<Framework>, ChoiceError> = rule::FRAMEWORKS
        .iter()
        .map(|(file, text)| {
            Framework::parse(&format!("rules/{file}"), text).map_err(ChoiceError::File)
        })
        .collect();
    let mut all = all?;
    all.sort_by_key(|framework| framework.order);
    let asked = &settings.output.frameworks;
    if let Some(unknown) = asked
        .iter()
        .find(|name| !all.iter().any(|framework| framework.id == **name))
    {
        return Err(ChoiceError::UnknownFramework(unknown.clone()));
    }
    let own = own_controls(settings, &all)?;
    let asked = all
        .into_iter()
        .filter(|framework| asked.is_empty() || asked.contains(&framework.id));
    Ok(own.into_iter().chain(asked).collect())
}

/// The controls of the entity itself, as a framework that stands before the others.
fn own_controls(
    settings: &Settings,
    known: &[Framework],
) -> Result<Option<Framework>, ChoiceError> {
    if settings.controls.is_empty() {
        return Ok(None);
    }
    // Derived frameworks number their controls as others do.
    let named = known.iter().flat_map(|framework| &framework.controls);
    let named: BTreeSet<&str> = named
        .filter(|control| control.from.is_empty())
        .map(|control| control.id.as_str())
        .collect();
    let mut controls = Vec::new();
    for own in &settings.controls {
        if let Some(from) = own.from.iter().find(|id| !named.contains(id.as_str())) {
            return Err(ChoiceError::UnknownControl {
                file: settings.file.clone(),
                control: own.id.clone(),
                from: from.clone(),
            });
        }
        controls.push(Control {
            id: own.id.clone(),
            title: own.title.clone(),
            family: String::new(),
            evaluable: Evaluable::Partial,
            why_not: String::new(),
            not_shown: "What the control asks for besides what logs and configuration record."
                .to_owned(),
            from: own.from.clone(),
        });
    }
    Ok(Some(Framework {
        id: "own".to_owned(),
        title: "Own controls".to_owned(),
        edition: settings.file.clone(),
        order: 0,
        controls,
    }))
}
