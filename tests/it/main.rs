//! The one integration test binary.

mod estate;
mod estate_reading;
mod frameworks;
mod lint;
mod policy;
mod report_page;
