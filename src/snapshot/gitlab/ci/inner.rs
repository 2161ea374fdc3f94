//! Scripts that a shell is given as a word.

/// What a shell is told to run by its words: `bash -ec '...'`, `eval "..."`.
pub(super) fn inner_script(words: &[String]) -> Option<String> {
    const SHELLS: [&str; 6] = ["ash", "bash", "busybox", "dash", "sh", "zsh"];
    if words.first()? == "eval" {
        return Some(words.get(1..)?.join(" "));
    }
    let shell = words.iter().position(|word| {
        let name = word.rsplit('/').next().unwrap_or(word);
        SHELLS.contains(&name)
    })?;
    let behind = words.get(shell + 1..)?;
    let is_command = |word: &String| {
        let short = word.strip_prefix('-').filter(|word| !word.starts_with('-'));
        short.is_some_and(|letters| letters.ends_with('c'))
    };
    let flag = behind.iter().position(is_command)?;
    behind.get(flag + 1).cloned()
}
