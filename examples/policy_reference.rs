//! Holds the policy engine against the naive evaluator of the tests on a million random decisions.
//!
//! `cargo run --release --example policy_reference [PAIRS] [SEED]`

#[path = "../tests/it/policy/generate.rs"]
mod generate;
#[path = "../tests/it/policy/naive.rs"]
mod naive;

use std::io::Write;
use std::process::ExitCode;

use piperoll::policy::{Acl, AclContext, Policy, Request, parse};

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let wanted = args
        .next()
        .and_then(|text| text.parse().ok())
        .unwrap_or(1_000_000_u64);
    let mut state = args
        .next()
        .and_then(|text| text.parse().ok())
        .unwrap_or(1_u64)
        .max(1);
    // xorshift64*, so that a seed names the same cases everywhere.
    let mut byte = || {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        (state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 56) as u8
    };
    let (mut pairs, mut allowed, mut wrong) = (0_u64, 0_u64, 0_u64);
    let mut out = std::io::stdout();
    while pairs < wanted {
        let bytes: Vec<u8> = (0..320).map(|_| byte()).collect();
        let case = generate::case(&bytes);
        let read = |(name, text): (String, String)| (name, parse(&text, case.dialect).0);
        let parsed: Vec<(String, Policy)> = case.texts().into_iter().map(read).collect();
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
            let ours = (
                decision.allowed,
                decision.granting().map(str::to_owned).collect(),
            );
            let naive = naive::decide(&held, case.namespace, case.dialect, &request);
            pairs += 1;
            allowed += u64::from(naive.0);
            if ours != naive {
                wrong += 1;
                let _ = writeln!(out, "{asked:?}\n{:?}\n{ours:?} {naive:?}", case.texts());
            }
        }
    }
    let _ = writeln!(
        out,
        "{pairs} decisions, {allowed} allowed, {wrong} disagreements"
    );
    if wrong == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
