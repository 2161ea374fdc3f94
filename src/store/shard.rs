//! One of several stores that together hold what one would: each reads some of the files.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::model::Digest;

/// Which share of the input files a run reads, of how many; both count from 1.
///
/// Which share a file belongs to follows from its name alone, so that a file that is added, grows or
/// goes away moves no other one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Shard {
    number: u32,
    of: u32,
}

/// The most shards there may be.
const MOST: u32 = 100_000;

impl Shard {
    /// Which it is.
    #[must_use]
    pub fn number(self) -> u32 {
        self.number
    }

    /// How many there are.
    #[must_use]
    pub fn of(self) -> u32 {
        self.of
    }

    /// Whether a file of this name is one of its files.
    #[must_use]
    pub fn holds(self, name: &str) -> bool {
        let Digest(bytes) = Digest::of(name);
        let first = bytes.iter().take(8);
        let number = first.fold(0, |number, &byte| number << 8 | u64::from(byte));
        number % u64::from(self.of) == u64::from(self.number) - 1
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

/// A text that names no shard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no shard\n  help: write NUMBER/COUNT, such as 2/8: the second of eight, at most {MOST}"
)]
pub struct NoShard(String);

impl FromStr for Shard {
    type Err = NoShard;

    fn from_str(text: &str) -> Result<Shard, NoShard> {
        let none = || NoShard(text.to_owned());
        let (number, of) = text.split_once('/').ok_or_else(none)?;
        let (number, of) = (number.parse(), of.parse());
        let (Ok(number), Ok(of)) = (number, of) else {
            return Err(none());
        };
        if number == 0 || number > of || of > MOST {
            return Err(none());
        }
        Ok(Shard { number, of })
    }
}

impl TryFrom<String> for Shard {
    type Error = NoShard;

    fn try_from(text: String) -> Result<Shard, NoShard> {
        text.parse()
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> String {
        shard.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_in_one_shard_and_shards_are_of_like_size() {
        for of in [1, 2, 7] {
            let shards: Vec<Shard> = (1..=of)
                .map(|number| format!("{number}/{of}").parse().unwrap())
                .collect();
            let mut counts = vec![0; shards.len()];
            for number in 0..1000 {
                let name = format!("vault/audit.log.{number}.gz");
                let held: Vec<usize> = (0..shards.len())
                    .filter(|&at| shards[at].holds(&name))
                    .collect();
                assert_eq!(held.len(), 1);
                counts[held[0]] += 1;
            }
            assert!(counts.iter().all(|&count| count > 700 / of), "{counts:?}");
        }
    }

    #[test]
    fn what_names_no_shard_is_refused() {
        for text in [
            "", "1", "0/2", "3/2", "1/0", "-1/2", "1/2/3", "a/b", "1/100001",
        ] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
        assert_eq!("2/8".parse::<Shard>().unwrap().to_string(), "2/8");
    }
}
