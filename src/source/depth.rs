//! A bound on nesting, because the JSON reader's check of skipped values recurses.

/// Deepest nesting that is read; serde_json stops there too, and protobuf JSON at 100.
const MAX_DEPTH: usize = 128;

/// Whether JSON nests deeper than is read.
///
/// Few records have as many brackets in all, and counting them is as fast as memory; only the
/// others are walked.
pub(super) fn exceeded(json: &[u8]) -> bool {
    let count = |bracket| memchr::memchr_iter(bracket, json).count();
    count(b'{') + count(b'[') > MAX_DEPTH && deepest(json) > MAX_DEPTH
}

fn deepest(json: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0usize, 0usize);
    let mut bytes = json.iter();
    let mut in_string = false;
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => in_string = !in_string,
            b'\\' if in_string => {
                bytes.next();
            }
            b'{' | b'[' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_nesting_counts() {
        let wide = format!("[{}]", vec!["{\"a\":\"[[\\\"[\"}"; 500].join(","));
        assert!(!exceeded(wide.as_bytes()));
        let deep = |levels| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(!exceeded(deep(MAX_DEPTH).as_bytes()));
        assert!(exceeded(deep(MAX_DEPTH + 1).as_bytes()));
    }
}
