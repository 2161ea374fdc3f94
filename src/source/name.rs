//! What files are called in the evidence, without the secrets in their names.

/// Numbers the names, in their order, that are the same once their secrets are taken out.
pub(super) fn tell_apart<'n>(names: impl Iterator<Item = &'n mut String>) {
    let mut before: Option<(String, usize)> = None;
    for name in names {
        match &mut before {
            Some((same, count)) if same == name => {
                *count += 1;
                name.push_str(&format!("~{count}"));
            }
            _ => before = Some((name.clone(), 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_files_have_one_name() {
        let mut names = ["a", "b", "b", "b", "c"].map(str::to_owned);
        tell_apart(names.iter_mut());
        assert_eq!(names, ["a", "b", "b~2", "b~3", "c"]);
    }
}
