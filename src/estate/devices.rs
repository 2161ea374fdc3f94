//! Audit devices, told apart by the folders that their files lie in, and by how they hash.

use std::collections::BTreeMap;

use crate::identity::Ledger;
use crate::model::{AuditDevice, System};
use crate::table::row::Symbols;
use crate::table::row::half::Half;
use crate::table::row::pairing::Pairing;

/// How many records of a block are compared with those of another file at most.
const COMPARED: usize = 256;
/// So many records that another file has under another hash are no accident: a copy or two of
/// somebody else's records make no device.
const ENOUGH: u64 = 5;

/// The audit devices that Vault logs are of, in file order.
///
/// A device's rotated files lie together, and so may those of two devices. A device hashes a token
/// alike in all its files, and every device hashes with a salt of its own: a file that repeats what
/// others of its folder say, under other hashes, is another device's.
#[derive(Debug, Default)]
pub(crate) struct Devices {
    /// What each is called: its folder, with the trailing slash; the file, of a further one there.
    pub(crate) names: Vec<String>,
    /// The folder of each.
    folders: Vec<String>,
    /// Which device each file is of, as far as is known.
    files: BTreeMap<String, OfFile>,
    /// What each has of the requests that any of them has.
    pub(crate) logged: Vec<AuditDevice>,
}

/// The device of one file.
#[derive(Debug, Default)]
struct OfFile {
    number: usize,
    /// Whether what it says told the device.
    settled: bool,
    /// By device, how many records it has under the same hash and under another.
    hashed: BTreeMap<usize, [u64; 2]>,
}

/// What was read before a block, to compare it with.
#[derive(Clone, Copy)]
pub(crate) struct Before<'b> {
    pub(crate) pairing: &'b Pairing,
    pub(crate) ledger: &'b Ledger,
}

impl Before<'_> {
    /// Whether a device hashes the caller's token as a record does; none where nothing tells.
    fn hashes_alike(&self, device: usize, half: &Half, symbols: &Symbols) -> Option<bool> {
        let device = u8::try_from(device).unwrap_or(u8::MAX);
        let repeated = self
            .pairing
            .hashed_alike(device, half, symbols, self.ledger);
        let known = || self.ledger.devices.knows(device, half, symbols);
        repeated.or_else(|| known().then_some(true))
    }
}

impl Devices {
    /// Keeps what pairing counted, under the names.
    pub(crate) fn logged(&mut self, counted: [AuditDevice; 16]) {
        let named = self.names.iter().zip(counted);
        let named = named.map(|(name, counted)| AuditDevice {
            folder: name.clone(),
            ..counted
        });
        self.logged = named.collect();
        self.logged.sort_by(|a, b| a.folder.cmp(&b.folder));
    }

    /// The number of the device that a block of `file` is from; 0 for what is no Vault log.
    pub(crate) fn number(
        &mut self,
        file: &str,
        halves: &[Half],
        symbols: &Symbols,
        before: Before<'_>,
    ) -> u8 {
        if halves
            .first()
            .is_none_or(|half| half.system != System::Vault)
        {
            return 0;
        }
        let number = match self.files.get(file) {
            Some(of) if of.settled => of.number,
            _ => self.compare(file, halves, symbols, before),
        };
        u8::try_from(number).unwrap_or(u8::MAX)
    }

    /// What a device is called that a file is of.
    pub(crate) fn name_of<'n>(&'n self, file: &'n str) -> &'n str {
        let known = self
            .files
            .get(file)
            .and_then(|of| self.names.get(of.number));
        known.map_or(folder(file), String::as_str)
    }

    /// The device of a file, by what a further block of it says.
    fn compare(
        &mut self,
        file: &str,
        halves: &[Half],
        symbols: &Symbols,
        before: Before<'_>,
    ) -> usize {
        let folder = folder(file);
        let mut own = self.files.remove(file).unwrap_or_default();
        let of_folder: Vec<usize> = (0..self.folders.len())
            .filter(|&device| {
                self.folders
                    .get(device)
                    .is_some_and(|known| known == folder)
            })
            .collect();
        for half in halves.iter().step_by(halves.len() / COMPARED + 1) {
            for &device in &of_folder {
                if let Some(alike) = before.hashes_alike(device, half, symbols) {
                    own.hashed.entry(device).or_default()[usize::from(!alike)] += 1;
                }
            }
        }
        let says = |device: &usize| own.hashed.get(device).copied().unwrap_or_default();
        let is_another = |device: &usize| {
            let [alike, other] = says(device);
            other >= ENOUGH && other > alike
        };
        let open = |device: &&usize| !is_another(device);
        let likest = of_folder.iter().filter(open).max_by_key(|&device| {
            // Of those of which nothing is known, the first.
            (says(device)[0], std::cmp::Reverse(*device))
        });
        (own.number, own.settled) = match likest {
            Some(&device) => (device, says(&device)[0] >= ENOUGH),
            None => {
                let first = of_folder.is_empty();
                let name = if first { folder } else { file };
                self.names.push(name.to_owned());
                self.folders.push(folder.to_owned());
                (self.names.len() - 1, true)
            }
        };
        let number = own.number;
        self.files.insert(file.to_owned(), own);
        number
    }
}

/// The folder of a file, with its trailing slash; empty at the root.
pub(crate) fn folder(name: &str) -> &str {
    name.rfind('/')
        .and_then(|slash| name.get(..=slash))
        .unwrap_or("")
}
