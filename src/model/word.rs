//! Words of a closed list, which live as long as the program: read back, each is kept once.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Deserializer};

/// A word of a closed list.
pub type Word = &'static str;

/// How many words may be kept: all lists together are far shorter.
const MOST: usize = 4096;

/// Reads a word back.
pub(super) fn known<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Word, D::Error> {
    static KNOWN: Mutex<BTreeSet<Word>> = Mutex::new(BTreeSet::new());
    let text = String::deserialize(deserializer)?;
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(word) = known.get(text.as_str()) {
        return Ok(word);
    }
    if known.len() >= MOST {
        return Err(serde::de::Error::custom("more kinds than there are"));
    }
    let word: Word = Box::leak(text.into_boxed_str());
    known.insert(word);
    Ok(word)
}
