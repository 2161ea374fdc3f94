//! `[rules]`: which rules are asked, how bad their findings are called, and which are switched off.
//!
//! A rule that is left out was not assessed: it never makes a control look better.

use toml::de::DeValue;

use super::problem::{Problem, nearest};
use super::reading::Fields;
use crate::model::Severity;

/// A rule, or the rules whose ids begin so, as somebody named them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// An id (`VLT-POL-001`) or the beginning of ids (`VLT-`), in upper case.
    pub name: String,
    /// Where it stands: of a flag the words of the command line.
    place: Problem,
}

impl Named {
    /// As a flag names it.
    #[must_use]
    pub fn by_flag(flag: &str, name: &str) -> Named {
        let place = Problem {
            file: format!("{flag} {name}"),
            line: 0,
            column: 0,
            message: String::new(),
            help: String::new(),
        };
        let name = name.trim().to_ascii_uppercase();
        Named { name, place }
    }

    fn means(&self, id: &str) -> bool {
        id.starts_with(&self.name)
    }

    fn stands(&self) -> String {
        let Problem { file, line, .. } = &self.place;
        // Where the file lies on this machine is no part of the answer.
        match line {
            0 => file.clone(),
            line => format!("{}:{line}", file.rsplit(['/', '\\']).next().unwrap_or(file)),
        }
    }
}

/// What was chosen of the rules.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct RuleChoice {
    /// The rules that are asked; all of them where none is named.
    pub select: Vec<Named>,
    /// Rules that are not asked.
    pub ignore: Vec<Named>,
    /// Rules whose findings are called otherwise than they say themselves.
    pub severity: Vec<(Named, Severity)>,
    /// Rules that are switched off, with the reason.
    pub disabled: Vec<(Named, String)>,
}

impl RuleChoice {
    /// Why a rule is not asked; none where it is.
    #[must_use]
    pub fn left_out(&self, id: &str) -> Option<String> {
        let mut disabled = self.disabled.iter();
        if let Some((named, reason)) = disabled.find(|(named, _)| named.means(id)) {
            return Some(format!("disabled ({}): {reason}", named.stands()));
        }
        if let Some(named) = self.ignore.iter().find(|named| named.means(id)) {
            return Some(format!("ignored ({})", named.stands()));
        }
        let selected = self.select.is_empty() || self.select.iter().any(|named| named.means(id));
        (!selected).then(|| "not selected".to_owned())
    }

    /// What the findings of a rule are called instead; of several names the longest decides.
    #[must_use]
    pub fn severity(&self, id: &str) -> Option<Severity> {
        let named = self.severity.iter().filter(|(named, _)| named.means(id));
        let longest = named.max_by_key(|(named, _)| named.name.len());
        longest.map(|(_, severity)| *severity)
    }

    /// Names that no rule has.
    #[must_use]
    pub fn unknown(&self, ids: &[&str]) -> Vec<Problem> {
        let severities = self.severity.iter().map(|(named, _)| named);
        let disabled = self.disabled.iter().map(|(named, _)| named);
        let all = self.select.iter().chain(&self.ignore);
        let all = all.chain(severities).chain(disabled);
        let is_known =
            |named: &Named| !named.name.is_empty() && ids.iter().any(|id| named.means(id));
        let unknown = all.filter(|named| !is_known(named));
        let told = unknown.map(|named| Problem {
            message: format!("there is no rule `{}`", named.name),
            help: meant(&named.name, ids),
            ..named.place.clone()
        });
        told.collect()
    }

    /// Everything that was chosen, by its dotted key.
    #[must_use]
    pub fn resolved(&self) -> Vec<(String, String)> {
        let names = |list: &[Named]| {
            let names: Vec<&str> = list.iter().map(|named| named.name.as_str()).collect();
            names.join(" ")
        };
        let mut all = Vec::new();
        for (key, list) in [("select", &self.select), ("ignore", &self.ignore)] {
            if !list.is_empty() {
                all.push((format!("rules.{key}"), names(list)));
            }
        }
        for (named, severity) in &self.severity {
            all.push((
                format!("rules.severity.{}", named.name),
                severity.to_string(),
            ));
        }
        for (named, reason) in &self.disabled {
            all.push((format!("rules.disabled.{}", named.name), reason.clone()));
        }
        all
    }
}

/// What somebody may have meant who named a rule that is none.
#[must_use]
pub fn meant(name: &str, ids: &[&str]) -> String {
    let wanted = name.to_ascii_uppercase();
    let lower: Vec<String> = ids.iter().map(|id| id.to_ascii_lowercase()).collect();
    let near = nearest(&wanted, lower.iter().map(String::as_str));
    let likely = ids.iter().max_by(|a, b| {
        let likeness = |id: &str| strsim::jaro_winkler(id, &wanted);
        likeness(a).total_cmp(&likeness(b)).then_with(|| b.cmp(a))
    });
    let near = near.map(str::to_ascii_uppercase);
    let near = near.or(likely.map(|id| (*id).to_owned()));
    format!(
        "did you mean `{}`? `piperoll rules list` lists them",
        near.unwrap_or_default()
    )
}

/// Reads `[rules]`.
pub(super) fn read(mut fields: Fields<'_>) -> RuleChoice {
    let mut choice = RuleChoice {
        select: names(&mut fields, "select"),
        ignore: names(&mut fields, "ignore"),
        ..RuleChoice::default()
    };
    for (entry, table) in [(true, "severity"), (false, "disabled")] {
        let Some(inner) = fields.table(table) else {
            continue;
        };
        let document = inner.document;
        for found in inner.open() {
            let named = Named {
                name: found.key.trim().to_ascii_uppercase(),
                place: document.place(&found.key_span),
            };
            let text = match found.value.get_ref() {
                DeValue::String(text) => text.trim(),
                _ => "",
            };
            let span = found.value.span();
            if entry {
                match text.parse() {
                    Ok(severity) => choice.severity.push((named, severity)),
                    Err(_) => document.complain(
                        &span,
                        format!("`{}` is no severity", found.dotted),
                        "write one of \"crit\", \"high\", \"med\", \"low\", \"info\"",
                    ),
                }
            } else if text.is_empty() {
                let help = "write why the rule is switched off, as a string";
                document.complain(&span, format!("`{}` gives no reason", found.dotted), help);
            } else {
                choice.disabled.push((named, text.to_owned()));
            }
        }
    }
    fields.finish();
    choice
}

fn names(fields: &mut Fields<'_>, key: &'static str) -> Vec<Named> {
    let texts = fields.strings(key).unwrap_or_default();
    let named = texts.into_iter().map(|(name, span)| Named {
        name: name.trim().to_ascii_uppercase(),
        place: fields.document.place(&span),
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    const IDS: [&str; 4] = ["JOI-003", "VLT-POL-001", "VLT-POL-013", "VLT-ROL-010"];

    fn choice(text: &str) -> RuleChoice {
        Settings::parse("piperoll.toml", text, &[]).unwrap().rules
    }

    #[test]
    fn ids_and_beginnings_choose_and_what_is_left_out_says_why() {
        let chosen = choice(
            "[rules]\nselect = [\"vlt-\"]\nignore = [\"VLT-ROL-010\"]\n[rules.disabled]\n\"VLT-POL-013\" = \"see the wiki\"\n",
        );
        assert_eq!(chosen.left_out("VLT-POL-001"), None);
        let why = |id| chosen.left_out(id).unwrap();
        assert_eq!(why("JOI-003"), "not selected");
        assert_eq!(why("VLT-ROL-010"), "ignored (piperoll.toml:3)");
        assert_eq!(
            why("VLT-POL-013"),
            "disabled (piperoll.toml:5): see the wiki"
        );
        assert!(chosen.unknown(&IDS).is_empty());
    }

    #[test]
    fn the_longest_name_decides_the_severity() {
        let chosen = choice("[rules.severity]\n\"VLT-\" = \"low\"\n\"VLT-POL-001\" = \"crit\"\n");
        assert_eq!(chosen.severity("VLT-POL-001"), Some(Severity::Crit));
        assert_eq!(chosen.severity("VLT-POL-013"), Some(Severity::Low));
        assert_eq!(chosen.severity("JOI-003"), None);
    }

    #[test]
    fn a_name_that_no_rule_has_is_told_with_its_place_and_the_nearest() {
        let chosen = choice("[rules]\nselect = [\"VLT-POL-01\"]\nignore = [\"VLT-PLO-013\"]\n");
        let told: Vec<String> = chosen
            .unknown(&IDS)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            told.len(),
            1,
            "VLT-POL-01 is the beginning of VLT-POL-013: {told:?}"
        );
        assert!(told[0].starts_with("piperoll.toml:3:11: there is no rule `VLT-PLO-013`"));
        assert!(told[0].contains("did you mean `VLT-POL-013`?"), "{told:?}");
    }

    #[test]
    fn a_rule_is_not_disabled_without_a_reason_nor_called_what_is_no_severity() {
        for text in [
            "[rules.disabled]\n\"JOI-003\" = \" \"\n",
            "[rules.disabled]\n\"JOI-003\" = true\n",
            "[rules.severity]\n\"JOI-003\" = \"urgent\"\n",
        ] {
            assert!(Settings::parse("f", text, &[]).is_err(), "{text}");
        }
    }
}
