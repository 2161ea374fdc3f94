//! Which Vault role a job logs in with: by the variables of GitLab's integration, or by command.

use crate::posture::{Posture, Thing};
use crate::snapshot::gitlab::ci::Job;

/// One login that a job makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Login {
    /// Auth mount without `auth/`.
    pub(super) mount: String,
    /// Role name; variables that the file does not know are left in it.
    pub(super) role: String,
    /// Namespace, empty for root.
    pub(super) namespace: String,
    /// The ID token it is made with, where the job says so.
    pub(super) token: Option<String>,
    /// What to look for in the file to find it.
    pub(super) needle: String,
}

/// The logins of a job that name a role.
pub(super) fn logins(job: &Job) -> Vec<Login> {
    let mut found = all(job);
    found.retain(|login| !login.role.is_empty());
    found
}

/// The logins of a job; one that names no role takes the default of its mount (documentation of
/// Vault, "JWT/OIDC auth method").
pub(super) fn resolved(input: &Posture<'_>, job: &Job) -> Vec<Login> {
    let mut found = all(job);
    for login in found.iter_mut().filter(|login| login.role.is_empty()) {
        let mount = match login.namespace.as_str() {
            "" => format!("vault:mount/auth/{}/", login.mount),
            namespace => format!("vault:mount/{namespace}/auth/{}/", login.mount),
        };
        let settings = input.things.named("vault-auth-config", &mount);
        let default = settings
            .filter_map(|thing| thing.value("default_role"))
            .next();
        default.unwrap_or_default().clone_into(&mut login.role);
    }
    found.retain(|login| !login.role.is_empty());
    found
}

/// Why not every login of a job can be judged by a role; none where it can.
pub(super) fn unjudged(input: &Posture<'_>, job: &Job) -> Option<String> {
    let named = resolved(input, job);
    if let Some(login) = named.iter().find(|login| login.role.contains('$')) {
        return Some(format!("its role is `{}`", login.role));
    }
    let unknown = |login: &&Login| roles(input, login).is_empty();
    if let Some(login) = named.iter().find(unknown) {
        let mount = [login.namespace.as_str(), login.mount.as_str()];
        let mount: Vec<&str> = mount.into_iter().filter(|part| !part.is_empty()).collect();
        let (role, mount) = (&login.role, mount.join("/"));
        return Some(format!("its role `{role}` at `{mount}` was not exported"));
    }
    if !named.is_empty() {
        return None;
    }
    // What a program or a script file does with a token, the file does not show.
    let mut audiences = input.things.of("vault-role").flat_map(|role| {
        let bound: Vec<&str> = role.values("bound_audiences").collect();
        bound
    });
    let asked: Vec<&String> = job.id_tokens.values().flatten().collect();
    let accepted = audiences.any(|bound| asked.iter().any(|audience| *audience == bound));
    accepted.then(|| "it has a token that Vault takes and shows no login".to_owned())
}

fn all(job: &Job) -> Vec<Login> {
    let variable = |name: &str| job.variable(name).unwrap_or_default();
    let namespace = variable("VAULT_NAMESPACE").trim_matches('/').to_owned();
    let mut found = Vec::new();
    let by_vault = job.secrets.values().filter(|one| one.provider == "vault");
    let tokens: Vec<&str> = by_vault.map(|one| one.token.as_str()).collect();
    let role = variable("VAULT_AUTH_ROLE");
    // A project may set the role where nobody reads it; one whose file sets up Vault sets it there.
    let set_up = ["VAULT_AUTH_PATH", "VAULT_SERVER_URL"];
    let by_default = !tokens.is_empty() && set_up.iter().any(|name| !variable(name).is_empty());
    let named = !role.is_empty() && (!tokens.is_empty() || !job.id_tokens.is_empty());
    if named || (role.is_empty() && by_default) {
        let path = variable("VAULT_AUTH_PATH");
        let path = path.trim_matches('/');
        let token = tokens
            .first()
            .map(|token| token.trim_matches(['$', '{', '}']));
        let needle = if role.is_empty() {
            "secrets"
        } else {
            "VAULT_AUTH_ROLE"
        };
        found.push(Login {
            mount: if path.is_empty() { "jwt" } else { path }.to_owned(),
            role,
            namespace,
            token: token.filter(|token| !token.is_empty()).map(str::to_owned),
            needle: needle.to_owned(),
        });
    }
    found.extend(job.command_logins().into_iter().map(|login| Login {
        mount: login.mount,
        role: login.role,
        namespace: login.namespace,
        token: login.token,
        needle: login.line,
    }));
    found
}

/// The exported roles that a login may take: servers may have roles of one name, and a file does not
/// say which server it is for.
pub(super) fn roles<'i>(input: &'i Posture<'_>, login: &Login) -> Vec<Thing<'i>> {
    let plain = format!("vault:role/{}/{}", login.mount, login.role);
    let within = match login.namespace.as_str() {
        "" => plain,
        namespace => format!("vault:role/{namespace}/{}/{}", login.mount, login.role),
    };
    let all = input.things.of("vault-role");
    all.filter(|thing| thing.object == within).collect()
}
