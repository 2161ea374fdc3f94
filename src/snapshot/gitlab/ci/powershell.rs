//! Logins that PowerShell makes: the role stands in a hash table, a text or a variable that becomes the
//! body of `Invoke-RestMethod` (documentation of PowerShell, "about_Hash_Tables", "about_Quoting_Rules",
//! "about_Splatting").
//!
//! Nothing is run: a statement that names a login path is a login, and its role is the member `role`
//! of what the statement holds or of the variables that it names.

use std::collections::BTreeMap;

use crate::model::replaced;

/// Variables in variables.
const DEPTH: usize = 4;
/// Texts that are searched for one role.
const SEARCHED: usize = 64;

/// Commands by which a script is told to be PowerShell's.
const MARKS: [&str; 6] = [
    "convertto-json",
    "invoke-restmethod",
    "invoke-webrequest",
    "irm ",
    "iwr ",
    "$env:",
];

/// Whether commands are PowerShell's.
pub(super) fn speaks(commands: &[&str]) -> bool {
    commands.iter().any(|command| {
        let command = command.to_ascii_lowercase();
        MARKS.iter().any(|mark| command.contains(mark))
    })
}

/// Whether a statement sets a variable to a text alone, which calls nothing yet.
pub(super) fn is_text(statement: &str) -> bool {
    assignment(statement).is_some_and(|(_, value)| literal(value).is_some())
}

/// Statements, and what variables are set to.
#[derive(Debug, Default)]
pub(super) struct Session {
    /// Statements in order.
    pub(super) statements: Vec<String>,
    /// Right sides by the variable's name in lower case: PowerShell does not tell case apart.
    set: BTreeMap<String, String>,
}

impl Session {
    /// Reads the commands of a job.
    pub(super) fn read(commands: &[&str]) -> Session {
        let mut session = Session::default();
        for statement in commands.iter().flat_map(|command| statements(command)) {
            if let Some((name, value)) = assignment(&statement) {
                session.set.insert(name, value.to_owned());
            }
            session.statements.push(statement);
        }
        session
    }

    /// The member of that name in a statement, or in what its variables hold: a text, or a variable
    /// that nothing here sets, as `$NAME`.
    pub(super) fn member(&self, statement: &str, name: &str) -> Option<String> {
        let mut open = vec![(statement, 0)];
        let mut searched = 0;
        while let Some((text, depth)) = open.pop() {
            searched += 1;
            if let Some(found) = member(text, name) {
                return Some(self.value(found, 0));
            }
            if depth < DEPTH && searched < SEARCHED {
                let named = named(text);
                let values = named.iter().filter_map(|name| self.set.get(name));
                open.extend(values.map(|value| (value.as_str(), depth + 1)));
            }
        }
        None
    }

    /// A value with the variables in it replaced by the texts that they are set to.
    pub(super) fn value(&self, value: &str, depth: usize) -> String {
        replaced(value, '$', |after| {
            let (name, behind) = variable(after);
            let known = self.set.get(&name.to_ascii_lowercase());
            let known = known.filter(|_| depth < DEPTH);
            let written = match known.and_then(|text| literal(text)) {
                Some(text) => self.value(text, depth + 1),
                None => format!("${name}"),
            };
            Some((written, behind))
        })
    }
}

/// The name behind a `$`, without `env:` and braces, and what follows.
fn variable(text: &str) -> (&str, &str) {
    let inner = text.strip_prefix('{');
    let name = inner.unwrap_or(text);
    let lower = name.get(..4).unwrap_or("").to_ascii_lowercase();
    let name = if lower == "env:" {
        name.get(4..).unwrap_or("")
    } else {
        name
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = name.find(|c| !is_name(c)).unwrap_or(name.len());
    let (name, rest) = name.split_at_checked(end).unwrap_or((name, ""));
    let rest = match inner {
        Some(_) => rest.strip_prefix('}').unwrap_or(rest),
        None => rest,
    };
    (name, rest)
}

/// The variables that a text names, splatted ones (`@name`) among them.
fn named(text: &str) -> Vec<String> {
    let marks = text.match_indices(['$', '@']);
    let names = marks.map(|(at, _)| variable(text.get(at + 1..).unwrap_or("")).0);
    let names = names.filter(|name| !name.is_empty());
    names.map(str::to_ascii_lowercase).collect()
}

/// `$name = ...`, `$env:NAME = ...`, with a type before it or not.
fn assignment(statement: &str) -> Option<(String, &str)> {
    let text = statement.trim_start();
    let text = match text.strip_prefix('[') {
        Some(typed) => typed.split_once(']')?.1.trim_start(),
        None => text,
    };
    let (name, rest) = variable(text.strip_prefix('$')?);
    let value = rest.trim_start().strip_prefix('=')?;
    (!name.is_empty()).then(|| (name.to_ascii_lowercase(), value.trim()))
}

/// The inside of a text in quotes that is a whole value, or a bare word.
fn literal(value: &str) -> Option<&str> {
    let value = value.trim();
    for quote in ['"', '\''] {
        if let Some(inner) = value.strip_prefix(quote) {
            return inner
                .strip_suffix(quote)
                .filter(|inner| !inner.contains(quote));
        }
    }
    let plain = |c: char| c.is_alphanumeric() || "_-./$:{}".contains(c);
    (!value.is_empty() && value.chars().all(plain)).then_some(value)
}

/// The value of a member of a hash table, of JSON, or of a command's words: `role = "x"`,
/// `"role": "x"`, `role=x`; quotes within texts are escaped by a backtick, a backslash or doubled.
fn member<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    const QUOTES: [char; 4] = ['"', '\'', '`', '\\'];
    let lower = text.to_ascii_lowercase();
    for (at, found) in lower.match_indices(name) {
        let before = text.get(..at)?.chars().next_back();
        let apart = before.is_none_or(|c| !(c.is_alphanumeric() || "_-$/.:".contains(c)));
        let rest = text.get(at + found.len()..)?.trim_start_matches(QUOTES);
        let Some(value) = rest.trim_start().strip_prefix(['=', ':']).filter(|_| apart) else {
            continue;
        };
        let value = value.trim_start();
        let bare = value.trim_start_matches(QUOTES);
        let ends = |c: char| {
            QUOTES.contains(&c)
                || (bare.len() == value.len() && (c.is_whitespace() || ";,)}".contains(c)))
        };
        let end = bare.find(ends).unwrap_or(bare.len());
        if let Some(found) = bare.get(..end).filter(|found| !found.is_empty()) {
            return Some(found.trim());
        }
    }
    None
}

/// The statements of a script: they end at a line's end or `;` outside of quotes and brackets; a
/// backtick or a pipe at the end of a line continues it.
fn statements(script: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = String::new();
    let (mut depth, mut quote) = (0usize, None);
    let mut rest = script;
    while let Some(next) = rest.chars().next() {
        let here = ["@\"", "@'"]
            .into_iter()
            .find(|mark| quote.is_none() && rest.starts_with(mark));
        if let Some(mark) = here {
            // A here-string ends at a line that begins with its mark.
            let close = if mark == "@\"" { "\n\"@" } else { "\n'@" };
            let end = rest.find(close).map_or(rest.len(), |at| at + close.len());
            let (text, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
            open.push_str(text);
            rest = after;
            continue;
        }
        let after = rest.get(next.len_utf8()..).unwrap_or("");
        rest = after;
        match (quote, next) {
            (_, '`') if quote != Some('\'') => {
                let mut behind = after.chars();
                match behind.next() {
                    Some('\n') => open.push(' '),
                    Some(escaped) => open.extend(['`', escaped]),
                    None => {}
                }
                rest = behind.as_str();
                continue;
            }
            (Some(mark), next) if next == mark => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(next),
            (None, '(' | '{') => depth += 1,
            (None, ')' | '}') => depth = depth.saturating_sub(1),
            (None, '#') if open.is_empty() || open.ends_with(char::is_whitespace) => {
                rest = after
                    .find('\n')
                    .and_then(|at| after.get(at..))
                    .unwrap_or("");
                continue;
            }
            (None, '\n' | ';')
                if depth == 0 && !(next == '\n' && open.trim_end().ends_with('|')) =>
            {
                found.push(std::mem::take(&mut open));
                continue;
            }
            (None, _) => {}
        }
        open.push(next);
    }
    found.push(open);
    found.retain(|statement| !statement.trim().is_empty());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_found_in_what_becomes_the_body() {
        for script in [
            "$b = @{ role = \"app\"; jwt = $env:T } | ConvertTo-Json\nirm -Uri $u -Body $b",
            "irm -Uri $u -Body (@{role='app';jwt=$env:T} | ConvertTo-Json)",
            "$b = '{\"role\": \"app\", \"jwt\": \"' + $env:T + '\"}'\nirm $u -Body $b",
            "$b = \"{`\"role`\":`\"app`\"}\"; irm $u -Body $b",
            "$b = @\"\n{ \"jwt\": \"$env:T\",\n \"role\": \"app\" }\n\"@\nirm $u -Body $b",
            "$p = @{\n  Uri = $u\n  Body = (@{ role = 'app' } | ConvertTo-Json)\n}\nirm @p",
            "$Role = \"app\"\n$b = @{ role = $role }\nirm `\n  -Uri $u `\n  -Body ($b |\n ConvertTo-Json)",
            "$env:R = 'app'\nirm $u -Body (ConvertTo-Json @{ \"role\" = $env:R })",
            "irm $u -Body \"role=app&jwt=x\".Replace('&', ' ')",
        ] {
            let session = Session::read(&[script]);
            let last = session.statements.last().unwrap();
            let found = session.member(last, "role");
            assert_eq!(
                found.as_deref().map(|text| text.trim_end_matches("&jwt=x")),
                Some("app"),
                "{script}"
            );
        }
        let session = Session::read(&["irm $u -Body (@{ role = $env:ROLE })"]);
        assert_eq!(
            session.member(&session.statements[0], "role").as_deref(),
            Some("$ROLE")
        );
        let session = Session::read(&["$a = $b; $b = $a\nirm $u -Body @{ role = $a }"]);
        assert!(
            session
                .member(session.statements.last().unwrap(), "role")
                .is_some()
        );
    }

    proptest::proptest! {
        #[test]
        fn any_script_ends(script in "[ab$@{}()`\"'=;|# \n-é]{0,60}") {
            let session = Session::read(&[&script]);
            for statement in &session.statements {
                session.member(statement, "a");
            }
        }
    }
}
