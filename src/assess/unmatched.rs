//! What is said first of settings that nothing in the inputs matches: a few values of each key.
//!
//! An owner of every team is written down once, and a supplier of one team's logs leaves a thousand of
//! them without a match. All of them before everything else would hide it.

use std::collections::BTreeMap;

use crate::posture::Unmatched;

/// Values of one key that are said one by one.
const SHOWN: usize = 5;

/// Settings in words, in their order: of each key the first values, and how many more there are.
pub(super) fn in_short(unmatched: &[Unmatched]) -> Vec<String> {
    let mut by_key: BTreeMap<&str, Vec<&Unmatched>> = BTreeMap::new();
    for setting in unmatched {
        by_key.entry(setting.key).or_default().push(setting);
    }
    let mut said = Vec::new();
    for setting in unmatched {
        // With its first value a key says all that it has to say.
        let Some(values) = by_key.remove(setting.key) else {
            continue;
        };
        // One line for one value is no longer than the line for the rest.
        let shown = SHOWN + usize::from(values.len() == SHOWN + 1);
        said.extend(values.iter().take(shown).map(ToString::to_string));
        if let [first, .., last] = values.get(shown..).unwrap_or_default() {
            said.push(format!(
                "`{}` names {} more that nothing in the inputs matches, from `{}` to `{}`; \
                 `piperoll config check INPUT` says all of them",
                setting.key,
                values.len() - shown,
                first.value,
                last.value
            ));
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(key: &'static str, values: std::ops::Range<usize>) -> Vec<Unmatched> {
        let values = values.map(|number| Unmatched {
            key,
            value: format!("v{number:03}"),
            nearest: None,
            frequent: None,
            open: false,
        });
        values.collect()
    }

    #[test]
    fn a_key_of_many_values_leaves_room_for_the_others() {
        let mut all = named("bots", 0..1);
        all.extend(named("owner.prefix", 0..300));
        all.extend(named("people.admins", 0..6));
        let said = in_short(&all);
        assert_eq!(said.len(), 1 + 6 + 6, "{said:#?}");
        assert_eq!(
            said.get(6).map(String::as_str),
            Some(
                "`owner.prefix` names 295 more that nothing in the inputs matches, from `v005` to \
                 `v299`; `piperoll config check INPUT` says all of them"
            )
        );
        assert!(said[7..].iter().all(|text| text.contains("people.admins")));
        assert!(in_short(&[]).is_empty());
    }
}
