//! What a member of GitLab may do where, as the export of members states it.

use super::table::{Need, Shown, Thing};

/// The list of users, without which nobody's name is known.
pub(super) const GITLAB_USERS: Need = Need {
    what: "GitLab users (users.json)",
    shown_by: Shown::Thing("gitlab-user"),
};

/// The lists of members.
pub(super) const GITLAB_MEMBERS: Need = Need {
    what: "GitLab members (members/all.json)",
    shown_by: Shown::Thing("gitlab-member"),
};

/// One project or group that somebody is a member of.
pub(super) struct Membership<'t> {
    /// The project or group.
    pub(super) scope: &'t str,
    /// The access level, by its number.
    pub(super) level: &'t str,
    /// `until DAY`; empty where it does not end.
    pub(super) until: String,
}

impl Membership<'_> {
    /// The access level by its name.
    pub(super) fn role(&self) -> &str {
        match self.level {
            "5" => "minimal access",
            "10" => "guest",
            "15" => "planner",
            "20" => "reporter",
            "30" => "developer",
            "40" => "maintainer",
            "50" => "owner",
            other => other,
        }
    }
}

/// Every membership of a member.
pub(super) fn memberships(member: &Thing) -> impl Iterator<Item = Membership<'_>> {
    let attributes = member.attributes.iter();
    attributes.filter_map(|(name, level)| {
        let scope = name.strip_prefix("access.")?;
        let until = match member.get(&format!("expires.{scope}")) {
            "" => String::new(),
            day => format!("until {day}"),
        };
        Some(Membership {
            scope,
            level,
            until,
        })
    })
}
