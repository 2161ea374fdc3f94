//! Pairing says the same whether what it keeps lies in memory or on a shelf.

use std::io;
use std::sync::{Arc, Mutex};

use super::half::Half;
use super::pairing::tests::{Log, half};
use super::pairing::{Pairing, Shelf};
use super::{NONE, Symbols};
use crate::model::{Part, Timestamp};

/// Bytes that a test can look at, or take away.
#[derive(Clone, Debug, Default)]
pub(super) struct Bytes(pub(super) Arc<Mutex<Vec<u8>>>);

impl Shelf for Bytes {
    fn put(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        let mut all = self.0.lock().unwrap();
        let (at, end) = (at as usize, at as usize + bytes.len());
        if all.len() < end {
            all.resize(end, 0);
        }
        all[at..end].copy_from_slice(bytes);
        Ok(())
    }

    fn read(&mut self, at: u64, bytes: &mut [u8]) -> io::Result<()> {
        let all = self.0.lock().unwrap();
        let (at, end) = (at as usize, at as usize + bytes.len());
        let there = all.get(at..end).ok_or(io::ErrorKind::UnexpectedEof)?;
        bytes.copy_from_slice(there);
        Ok(())
    }
}

/// Operations of several pages.
const COUNT: i64 = 3_000;

/// What a device wrote of an operation: every seventh lacks its answer on the second device, and every
/// eleventh is another one there that bears its id.
fn records(device: u8, number: i64, symbols: &mut Symbols) -> Vec<Half> {
    let id = format!("{number:08x}-0000-0000-0000-00000000000{}", number % 10);
    let at = number * 1_000_000;
    let accessor = format!("hmac-sha256:{device}{}", number % 50);
    let mut both = vec![
        half(&id, Part::Request, at, &accessor, symbols),
        half(&id, Part::Response, at + 5, &accessor, symbols),
    ];
    if device == 1 && number % 7 == 0 {
        both.pop();
    }
    if device == 1 && number % 11 == 0 {
        both.iter_mut()
            .for_each(|half| half.at = Timestamp(half.at.0 + 3_600_000_000));
    }
    both
}

fn paired(mut pairing: Pairing) -> (String, Option<io::Error>) {
    let mut log = Log::default();
    let mut duplicates = 0;
    // The second device wrote in another order.
    let orders: [(u8, Vec<i64>); 2] = [
        (0, (0..COUNT).collect()),
        (1, (0..COUNT).map(|n| n * 1_237 % COUNT).collect()),
    ];
    for (device, numbers) in orders {
        for block in numbers.chunks(300) {
            let mut symbols = Symbols::new();
            let mut halves = Vec::new();
            for number in block {
                halves.extend(records(device, *number, &mut symbols));
            }
            assert_ne!(
                symbols.find("hmac-sha256:01") | symbols.find("hmac-sha256:11"),
                NONE
            );
            let repeated = pairing.block(device, halves, &mut symbols, &mut log);
            duplicates += repeated.values().sum::<u64>();
        }
    }
    pairing.finish(&mut log);
    let devices = pairing.devices();
    let fault = pairing.fault();
    (format!("{duplicates} {devices:?} {log:?}"), fault)
}

#[test]
fn what_lies_on_a_shelf_is_compared_like_what_is_in_memory() {
    let (whole, _) = paired(Pairing::default());
    assert!(whole.contains("Time"), "nothing bore the id of another");
    for pages in [1, 2] {
        let shelf = Bytes::default();
        let (shelved, fault) = paired(Pairing::shelving(Box::new(shelf.clone()), pages));
        assert!(fault.is_none());
        assert!(shelved == whole, "{pages} page(s) in memory");
        assert!(!shelf.0.lock().unwrap().is_empty(), "nothing was put away");
    }
}

/// A shelf that takes everything and gives nothing back.
#[derive(Debug)]
struct Lost;

impl Shelf for Lost {
    fn put(&mut self, _: u64, _: &[u8]) -> io::Result<()> {
        Ok(())
    }
    fn read(&mut self, _: u64, _: &mut [u8]) -> io::Result<()> {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

#[test]
fn what_a_shelf_lost_is_a_fault_of_the_run() {
    let (_, fault) = paired(Pairing::shelving(Box::new(Lost), 1));
    assert_eq!(fault.unwrap().kind(), io::ErrorKind::UnexpectedEof);
}
