//! Whose waivers count: a merge request does not approve itself.

use std::collections::BTreeSet;
use std::path::Path;

use super::LintArgs;
use crate::cli::settings::{self, Loaded};
use crate::finding::baseline;
use crate::lint::{AddedWaiver, Base, BaseError, Comments, configured as new, shown_configured};
use crate::report::lint::Added;

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

/// What the change makes of `[rules]`: a rule that it switches off, or calls milder, is accepted as
/// much as by a waiver. Where added waivers are refused, the choice of the base holds.
pub(super) fn rules(
    args: &LintArgs,
    here: &Path,
    base: Option<&Base>,
    loaded: &mut Loaded,
) -> Option<String> {
    let (base, path) = (base?, loaded.config.as_ref()?);
    let name = below(here, path)?;
    let before = base.text(&name);
    let before = before.and_then(|text| settings::parse(&loaded.rules, &name, &text).ok());
    let before = before.map(|settings| settings.rules).unwrap_or_default();
    if before.resolved() == loaded.settings.rules.resolved() {
        return None;
    }
    let refused = if args.refuse_added_waivers {
        loaded.settings.rules = before;
        "; the choice of the base holds (--refuse-added-waivers)"
    } else {
        ""
    };
    Some(format!(
        "{name}: this change chooses other rules or severities ([rules]){refused}"
    ))
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
