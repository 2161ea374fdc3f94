//! What a file says, in either syntax, and which line each of its bytes is of.

use hcl_edit::parser::parse_body;
use hcl_edit::structure::Body;

use super::{json, module};
use crate::model::{BYTE_ORDER_MARK, unpacked};

/// From which byte of a text on the line is which.
type Lines = Vec<(usize, u64)>;

/// Whether a file's name says that it is Terraform's JSON.
pub(super) fn json_named(path: &str) -> bool {
    let name = unpacked(path);
    [".tf.json", ".tofu.json", ".tfvars.json"]
        .iter()
        .any(|end| name.ends_with(end))
}

/// What a file says, and which line each of its bytes is of.
pub(super) fn body(path: &str, text: &str) -> Result<(Body, Lines), String> {
    let told = |error: hcl_edit::parser::Error| {
        let (line, why) = (error.location().line(), error.message().to_owned());
        (line, format!("line {line}: {why}"))
    };
    if json_named(path) {
        let settings = unpacked(path).ends_with(".tfvars.json");
        let json::Transcript { text, lines } = json::transcribe(text, settings)?;
        // A line of the native text says nothing to whoever wrote the JSON.
        let refused = |error| {
            let (line, why) = told(error);
            let line = lines
                .get(line.saturating_sub(1))
                .map_or(1, |(_, line)| *line);
            let why = why.split_once(": ").map_or("", |(_, why)| why).to_owned();
            format!("line {line}: {why}")
        };
        let body = parse_body(&text).map_err(refused)?;
        return Ok((body, lines));
    }
    let text = text.trim_start_matches(BYTE_ORDER_MARK);
    let body = parse_body(text).map_err(|error| told(error).1)?;
    Ok((body, module::lines_of(text)))
}
