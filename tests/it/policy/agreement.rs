//! The engine and the naive evaluator agree on random policies and requests.

use piperoll::policy::{Acl, AclContext, Policy, Request, parse};
use proptest::prelude::*;

use super::{generate, naive};

/// 1,250 cases of eight requests each: ten thousand pairs.
const CASES: u32 = 1_250;

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, ..ProptestConfig::default() })]

    #[test]
    fn engine_and_naive_evaluator_agree(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let case = generate::case(&bytes);
        let mut parsed: Vec<(String, Policy)> = Vec::new();
        for (name, text) in case.texts() {
            let (policy, errors) = parse(&text, case.dialect);
            prop_assert_eq!(errors, vec![], "{}", text);
            parsed.push((name, policy));
        }
        let held: Vec<(&str, &Policy)> = parsed.iter().map(|(n, p)| (n.as_str(), p)).collect();
        let context = AclContext {
            dialect: case.dialect,
            namespace: case.namespace,
            ..AclContext::default()
        };
        let acl = Acl::new(&held, context);
        for asked in &case.requests {
            let request = Request {
                operation: asked.operation,
                path: &asked.path,
                parameters: asked.parameters.as_ref(),
                wrap_ttl: asked.wrap_ttl,
            };
            let decision = acl.decide(&request);
            let ours = (decision.allowed, decision.granting().map(str::to_owned).collect());
            let naive = naive::decide(&held, case.namespace, case.dialect, &request);
            prop_assert_eq!(ours, naive, "{:?} {:?} {:?}", asked, decision.rule(), case.texts());
        }
    }
}
