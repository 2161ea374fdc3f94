//! Replacing what a text marks: variables, parameters, entities.

/// A text with what stands behind each `mark` replaced by what `read` makes of the rest: what is
/// written there, and what follows. Where `read` knows nothing, the mark stays as it is.
pub fn replaced(
    text: &str,
    mark: char,
    read: impl for<'t> Fn(&'t str) -> Option<(String, &'t str)>,
) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(mark) {
        out.push_str(before);
        match read(after) {
            Some((written, behind)) => {
                out.push_str(&written);
                rest = behind;
            }
            None => {
                out.push(mark);
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::replaced;

    #[test]
    fn what_is_written_is_not_read_again_and_an_unknown_mark_stays() {
        let filled = replaced("x$a$b$", '$', |rest| {
            Some(("$a!".to_owned(), rest.strip_prefix('a')?))
        });
        assert_eq!(filled, "x$a!$b$");
    }
}
