//! The one integration test binary.

mod estate;
mod estate_reading;
mod frameworks;
mod house;
mod policy;
mod readme;
mod report_page;
