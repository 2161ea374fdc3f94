//! The templates of the page, and those that somebody puts in their place.

use std::collections::BTreeMap;

use crate::model::Digest;

/// Every file that the page is made of; what ends in `.html` is a template, in which Tera escapes.
const SHIPPED: &[(&str, &str)] = &[
    ("marks.html", include_str!("../../../reports/marks.html")),
    ("report.html", include_str!("../../../reports/report.html")),
    ("cover.html", include_str!("../../../reports/cover.html")),
    ("first.html", include_str!("../../../reports/first.html")),
    (
        "coverage.html",
        include_str!("../../../reports/coverage.html"),
    ),
    (
        "timeline.html",
        include_str!("../../../reports/timeline.html"),
    ),
    (
        "controls.html",
        include_str!("../../../reports/controls.html"),
    ),
    (
        "findings.html",
        include_str!("../../../reports/findings.html"),
    ),
    ("causes.html", include_str!("../../../reports/causes.html")),
    ("chain.html", include_str!("../../../reports/chain.html")),
    ("since.html", include_str!("../../../reports/since.html")),
    (
        "populations.html",
        include_str!("../../../reports/populations.html"),
    ),
    ("rules.html", include_str!("../../../reports/rules.html")),
    (
        "identity.html",
        include_str!("../../../reports/identity.html"),
    ),
    (
        "appendix.html",
        include_str!("../../../reports/appendix.html"),
    ),
    ("trace.html", include_str!("../../../reports/trace.html")),
    ("style.css", include_str!("../../../reports/style.css")),
    ("script.js", include_str!("../../../reports/script.js")),
];

/// The page of a trace is not the report's: nobody puts another in its place.
const NOT_OWN: &str = "trace.html";

/// The files of the page: those of the program, or somebody's own where they have one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Templates {
    own: BTreeMap<String, String>,
}

/// Templates that no page can be made of.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// A file that the page is not made of: it would change nothing.
    #[error("the page is not made of `{name}`\n  help: its files are {}", Templates::names().join(", "))]
    Unknown {
        /// The file.
        name: String,
    },
    /// A template that is no template.
    #[error(
        "a template cannot be read: {message}\n  help: `piperoll reports init DIR` writes those of the program to begin with"
    )]
    Faulty {
        /// What is wrong, with the file and the line.
        message: String,
    },
}

impl Templates {
    /// The program's own, with these files in place of those of their name.
    ///
    /// # Errors
    ///
    /// A file is none of the page, or is no template.
    pub fn with(own: BTreeMap<String, String>) -> Result<Templates, TemplateError> {
        if let Some(name) = own
            .keys()
            .find(|name| !Templates::names().contains(&name.as_str()))
        {
            return Err(TemplateError::Unknown { name: name.clone() });
        }
        let templates = Templates { own };
        super::engine(&templates).map_err(|error| TemplateError::Faulty {
            message: error.to_string(),
        })?;
        Ok(templates)
    }

    /// The files of the page, by name.
    pub fn shipped() -> impl Iterator<Item = (&'static str, &'static str)> {
        let all = SHIPPED.iter().copied();
        all.filter(|(name, _)| *name != NOT_OWN)
    }

    /// The names of the files.
    fn names() -> Vec<&'static str> {
        Templates::shipped().map(|(name, _)| name).collect()
    }

    /// The digests of somebody's own files, as settings of the run.
    pub fn settings(&self) -> impl Iterator<Item = (String, String)> + '_ {
        let own = self.own.iter();
        own.map(|(name, text)| (format!("template.{name}"), Digest::of(text).to_string()))
    }

    /// The text of a file.
    pub(super) fn text(&self, name: &str) -> &str {
        let shipped = || {
            let mut all = SHIPPED.iter();
            all.find(|(known, _)| *known == name)
                .map_or("", |(_, text)| *text)
        };
        self.own.get(name).map_or_else(shipped, String::as_str)
    }

    /// Name and text of every template.
    pub(super) fn pages(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let pages = SHIPPED.iter().filter(|(name, _)| name.ends_with(".html"));
        pages.map(|(name, _)| (*name, self.text(name)))
    }
}
