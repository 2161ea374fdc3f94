//! The one integration test binary.

// `clippy.toml` allows these in test functions only; here the helpers are tests too.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used
)]

mod estate;
mod estate_reading;
mod frameworks;
mod house;
mod policy;
mod readme;
mod report_page;
