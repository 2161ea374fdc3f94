//! A line that is being typed, and what each key does to it.

use console::Key;
use unicode_width::UnicodeWidthChar as _;

use crate::report::visible;

/// What came of a key.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pressed {
    /// The line is not at its end.
    Going,
    /// The line as it was entered.
    Entered(String),
    /// The line, and what was to follow it, is dropped.
    Dropped,
    /// Nothing more will be typed.
    Ended,
}

/// A line with its cursor.
#[derive(Debug, Default)]
pub(super) struct Line {
    text: Vec<char>,
    /// How many characters stand before the cursor.
    at: usize,
    /// How many lines back the shown one was typed; 0 is the new one.
    back: usize,
    /// The new line, while an older one is shown.
    kept: Vec<char>,
}

impl Line {
    /// Does what a key asks for; `typed` are the lines before, the oldest first.
    pub(super) fn press(&mut self, key: &Key, typed: &[String]) -> Pressed {
        match key {
            Key::Enter => return Pressed::Entered(std::mem::take(self).text.into_iter().collect()),
            Key::CtrlC => {
                *self = Line::default();
                return Pressed::Dropped;
            }
            // Ctrl-D ends where nothing is typed, and takes the next character elsewhere.
            Key::Char('\u{4}') if self.text.is_empty() => return Pressed::Ended,
            Key::Char('\u{4}') | Key::Del => self.take(self.at..self.at + 1),
            Key::Backspace => self.take(self.at.saturating_sub(1)..self.at),
            Key::Char('\u{15}') => self.take(0..self.at),
            Key::Char('\u{b}') => self.take(self.at..self.text.len()),
            Key::Char('\u{17}') => self.take(self.word()..self.at),
            Key::ArrowLeft => self.at = self.at.saturating_sub(1),
            Key::ArrowRight => self.at = (self.at + 1).min(self.text.len()),
            Key::Home => self.at = 0,
            Key::End => self.at = self.text.len(),
            Key::ArrowUp => self.older(typed),
            Key::ArrowDown => self.newer(typed),
            Key::Tab => self.put(' '),
            Key::Char(letter) => self.put(*letter),
            _ => {}
        }
        Pressed::Going
    }

    /// A character that a terminal acts on is not typed.
    fn put(&mut self, letter: char) {
        let mut bytes = [0; 4];
        let text: &str = letter.encode_utf8(&mut bytes);
        if visible(text) == text {
            self.text.insert(self.at, letter);
            self.at += 1;
        }
    }

    fn take(&mut self, gone: std::ops::Range<usize>) {
        let end = gone.end.min(self.text.len());
        self.text.drain(gone.start.min(end)..end);
        self.at = gone.start.min(self.text.len());
    }

    /// Where the word before the cursor begins.
    fn word(&self) -> usize {
        let before = self.text.get(..self.at).unwrap_or_default();
        let end = before
            .iter()
            .rposition(|c| *c != ' ')
            .map_or(0, |at| at + 1);
        let word = before.get(..end).unwrap_or_default();
        word.iter().rposition(|c| *c == ' ').map_or(0, |at| at + 1)
    }

    fn older(&mut self, typed: &[String]) {
        if self.back < typed.len() {
            if self.back == 0 {
                self.kept = std::mem::take(&mut self.text);
            }
            self.back += 1;
            self.recall(typed);
        }
    }

    fn newer(&mut self, typed: &[String]) {
        if self.back > 0 {
            self.back -= 1;
            self.recall(typed);
        }
    }

    fn recall(&mut self, typed: &[String]) {
        let older = typed
            .len()
            .checked_sub(self.back)
            .and_then(|at| typed.get(at));
        self.text = match older {
            Some(line) => line.chars().collect(),
            None => std::mem::take(&mut self.kept),
        };
        self.at = self.text.len();
    }

    /// As much of the line as `room` columns hold around the cursor, and the cursor's column in it.
    pub(super) fn shown(&self, room: usize) -> (String, usize) {
        let width = |letter: &char| letter.width().unwrap_or(0);
        // The cursor takes a column too.
        let room = room.saturating_sub(1).max(1);
        let (before, after) = self.text.split_at(self.at.min(self.text.len()));
        let mut column: usize = before.iter().map(width).sum();
        let mut first = 0;
        while column > room {
            column -= before.get(first).map_or(column, width);
            first += 1;
        }
        let mut shown: String = before.get(first..).unwrap_or_default().iter().collect();
        let mut used = column;
        for letter in after {
            used += width(letter);
            if used > room {
                break;
            }
            shown.push(*letter);
        }
        (shown, column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(line: &mut Line, text: &str) {
        for letter in text.chars() {
            assert_eq!(line.press(&Key::Char(letter), &[]), Pressed::Going);
        }
    }

    fn entered(line: &mut Line) -> Pressed {
        line.press(&Key::Enter, &[])
    }

    #[test]
    fn keys_edit_the_line_where_the_cursor_stands() {
        let mut line = Line::default();
        typed(&mut line, "SELECT x FRM event");
        for _ in 0.." M event".len() - 1 {
            line.press(&Key::ArrowLeft, &[]);
        }
        typed(&mut line, "O");
        line.press(&Key::Home, &[]);
        line.press(&Key::Del, &[]);
        typed(&mut line, "s");
        line.press(&Key::End, &[]);
        line.press(&Key::Char('\u{17}'), &[]);
        typed(&mut line, "grant\u{1b}\u{202e};");
        line.press(&Key::Backspace, &[]);
        line.press(&Key::ArrowRight, &[]);
        assert_eq!(
            entered(&mut line),
            Pressed::Entered("sELECT x FROM grant".to_owned())
        );
        assert_eq!(entered(&mut line), Pressed::Entered(String::new()));
        typed(&mut line, "abc");
        line.press(&Key::ArrowLeft, &[]);
        line.press(&Key::Char('\u{b}'), &[]);
        line.press(&Key::Char('\u{15}'), &[]);
        assert_eq!(line.press(&Key::Char('\u{4}'), &[]), Pressed::Ended);
        typed(&mut line, "abc");
        assert_eq!(line.press(&Key::CtrlC, &[]), Pressed::Dropped);
        assert_eq!(entered(&mut line), Pressed::Entered(String::new()));
    }

    #[test]
    fn what_was_typed_comes_back_and_the_new_line_is_kept() {
        let before = ["one".to_owned(), "two".to_owned()];
        let mut line = Line::default();
        typed(&mut line, "new");
        let mut shown = |key: Key| {
            line.press(&key, &before);
            line.shown(20).0
        };
        assert_eq!(shown(Key::ArrowUp), "two");
        assert_eq!(shown(Key::ArrowUp), "one");
        assert_eq!(shown(Key::ArrowUp), "one");
        assert_eq!(shown(Key::ArrowDown), "two");
        assert_eq!(shown(Key::ArrowDown), "new");
        assert_eq!(shown(Key::ArrowDown), "new");
    }

    #[test]
    fn a_line_wider_than_the_terminal_is_shown_around_the_cursor() {
        let mut line = Line::default();
        typed(&mut line, "abcdefgh");
        assert_eq!(line.shown(5), ("efgh".to_owned(), 4));
        line.press(&Key::Home, &[]);
        assert_eq!(line.shown(5), ("abcd".to_owned(), 0));
        let mut wide = Line::default();
        typed(&mut wide, "a漢字");
        assert_eq!(wide.shown(5), ("漢字".to_owned(), 4));
    }
}
