//! Tests of the snapshot formats.
