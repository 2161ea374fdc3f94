//! Private directories for what is not finished: readable by this account alone, and gone however
//! the process ends.
//!
//! Spilled tables hold all of an organisation's accesses, a pack under way half of its evidence.
//! Neither outlives the run: dropped when it ends, removed when a signal ends it ([`on_signals`]),
//! and what a killed run left behind is swept by the next one ([`Scratch::new_in_swept`]).

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::TempDir;

pub use self::ending::{end, on_signals};

mod ending;

/// The file that a living run holds locked in a directory that may be swept.
const LOCK: &str = "lock";
/// The rights of a directory, and of a file: this account's alone, and all of them.
const DIRECTORY: u32 = 0o700;
const FILE: u32 = 0o600;
/// How often a directory is made whose like a run that sweeps took away. Each time another run has to
/// begin at that very moment: on a busy machine with many runs at once five were too few.
const TRIES: u32 = 100;

/// The directories that a signal removes.
///
/// Whoever makes, moves or removes something in one of them holds this: so nothing comes up in a
/// directory that is being removed, and nobody moves half of it away.
static LIVING: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn living() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    LIVING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A private directory, removed when dropped.
#[derive(Debug)]
pub struct Scratch {
    directory: Option<TempDir>,
    /// Held locked as long as the directory is in use.
    _lock: Option<File>,
}

impl Scratch {
    /// Makes a directory `<prefix>XXXXXX` below `parent` that only this account can enter.
    ///
    /// # Errors
    ///
    /// Fails when it cannot be made.
    pub fn new_in(parent: &Path, prefix: impl AsRef<std::ffi::OsStr>) -> io::Result<Scratch> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(prefix.as_ref());
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(DIRECTORY));
        // Registered while the signal thread waits: a signal in between finds it or comes first.
        let mut living = living();
        let directory = builder.tempdir_in(parent)?;
        match open_to_owner(directory.path(), DIRECTORY) {
            // Empty and not locked yet: a run that sweeps took it away, and whoever asks for its lock
            // makes another.
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        living.insert(directory.path().to_owned());
        Ok(Scratch {
            directory: Some(directory),
            _lock: None,
        })
    }

    /// As [`Scratch::new_in`], and removes what killed runs of this account left behind there.
    ///
    /// A run that looks for what was left may see the directory before its lock is held, and takes
    /// it away while it is empty: then another one is made.
    ///
    /// # Errors
    ///
    /// Fails when the directory cannot be made.
    pub fn new_in_swept(parent: &Path, prefix: &str) -> io::Result<Scratch> {
        let mut tries = 0;
        let scratch = loop {
            let mut scratch = Scratch::new_in(parent, prefix)?;
            tries += 1;
            match lock(scratch.path()) {
                Ok(lock) => {
                    scratch._lock = lock;
                    break scratch;
                }
                Err(error) if tries == TRIES => return Err(error),
                Err(_) => {}
            }
        };
        sweep(parent, prefix, scratch.path());
        Ok(scratch)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.directory.as_ref().map_or(Path::new(""), TempDir::path)
    }

    /// Moves it to its place for good, whole: where it cannot be moved it is removed.
    ///
    /// # Errors
    ///
    /// Fails when something is there, or it cannot be moved.
    pub fn move_to(mut self, place: &Path) -> io::Result<()> {
        let mut living = living();
        fs::rename(self.path(), place)?;
        if let Some(directory) = self.directory.take() {
            living.remove(&directory.keep());
        }
        Ok(())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Some(directory) = self.directory.take() {
            // Held until it is gone: a signal in between would leave the rest of it.
            let mut living = living();
            living.remove(directory.path());
            drop(directory);
        }
    }
}

/// Makes a directory, and those above it that are missing, for this account alone.
///
/// # Errors
///
/// Fails when one cannot be made.
pub fn create_directories(path: &Path) -> io::Result<()> {
    let mut missing: Vec<&Path> = path
        .ancestors()
        .take_while(|above| !above.as_os_str().is_empty() && !above.is_dir())
        .collect();
    let _living = living();
    while let Some(directory) = missing.pop() {
        match make(directory) {
            // Several files of one run may ask for it at once.
            Err(error) if !directory.is_dir() => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn make(directory: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, DIRECTORY);
    builder.create(directory)?;
    open_to_owner(directory, DIRECTORY)
}

/// Gives this account the rights that something was made with, where the umask took some of them: one
/// of 0777 leaves nothing that its owner can read.
#[cfg(unix)]
fn open_to_owner(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let found = fs::symlink_metadata(path)?.permissions();
    if found.mode() & mode != mode {
        fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
    }
    Ok(())
}

/// Elsewhere a directory has the rights of the one above it.
#[cfg(not(unix))]
fn open_to_owner(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

/// Makes a new directory for this account alone.
///
/// # Errors
///
/// Fails when it cannot be made or is there already.
pub fn create_directory(path: &Path) -> io::Result<()> {
    let _living = living();
    make(path)
}

/// Makes a new file that only this account can read.
///
/// # Errors
///
/// Fails when it cannot be made or is there already.
pub fn create(path: &Path) -> io::Result<File> {
    open(path, OpenOptions::new().write(true).create_new(true))
}

/// Opens a file, which if it is made is one that only this account can read.
///
/// # Errors
///
/// Fails when it cannot be opened.
pub fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, FILE);
    let _living = living();
    let file = options.open(path)?;
    open_to_owner(path, FILE)?;
    Ok(file)
}

/// Makes the lock of a new directory and holds it; none where the file system knows no locks.
///
/// Whoever sweeps takes the lock before it removes anything. So one that is held here, and still
/// lies in its place, is safe.
fn lock(directory: &Path) -> io::Result<Option<File>> {
    let path = directory.join(LOCK);
    let lock = create(&path)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::ResourceBusy.into()),
        Err(TryLockError::Error(_)) => {
            // Nobody else can lock it either, so nobody sweeps it.
            return Ok(None);
        }
    }
    fs::symlink_metadata(&path)?;
    Ok(Some(lock))
}

/// Removes the directories of runs that were killed: those of this account whose lock nobody holds,
/// and those that are empty, as one is before it is locked.
///
/// What cannot be looked at belongs to somebody else and stays.
fn sweep(parent: &Path, prefix: &str, own: &Path) {
    let Ok(entries) = fs::read_dir(parent) else {
        return;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        let named = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with(prefix));
        if !named || path == own || !same_owner(&path, own) {
            continue;
        }
        // Of what a run is about to lock only an empty directory can be taken, in one step.
        if fs::remove_dir(&path).is_ok() {
            continue;
        }
        if let Some(_held) = abandoned(&path) {
            let _ = fs::remove_dir_all(&path);
        }
    }
}

/// The lock of a real directory, if nobody else holds it.
fn abandoned(path: &Path) -> Option<File> {
    let lock = path.join(LOCK);
    let real = fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
        && fs::symlink_metadata(&lock).is_ok_and(|found| found.is_file());
    let lock = real.then(|| OpenOptions::new().write(true).open(&lock));
    lock?.ok().filter(|lock| lock.try_lock().is_ok())
}

#[cfg(unix)]
fn same_owner(path: &Path, own: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let owner = |path: &Path| fs::symlink_metadata(path).map(|found| found.uid()).ok();
    owner(path).is_some() && owner(path) == owner(own)
}

#[cfg(not(unix))]
fn same_owner(_: &Path, _: &Path) -> bool {
    true
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn mode(path: &Path) -> Option<u32> {
        let found = fs::metadata(path).ok()?;
        Some(found.permissions().mode() & 0o777)
    }

    #[test]
    fn a_directory_and_its_files_are_for_this_account_alone_and_go_with_it() {
        let parent = tempfile::tempdir().unwrap();
        let scratch = Scratch::new_in(parent.path(), "piperoll-").unwrap();
        create(&scratch.path().join("part")).unwrap();
        assert_eq!(mode(scratch.path()), Some(0o700));
        assert_eq!(mode(&scratch.path().join("part")), Some(0o600));
        assert!(create(&scratch.path().join("part")).is_err());
        drop(scratch);
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_a_killed_run_left_is_swept_and_what_is_in_use_or_not_ours_stays() {
        let parent = tempfile::tempdir().unwrap();
        let stale = parent.path().join("piperoll-stale");
        fs::create_dir(&stale).unwrap();
        fs::write(stale.join(LOCK), "").unwrap();
        fs::write(stale.join("part"), "rows").unwrap();
        let without_lock = parent.path().join("piperoll-other");
        fs::create_dir(&without_lock).unwrap();
        fs::write(without_lock.join("part"), "not ours").unwrap();
        // A run may be killed before it has locked anything.
        let (empty, unlocked) = (
            parent.path().join("piperoll-empty"),
            parent.path().join("piperoll-unlocked"),
        );
        fs::create_dir(&empty).unwrap();
        fs::create_dir(&unlocked).unwrap();
        create(&unlocked.join(LOCK)).unwrap();
        let target = tempfile::tempdir().unwrap();
        fs::write(target.path().join(LOCK), "").unwrap();
        std::os::unix::fs::symlink(target.path(), parent.path().join("piperoll-link")).unwrap();
        let first = Scratch::new_in_swept(parent.path(), "piperoll-").unwrap();
        assert!(!stale.exists() && !empty.exists() && !unlocked.exists());
        let second = Scratch::new_in_swept(parent.path(), "piperoll-").unwrap();
        assert!(first.path().exists() && second.path().exists());
        assert!(without_lock.exists() && target.path().join(LOCK).exists());
    }

    #[test]
    fn runs_that_begin_and_sweep_at_once_take_nothing_from_each_other() {
        let parent = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let own = Scratch::new_in_swept(parent.path(), "piperoll-").unwrap();
                        assert!(own.path().join(LOCK).exists());
                        create(&own.path().join("part")).unwrap();
                        assert!(own.path().join("part").exists());
                    }
                });
            }
        });
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }
}
