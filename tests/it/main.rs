//! The one integration test binary.

mod frameworks;
mod report_page;
