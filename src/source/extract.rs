//! The bytes of places that are cited, out of the decompressed stream.

use std::io::{self, BufReader, Read};

use super::input::InputFile;
use super::open::Opened;

/// The bytes `[byte, end)` of each range, in their order.
///
/// # Errors
///
/// The file cannot be read, or ends before a range does.
pub fn extract(file: &InputFile, ranges: &[(u64, u64)]) -> io::Result<Vec<Vec<u8>>> {
    let mut order: Vec<usize> = (0..ranges.len()).collect();
    order.sort_by_key(|&at| ranges.get(at).copied());
    let mut found = vec![Vec::new(); ranges.len()];
    let open = || Opened::new(file.path.as_deref()).map(BufReader::new);
    let (mut reader, mut position) = (open()?, 0);
    for at in order {
        let Some(&(byte, end)) = ranges.get(at) else {
            continue;
        };
        // Ranges may overlap: several records lie in one line.
        if byte < position {
            (reader, position) = (open()?, 0);
        }
        io::copy(&mut reader.by_ref().take(byte - position), &mut io::sink())?;
        let length = end.saturating_sub(byte);
        let mut bytes = Vec::new();
        reader.by_ref().take(length).read_to_end(&mut bytes)?;
        if bytes.len() as u64 != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        position = byte + length;
        if let Some(slot) = found.get_mut(at) {
            *slot = bytes;
        }
    }
    Ok(found)
}
