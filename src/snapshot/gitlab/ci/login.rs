//! The Vault logins that a job's commands make, as far as their text shows.
//!
//! Read are `vault login -method=jwt -path=<mount> role=<role>`, `vault write auth/<mount>/login
//! role=<role>`, calls of `.../v1/auth/<mount>/login` with a JSON body, and `vault login` with a
//! token. What a script file, an action or a tool does by itself is not seen.

use super::call::called;
use super::job::{Job, Variables, expand};
use super::powershell::{self, Session};
use super::shell::{self, Command, Script};

/// One login by command.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CommandLogin {
    /// Auth mount without `auth/`.
    pub mount: String,
    /// Role; variables that the file does not know are left in it. Empty where none is written.
    pub role: String,
    /// Namespace, empty for root.
    pub namespace: String,
    /// The variable whose token is shown, where one is.
    pub token: Option<String>,
    /// The line on which the command begins.
    pub line: String,
}

/// One `vault login` that takes a token which somebody else issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenLogin {
    /// The line on which the command begins.
    pub line: String,
}

impl Job {
    /// The logins that the job's commands make, in order.
    #[must_use]
    pub fn command_logins(&self) -> Vec<CommandLogin> {
        let scripts = self.commands();
        if powershell::speaks(&scripts) {
            return self.powershell_logins(&Session::read(&scripts));
        }
        let mut known = self.variables.clone();
        let mut logins = Vec::new();
        for command in self.shell_commands() {
            assign(&mut known, &command.words);
            logins.extend(login(&known, &command));
        }
        logins
    }

    /// The logins of statements that name a path of one; what their words do not say stands in what
    /// becomes the body.
    fn powershell_logins(&self, session: &Session) -> Vec<CommandLogin> {
        let mut logins = Vec::new();
        for statement in &session.statements {
            let whole = session.value(statement, 0);
            let of_words = shell::commands(statement).into_iter();
            let mut found: Vec<CommandLogin> = of_words
                .filter_map(|command| login(&self.variables, &command))
                .collect();
            if found.is_empty() {
                let words = whole.split(|c: char| c.is_whitespace() || "\"'()".contains(c));
                found.extend(
                    words
                        .filter_map(mount)
                        .next()
                        .map(|(before, mount)| CommandLogin {
                            mount: shown(&self.variables, mount),
                            role: String::new(),
                            namespace: namespace(&self.variables, &[], before),
                            token: None,
                            line: statement.trim().lines().next().unwrap_or("").to_owned(),
                        }),
                );
            }
            let said = |name: &str| session.member(statement, name);
            let assigns = statement.trim_start().starts_with('$');
            for mut login in found {
                if login.role.is_empty() || login.role.contains('$') {
                    let role = said("role").unwrap_or_default();
                    login.role = shown(&self.variables, &role);
                }
                if login.role.is_empty() && assigns && powershell::is_text(statement) {
                    continue;
                }
                let jwt = || said("jwt").as_deref().and_then(variable).map(str::to_owned);
                login.token = login.token.filter(|name| name != "env").or_else(jwt);
                logins.push(login);
            }
        }
        logins
    }

    /// The logins with a token that no command of the same line fetched.
    #[must_use]
    pub fn token_logins(&self) -> Vec<TokenLogin> {
        let commands = self.shell_commands();
        let logins = commands.into_iter().filter(takes_token);
        logins.map(|one| TokenLogin { line: one.line }).collect()
    }

    fn shell_commands(&self) -> Vec<Command> {
        let scripts = self.commands();
        called(scripts.iter().map(|script| Script::read(script)).collect())
    }
}

/// The words behind `vault login`, or `bao login`.
fn login_words(command: &Command) -> Option<&[String]> {
    let at = command
        .words
        .windows(2)
        .position(|pair| matches!(pair, [program, verb] if verb == "login" && is_vault(program)))?;
    command.words.get(at + 2..)
}

fn is_vault(program: &str) -> bool {
    matches!(program.rsplit('/').next(), Some("vault" | "bao"))
}

/// The value of a flag or pair: `-path=x`, `-path x`, `role=x`.
fn value<'w>(words: &'w [String], names: &[&str]) -> Option<&'w str> {
    words.iter().enumerate().find_map(|(at, word)| {
        let rest = names.iter().find_map(|name| word.strip_prefix(name))?;
        match rest.strip_prefix('=') {
            Some(value) => Some(value),
            None if rest.is_empty() && word.starts_with('-') => {
                words.get(at + 1).map(String::as_str)
            }
            None => None,
        }
    })
}

/// What a command sets: `NAME=value`, `export NAME=value`.
fn assign(known: &mut Variables, words: &[String]) {
    const BUILTINS: [&str; 5] = ["declare", "export", "local", "readonly", "typeset"];
    let words = match words.first() {
        Some(first) if BUILTINS.contains(&first.as_str()) => words.get(1..).unwrap_or(&[]),
        _ => words,
    };
    let is_name = |name: &str| {
        let mut letters = name.bytes();
        letters.next().is_some_and(|first| !first.is_ascii_digit())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let pair = |word: &String| {
        let (name, value) = word.split_once('=')?;
        is_name(name).then(|| (name.to_owned(), value.to_owned()))
    };
    // In front of a command they hold for that command, which reads them from its own words.
    let pairs: Option<Vec<(String, String)>> = words.iter().map(pair).collect();
    for (name, value) in pairs.unwrap_or_default() {
        let value = shown(known, &value);
        known.insert(name, value);
    }
}

/// A word with what is known of variables in it expanded, defaults (`${NAME:-text}`) included.
fn shown(known: &Variables, word: &str) -> String {
    let mut text = String::new();
    let mut rest = word;
    while let Some((before, behind)) = rest.split_once("${") {
        text.push_str(before);
        let Some((inner, after)) = behind.split_once('}') else {
            rest = rest.get(before.len()..).unwrap_or("");
            break;
        };
        let default = inner.split_once('-').map(|(name, default)| {
            let name = name.strip_suffix(':').unwrap_or(name);
            (known.get(name).filter(|value| !value.is_empty()), default)
        });
        match default {
            Some((value, default)) => text.push_str(value.map_or(default, String::as_str)),
            None => text.push_str(&format!("${{{inner}}}")),
        }
        rest = after;
    }
    text.push_str(rest);
    expand(&text, known)
}

fn login(known: &Variables, command: &Command) -> Option<CommandLogin> {
    let words = command.words.as_slice();
    // What is only printed logs nobody in.
    if matches!(words.first()?.as_str(), "echo" | "printf" | "grep") {
        return None;
    }
    let by_path = words.iter().find_map(|word| mount(word));
    let (before, mount) = match (by_path, login_words(command)) {
        (Some(found), _) => found,
        (None, Some(words)) => {
            let path = value(words, &["-path", "--path"])
                .or_else(|| value(words, &["-method", "--method"]))
                .filter(|method| *method != "token")?;
            ("", path)
        }
        (None, None) => return None,
    };
    let mount = shown(known, mount);
    let mount = mount.trim_matches('/');
    // A body is often made first: `BODY=$(jq -n ...)`, `BODY='{"role": ...}'`.
    let made: Vec<String> = words.iter().map(|word| body(known, word)).collect();
    let command = &Command {
        words: made,
        ..command.clone()
    };
    let words = command.words.as_slice();
    let said = |name: &str| {
        let own = value(words, &[name]).or_else(|| in_json(words, name));
        let own = own.or_else(|| in_json(&command.input, name));
        let own = own.map(str::to_owned);
        own.or_else(|| in_jq(command, name))
    };
    let (role, token) = (said("role"), said("jwt"));
    Some(CommandLogin {
        mount: mount.strip_prefix("auth/").unwrap_or(mount).to_owned(),
        role: shown(known, role.as_deref().unwrap_or("")),
        namespace: namespace(known, words, before),
        token: token.as_deref().and_then(variable).map(str::to_owned),
        line: command.line.clone(),
    })
}

/// The namespace that a flag, a header or an assignment names, else the job's; then that of the
/// path itself, which is below it.
fn namespace(known: &Variables, words: &[String], before: &str) -> String {
    let flags = ["-namespace", "--namespace", "-ns", "VAULT_NAMESPACE"];
    let header = || {
        let mut headers = words.iter().filter_map(|word| word.split_once(':'));
        let found = headers.find(|(name, _)| name.eq_ignore_ascii_case("x-vault-namespace"));
        found.map(|(_, value)| value)
    };
    let outer = value(words, &flags).or_else(header);
    let outer = outer.map_or_else(
        || shown(known, "$VAULT_NAMESPACE"),
        |text| shown(known, text),
    );
    // Who sets it is not seen: as if nobody did.
    let outer = outer.strip_prefix("$VAULT_NAMESPACE").unwrap_or(&outer);
    let outer = outer.trim().trim_matches('/');
    let inner = match before.rsplit_once("/v1/") {
        Some((_, inner)) => inner,
        None if before.contains("://") || before.starts_with('$') => "",
        None => before,
    };
    let inner = shown(known, inner);
    let parts = [outer, inner.trim_matches('/')];
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<&str>>().join("/")
}

/// What stands before a login path in a word, and its mount: `auth/gitlab/login`,
/// `https://v/v1/auth/x/login`.
fn mount(word: &str) -> Option<(&str, &str)> {
    let (before, rest) = word.split_once("auth/")?;
    let whole = before.is_empty() || before.ends_with('/');
    let (mount, after) = rest.split_once("/login")?;
    let ends = after.is_empty() || after.starts_with('?');
    let plain = !mount.is_empty() && !mount.contains(char::is_whitespace);
    (whole && ends && plain).then_some((before, mount))
}

/// A member of a JSON body on the command line or in a here document.
fn in_json<'w>(words: &'w [String], name: &str) -> Option<&'w str> {
    words.iter().find_map(|word| {
        let (_, rest) = word.split_once(&format!("\"{name}\""))?;
        let rest = rest.trim_start().strip_prefix(':')?.trim_start();
        let rest = rest.strip_prefix('"')?;
        let (text, _) = rest.split_once('"')?;
        (!text.is_empty()).then_some(text)
    })
}

/// A word that is nothing but a variable in which a body was put, as that body; else the word.
fn body(known: &Variables, word: &str) -> String {
    let name = variable(word).filter(|name| word.trim_matches(['$', '{', '}']) == *name);
    let text = name
        .and_then(|name| known.get(name))
        .map(|text| text.trim_start());
    let is_body = |text: &&str| text.starts_with(['{', '`']) || text.starts_with("$(");
    text.filter(is_body).unwrap_or(word).to_owned()
}

/// A member of the object that a `jq` on the command line makes: `jq -n --arg r app '{role: $r}'`.
fn in_jq(command: &Command, name: &str) -> Option<String> {
    let inner = command.words.iter().flat_map(|word| shell::commands(word));
    std::iter::once(command.input.clone())
        .chain(inner.map(|one| one.words))
        .find_map(|words| {
            let program = words.iter().find(|word| word.starts_with('{'))?;
            let (_, rest) = program.split_once(&format!("{name}:"))?;
            let rest = rest.trim_start();
            if let Some(text) = rest.strip_prefix('"') {
                return Some(text.split_once('"')?.0.to_owned());
            }
            let argument = variable(rest)?;
            let at = words.windows(3).find(
                |three| matches!(three, [flag, name, _] if flag == "--arg" && name == argument),
            );
            at.and_then(|three| three.get(2)).cloned()
        })
}

/// The name in `$NAME` or `${NAME}`.
fn variable(text: &str) -> Option<&str> {
    let name = text.strip_prefix('$')?;
    let name = name.strip_prefix('{').unwrap_or(name);
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = name.find(|c| !is_name(c)).unwrap_or(name.len());
    name.get(..end).filter(|name| !name.is_empty())
}

/// Whether a command is a login with a token: as an argument, as `token=`, or from its input (`-`).
/// A token that a substitution fetches is the job's own.
fn takes_token(command: &Command) -> bool {
    let Some(words) = login_words(command) else {
        return false;
    };
    let method = value(words, &["-method", "--method"]).unwrap_or("token");
    let given = |word: &String| {
        let text = word.strip_prefix("token=").unwrap_or(word);
        let own = text.starts_with("$(") || text.starts_with('`');
        !own && (text == "-" || text.starts_with('$') || text.len() < word.len())
    };
    let own_input = words
        .iter()
        .any(|word| word.starts_with("$(") || word.starts_with('`'));
    method == "token" && !own_input && (words.iter().any(given) || words_say_token(words))
}

/// `vault login -method=token` asks for the token, or reads it from elsewhere.
fn words_say_token(words: &[String]) -> bool {
    value(words, &["-method", "--method"]) == Some("token")
}

#[cfg(test)]
mod tests {
    use crate::snapshot::gitlab::ci::CiFile;

    fn logins(script: &str) -> Vec<String> {
        let text = format!(
            "variables: {{ ROLE: app, M: gitlab }}\njob:\n  script:\n    - |\n      {}\n",
            script.replace('\n', "\n      ")
        );
        let file = CiFile::parse(&text).unwrap();
        let logins = file.jobs[0].command_logins();
        let named = |login: &super::CommandLogin| format!("{}/{}", login.mount, login.role);
        logins.iter().map(named).collect()
    }

    #[test]
    fn logins_by_command_name_mount_and_role() {
        let write = "export T=$(vault write -field=token auth/gitlab/login role=app jwt=$J)";
        assert_eq!(logins(write), ["gitlab/app"]);
        let login = "vault login -method=jwt -path=gitlab \\\n  role=\"$ROLE\" jwt=$J";
        assert_eq!(logins(login), ["gitlab/app"]);
        assert_eq!(logins("vault login -method=jwt role=app"), ["jwt/app"]);
        assert_eq!(logins("vault login -path $M role=app"), ["gitlab/app"]);
        let curl =
            "curl -d '{\"jwt\": \"'$J'\", \"role\": \"app\"}' $VAULT_ADDR/v1/auth/gitlab/login";
        assert_eq!(logins(curl), ["gitlab/app"]);
        let nested = "curl -d '{\"role\":\"app\"}' \"$VAULT_ADDR/v1/auth/gitlab/login?x\"";
        assert_eq!(logins(nested), ["gitlab/app"]);
        let document = "curl --data @- $VAULT_ADDR/v1/auth/gitlab/login <<EOF\n{\"jwt\": \"$J\", \"role\": \"app\"}\nEOF";
        assert_eq!(logins(document), ["gitlab/app"]);
        let quoted = "export VAULT_TOKEN=\"$(bao write -field=token \"auth/$M/login\" role=\"${ROLE}\" jwt=\"$J\")\"";
        assert_eq!(logins(quoted), ["gitlab/app"]);
        for script in [
            "echo '{\"role\":\"app\",\"jwt\":\"'$J'\"}' | vault write auth/gitlab/login -",
            "printf '{\"role\":\"app\",\"jwt\":\"%s\"}' \"$J\" | curl -d @- https://v/v1/auth/gitlab/login",
            "curl -d \"$(jq -n --arg jwt \"$J\" '{role: \"app\", jwt: $jwt}')\" $A/v1/auth/gitlab/login",
            "jq -n --arg jwt $J --arg r app '{jwt: $jwt, role: $r}' | curl -d @- $A/v1/auth/gitlab/login",
            "BODY=$(jq -n --arg r app --arg j \"$J\" '{role: $r, jwt: $j}')\ncurl -d \"$BODY\" $A/v1/auth/gitlab/login",
            "B='{\"role\": \"app\", \"jwt\": \"x\"}'\ncurl -d \"${B}\" $A/v1/auth/gitlab/login",
            "bash -ec 'vault write auth/gitlab/login role=app jwt=$J'",
            "docker run -i vault sh -c \"vault write auth/gitlab/login role=app jwt=$J\"",
            "eval \"vault write auth/gitlab/login role=app\"",
            "R=app\nvault write auth/gitlab/login role=$R jwt=$J",
            "export R=app X=y; vault write auth/gitlab/login role=\"${R}\"",
            "vault write auth/gitlab/login role=\"${R:-app}\"",
            "R=\nvault write auth/${R:-$M}/login role=${ROLE-other}",
        ] {
            assert_eq!(logins(script), ["gitlab/app"], "{script}");
        }
        let two = "vault write auth/a/login role=x && vault write auth/b/login role=y";
        assert_eq!(logins(two), ["a/x", "b/y"]);
    }

    #[test]
    fn a_login_stands_in_a_function_or_in_powershell() {
        for script in [
            "log_in() { vault write auth/$1/login role=\"$2\" jwt=$J; }\nlog_in gitlab app",
            "f() {\n  local role=$1\n  T=$(vault write auth/gitlab/login role=$role)\n}\nf $ROLE",
            "function f { curl -d \"{\\\"role\\\": \\\"$1\\\"}\" $A/v1/auth/gitlab/login; }\nif ! f app; then exit 1; fi",
            "$env:VAULT_TOKEN = vault write -field=token auth/gitlab/login role=app jwt=$env:J",
            "$r = Invoke-RestMethod -Method Post -Uri \"$env:A/v1/auth/gitlab/login\" -Body (@{ role = \"app\"; jwt = $env:J } | ConvertTo-Json)",
            "$u = \"$env:A/v1/auth/gitlab/login\"\n$b = @{ role = $env:ROLE; jwt = $env:J } | ConvertTo-Json\n$r = irm -Method Post -Uri $u -Body $b",
            "$p = @{ Uri = \"https://v/v1/auth/gitlab/login\"; Body = '{\"role\":\"app\"}' }\nInvoke-RestMethod @p",
        ] {
            assert_eq!(logins(script), ["gitlab/app"], "{script}");
        }
        let uncalled = "f() { vault write auth/gitlab/login role=\"$1\"; }";
        assert_eq!(logins(uncalled), ["gitlab/$1"]);
    }

    #[test]
    fn a_login_knows_its_token_and_namespace() {
        let of = |script: &str| {
            let text = format!("job:\n  script:\n    - |\n      {script}\n");
            let file = CiFile::parse(&text).unwrap();
            let login = file.jobs[0].command_logins().remove(0);
            (login.token.unwrap_or_default(), login.namespace)
        };
        for (script, token, namespace) in [
            ("vault write auth/gitlab/login role=a jwt=\"${J}\"", "J", ""),
            (
                "vault write -namespace=team auth/gitlab/login role=a jwt=$J",
                "J",
                "team",
            ),
            (
                "VAULT_NAMESPACE=team/ vault write b/auth/gitlab/login role=a",
                "",
                "team/b",
            ),
            (
                "curl -H \"X-Vault-Namespace: team\" -d '{\"jwt\":\"$J\"}' $A/v1/auth/x/login",
                "J",
                "team",
            ),
            ("curl https://v/v1/team/b/auth/x/login", "", "team/b"),
            ("curl $A/auth/x/login", "", ""),
        ] {
            assert_eq!(
                of(script),
                (token.to_owned(), namespace.to_owned()),
                "{script}"
            );
        }
    }

    #[test]
    fn logins_with_a_token_are_told_from_those_that_fetch_one() {
        let count = |script: &str| {
            let text = format!("job:\n  script:\n    - |\n      {script}\n");
            CiFile::parse(&text).unwrap().jobs[0].token_logins().len()
        };
        for script in [
            "vault login $T",
            "vault login \"$T\"",
            "vault login -no-print \"${T}\"",
            "vault login - <<< \"$T\"",
            "echo \"$T\" | vault login -",
            "vault login token=\"$T\"",
            "vault login -method=token",
            "/usr/bin/vault login -field=token \"$T\" > /dev/null",
        ] {
            assert_eq!(count(script), 1, "{script}");
        }
        for script in [
            "vault login -method=jwt role=a jwt=$J",
            "vault login -method jwt -path \"$M\" role=a jwt=$J",
            "vault login \"$(vault write -field=token auth/gitlab/login role=a jwt=$J)\"",
            "vault login - <<< \"$(vault write -field=token auth/gitlab/login role=a jwt=$J)\"",
            "docker login \"$T\"",
            "echo vault logs \"$T\"",
        ] {
            assert_eq!(count(script), 0, "{script}");
        }
    }

    #[test]
    fn unknown_variables_stay_and_other_commands_are_no_login() {
        let unknown = "vault write auth/gitlab/login role=$OTHER";
        assert_eq!(logins(unknown), ["gitlab/$OTHER"]);
        assert_eq!(logins("# vault write auth/gitlab/login role=a"), [""; 0]);
        assert_eq!(logins("docker login -u role=x"), [""; 0]);
        assert_eq!(logins("vault read auth/gitlab/role/app"), [""; 0]);
        assert_eq!(logins("vault login"), [""; 0]);
        assert_eq!(logins("echo vault write auth/gitlab/login role=a"), [""; 0]);
        let policy = "vault policy write p - <<EOF\npath \"auth/gitlab/login\" {\nEOF";
        assert_eq!(logins(policy), [""; 0]);
    }
}
