//! A file that pairing puts away in what it keeps of operations, and that this run removes.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};

use super::EngineError;
use crate::scratch::{self, Scratch};
use crate::table::row::pairing::Shelf;

/// A file of pages, made when the first one is put away.
#[derive(Debug, Default)]
pub struct PageFile {
    file: Option<File>,
    /// Removed with what is in it.
    folder: Option<Scratch>,
}

impl PageFile {
    /// The error that ends a run whose pages cannot be written or read back.
    #[must_use]
    pub fn failed(fault: &io::Error) -> EngineError {
        EngineError::file(&std::env::temp_dir(), fault)
    }

    fn file(&mut self) -> io::Result<&mut File> {
        match &mut self.file {
            Some(file) => Ok(file),
            none => {
                let folder = Scratch::new_in_swept(&std::env::temp_dir(), "piperoll-")?;
                let mut options = OpenOptions::new();
                options.read(true).write(true).create_new(true);
                let file = scratch::open(&folder.path().join("seen"), &mut options)?;
                self.folder = Some(folder);
                Ok(none.insert(file))
            }
        }
    }
}

impl Shelf for PageFile {
    fn put(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        let file = self.file()?;
        file.seek(SeekFrom::Start(at))?;
        file.write_all(bytes)
    }

    fn read(&mut self, at: u64, bytes: &mut [u8]) -> io::Result<()> {
        let file = self.file()?;
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_away_comes_back_whatever_the_order() {
        let mut file = PageFile::default();
        for at in [8, 0, 16, 8] {
            file.put(at, &[at as u8 + 1; 8]).unwrap();
        }
        for at in [16, 8, 0] {
            let mut bytes = [0; 8];
            file.read(at, &mut bytes).unwrap();
            assert_eq!(bytes, [at as u8 + 1; 8]);
        }
        let beyond = file.read(20, &mut [0; 8]).unwrap_err();
        assert_eq!(beyond.kind(), io::ErrorKind::UnexpectedEof);
        let folder = file.folder.as_ref().unwrap().path().to_owned();
        assert!(folder.is_dir());
        drop(file);
        assert!(!folder.exists(), "nothing is left behind");
    }
}
