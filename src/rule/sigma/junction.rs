//! Conditions joined by AND or OR, however many.

/// How many conditions stand beside one another without brackets of their own.
const BESIDE: usize = 64;

/// Conditions joined by a word; none of none.
///
/// Engines read `a OR b OR c` as two levels, and a list of a thousand values as a thousand: long ones
/// are bracketed by halves.
pub(super) fn joined(conditions: Vec<String>, with: &str) -> Option<String> {
    match conditions.len() {
        0 => None,
        1 => conditions.into_iter().next(),
        _ => Some(format!("({})", halved(&conditions, with))),
    }
}

fn halved(conditions: &[String], with: &str) -> String {
    if conditions.len() <= BESIDE {
        return conditions.join(with);
    }
    let (left, right) = conditions.split_at(conditions.len() / 2);
    format!("({}){with}({})", halved(left, with), halved(right, with))
}
