//! The engine and the naive evaluator of the tests agree.

#![no_main]

#[path = "../../tests/it/policy/generate.rs"]
mod generate;
#[path = "../../tests/it/policy/naive.rs"]
mod naive;

use libfuzzer_sys::fuzz_target;
use piperoll::policy::{Acl, AclContext, Policy, Request, parse};

fuzz_target!(|bytes: &[u8]| {
    let case = generate::case(bytes);
    let read = |(name, text): (String, String)| (name, parse(&text, case.dialect).0);
    let parsed: Vec<(String, Policy)> = case.texts().into_iter().map(read).collect();
    let held: Vec<(&str, &Policy)> = parsed.iter().map(|(n, p)| (n.as_str(), p)).collect();
    let (dialect, namespace) = (case.dialect, case.namespace);
    let acl = Acl::new(&held, AclContext { dialect, namespace, ..AclContext::default() });
    for asked in &case.requests {
        let request = Request {
            operation: asked.operation,
            path: &asked.path,
            parameters: asked.parameters.as_ref(),
            wrap_ttl: asked.wrap_ttl,
        };
        let decision = acl.decide(&request);
        let ours = (decision.allowed, decision.granting().map(str::to_owned).collect());
        assert_eq!(ours, naive::decide(&held, namespace, dialect, &request), "{asked:?}");
    }
});
