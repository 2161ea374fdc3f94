//! Any text is read without a panic, with every place inside it.

use super::cli;
use piperoll::policy::{Dialect, SourceFile, parse};
use proptest::prelude::*;

/// What policies are made of, whole and broken.
const FRAGMENTS: [&str; 44] = [
    "path",
    "\"s/a\"",
    "\"s/+/b*\"",
    "{",
    "}",
    "[",
    "]",
    ",",
    "=",
    "capabilities",
    "\"read\"",
    "\"deny\"",
    "\"",
    "\\",
    "\n",
    "\r\n",
    " ",
    "#",
    "//",
    "/*",
    "*/",
    "<<EOT\n",
    "<<-E\n",
    "EOT\n",
    "policy",
    "\"write\"",
    "allowed_parameters",
    "k",
    "1",
    "0x",
    "1.5e",
    "-",
    "+",
    "true",
    "null",
    ":",
    "{{",
    "}}",
    "${",
    "\"\\u00e9\"",
    "é",
    "\u{0}",
    "\u{feff}",
    "expiration",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn a_text_of_fragments_is_read(
        picks in prop::collection::vec(0..FRAGMENTS.len(), 0..60),
        json in any::<bool>(),
        vault in any::<bool>(),
    ) {
        let mut text: String = if json { "{".to_owned() } else { String::new() };
        text.extend(picks.iter().map(|pick| FRAGMENTS[*pick]));
        let dialect = if vault { Dialect::Vault } else { Dialect::OpenBao };
        let (policy, errors) = parse(&text, dialect);
        let lines = SourceFile::new(&text);
        for error in &errors {
            prop_assert!(text.get(error.span.start..error.span.end).is_some(), "{:?}", error);
            prop_assert_eq!(error.position, lines.position(error.span.start));
            prop_assert!(!error.help.is_empty() && !error.message.is_empty());
        }
        for stanza in &policy.stanzas {
            prop_assert!(text.get(stanza.span.start..stanza.span.end).is_some());
            prop_assert!(text.get(stanza.path_span.start..stanza.path_span.end).is_some());
        }
    }

    #[test]
    fn any_fault_is_shown(picks in prop::collection::vec(0..FRAGMENTS.len(), 0..30)) {
        let text: String = picks.iter().map(|pick| FRAGMENTS[*pick]).collect();
        let dir = cli::estate(&[("p.hcl", &text)]);
        let file = dir.path().join("p.hcl").display().to_string();
        let (code, stdout, stderr) = cli::policy(&["decide", "--policies", &file]);
        let errors = parse(&text, Dialect::Vault).1;
        prop_assert_eq!(code, if errors.is_empty() { 0 } else { 2 });
        prop_assert_eq!(stdout, "");
        for error in errors {
            let place = format!("p.hcl:{}:{}", error.position.line, error.position.column);
            prop_assert!(stderr.contains(&place), "{} not in {}", place, stderr);
            let null = stderr.contains('\0');
            prop_assert!(!null);
        }
    }

    #[test]
    fn any_string_is_read(text in any::<String>()) {
        let _ = parse(&text, Dialect::Vault);
        let _ = parse(&format!("path \"{text}\" {{ }}"), Dialect::OpenBao);
        let _ = parse(&format!("{{\"path\": {{ \"{text}\""), Dialect::OpenBao);
    }
}
