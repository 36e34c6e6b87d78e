//! Why a command about an opening is refused.

use shared::Money;

use super::Stage;
use kernel::{refusals, stages};

refusals! {
    /// A rule about openings that forbids a command.
    Error {
        AfterFirstRun = "OPENING_AFTER_FIRST_RUN",
            "the item has a run already: an opening comes before the first one",
            "该项目已有发放批次，期初须在首次发放之前录入";
        Again = "OPENING_AGAIN", "the opening is entered already", "期初数据已录入";
        NotEntered = "OPENING_NOT_ENTERED",
            "the cumulative figures come first", "须先录入累计数";
        Sealed = "OPENING_SEALED", "the opening is sealed", "期初数据已封存";
        HalfDone = "OPENING_HALF_DONE",
            "the opening is not sealed: finish it before the first run",
            "期初数据尚未封存，请先完成期初再开始发放";
        Figures { people: u32, payments: u64, money: Money } = "OPENING_FIGURES",
            "{people} people, {payments} payments and {money} cannot be: people are at most the \
             payments, and money goes with payments",
            "累计 {people} 人、{payments} 人次、{money} 元不合理：人数不得多于人次，金额与人次须同时为零或同时大于零";
        Order { expected: u32, given: u32 } = "OPENING_CHUNK_ORDER",
            "the next chunk is {expected}, not {given}",
            "下一块应为第 {expected} 块，不是第 {given} 块";
        ChunkSize(obligations: usize) = "OPENING_CHUNK_SIZE",
            "a chunk holds 1 to 1000 obligations, not {0}",
            "每块须为 1 至 1000 笔，不能为 {obligations} 笔";
        Negative { row: usize } = "OPENING_NEGATIVE",
            "obligation {row} has an amount below zero", "第 {row} 笔金额小于零";
        CountDiffers { declared: u32, settled: u32 } = "OPENING_COUNT_DIFFERS",
            "{declared} settled obligations are declared, {settled} were entered",
            "申报已结清 {declared} 笔，实际录入 {settled} 笔，两者不符";
    }
}

stages! {
    Stage {
        Unopened = "unopened", "未录入";
        Entered = "entered", "录入中";
        Sealed = "sealed", "已封存";
        Running = "running", "已开始发放";
    }
}
