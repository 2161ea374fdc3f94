//! Any text is read without a panic, and every span lies within it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use piperoll::policy::{Acl, AclContext, Dialect, Operation, Request, parse};

fuzz_target!(|text: &str| {
    for dialect in [Dialect::Vault, Dialect::OpenBao] {
        let (policy, errors) = parse(text, dialect);
        for error in &errors {
            assert!(text.get(error.span.start..error.span.end).is_some(), "{error:?}");
        }
        for stanza in &policy.stanzas {
            assert!(text.get(stanza.span.start..stanza.span.end).is_some());
        }
        let acl = Acl::new(&[("p", &policy)], AclContext { dialect, ..AclContext::default() });
        for stanza in &policy.stanzas {
            let _ = acl.decide(&Request::new(Operation::List, &stanza.path));
        }
    }
});
