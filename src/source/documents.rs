//! The JSON or YAML documents of a small file, read before the inputs are.

use std::io::Read;

use memchr::memmem;
use serde_json::Value;

use super::depth;
use super::input::InputFile;
use super::open::Opened;
use super::yaml;
use crate::model::{unmarked, unpacked};

/// Bytes, as stored and as read, up to which a file is looked at.
const MOST: u64 = 16 << 20;
/// What the names of such files end with.
const ENDS: [&str; 3] = [".json", ".yaml", ".yml"];

/// The documents of a file that is named as JSON or YAML, has at most 16 MiB and holds one of
/// `words`; none of another one, of a pipe, and of what cannot be read.
#[must_use]
pub fn documents_with(file: &InputFile, words: &[&str]) -> Vec<Value> {
    let name = unpacked(&file.name);
    let Some(path) = file.path.as_deref() else {
        return Vec::new();
    };
    let stored = path.metadata().ok();
    let small = stored.is_some_and(|stored| stored.is_file() && stored.len() <= MOST);
    if !small || file.refused.is_some() || !ENDS.iter().any(|end| name.ends_with(end)) {
        return Vec::new();
    }
    let mut bytes = Vec::new();
    let opened = Opened::new(Some(path));
    let read = opened.and_then(|opened| opened.take(MOST + 1).read_to_end(&mut bytes));
    let whole = read.is_ok_and(|count| count as u64 <= MOST);
    let holds = |word: &&str| memmem::find(&bytes, word.as_bytes()).is_some();
    if !whole || !words.iter().any(holds) {
        return Vec::new();
    }
    documents(&bytes)
}

fn documents(bytes: &[u8]) -> Vec<Value> {
    let bytes = unmarked(bytes);
    if !bytes.trim_ascii_start().starts_with(b"{") {
        let found = yaml::documents(bytes).into_iter();
        return found.filter_map(|document| document.value.ok()).collect();
    }
    if depth::exceeded(bytes) {
        return Vec::new();
    }
    let values = serde_json::Deserializer::from_slice(bytes).into_iter::<Value>();
    values.map_while(Result::ok).collect()
}
