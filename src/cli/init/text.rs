//! The proposed configuration as TOML, with what stands behind each line.

use std::fmt::Write as _;

use super::proposal::{Proposal, key};
use crate::config::MountClass;

/// Heads of unowned paths that are listed.
const SHOWN: usize = 20;
/// One login of so many, or fewer, is no habit of a network.
const RARE: u64 = 50;

const HEAD: &str = "\
# Proposed by `piperoll init` from what the inputs hold. docs/configuration.md has every key.
#
# What `[proposed]` lists is not confirmed: nothing that rests on it passes, and what is found by it
# is called suspected. Look a setting through, mend it, and take its key out of the list.

";

/// Writes the file.
pub(super) fn write(proposal: &Proposal) -> String {
    let mut text = HEAD.to_owned();
    let keys: Vec<String> = proposal.keys().iter().map(|key| quoted(key)).collect();
    let _ = writeln!(text, "[proposed]\nkeys = [{}]\n", keys.join(", "));
    mounts(&mut text, proposal);
    owners(&mut text, proposal);
    others(&mut text, proposal);
    text
}

fn mounts(text: &mut String, proposal: &Proposal) {
    let _ = writeln!(text, "[vault]");
    for (class, who) in [
        (MountClass::Ci, "CI jobs log in here"),
        (MountClass::Workload, "services and machines log in here"),
        (MountClass::Human, "people log in here"),
    ] {
        let of = proposal.of_class(Some(class));
        let _ = writeln!(text, "# {who}:");
        for (name, mount) in &of {
            let roles = mount.roles.len();
            let (name, method) = (comment(name), comment(&mount.method));
            let _ = writeln!(
                text,
                "#   {name}: {method}, {} login(s), {roles} role(s)",
                mount.logins
            );
        }
        let names: Vec<String> = of.iter().map(|(name, _)| quoted(name)).collect();
        let off = if of.is_empty() { "# " } else { "" };
        let _ = writeln!(text, "{off}{} = [{}]", key(class), names.join(", "));
    }
    for (name, mount) in proposal.of_class(None) {
        let (name, method) = (comment(name), comment(&mount.method));
        let _ = writeln!(
            text,
            "# Whose is {name} ({method}, {} login(s))? Put it into one of the lists.",
            mount.logins
        );
    }
    text.push('\n');
}

fn owners(text: &mut String, proposal: &Proposal) {
    for (pattern, owned) in &proposal.owners {
        let names: Vec<&str> = owned.names.iter().map(String::as_str).take(5).collect();
        let more = owned.names.len() - names.len();
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        let names = comment(&names.join(", "));
        let _ = writeln!(text, "# {} path(s) of secrets: {names}{more}", owned.paths);
        let _ = writeln!(text, "[[owner]]\npattern = {}\n", quoted(pattern));
    }
    if proposal.unowned.is_empty() {
        return;
    }
    let _ = writeln!(text, "# Nobody is proposed as the owner of secrets below:");
    for (head, count) in proposal.unowned.iter().take(SHOWN) {
        let _ = writeln!(text, "#   {} ({count} path(s))", comment(head));
    }
    if proposal.unowned.len() > SHOWN {
        let _ = writeln!(text, "#   and {} more", proposal.unowned.len() - SHOWN);
    }
    let _ = writeln!(
        text,
        "# [[owner]]\n# prefix = \"secret/...\"\n# project = \"group/name\"\n"
    );
}

/// A network that next to nobody came from is told and left out of the line: whoever took the line as
/// it stands would call the one stranger at home.
fn networks(text: &mut String, proposal: &Proposal) {
    if !proposal.networks.is_empty() {
        let _ = writeln!(text, "# [network]");
    }
    for (key, networks) in &proposal.networks {
        let who = match *key {
            "runner_cidrs" => "CI jobs",
            _ => "Services and machines",
        };
        let all: u64 = networks.values().sum();
        let is_rare = |count: u64| count.saturating_mul(RARE) < all;
        let _ = writeln!(text, "# {who} logged in from:");
        for (network, count) in networks {
            let rare = if is_rare(*count) {
                "; left out below: whose is it?"
            } else {
                ""
            };
            let _ = writeln!(text, "#   {network}: {count} login(s){rare}");
        }
        let usual = networks.iter().filter(|(_, count)| !is_rare(**count));
        let usual: Vec<String> = usual.map(|(network, _)| quoted(network)).collect();
        let _ = writeln!(text, "# {key} = [{}]", usual.join(", "));
    }
    if !proposal.networks.is_empty() {
        text.push('\n');
    }
}

/// What would excuse somebody is never proposed as a setting: it stands as a comment.
fn others(text: &mut String, proposal: &Proposal) {
    networks(text, proposal);
    if !proposal.environments.is_empty() {
        let _ = writeln!(
            text,
            "# [environments]\n# Environments of jobs that are in no tier yet:"
        );
        for (name, count) in &proposal.environments {
            let _ = writeln!(text, "#   {} ({count} job(s))", comment(name));
        }
        let _ = writeln!(text, "# prod = [\"prod\", \"production\", \"live\"]\n");
    }
    let bots: Vec<String> = proposal.bots().iter().map(|bot| quoted(bot)).collect();
    let _ = writeln!(
        text,
        "# [people]\n# Who may administer Vault and GitLab, and who may break the glass:\n# admins = []\n# break_glass = []"
    );
    if !bots.is_empty() {
        let _ = writeln!(
            text,
            "# These look like no person:\n# bots = [{}]",
            comment(&bots.join(", "))
        );
    }
    let _ = writeln!(
        text,
        "\n# [people.aliases]\n# One person's names in several systems; users of GitLab that ran jobs:"
    );
    for (user, jobs) in proposal.users.iter().take(SHOWN) {
        let name = user.rsplit('/').next().unwrap_or(user);
        let line = format!("{} = [{}]  # {jobs} job(s)", quoted(name), quoted(user));
        let _ = writeln!(text, "# {}", comment(&line));
    }
    if proposal.users.len() > SHOWN {
        let _ = writeln!(text, "# and {} more", proposal.users.len() - SHOWN);
    }
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A text in a comment, which it must not end.
fn comment(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}
