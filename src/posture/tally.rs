//! How often names were seen.

use std::collections::BTreeMap;

/// How often what was seen, by its name.
pub type Tally = BTreeMap<String, u64>;

/// Counts one more of a name.
pub fn count(tally: &mut Tally, name: &str) {
    count_times(tally, name, 1);
}

/// Counts so many more of a name.
pub fn count_times(tally: &mut Tally, name: &str, times: u64) {
    match tally.get_mut(name) {
        Some(count) => *count += times,
        None if name.is_empty() => {}
        None => {
            tally.insert(name.to_owned(), times);
        }
    }
}
