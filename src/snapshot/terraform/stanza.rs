//! The stanzas of a policy that are literal, when parts of its text are left to Terraform.

use super::value::Piece;

/// The text without the stanzas that hold an unknown part; each is replaced by blanks, so that the
/// others keep their lines and columns.
pub(super) fn literal(pieces: &[Piece]) -> String {
    let mut reader = Reader::default();
    for piece in pieces {
        match piece {
            Piece::Known(text) => reader.known(text),
            Piece::Hole(_) => reader.hole(),
        }
    }
    reader.end();
    reader.kept
}

/// Whether an unknown part stands where code does, and not inside of a quoted text or a comment: what
/// the policy grants is then anybody's guess.
pub(super) fn is_open(pieces: &[Piece]) -> bool {
    let mut reader = Reader::default();
    for piece in pieces {
        match piece {
            Piece::Known(text) => reader.known(text),
            Piece::Hole(_) if reader.inside == Inside::Code => return true,
            Piece::Hole(_) => reader.hole(),
        }
    }
    false
}

/// What the reader is inside of.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Inside {
    #[default]
    Code,
    Text,
    LineComment,
    BlockComment,
}

#[derive(Default)]
struct Reader {
    kept: String,
    /// The stanza that is being read, with what stands before it.
    stanza: String,
    /// Whether anything but blanks and comments was read of it.
    begun: bool,
    holed: bool,
    depth: usize,
    inside: Inside,
}

impl Reader {
    fn known(&mut self, text: &str) {
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            self.stanza.push(character);
            let next = characters.peek().copied();
            match (self.inside, character) {
                (Inside::Text, '\\') => self.stanza.extend(characters.next()),
                (Inside::Text, '"') | (Inside::LineComment, '\n') => self.inside = Inside::Code,
                (Inside::BlockComment, '*') if next == Some('/') => {
                    self.stanza.extend(characters.next());
                    self.inside = Inside::Code;
                }
                (Inside::Code, '#') => self.inside = Inside::LineComment,
                (Inside::Code, '/') if next == Some('/') => self.inside = Inside::LineComment,
                (Inside::Code, '/') if next == Some('*') => self.inside = Inside::BlockComment,
                (Inside::Code, code) => self.code(code),
                _ => {}
            }
        }
    }

    fn code(&mut self, character: char) {
        self.begun |= !character.is_whitespace();
        match character {
            '"' => self.inside = Inside::Text,
            '{' => self.depth += 1,
            '}' => {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    self.end();
                }
            }
            _ => {}
        }
    }

    /// A part between stanzas brings its own; what it brings is not known either way.
    fn hole(&mut self) {
        let comment = matches!(self.inside, Inside::LineComment | Inside::BlockComment);
        self.holed |= self.begun && !comment;
    }

    fn end(&mut self) {
        let stanza = std::mem::take(&mut self.stanza);
        if self.holed || self.depth > 0 {
            let blank = |character: char| if character == '\n' { '\n' } else { ' ' };
            self.kept.extend(stanza.chars().map(blank));
        } else {
            self.kept.push_str(&stanza);
        }
        (self.begun, self.holed) = (false, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stanza_with_a_hole_becomes_blanks_and_the_others_keep_their_places() {
        let known = |text: &str| Piece::Known(text.to_owned());
        let hole = || Piece::Hole("var.x".to_owned());
        let pieces = [
            known("# for "),
            hole(),
            known("\npath \"a/*\" { capabilities = [\"read\"] }\npath \"b/"),
            hole(),
            known("/}\" {\n  capabilities = [\"sudo\"]\n}\n"),
            hole(),
            known("\npath \"c\" {\n # "),
            hole(),
            known(" }\n}\n"),
        ];
        let text = literal(&pieces);
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        assert_eq!(
            lines,
            [
                "# for",
                "path \"a/*\" { capabilities = [\"read\"] }",
                "",
                "",
                "",
                "",
                "path \"c\" {",
                " #  }",
                "}"
            ]
        );
    }
}
