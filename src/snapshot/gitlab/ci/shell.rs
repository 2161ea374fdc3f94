//! The simple commands of a script, far enough to see what they are called with.
//!
//! Read are quotes, continued lines, comments, lists, pipes, command substitutions and here
//! documents (POSIX shell, chapter 2). Nothing is expanded: a variable stays as it is written.

use super::inner::inner_script;

/// One command with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Command {
    /// Its words without the quotes around them; operators of redirections are words too, and the
    /// text of a here document is the last.
    pub(super) words: Vec<String>,
    /// The words of the command whose output it reads, where a pipe leads from one to it.
    pub(super) input: Vec<String>,
    /// The line of the script on which it begins, as far as it is shown.
    pub(super) line: String,
}

/// What a script does, and what it only defines.
#[derive(Debug, Default)]
pub(super) struct Script {
    /// Its commands; those of a substitution, and of a script that a shell is given as a word
    /// (`sh -c '...'`), come before the command that holds them.
    pub(super) commands: Vec<Command>,
    /// The functions that it defines, and their commands.
    pub(super) functions: Vec<(String, Vec<Command>)>,
}

/// Substitutions in substitutions: files are hostile.
const DEPTH: usize = 16;
/// Letters of a line that a command keeps of the one that it stands on.
const LINE: usize = 240;

/// The commands of a script, those of its functions among them.
pub(super) fn commands(script: &str) -> Vec<Command> {
    let script = Script::read(script);
    let bodies = script.functions.into_iter().flat_map(|(_, body)| body);
    script.commands.into_iter().chain(bodies).collect()
}

impl Script {
    /// Takes a script apart.
    pub(super) fn read(text: &str) -> Script {
        let mut script = Script::default();
        read(text, &mut script, 0);
        script
    }
}

fn read(text: &str, script: &mut Script, depth: usize) {
    let (mut own, mut functions) = (Vec::new(), Vec::new());
    let mut reader = Reader {
        text,
        at: 0,
        found: &mut own,
        functions: &mut functions,
        line_from: 0,
        piped: None,
    };
    reader.list(None, 0);
    for command in own {
        nested(&command, script, depth);
        script.commands.push(command);
    }
    for (name, body) in functions {
        let mut whole = Vec::new();
        for command in body {
            let mut inner = Script::default();
            nested(&command, &mut inner, depth);
            script.functions.extend(inner.functions);
            whole.extend(inner.commands);
            whole.push(command);
        }
        script.functions.push((name, whole));
    }
}

/// Reads the script that a command gives a shell.
fn nested(command: &Command, script: &mut Script, depth: usize) {
    if depth < DEPTH
        && let Some(inner) = inner_script(&command.words)
    {
        read(&inner, script, depth + 1);
    }
}

struct Reader<'t, 'f> {
    text: &'t str,
    at: usize,
    found: &'f mut Vec<Command>,
    functions: &'f mut Vec<(String, Vec<Command>)>,
    /// Where the line begins on which the last command stood.
    line_from: usize,
    /// The words of the command before a pipe.
    piped: Option<Vec<String>>,
}

/// A command that is being read.
#[derive(Default)]
struct Open {
    words: Vec<String>,
    word: Option<String>,
    begins: Option<usize>,
    /// The delimiters of its here documents; none until the word behind the operator is read.
    documents: Vec<Option<String>>,
}

impl Open {
    fn push(&mut self, text: &str) {
        self.word.get_or_insert_default().push_str(text);
    }

    /// Whether nothing of a command was read yet.
    fn is_blank(&self) -> bool {
        self.words.is_empty() && self.word.is_none()
    }

    /// Whether what was read may be the name of a function: a word alone, or behind `function`.
    fn may_define(&self) -> bool {
        match (self.words.as_slice(), &self.word) {
            ([], Some(name)) => !name.contains(['$', '=']),
            ([_], None) => true,
            ([first], Some(_)) | ([first, _], None) => first == "function",
            _ => false,
        }
    }

    /// The name in `function name`.
    fn defined(&self) -> Option<String> {
        match self.words.as_slice() {
            [first, name] if first == "function" => Some(name.clone()),
            _ => None,
        }
    }

    fn end_word(&mut self) {
        if let Some(word) = self.word.take() {
            match self.documents.last_mut() {
                Some(open @ None) => *open = Some(word),
                _ => self.words.push(word),
            }
        }
    }
}

impl<'t> Reader<'t, '_> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn next(&mut self) -> Option<char> {
        let next = self.rest().chars().next()?;
        self.at += next.len_utf8();
        Some(next)
    }

    /// Commands up to `close`, or to the end.
    fn list(&mut self, close: Option<char>, depth: usize) {
        let mut open = Open::default();
        let mut before = ' ';
        loop {
            let start = self.at;
            let Some(next) = self.next() else { break };
            if !next.is_whitespace() && open.begins.is_none() {
                open.begins = Some(start);
            }
            match next {
                // `}` is a word of its own, and one that only ends where a command may begin.
                '}' if close == Some('}') && open.is_blank() => break,
                _ if Some(next) == close && next != '}' => break,
                '{' if open.word.is_none() && depth < DEPTH && self.opens_block(&open) => {
                    match open.defined() {
                        Some(name) => self.function(name, '}', depth),
                        None => self.list(Some('}'), depth + 1),
                    }
                    open = Open::default();
                }
                '\n' => {
                    open.end_word();
                    self.here_documents(&mut open);
                    self.finish(&mut open);
                }
                '#' if open.word.is_none() => self.skip_to("\n"),
                // `2>&1` is a redirection.
                '&' if matches!(before, '<' | '>') => open.push("&"),
                '|' if before != '|' && !self.rest().starts_with('|') => {
                    self.finish(&mut open);
                    self.piped = self.found.last().map(|command| command.words.clone());
                }
                ';' | '&' | '|' => self.finish(&mut open),
                ')' => self.finish(&mut open),
                '(' if depth < DEPTH
                    && self.rest().trim_start().starts_with(')')
                    && open.may_define() =>
                {
                    self.skip_to(")");
                    self.next();
                    open.end_word();
                    let name = open.words.pop().unwrap_or_default();
                    self.definition(name, depth);
                    open = Open::default();
                }
                '(' => {
                    self.finish(&mut open);
                    if depth < DEPTH {
                        self.list(Some(')'), depth + 1);
                    }
                }
                '<' | '>' => self.redirection(next, &mut open),
                next if next.is_whitespace() => open.end_word(),
                next => self.in_word(next, &mut open, depth),
            }
            before = next;
        }
        self.finish(&mut open);
    }

    /// Whether a brace that was just read opens a block: blanks follow, and no command stands before.
    fn opens_block(&self, open: &Open) -> bool {
        let apart = self.rest().starts_with(char::is_whitespace);
        apart && (open.words.is_empty() || open.defined().is_some())
    }

    /// The body of a function whose name and brackets were just read.
    fn definition(&mut self, name: String, depth: usize) {
        let rest = self.rest();
        let body = rest.trim_start();
        let close = match body.chars().next() {
            Some('{') => '}',
            Some('(') => ')',
            _ => return,
        };
        self.at += rest.len() - body.len() + 1;
        self.function(name, close, depth);
    }

    /// Reads what a function does, up to `close`.
    fn function(&mut self, name: String, close: char, depth: usize) {
        let mut body = Vec::new();
        let mut reader = Reader {
            text: self.text,
            at: self.at,
            found: &mut body,
            functions: self.functions,
            line_from: self.line_from,
            piped: None,
        };
        reader.list(Some(close), depth + 1);
        self.at = reader.at;
        self.functions.push((name, body));
    }

    fn redirection(&mut self, first: char, open: &mut Open) {
        open.end_word();
        let mut operator = first.to_string();
        while self.rest().starts_with(first) {
            operator.extend(self.next());
        }
        if operator == "<<" {
            if self.rest().starts_with('-') {
                self.next();
            }
            open.documents.push(None);
        } else {
            open.words.push(operator);
        }
    }

    /// The character `next` and what belongs to it, as part of a word.
    fn in_word(&mut self, next: char, open: &mut Open, depth: usize) {
        match next {
            '\\' => match self.next() {
                Some('\n') | None => {}
                Some(escaped) => open.push(escaped.encode_utf8(&mut [0; 4])),
            },
            '\'' => {
                let (inner, _) = self.rest().split_once('\'').unwrap_or((self.rest(), ""));
                self.at += inner.len();
                self.next();
                open.push(inner);
            }
            '"' => self.quoted(open, depth),
            '$' | '`' => self.substitution(next, open, depth),
            next => open.push(next.encode_utf8(&mut [0; 4])),
        }
    }

    /// The inside of double quotes.
    fn quoted(&mut self, open: &mut Open, depth: usize) {
        open.push("");
        while let Some(next) = self.next() {
            match next {
                '"' => return,
                '\\' => match self.next() {
                    Some('\n') | None => {}
                    Some(escaped @ ('"' | '\\' | '$' | '`')) => {
                        open.push(escaped.encode_utf8(&mut [0; 4]));
                    }
                    Some(other) => {
                        open.push("\\");
                        open.push(other.encode_utf8(&mut [0; 4]));
                    }
                },
                '$' | '`' => self.substitution(next, open, depth),
                next => open.push(next.encode_utf8(&mut [0; 4])),
            }
        }
    }

    /// `$(...)` and `` `...` `` hold commands of their own; the word keeps them as written.
    fn substitution(&mut self, first: char, open: &mut Open, depth: usize) {
        let start = self.at - 1;
        let close = match (first, self.rest().starts_with('(')) {
            ('`', _) => '`',
            ('$', true) => {
                self.next();
                ')'
            }
            _ => return open.push("$"),
        };
        if depth < DEPTH {
            self.list(Some(close), depth + 1);
        } else {
            self.skip_to("\n");
        }
        open.push(self.text.get(start..self.at).unwrap_or(""));
    }

    fn skip_to(&mut self, end: &str) {
        let rest = self.rest();
        self.at += rest.find(end).unwrap_or(rest.len());
    }

    /// Takes the texts of here documents, which begin behind the line, as last words.
    fn here_documents(&mut self, open: &mut Open) {
        for delimiter in std::mem::take(&mut open.documents).into_iter().flatten() {
            let mut body = String::new();
            for line in self.rest().split_inclusive('\n') {
                self.at += line.len();
                if line.trim() == delimiter {
                    break;
                }
                body.push_str(line);
            }
            open.words.push(body);
        }
    }

    fn finish(&mut self, open: &mut Open) {
        open.end_word();
        let command = std::mem::take(open);
        if command.words.is_empty() {
            return;
        }
        let input = self.piped.take().unwrap_or_default();
        let begins = command.begins.unwrap_or(0);
        // A line may hold thousands of commands: what was searched is not searched again.
        let known = self.line_from.min(begins);
        let between = self.text.get(known..begins).unwrap_or("");
        let found = between.rfind('\n').map(|at| known + at + 1);
        let from = match found {
            Some(from) => from,
            None if self.line_from <= begins => self.line_from,
            None => self
                .text
                .get(..begins)
                .and_then(|before| before.rfind('\n'))
                .map_or(0, |at| at + 1),
        };
        self.line_from = from;
        let rest = self.text.get(from..).unwrap_or("");
        let end = rest.char_indices().take(LINE).find(|(_, c)| *c == '\n');
        let end = end
            .or_else(|| rest.char_indices().nth(LINE))
            .map_or(rest.len(), |(at, _)| at);
        let line = rest.get(..end);
        self.found.push(Command {
            words: command.words,
            input,
            line: line.unwrap_or("").trim().to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(script: &str) -> Vec<Vec<String>> {
        commands(script).into_iter().map(|one| one.words).collect()
    }

    #[test]
    fn quotes_lists_and_substitutions_are_taken_apart() {
        for (script, expected) in [
            (
                r#"a "b c" 'd "e' f\ g"#,
                &[&["a", "b c", "d \"e", "f g"][..]][..],
            ),
            (
                "a && b; c | d\ne & f",
                &[&["a"], &["b"], &["c"], &["d"], &["e"], &["f"]],
            ),
            (
                r#"export T="$(x "y z")" u"#,
                &[&["x", "y z"], &["export", "T=$(x \"y z\")", "u"]],
            ),
            ("a `b c` d", &[&["b", "c"], &["a", "`b c`", "d"]]),
            ("a \\\n  b # c\n# d\ne#f", &[&["a", "b"], &["e#f"]]),
            ("a 2>&1 > f", &[&["a", "2", ">", "&1", ">", "f"]]),
            ("a - <<< \"$T\"", &[&["a", "-", "<<<", "$T"]]),
            (
                "a <<EOF b\n{\"r\": 1}\nEOF\nc",
                &[&["a", "b", "{\"r\": 1}\n"], &["c"]],
            ),
            ("(a; b) && c", &[&["a"], &["b"], &["c"]]),
            (r#"a "{\"r\": \"$T\"}""#, &[&["a", "{\"r\": \"$T\"}"]]),
        ] {
            assert_eq!(words(script), expected, "{script}");
        }
    }

    #[test]
    fn a_command_knows_what_is_piped_to_it_and_a_shell_what_it_runs() {
        let inputs = |script: &str| -> Vec<String> {
            let found = commands(script).into_iter();
            found.map(|one| one.input.join(" ")).collect()
        };
        assert_eq!(inputs("a b | c | d || e; f"), ["", "a b", "c", "", ""]);
        assert_eq!(inputs("a |\n b"), ["", "a"]);
        for script in [
            "sh -c 'a b'",
            "bash -ec \"a b\"",
            "eval \"a b\"",
            "x y sh -lc 'a b' z",
        ] {
            assert_eq!(words(script)[0], ["a", "b"], "{script}");
        }
        assert_eq!(words("sh a -x").len(), 1);
    }

    #[test]
    fn functions_are_kept_apart_with_their_commands() {
        let names = |script: &str| -> Vec<String> {
            let script = Script::read(script);
            let shown = |(name, body): &(String, Vec<Command>)| {
                let body: Vec<String> = body.iter().map(|one| one.words.join(" ")).collect();
                format!("{name}: {}", body.join("; "))
            };
            let rest = script.commands.iter().map(|one| one.words.join(" "));
            script.functions.iter().map(shown).chain(rest).collect()
        };
        for script in [
            "f() { a \"${1}\"; b; }\nc",
            "f () {\n  a ${1}\n  b\n}\nc",
            "function f { a ${1}; b; }; c",
            "function f() { a ${1}\nb\n}\nc",
            "f()\n{\n{ a ${1}; }; b\n}\nc",
            "f() ( a ${1}; b )\nc",
        ] {
            assert_eq!(names(script), ["f: a ${1}; b", "c"], "{script}");
        }
        assert_eq!(names("x=$(a); { b; } && c"), ["a", "x=$(a)", "b", "c"]);
        assert_eq!(names("a {b} }"), ["a {b} }"]);
        assert_eq!(names("f() { g() { a; }; b; }"), ["g: a", "f: b"]);
    }

    #[test]
    fn a_command_knows_its_line() {
        let found = commands("one\n  two && three\n");
        let lines: Vec<&str> = found.iter().map(|one| one.line.as_str()).collect();
        assert_eq!(lines, ["one", "two && three", "two && three"]);
    }

    proptest::proptest! {
        #[test]
        fn any_script_ends(script in "[ab$()`\"'\\\\<>&|;# \n-é]{0,60}") {
            commands(&script);
        }
    }

    #[test]
    fn deep_nesting_ends() {
        for part in ["$(", "(", "`", "\"$(", "{ ", "f() {", "function f { "] {
            commands(&part.repeat(100_000));
        }
        for part in ["a;", "f() { a; };", "a $(b);"] {
            let found = commands(&part.repeat(100_000));
            let kept: usize = found.iter().map(|one| one.line.len()).sum();
            assert!(kept <= found.len() * LINE, "{part}");
        }
    }
}
