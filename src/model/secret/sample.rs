//! What stands where a secret would, and is none: words of documentation, repeated letters.

/// What stands in documentation and templates instead of a secret.
pub(super) const SAMPLE_WORDS: &[&str] = &[
    "changeme",
    "change_me",
    "change-me",
    "dummy",
    "example",
    "fake",
    "insert",
    "placeholder",
    "redacted",
    "replace",
    "sample",
    "xxxxx",
    "your-",
    "your_",
    "yourtoken",
    "masked",
    "*****",
    "notreal",
    "not-a-",
    "todo",
];

/// Shannon entropy, in bits per byte, below which a body is a sample (`xxxx`, `0000`).
pub(super) const LEAST_ENTROPY: f64 = 2.5;

/// Shannon entropy of `bytes`, in bits per byte.
pub(super) fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0u32; 256];
    for byte in bytes {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let total = bytes.len().max(1) as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = f64::from(*count) / total;
            -share * share.log2()
        })
        .sum()
}

/// Whether a token's body says itself that it is a sample.
pub(super) fn is_sample(body: &[u8]) -> bool {
    let lower = body.to_ascii_lowercase();
    SAMPLE_WORDS
        .iter()
        .filter(|word| word.len() > 4 || **word == "fake")
        .any(|word| memchr::memmem::find(&lower, word.as_bytes()).is_some())
}

/// The shortest password that is told from a word, and how random it is.
pub(super) const LEAST_PASSWORD: usize = 8;
const LEAST_PASSWORD_ENTROPY: f64 = 2.75;

/// Whether a variable, a template or a mask stands there.
pub(super) fn is_filled_in(secret: &[u8]) -> bool {
    let signs = b"$*{}<>[]";
    secret.iter().any(|byte| signs.contains(byte))
}

/// Whether a text is random, and of letters and digits.
pub(super) fn is_random(text: &[u8]) -> bool {
    let has = |test: fn(&u8) -> bool| text.iter().any(test);
    has(u8::is_ascii_digit)
        && (has(u8::is_ascii_lowercase) || has(u8::is_ascii_uppercase))
        && entropy(text) >= LEAST_PASSWORD_ENTROPY
}
