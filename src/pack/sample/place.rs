//! What a row cites, by the names of its columns.

/// A record that a row cites.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// `evidence`, `left` or `right`.
    pub(super) side: &'static str,
    pub(super) file: String,
    pub(super) line: u64,
    /// Missing where the row does not say it.
    pub(super) byte: Option<u64>,
    pub(super) end: Option<u64>,
    pub(super) kind: String,
    pub(super) sha256: String,
}

/// The records that a row cites.
pub(super) fn places(header: &[String], cells: &[String]) -> Vec<Place> {
    let cell = |name: &str| {
        let at = header.iter().position(|column| column == name)?;
        cells
            .get(at)
            .map(String::as_str)
            .filter(|cell| !cell.is_empty())
    };
    let number = |name: &str| cell(name)?.parse::<u64>().ok();
    let mut found = Vec::new();
    for prefix in ["evidence_", ""] {
        let of = |name: &str| format!("{prefix}{name}");
        let (Some(file), Some(line)) = (cell(&of("file")), number(&of("line"))) else {
            continue;
        };
        found.push(Place {
            side: "evidence",
            file: file.to_owned(),
            line,
            byte: number(&of("byte")),
            end: number(&of("end")),
            kind: cell(&of("kind")).unwrap_or_default().to_owned(),
            sha256: cell(&of("sha256")).unwrap_or_default().to_owned(),
        });
    }
    for side in ["left", "right"] {
        let evidence = cell(&format!("{side}_evidence"));
        let pointer = evidence.and_then(|cell| cell.rsplit_once(':'));
        let Some((file, Ok(line))) = pointer.map(|(file, line)| (file, line.parse())) else {
            continue;
        };
        found.push(Place {
            side,
            file: file.to_owned(),
            line,
            byte: number(&format!("{side}_byte")),
            end: None,
            kind: String::new(),
            sha256: String::new(),
        });
    }
    found
}
