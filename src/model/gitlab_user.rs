//! What GitLab's user names tell of themselves.

/// What an export is taken to say of `bot` where it does not and the name does.
pub const BY_NAME: &str = "by name";

/// Whether GitLab gave a user name to the bot of a token: `project_12_bot_ab34`, `group_3_bot`.
/// A user may call himself so, too.
#[must_use]
pub fn is_bot_name(username: &str) -> bool {
    ["project_", "group_"].into_iter().any(|prefix| {
        let number = username
            .strip_prefix(prefix)
            .and_then(|rest| rest.split_once("_bot"));
        number.is_some_and(|(number, _)| {
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        })
    })
}
