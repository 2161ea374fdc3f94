//! Values as bytes of one length, for what lies in a file between two passes of one run.

/// A value that always takes as many bytes.
pub(super) trait Packed: Sized {
    /// Puts it behind what is there.
    fn write(&self, to: &mut Vec<u8>);
    /// Takes it from the front; `None` where there is less.
    fn read(from: &mut &[u8]) -> Option<Self>;
}

macro_rules! numbers {
    ($($number:ty),*) => { $(
        impl Packed for $number {
            fn write(&self, to: &mut Vec<u8>) {
                to.extend_from_slice(&self.to_le_bytes());
            }
            fn read(from: &mut &[u8]) -> Option<Self> {
                let (bytes, rest) = from.split_first_chunk()?;
                *from = rest;
                Some(<$number>::from_le_bytes(*bytes))
            }
        }
    )* };
}

numbers!(u8, u16, u32, u64);

impl<T: Packed + Copy + Default, const N: usize> Packed for [T; N] {
    fn write(&self, to: &mut Vec<u8>) {
        self.iter().for_each(|one| one.write(to));
    }
    fn read(from: &mut &[u8]) -> Option<Self> {
        let mut all = [T::default(); N];
        for one in &mut all {
            *one = T::read(from)?;
        }
        Some(all)
    }
}
