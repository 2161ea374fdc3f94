//! Where a run happens: machine, account, and what started it.

use std::collections::BTreeMap;
use std::env;
use std::fs;

use crate::model::secret;
use crate::pack::{Build, file_sha256};

/// What the build noted of this program.
pub(super) const BUILD: Build<'static> = Build {
    commit: match option_env!("PIPEROLL_COMMIT") {
        Some(commit) => commit,
        None => "",
    },
    target: env!("PIPEROLL_TARGET"),
};

/// Variables by which CI systems and schedulers say what runs.
const STARTED_BY: &[&str] = &[
    "CI_JOB_URL",
    "CI_PIPELINE_URL",
    "CI_PIPELINE_SOURCE",
    "CI_COMMIT_SHA",
    "GITLAB_USER_LOGIN",
    "GITHUB_REPOSITORY",
    "GITHUB_RUN_ID",
    "GITHUB_SHA",
    "GITHUB_ACTOR",
    "BUILD_URL",
    "CLOUD_RUN_JOB",
    "CLOUD_RUN_EXECUTION",
    "KUBERNETES_SERVICE_HOST",
    "INVOCATION_ID",
    "SUDO_USER",
];

/// The machine of a run; host, account and what started it are empty where they are withheld.
#[derive(Debug, Default)]
pub(super) struct Machine {
    pub(super) host: String,
    pub(super) user: String,
    pub(super) started_by: BTreeMap<String, String>,
    /// The directory of the run; empty where it is gone.
    pub(super) directory: String,
    /// Digest of the program's own file, so that a pack says which build made it.
    pub(super) binary: String,
}

impl Machine {
    /// This one.
    pub(super) fn of(withheld: bool) -> Machine {
        let machine = Machine {
            directory: directory(),
            binary: binary(),
            ..Machine::default()
        };
        if withheld {
            return machine;
        }
        let said = |name: &&str| {
            let value = env::var(name).ok().filter(|value| !value.is_empty())?;
            Some(((*name).to_owned(), secret::redact(&value)))
        };
        Machine {
            host: host(),
            user: user(),
            started_by: STARTED_BY.iter().filter_map(said).collect(),
            ..machine
        }
    }
}

fn directory() -> String {
    let here = env::current_dir();
    here.map(|path| path.display().to_string())
        .unwrap_or_default()
}

fn binary() -> String {
    let file = env::current_exe();
    file.and_then(|path| file_sha256(&path)).unwrap_or_default()
}

fn host() -> String {
    fs::read_to_string("/etc/hostname")
        .map(|name| name.trim().to_owned())
        .or_else(|_| env::var("HOSTNAME").or_else(|_| env::var("COMPUTERNAME")))
        .unwrap_or_default()
}

/// The account: as the system knows the process, for a variable can be set to anything; as the
/// environment says where the system does not tell.
fn user() -> String {
    let named = ["USER", "LOGNAME", "USERNAME"].into_iter();
    let named = || named.clone().find_map(|name| env::var(name).ok());
    account().or_else(named).unwrap_or_default()
}

/// The name of the account that this process belongs to; its number where no name is known.
#[cfg(target_os = "linux")]
fn account() -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    let number = fs::metadata("/proc/self").ok()?.uid().to_string();
    let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, own) = (fields.next()?, fields.nth(1)?);
        (own == number).then(|| name.to_owned())
    });
    Some(name.unwrap_or(number))
}

/// Elsewhere only the environment tells.
#[cfg(not(target_os = "linux"))]
fn account() -> Option<String> {
    None
}
