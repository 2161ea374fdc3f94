//! `report.html`: one page that needs nothing but a browser, or a printer.
//!
//! Self-contained under a content security policy that names the digests of its one style and its
//! one script; complete without the script. Log text is hostile: every value goes through one
//! escape, [`escape`], which also shows characters that hide or reorder.

mod causes;
mod chain;
mod compared;
mod controls;
mod findings;
mod identity;
mod page;
mod populations;
mod since;
mod sources;
mod tables;
mod templates;
#[cfg(test)]
mod tests;
mod timeline;
mod words;

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use tera::{Context, Kwargs, State, Tera};

use self::page::Page;
pub use self::templates::{TemplateError, Templates};
use super::visible::visible;
use super::{Report, ReportFormat, Written};

/// Writes `report.html`.
pub struct Html;

impl ReportFormat for Html {
    fn path(&self) -> &'static str {
        "report.html"
    }

    fn write(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<Written> {
        let shipped = Templates::default();
        let templates = report.templates.unwrap_or(&shipped);
        let tera = engine(templates).map_err(io::Error::other)?;
        let mut context = Context::from_serialize(&Page::new(report)?).map_err(io::Error::other)?;
        let (style, script) = (templates.text("style.css"), templates.text("script.js"));
        context.insert("style", style);
        context.insert("script", script);
        let paper = paper(report.report_id);
        context.insert("paper", &paper);
        context.insert("policy", &policy(&[style, &paper], &[script]));
        tera.render_to("report.html", &context, &mut *out)
            .map_err(io::Error::other)?;
        Ok(Written::default())
    }
}

/// The foot of every printed page: which report it is of, and its number.
fn paper(report_id: &str) -> String {
    let id: String = report_id
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    format!(
        "@page{{@bottom-left{{content:\"piperoll report {id}\";font:7pt sans-serif}}@bottom-right{{content:\"page \" counter(page) \" of \" counter(pages);font:7pt sans-serif}}}}"
    )
}

fn engine(templates: &Templates) -> tera::TeraResult<Tera> {
    let mut tera = Tera::new();
    tera.set_escape_fn(escape);
    tera.register_filter("n", |number: u64, _: Kwargs, _: &State| {
        words::number(number)
    });
    tera.add_raw_templates(templates.pages())?;
    Ok(tera)
}

/// The one place where text becomes HTML: the five significant characters, and a visible token for
/// each character that would hide or move others. Safe in text and in quoted attributes.
pub(super) fn escape(text: &str, out: &mut dyn Write) -> io::Result<()> {
    tera::escape_html(&visible(text), out)
}

/// The content security policy: nothing may load, and only these styles and scripts may run.
fn policy(styles: &[&str], scripts: &[&str]) -> String {
    let digests = |texts: &[&str]| match texts {
        [] => "'none'".to_owned(),
        _ => texts
            .iter()
            .map(|text| {
                format!(
                    "'sha256-{}'",
                    STANDARD.encode(Sha256::digest(text.as_bytes()))
                )
            })
            .collect::<Vec<_>>()
            .join(" "),
    };
    format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        digests(styles),
        digests(scripts)
    )
}

/// Writes a page of another command: the report's style, then its own, and no script. What `body`
/// holds went through [`escape`].
pub(super) fn plain_page(
    template: &str,
    mut context: Context,
    style: &str,
    body: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let templates = Templates::default();
    let tera = engine(&templates).map_err(io::Error::other)?;
    let shipped = templates.text("style.css");
    context.insert("style", shipped);
    context.insert("own_style", style);
    context.insert("policy", &policy(&[shipped, style], &[]));
    context.insert("body", body);
    tera.render_to(template, &context, out)
        .map_err(io::Error::other)
}
