//! The `piperoll` binary.

fn main() {}
