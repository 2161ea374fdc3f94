//! Tests of whole traces, hostile ones included.
