//! The Vault logins that a job's commands make, as far as their text shows.
//!
//! Read are `vault login -method=jwt -path=<mount> role=<role>`, `vault write auth/<mount>/login
//! role=<role>`, and calls of `.../v1/auth/<mount>/login` with a JSON body. What a script file, an
//! action or a tool does by itself is not seen.

use super::job::Job;

/// One login by command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLogin {
    /// Auth mount without `auth/`.
    pub mount: String,
    /// Role; variables that the file does not know are left in it. Empty where none is written.
    pub role: String,
}

impl Job {
    /// The logins that `before_script`, `script` and `after_script` make, in order.
    #[must_use]
    pub fn command_logins(&self) -> Vec<CommandLogin> {
        let commands = self.commands();
        let lines = commands.iter().flat_map(|command| statements(command));
        lines.filter_map(|line| login(self, &line)).collect()
    }
}

/// Commands on lines of their own: continued lines joined, comments left out, parts of a list
/// (`a && b; c`) apart.
fn statements(text: &str) -> Vec<String> {
    let joined = text.replace("\\\n", " ");
    let lines = joined.lines().map(str::trim);
    lines
        .filter(|line| !line.starts_with('#'))
        .flat_map(|line| line.split("&&"))
        .flat_map(|part| part.split("; "))
        .map(str::to_owned)
        .collect()
}

fn login(job: &Job, line: &str) -> Option<CommandLogin> {
    let words: Vec<&str> = line
        .split_whitespace()
        .map(|word| word.trim_matches(['"', '\'', '(', ')', '`', ';']))
        .collect();
    let value = |names: &[&str]| {
        let mut found = words.iter().zip(words.iter().skip(1).chain([&""]));
        found.find_map(|(word, next)| {
            let flag = names.iter().find_map(|name| word.strip_prefix(name))?;
            match flag.strip_prefix('=') {
                Some(value) => Some(value),
                None => flag.is_empty().then_some(*next),
            }
        })
    };
    let by_path = words.iter().find_map(|word| mount(word));
    let pairs = words.windows(2);
    let by_command = pairs
        .filter(|pair| matches!(pair, [first, "login"] if first.ends_with("vault")))
        .count()
        > 0;
    let mount = match (by_path, by_command) {
        (Some(mount), _) => mount.to_owned(),
        (None, true) => {
            let path = value(&["-path", "--path"]).or_else(|| value(&["-method", "--method"]))?;
            let path = job.expanded(path.trim_matches(['"', '\'']));
            let path = path.trim_matches('/');
            path.strip_prefix("auth/").unwrap_or(path).to_owned()
        }
        (None, false) => return None,
    };
    let role = value(&["role"]).or_else(|| in_json(line)).unwrap_or("");
    Some(CommandLogin {
        mount: job.expanded(&mount),
        role: job.expanded(role.trim_matches(['"', '\''])),
    })
}

/// The mount of a login path anywhere in a word: `auth/gitlab/login`, `https://v/v1/auth/x/login`.
fn mount(word: &str) -> Option<&str> {
    let (before, rest) = word.split_once("auth/")?;
    let whole = before.is_empty() || before.ends_with('/');
    let end = rest.find("/login")?;
    let after = rest.get(end + "/login".len()..).unwrap_or("");
    let ends = after.is_empty() || after.starts_with(['"', '\'', ')', '?']);
    rest.get(..end)
        .filter(|mount| whole && ends && !mount.is_empty())
}

/// The role in a JSON body on the command line, escaped or not.
fn in_json(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once("\"role")?;
    let quote = |c: char| matches!(c, '"' | '\\' | ' ' | ':');
    let rest = rest.trim_start_matches(quote);
    let end = rest.find(['"', '\\', ',', '}'])?;
    rest.get(..end).filter(|role| !role.is_empty())
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
        let two = "vault write auth/a/login role=x && vault write auth/b/login role=y";
        assert_eq!(logins(two), ["a/x", "b/y"]);
    }

    #[test]
    fn unknown_variables_stay_and_other_commands_are_no_login() {
        let unknown = "vault write auth/gitlab/login role=$OTHER";
        assert_eq!(logins(unknown), ["gitlab/$OTHER"]);
        assert_eq!(logins("# vault write auth/gitlab/login role=a"), [""; 0]);
        assert_eq!(logins("docker login -u role=x"), [""; 0]);
        assert_eq!(logins("vault read auth/gitlab/role/app"), [""; 0]);
        assert_eq!(logins("vault login"), [""; 0]);
    }
}
