//! Google Cloud configuration exports.
