//! Work on several threads whose results are taken in the order of what was given out.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::mpsc::sync_channel;
use std::thread;

/// Hands `items` to so many threads in turn, each with a worker that `start` makes there, and gives
/// `take` what they made of them in the order of the items.
///
/// While a result is taken every worker has another item: as many results as there are workers, and
/// one more, are there at once.
///
/// # Errors
///
/// The first that `take` or an item comes to; nothing is taken after it.
pub(super) fn in_turn<I: Send, R: Send, E, W: FnMut(I) -> R>(
    mut items: impl Iterator<Item = Result<I, E>>,
    threads: NonZeroUsize,
    start: impl Fn() -> W + Sync,
    mut take: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    thread::scope(|scope| {
        let start = &start;
        let started = (0..threads.get()).map(|_| {
            let (give, given) = sync_channel::<I>(1);
            let (tell, told) = sync_channel(1);
            scope.spawn(move || {
                let mut work = start();
                // Whoever took the results may have given up.
                while let Ok(item) = given.recv() {
                    if tell.send(work(item)).is_err() {
                        break;
                    }
                }
            });
            (give, told)
        });
        let mut busy = VecDeque::new();
        for (give, told) in started {
            let Some(item) = items.next().transpose()? else {
                break;
            };
            // A worker ends early by a panic alone, which the scope passes on.
            let _ = give.send(item);
            busy.push_back((give, told));
        }
        while let Some((give, told)) = busy.pop_front() {
            let Ok(result) = told.recv() else {
                break;
            };
            if let Some(item) = items.next().transpose()? {
                let _ = give.send(item);
                busy.push_back((give, told));
            }
            take(result)?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: u32) -> impl Iterator<Item = Result<u32, String>> {
        (0..count).map(Ok)
    }

    #[test]
    fn results_come_in_the_order_of_the_items_whoever_made_them() {
        for (count, threads) in [(0, 2), (1, 3), (2, 3), (40, 1), (41, 3)] {
            let threads = NonZeroUsize::new(threads).unwrap();
            let worker = |number: u32| {
                // The first of three takes longest.
                thread::sleep(std::time::Duration::from_micros(u64::from(
                    number % 3 * 200,
                )));
                number * 2
            };
            let mut taken = Vec::new();
            let ended = in_turn(
                numbers(count),
                threads,
                || worker,
                |result| {
                    taken.push(result);
                    Ok(())
                },
            );
            assert_eq!(ended, Ok(()));
            assert_eq!(taken, (0..count).map(|n| n * 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_first_error_ends_it() {
        let items = numbers(5)
            .chain([Err("no more".to_owned())])
            .chain(numbers(5));
        let (two, mut taken) = (NonZeroUsize::new(2).unwrap(), 0);
        let ended = in_turn(
            items,
            two,
            || |n: u32| n,
            |_| {
                taken += 1;
                Ok(())
            },
        );
        assert_eq!(ended, Err("no more".to_owned()));
        assert!(taken <= 5);
        let ended = in_turn(
            numbers(100),
            two,
            || |n: u32| n,
            |n| match n {
                7 => Err("full".to_owned()),
                _ => Ok(()),
            },
        );
        assert_eq!(ended, Err("full".to_owned()));
    }
}
