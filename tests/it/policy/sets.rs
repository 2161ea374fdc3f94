//! Subsumption, comparison and breadth, held against brute force and against each other.

use std::collections::BTreeSet;

use piperoll::policy::{
    Acl, AclContext, BreadthInput, Capability, DEFAULT_CAP, Dialect, Mount, MountKind, Operation,
    Policy, Request, Subsumption, Universe, breadth, cells, compare, parse, subsumes,
};
use proptest::prelude::*;

use super::generate::{self, Case};

fn acl(texts: &[(String, String)], dialect: Dialect) -> Acl {
    let parsed: Vec<(String, Policy)> = texts
        .iter()
        .map(|(name, text)| (name.clone(), parse(text, dialect).0))
        .collect();
    let held: Vec<(&str, &Policy)> = parsed.iter().map(|(n, p)| (n.as_str(), p)).collect();
    Acl::new(
        &held,
        AclContext {
            dialect,
            ..AclContext::default()
        },
    )
}

/// Stanzas without conditions on parameters or wrapping, so that subsumption is decided.
fn plain(case: &Case) -> Vec<(String, String)> {
    let text = |stanza: &generate::StanzaText| {
        let first = stanza.attributes.first().cloned().unwrap_or_default();
        format!("path {:?} {{ {first} }}\n", stanza.path)
    };
    let texts = case.policies.iter().map(|(name, stanzas)| {
        (
            name.clone(),
            format!("#\n{}", stanzas.iter().map(text).collect::<String>()),
        )
    });
    texts.collect()
}

/// Every path of up to four segments over the generator's alphabet.
fn paths() -> Vec<String> {
    let alphabet = ["s", "a", "ab", "abc", "zz", "", "*", "+a"];
    let mut all: Vec<String> = alphabet.iter().map(|s| (*s).to_owned()).collect();
    let mut last = all.clone();
    for _ in 0..3 {
        last = last
            .iter()
            .flat_map(|p| alphabet.iter().map(move |s| format!("{p}/{s}")))
            .collect();
        all.extend(last.iter().cloned());
    }
    all.retain(|path| !path.starts_with('/'));
    all
}

/// The capabilities on a path, by asking for each.
fn held(acl: &Acl, path: &str) -> Vec<Capability> {
    let views = [(Capability::Sudo, false), (Capability::Sudo, true)];
    let operations = Operation::GRANTABLE.iter().filter_map(|o| {
        Some((
            o.capability(acl.dialect())?,
            matches!(o, Operation::List | Operation::Scan),
        ))
    });
    operations
        .chain(views)
        .filter(|(capability, list)| acl.grants(path, *list).capabilities.has(*capability))
        .map(|(capability, _)| capability)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn subsumption_agrees_with_brute_force(
        one in prop::collection::vec(any::<u8>(), 20..120),
        two in prop::collection::vec(any::<u8>(), 20..120),
        same in any::<bool>(),
    ) {
        let (one, two) = (generate::case(&one), generate::case(&two));
        let dialect = one.dialect;
        let inner_texts = plain(&one);
        // Half of the time the outer set is the inner one and more, so that both answers come up.
        let mut outer_texts = plain(&two);
        if same {
            let text = |t: &[(String, String)]| t.iter().map(|(_, t)| t.as_str()).collect::<String>();
            outer_texts = vec![("p".to_owned(), text(&inner_texts) + &text(&outer_texts))];
        }
        let strip = |texts: &mut Vec<(String, String)>| for (_, text) in texts {
            *text = text.replace("\"scan\"", "\"read\"").replace("\"recover\"", "\"read\"");
        };
        let mut inner_texts = inner_texts;
        strip(&mut inner_texts);
        strip(&mut outer_texts);
        let (inner, outer) = (acl(&inner_texts, dialect), acl(&outer_texts, dialect));
        let witness = paths().into_iter().find(|path| {
            let outside = held(&outer, path);
            held(&inner, path).iter().any(|capability| !outside.contains(capability))
        });
        match subsumes(&outer, &inner, DEFAULT_CAP) {
            Subsumption::Yes => prop_assert_eq!(witness, None),
            Subsumption::No(found) => {
                let outside = outer.grants(&found.path, false).capabilities;
                let listed = outer.grants(&found.path, true).capabilities;
                prop_assert!(!outside.has(found.capability) || !listed.has(found.capability));
                prop_assert!(held(&inner, &found.path).contains(&found.capability));
            }
            Subsumption::Unknown(why) => prop_assert!(false, "{}", why),
        }
    }

    #[test]
    fn cells_tell_apart_whatever_a_path_can_match(
        bytes in prop::collection::vec(any::<u8>(), 20..160),
    ) {
        let case = generate::case(&bytes);
        let acl = acl(&case.texts(), case.dialect);
        let patterns = acl.patterns();
        let kind = |path: &str| -> (Vec<bool>, Option<Vec<bool>>) {
            let of = |path: &str| patterns.iter().map(|pattern| pattern.matches(path)).collect();
            (of(path), path.strip_suffix('/').map(of))
        };
        let found = cells(&patterns, DEFAULT_CAP);
        prop_assert!(found.complete);
        let kinds: BTreeSet<_> = found.witnesses.iter().map(|path| kind(path)).collect();
        for path in paths() {
            // Where nothing but open patterns match, a trailing slash tells nothing new.
            let (matched, listed) = kind(&path);
            let known = kinds.contains(&(matched.clone(), listed.clone()))
                || (listed.as_ref() == Some(&matched) && kinds.contains(&(matched, None)));
            prop_assert!(known, "{:?} {:?}", path, patterns);
        }
    }

    #[test]
    fn decisions_ignore_formatting_order_and_how_stanzas_are_split(
        bytes in prop::collection::vec(any::<u8>(), 20..300),
    ) {
        let case = generate::case(&bytes);
        let texts = case.texts();
        let mut loose = texts.clone();
        for (_, text) in &mut loose {
            *text = format!("// first\r\n{}", text.replace('\n', " \r\n\t").replace("= [", "=[ "));
        }
        let reversed: Vec<(String, String)> = case.policies.iter().rev().map(|(name, stanzas)| {
            let text: String = stanzas.iter().rev().map(generate::StanzaText::hcl).collect();
            (name.clone(), text)
        }).collect();
        let split: Vec<(String, String)> = case.policies.iter().flat_map(|(name, stanzas)| {
            let each = stanzas.iter().enumerate();
            each.map(move |(index, stanza)| (format!("{name}-{index}"), stanza.hcl()))
        }).collect();
        let base = acl(&texts, case.dialect);
        let variants = [&loose, &reversed, &split].map(|texts| acl(texts, case.dialect));
        for asked in &case.requests {
            let request = Request {
                operation: asked.operation,
                path: &asked.path,
                parameters: asked.parameters.as_ref(),
                wrap_ttl: asked.wrap_ttl,
            };
            let wanted = base.decide(&request);
            for variant in &variants {
                let got = variant.decide(&request);
                prop_assert_eq!(got.allowed, wanted.allowed);
                prop_assert_eq!(got.rule(), wanted.rule());
            }
        }
    }

    #[test]
    fn comparison_is_empty_exactly_where_sets_subsume_each_other(
        one in prop::collection::vec(any::<u8>(), 20..120),
        two in prop::collection::vec(any::<u8>(), 20..120),
    ) {
        let (one, two) = (generate::case(&one), generate::case(&two));
        let (a, b) = (acl(&plain(&one), one.dialect), acl(&plain(&two), one.dialect));
        let equal = subsumes(&a, &b, DEFAULT_CAP) == Subsumption::Yes
            && subsumes(&b, &a, DEFAULT_CAP) == Subsumption::Yes;
        let comparison = compare(&a, &b, DEFAULT_CAP);
        prop_assert!(comparison.complete);
        prop_assert_eq!(comparison.changes.is_empty(), equal);
        prop_assert!(compare(&a, &a, DEFAULT_CAP).changes.is_empty());
        for change in &comparison.changes {
            for capability in change.gained.iter() {
                prop_assert!(held(&b, &change.path).contains(&capability));
            }
        }
    }

    #[test]
    fn the_granted_weight_grows_with_what_is_allowed(
        one in prop::collection::vec(any::<u8>(), 20..120),
        two in prop::collection::vec(any::<u8>(), 20..120),
    ) {
        let (one, two) = (generate::case(&one), generate::case(&two));
        let (a, b) = (acl(&plain(&one), one.dialect), acl(&plain(&two), one.dialect));
        let input = BreadthInput {
            mounts: vec![Mount { path: "s/".to_owned(), kind: MountKind::Kv1 }],
            listed: ["s/a", "s/ab/x", "s/foo/a", "s/team-1/b"].map(str::to_owned).to_vec(),
            ..BreadthInput::default()
        };
        let universe = Universe::new(&input, one.dialect);
        let measure = |acl: &Acl| breadth(acl, &universe, &input, DEFAULT_CAP);
        let root = Acl::new(&[("root", &Policy::default())], AclContext {
            dialect: one.dialect,
            ..AclContext::default()
        });
        let (of_a, of_b, most) = (measure(&a), measure(&b), measure(&root));
        if subsumes(&b, &a, DEFAULT_CAP) == Subsumption::Yes {
            prop_assert!(of_a.granted_weight <= of_b.granted_weight);
        }
        prop_assert!(of_a.granted_weight <= most.granted_weight && of_a.score <= most.score);
    }
}
