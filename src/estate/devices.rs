//! Audit devices, told apart by the folders that their files lie in.

use crate::model::{AuditDevice, System};
use crate::table::row::half::Half;

/// The folders that Vault logs lie in, in file order. A device's rotated files lie together; two
/// devices in one folder are taken for one.
#[derive(Debug, Default)]
pub(crate) struct Devices {
    pub(crate) folders: Vec<String>,
    /// What each has of the requests that any of them has.
    pub(crate) logged: Vec<AuditDevice>,
}

impl Devices {
    /// Keeps what pairing counted, under the folders.
    pub(crate) fn logged(&mut self, counted: [AuditDevice; 16]) {
        let named = self.folders.iter().zip(counted);
        let named = named.map(|(folder, counted)| AuditDevice {
            folder: folder.clone(),
            ..counted
        });
        self.logged = named.collect();
        self.logged.sort_by(|a, b| a.folder.cmp(&b.folder));
    }

    /// The number of the device that a block of `file` is from; 0 for what is no Vault log.
    pub(crate) fn number(&mut self, file: &str, halves: &[Half]) -> u8 {
        if halves
            .first()
            .is_none_or(|half| half.system != System::Vault)
        {
            return 0;
        }
        let folder = folder(file);
        let known = self.folders.iter().position(|device| device == folder);
        let number = known.unwrap_or_else(|| {
            self.folders.push(folder.to_owned());
            self.folders.len() - 1
        });
        u8::try_from(number).unwrap_or(u8::MAX)
    }
}

/// The folder of a file, with its trailing slash; empty at the root.
pub(crate) fn folder(name: &str) -> &str {
    name.rfind('/')
        .and_then(|slash| name.get(..=slash))
        .unwrap_or("")
}
