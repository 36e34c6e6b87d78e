//! How much a file may ask for.

use serde::{Deserialize, Serialize};

const MIB: u64 = 1 << 20;

/// The ceilings of one import. The defaults hold the largest table a bureau hands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Rows, the header and blank ones counted.
    pub rows_max: u32,
    pub columns_max: u32,
    /// Characters of one cell.
    pub cell_chars_max: usize,
    /// Bytes of the file as it was handed in.
    pub file_bytes_max: u64,
    /// Files within a workbook, and their bytes when unpacked.
    pub parts_max: usize,
    pub unpacked_bytes_max: u64,
    /// Unpacked to packed bytes; looked at from [`Limits::RATIO_FROM_BYTES`] on.
    pub ratio_max: u64,
    /// Memory and processor time of the child process.
    pub memory_bytes_max: u64,
    pub cpu_seconds_max: u64,
}

impl Limits {
    /// Small and very regular sheets are packed well without harm.
    pub const RATIO_FROM_BYTES: u64 = 16 * MIB;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rows_max: 1_000_000,
            columns_max: 200,
            cell_chars_max: 4_000,
            file_bytes_max: 256 * MIB,
            parts_max: 1_000,
            unpacked_bytes_max: 256 * MIB,
            ratio_max: 100,
            memory_bytes_max: 1_024 * MIB,
            cpu_seconds_max: 60,
        }
    }
}
