//! Whose waivers count: a merge request does not approve itself.

use std::collections::BTreeSet;
use std::path::Path;

use super::LintArgs;
use crate::cli::settings::{self, Loaded};
use crate::finding::baseline;
use crate::lint::{AddedWaiver, Base, BaseError, Comments, configured as new, shown_configured};
use crate::report::lint::Added;
use crate::report::visible;

/// The commit to compare with, if one is named.
pub(super) fn base(args: &LintArgs, here: &Path) -> Result<Option<Base>, BaseError> {
    let reference = args.git_base.as_deref();
    reference.map(|name| Base::find(name, here)).transpose()
}

/// Which waivers in comments accept something.
pub(super) fn comments<'r>(args: &LintArgs, base: Option<&'r Base>) -> Comments<'r> {
    match base {
        _ if args.no_inline_waivers => Comments::Ignored,
        None => Comments::Honoured,
        Some(base) if args.refuse_added_waivers => Comments::OfBase(base),
        Some(base) => Comments::Compared(base),
    }
}

/// The waivers of the configuration that the base does not have; taken out of it where they are
/// refused. A configuration that is not below the directory of the command comes from elsewhere:
/// the change under review does not write it.
pub(super) fn configured(
    args: &LintArgs,
    here: &Path,
    base: Option<&Base>,
    loaded: &mut Loaded,
) -> Vec<AddedWaiver> {
    let (Some(base), Some(path)) = (base, &loaded.config) else {
        return Vec::new();
    };
    let Some(name) = below(here, path) else {
        return Vec::new();
    };
    // A base that has no such file, or a broken one, has no waiver: all of today's are added.
    let before = base
        .text(&name)
        .and_then(|text| settings::parse(&loaded.rules, &name, &text).ok())
        .map(|settings| settings.waivers)
        .unwrap_or_default();
    let new = new(&before, &loaded.settings.waivers);
    let waivers = &mut loaded.settings.waivers;
    let added = new.iter().filter_map(|at| waivers.get(*at));
    let added = added.map(shown_configured).collect();
    if args.refuse_added_waivers {
        let mut position = 0;
        waivers.retain(|_| {
            position += 1;
            !new.contains(&(position - 1))
        });
    }
    added
}

/// What the change makes of the rest of the configuration: a rule that it switches off or calls milder,
/// somebody whom it makes an administrator, a session that it lets last longer is accepted as much as by
/// a waiver. Where added waivers are refused, the configuration of the base holds.
pub(super) fn settings(
    args: &LintArgs,
    here: &Path,
    base: Option<&Base>,
    loaded: &mut Loaded,
) -> Option<String> {
    let base = base?;
    let name = match &loaded.config {
        Some(path) => below(here, path)?,
        None => settings::IMPLIED.to_owned(),
    };
    let before = base.text(&name).unwrap_or_default();
    let tables = altered(&before, &loaded.settings.text);
    if tables.is_empty() {
        return None;
    }
    let refused = if args.refuse_added_waivers {
        let parse = |text| settings::parse(&loaded.rules, &name, text).ok();
        let held = parse(before.as_str()).or_else(|| parse(""))?;
        let waivers = std::mem::take(&mut loaded.settings.waivers);
        loaded.settings = held;
        loaded.settings.waivers = waivers;
        "; the configuration of the base holds (--refuse-added-waivers)"
    } else {
        ""
    };
    let tables = tables.join("], [");
    Some(format!("{name}: this change alters [{tables}]{refused}"))
}

/// The tables of two configurations that differ, waivers left out; what cannot be parsed has none.
fn altered(before: &str, now: &str) -> Vec<String> {
    let parse = |text: &str| text.parse::<toml::Table>().unwrap_or_default();
    let (before, now) = (parse(before), parse(now));
    let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    let names = names.into_iter().filter(|name| *name != "waiver");
    let differing = names.filter(|name| before.get(*name) != now.get(*name));
    differing.map(|name| visible(name).into_owned()).collect()
}

/// What the baseline knows that counts, and a note about what the change adds to it: a baseline in the
/// repository accepts as much as a waiver does.
pub(super) fn baseline(
    args: &LintArgs,
    here: &Path,
    base: Option<&Base>,
    known: BTreeSet<String>,
) -> (BTreeSet<String>, Option<String>) {
    let (Some(base), Some(path)) = (base, &args.baseline) else {
        return (known, None);
    };
    let Some(name) = below(here, path) else {
        return (known, None);
    };
    let before = base.text(&name).map(|text| baseline::parse(&text));
    let before = before.and_then(Result::ok).unwrap_or_default();
    let (old, new): (BTreeSet<String>, BTreeSet<String>) =
        known.into_iter().partition(|id| before.contains(id));
    let count = new.len();
    let said =
        |what: &str| format!("{name}: this change adds {count} finding(s) to the baseline{what}");
    match (count, args.refuse_added_waivers) {
        (0, _) => (old, None),
        (_, true) => (old, Some(said("; they are open (--refuse-added-waivers)"))),
        (_, false) => (old.into_iter().chain(new).collect(), Some(said(""))),
    }
}

/// A file as seen from `here`; none where it lies elsewhere.
pub(super) fn below(here: &Path, path: &Path) -> Option<String> {
    let whole = path.canonicalize().ok()?;
    let name = whole.strip_prefix(here.canonicalize().ok()?).ok()?;
    Some(name.to_string_lossy().into_owned())
}

/// As the formats borrow them.
pub(super) fn shown(added: &[AddedWaiver]) -> Vec<Added<'_>> {
    let shown = added.iter().map(|waiver| Added {
        file: &waiver.file,
        line: waiver.line,
        rule: &waiver.rule,
        owner: &waiver.owner,
        reason: &waiver.reason,
        expires: waiver.expires,
    });
    shown.collect()
}
