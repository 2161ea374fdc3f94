//! The one integration test binary.

mod estate;
mod estate_reading;
mod frameworks;
mod report_page;
mod policy;
