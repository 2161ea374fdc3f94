//! What reaches standard error: text that acts on no terminal.
//!
//! Messages quote file names, configuration, rules and logs, and a CI job shows them on a terminal.
//! Whatever a message is made of, hidden characters leave this process as visible tokens.

use std::io::{self, IsTerminal as _, Write};

use crate::report::visible;

/// Whether standard output is coloured: `NO_COLOR` says no, `CLICOLOR_FORCE` says yes, and where
/// neither speaks a terminal is and nothing else.
pub(super) fn coloured() -> bool {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    if set("NO_COLOR").is_some() {
        return false;
    }
    set("CLICOLOR_FORCE").is_some_and(|value| value != "0") || io::stdout().is_terminal()
}

/// Passes text on with every hidden character but line ends and tabs shown as a token.
pub(super) struct Shown<'w>(pub(super) &'w mut dyn Write);

impl Write for Shown<'_> {
    /// A piece of a message. Pieces come from `write!`, so each is whole text; a piece that is not is
    /// shown with its broken bytes replaced.
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(piece);
        let mut line_start = 0;
        for (at, end) in text.match_indices(['\n', '\t']) {
            self.part(text.get(line_start..at).unwrap_or_default())?;
            self.0.write_all(end.as_bytes())?;
            line_start = at + end.len();
        }
        self.part(text.get(line_start..).unwrap_or_default())?;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Shown<'_> {
    fn part(&mut self, text: &str) -> io::Result<()> {
        self.0.write_all(visible(text).as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_tabs_stay_and_what_acts_is_shown() {
        let mut out = Vec::new();
        let said = "a\u{1b}[2J\u{9b}1m\u{7f}\n\tb\u{202e}c\u{200b}";
        writeln!(Shown(&mut out), "error: {said}").unwrap();
        let out = String::from_utf8(out).unwrap();
        assert_eq!(
            out,
            "error: a⟨U+001B⟩[2J⟨U+009B⟩1m⟨U+007F⟩\n\tb⟨U+202E⟩c⟨U+200B⟩\n"
        );
    }
}
