//! The records that drawn rows cite, read again where the inputs are at hand.
//!
//! Shown is what a log says in the clear, and no more: what is or may be a secret is replaced, and
//! what of its kind is made of secrets (configuration, traces, damaged lines) is not shown at all.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::place::{Place, places};
use crate::disk;
use crate::estate::{Formats, Reread, reread};
use crate::model::{Digest, EvidenceKind, path_of_text, secret};
use crate::pack::checksums::digest_of;
use crate::pack::contents::Contents;
use crate::pack::manifest::Input;
use crate::report::{Exact, Item, RecordState, SampledRecord};

/// What a value reads that is not shown.
const MASK: &str = "****";
/// What Vault writes instead of a value.
const HASHED: &str = "hmac-sha256:";

/// Reads the records of every item.
pub(super) fn attach(
    contents: &Contents,
    folder: Option<&Path>,
    header: &[String],
    items: &mut [Item],
) {
    let mut wanted: BTreeMap<String, Vec<(usize, Place)>> = BTreeMap::new();
    for (number, item) in items.iter().enumerate() {
        for place in places(header, &item.cells) {
            let of_file = wanted.entry(place.file.clone()).or_default();
            of_file.push((number, place));
        }
    }
    let mut read: Vec<(usize, SampledRecord)> = Vec::new();
    let inputs = contents.manifest.inputs.iter();
    let known =
        Formats::at(inputs.map(|input| (input.path.as_str(), path_of(contents, folder, input))));
    for (name, places) in wanted {
        let (numbers, places): (Vec<usize>, Vec<Place>) = places.into_iter().unzip();
        let records = of_file(contents, folder, &known, &name, places);
        read.extend(numbers.into_iter().zip(records));
    }
    for (number, record) in read {
        if let Some(item) = items.get_mut(number) {
            item.records.push(record);
        }
    }
    for item in items {
        item.records.sort_by(|a, b| a.side.cmp(b.side));
    }
}

/// The records of one file, in the order of the places.
fn of_file(
    contents: &Contents,
    folder: Option<&Path>,
    known: &Formats,
    name: &str,
    places: Vec<Place>,
) -> Vec<SampledRecord> {
    let unread = |place: Place, why: &str| unread(place, why, name);
    // A name that a spreadsheet could run carries a guard in the pack's tables.
    let bare = name.strip_prefix('\'').unwrap_or(name);
    let mut inputs = contents.manifest.inputs.iter();
    let Some(input) = inputs.find(|input| input.path == name || input.path == bare) else {
        let why = "it is no input; see configuration.toml in the pack";
        return places.into_iter().map(|place| unread(place, why)).collect();
    };
    let path = path_of(contents, folder, input);
    let found = unchanged(&path, input).and_then(|sha256| {
        let at: Vec<(u64, u64)> = places
            .iter()
            .map(|place| (place.line, place.byte.unwrap_or(0)))
            .collect();
        reread(&input.path, &path, (input.bytes, sha256), &at, known)
    });
    let zipped = match found {
        Ok(found) => places.into_iter().zip(found),
        Err(error) => {
            let why = format!("the input is not at hand: {error}; name its folder with --inputs");
            return places
                .into_iter()
                .map(|place| unread(place, &why))
                .collect();
        }
    };
    let reader = Reader::of(&path);
    zipped
        .map(|(place, found)| match found {
            Some(found) => shown(place, found, input, reader),
            None => unread(place, "the input has no such place"),
        })
        .collect()
}

/// Where an input lies.
fn path_of(contents: &Contents, folder: Option<&Path>, input: &Input) -> PathBuf {
    match folder {
        Some(folder) => folder.join(path_of_text(&input.path)),
        None => {
            let known = contents.inputs.get(&input.path).cloned();
            known.unwrap_or_else(|| path_of_text(&input.path))
        }
    }
}

/// The digest of an input that is what the pack read.
fn unchanged(path: &Path, input: &Input) -> io::Result<Digest> {
    let (_, sha256) = digest_of(disk::open_file(path)?)?;
    if sha256.to_string() == input.sha256 {
        Ok(sha256)
    } else {
        Err(io::Error::other(
            "it has changed since the pack was written",
        ))
    }
}

/// A record that cannot be read: what the row says of it is all there is.
fn unread(place: Place, why: &str, name: &str) -> SampledRecord {
    let exact = |place: &Place| {
        let kind = match place.kind.as_str() {
            "line" => EvidenceKind::Line,
            "record" => EvidenceKind::Record,
            "file" => EvidenceKind::File,
            _ => return None,
        };
        Some(Exact {
            byte: place.byte?,
            end: place.end?,
            kind,
            sha256: place.sha256.clone(),
        })
    };
    let exact = exact(&place);
    SampledRecord {
        side: place.side,
        line: place.line,
        state: RecordState::NotShown(why.to_owned()),
        text: String::new(),
        fetch: exact
            .as_ref()
            .map(|exact| Reader::named(name).fetch(name, exact))
            .unwrap_or_default(),
        place: exact,
        file: place.file,
    }
}

/// A record that was read.
fn shown(place: Place, found: Reread, input: &Input, reader: Reader) -> SampledRecord {
    let exact = if place.kind == "file" {
        Exact {
            byte: 0,
            end: input.bytes,
            kind: EvidenceKind::File,
            sha256: input.sha256.clone(),
        }
    } else {
        Exact {
            byte: found.cited.byte,
            end: found.cited.end,
            kind: found.cited.kind,
            sha256: found.cited.sha256.to_string(),
        }
    };
    let (state, text) = if exact.kind == EvidenceKind::File {
        (
            RecordState::NotShown("it is the whole file".to_owned()),
            String::new(),
        )
    } else if !place.sha256.is_empty() && place.sha256 != exact.sha256 {
        let why = "its digest is not the one that the row states".to_owned();
        (RecordState::NotShown(why), String::new())
    } else {
        in_the_clear(&input.source, &found.bytes)
    };
    SampledRecord {
        side: place.side,
        line: place.line,
        fetch: reader.fetch(&input.path, &exact),
        place: Some(exact),
        state,
        text,
        file: place.file,
    }
}

/// What of a record may be shown.
fn in_the_clear(source: &str, bytes: &[u8]) -> (RecordState, String) {
    let hidden = |why: &str| (RecordState::NotShown(why.to_owned()), String::new());
    if source.ends_with("-config") || source == "gitlab-trace" {
        return hidden("records of this source can hold secrets of any form; fetch it");
    }
    let Some(text) = std::str::from_utf8(bytes)
        .ok()
        .filter(|text| !text.contains('\0'))
    else {
        return hidden("it is no text in UTF-8; fetch it");
    };
    let Ok(mut value) = serde_json::from_str::<Value>(text) else {
        return hidden("it is no record in JSON of its own; fetch it");
    };
    let masked = mask(&mut value, false);
    let text = if masked {
        value.to_string()
    } else {
        text.to_owned()
    };
    let safe = secret::redact(&text);
    if masked || safe != text {
        (RecordState::Redacted, safe)
    } else {
        (RecordState::AsLogged, text)
    }
}

/// Masks what stands below a `data`, `headers`, `request` or `response` of a record and is neither
/// hashed nor structure, and what its name says is a secret. Says whether anything was.
fn mask(value: &mut Value, payload: bool) -> bool {
    match value {
        Value::Object(fields) => {
            let mut any = false;
            for (name, field) in fields {
                let below = payload || ["data", "headers", "body"].contains(&name.as_str());
                let secret = secret::is_secret_name(name);
                any |= mask(field, below || secret);
            }
            any
        }
        Value::Array(items) => items
            .iter_mut()
            .fold(false, |any, item| mask(item, payload) | any),
        Value::String(text) if payload && !text.is_empty() && !text.starts_with(HASHED) => {
            *text = MASK.to_owned();
            true
        }
        Value::Number(_) if payload => {
            *value = Value::String(MASK.to_owned());
            true
        }
        _ => false,
    }
}

/// How the decompressed bytes of a file are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    Plain,
    Gzip,
    Zstd,
}

impl Reader {
    fn of(path: &Path) -> Reader {
        let mut magic = [0; 4];
        let read =
            disk::open_file(path).and_then(|mut file| io::Read::read_exact(&mut file, &mut magic));
        match (read, magic) {
            (Ok(()), [0x1f, 0x8b, ..]) => Reader::Gzip,
            (Ok(()), [0x28, 0xb5, 0x2f, 0xfd]) => Reader::Zstd,
            _ => Reader::Plain,
        }
    }

    fn named(name: &str) -> Reader {
        if name.ends_with(".gz") {
            Reader::Gzip
        } else if name.ends_with(".zst") {
            Reader::Zstd
        } else {
            Reader::Plain
        }
    }

    /// The command that writes exactly these bytes, from the folder that the inputs lie in.
    fn fetch(self, name: &str, exact: &Exact) -> String {
        let name = format!("'{}'", name.replace('\'', r"'\''"));
        if exact.kind == EvidenceKind::File {
            return format!("cat -- {name}");
        }
        let (first, length) = (exact.byte + 1, exact.end - exact.byte);
        let tail = format!("tail -c +{first}");
        match self {
            Reader::Plain => format!("{tail} -- {name} | head -c {length}"),
            Reader::Gzip => format!("gzip -dc -- {name} | {tail} | head -c {length}"),
            Reader::Zstd => format!("zstd -dc -- {name} | {tail} | head -c {length}"),
        }
    }
}
