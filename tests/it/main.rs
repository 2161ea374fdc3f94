//! The one integration test binary.

mod estate;
