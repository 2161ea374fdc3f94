//! Bots with and without a person behind them.

use super::is_bot_name;
use crate::identity::sample::{Sample, World, subjects};

const BOT: &str = "gitlab:user/project_7_bot_ab";
const CHANGE: &str = "gitlab:merge-request/7/3";

struct Story {
    actor: &'static str,
    merged_by: &'static str,
    approvers: Option<&'static [&'static str]>,
    rule: bool,
}

const UNAPPROVED: Story = Story {
    actor: "project_7_bot_ab",
    merged_by: BOT,
    approvers: Some(&[]),
    rule: false,
};

fn facts(story: &Story, world: &World) -> Vec<&'static str> {
    let mut sample = Sample::default();
    sample.job(7, 1, 5, 20).username = story.actor.to_owned();
    let mut say = |name: &str, value: &str| {
        sample.says("gitlab-merge-request", CHANGE, name, value);
    };
    say("state", "merged");
    say("merge_commit_sha", "sha1");
    say("author", "gitlab:user/project_7_bot_ab");
    say("merged_by", story.merged_by);
    say("merged_at", "1970-01-01T00:04:00Z");
    if let Some(approvers) = story.approvers {
        say("approvals_exported", "true");
        approvers.iter().for_each(|who| say("approved_by", who));
    }
    if story.rule {
        sample.says(
            "protected-environment",
            "gitlab:environment/7/prod",
            "required_approval_count",
            "1",
        );
    }
    let found = sample.join(world).mismatches_ever(world);
    let mut details: Vec<&str> = found
        .iter()
        .filter(|mismatch| mismatch.kind.class() == "IM-12")
        .map(|mismatch| mismatch.kind.as_str())
        .collect();
    details.sort_unstable();
    details
}

#[test]
fn a_bot_that_merges_and_deploys_its_own_change_is_a_fact() {
    let found = facts(&UNAPPROVED, &World::default());
    assert_eq!(
        found,
        ["deployed-by-bot-unapproved", "merged-by-bot-unapproved"]
    );
}

#[test]
fn another_bots_approval_is_no_persons() {
    let story = Story {
        approvers: Some(&["gitlab:user/helper"]),
        ..UNAPPROVED
    };
    let world = World {
        bots: vec!["gitlab:user/helper"],
        ..World::default()
    };
    assert_eq!(facts(&story, &world).len(), 2);
    assert!(facts(&story, &World::default()).is_empty());
}

#[test]
fn a_persons_hand_silences_it() {
    let merged = Story {
        merged_by: "gitlab:user/alice",
        ..UNAPPROVED
    };
    assert!(facts(&merged, &World::default()).is_empty());
    let approved = Story {
        approvers: Some(&["gitlab:user/alice"]),
        ..UNAPPROVED
    };
    assert!(facts(&approved, &World::default()).is_empty());
    let deployed_by_a_person = Story {
        actor: "alice",
        ..UNAPPROVED
    };
    assert_eq!(
        facts(&deployed_by_a_person, &World::default()),
        ["merged-by-bot-unapproved"]
    );
    let environment = Story {
        rule: true,
        ..UNAPPROVED
    };
    assert_eq!(
        facts(&environment, &World::default()),
        ["merged-by-bot-unapproved"]
    );
    let declared = World {
        exempt: vec![BOT],
        ..World::default()
    };
    assert!(facts(&UNAPPROVED, &declared).is_empty());
}

#[test]
fn without_exported_approvals_nothing_is_said() {
    let story = Story {
        approvers: None,
        ..UNAPPROVED
    };
    assert!(facts(&story, &World::default()).is_empty());
}

fn beyond(actor: &'static str, sponsor: &str, levels: &[(&str, &str)]) -> usize {
    beyond_where(actor, sponsor, levels, &[])
}

/// The same, where an export of users says who is a bot.
fn beyond_where(
    actor: &'static str,
    sponsor: &str,
    levels: &[(&str, &str)],
    bots: &[(&str, &str)],
) -> usize {
    let mut sample = Sample::default();
    for (user, bot) in bots {
        sample.says("gitlab-user", user, "bot", bot);
    }
    sample.job(7, 1, 5, 20).username = actor.to_owned();
    sample.pipeline(1, sponsor);
    for (user, level) in levels {
        sample.says("gitlab-member", user, "access.gitlab:project/7", level);
    }
    let world = World::default();
    subjects(
        &sample.join(&world).mismatches_ever(&world),
        "bot-beyond-sponsor",
    )
    .len()
}

#[test]
fn a_bot_above_its_sponsor_is_a_fact() {
    let bot = "project_7_bot_ab";
    let levels = [
        (BOT, "40"),
        ("gitlab:user/dev", "30"),
        ("gitlab:user/boss", "50"),
    ];
    assert_eq!(beyond(bot, "dev", &levels), 1);
    assert_eq!(beyond(bot, "boss", &levels), 0);
    assert_eq!(beyond(bot, bot, &levels), 0);
    assert_eq!(beyond("boss", "dev", &levels), 0);
    assert_eq!(beyond(bot, "dev", &levels[..1]), 0);
    assert_eq!(beyond(bot, "", &levels), 0);
}

/// Whoever chooses his name may call himself like a bot.
#[test]
fn a_sponsor_is_no_bot_by_his_name_alone() {
    let (bot, sponsor) = ("project_7_bot_ab", "project_7_bot_mine");
    let user = "gitlab:user/project_7_bot_mine";
    let levels = [(BOT, "40"), (user, "30")];
    assert_eq!(beyond(bot, sponsor, &levels), 1);
    for (said, found) in [("by name", 1), ("false", 1), ("true", 0)] {
        let found_where = beyond_where(bot, sponsor, &levels, &[(user, said)]);
        assert_eq!(found_where, found, "{said}");
    }
    // What the export calls a person is none, whatever the name.
    assert_eq!(
        beyond_where(
            bot,
            "dev",
            &[(BOT, "40"), ("gitlab:user/dev", "30")],
            &[(BOT, "false")]
        ),
        0
    );
}

#[test]
fn token_bots_are_known_by_name() {
    assert!(is_bot_name("project_12_bot_ab34") && is_bot_name("group_3_bot"));
    assert!(!is_bot_name("project_manager_bot") && !is_bot_name("alice"));
}
