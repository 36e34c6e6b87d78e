//! Why a command about a feed is refused.

use shared::Money;

use kernel::refusals;

refusals! {
    /// A rule about feeds that forbids a command.
    Error {
        AlreadyOpen = "FEED_ALREADY_OPEN", "the feed is open already", "该回流通道已建立";
        NotOpen = "FEED_NOT_OPEN", "the feed is not open", "该回流通道未建立";
        NoSource = "FEED_NO_SOURCE", "a feed names its source", "回流通道须注明来源";
        SequenceTaken { sequence: u32, by: String } = "FEED_SEQUENCE_TAKEN",
            "run {sequence} is here already as file {by}: another file cannot have its number",
            "第 {sequence} 批已由文件 {by} 登记，内容不同的文件不得使用同一批号";
        TooOld { sequence: u32, next: u32 } = "FEED_TOO_OLD",
            "run {sequence} lies before {next}, where this feed stands",
            "第 {sequence} 批早于当前第 {next} 批，不得补录";
        TooFarAhead { sequence: u32, next: u32, most: u32 } = "FEED_TOO_FAR_AHEAD",
            "run {sequence} is more than {most} ahead of run {next}, where this feed stands: check \
             the sequence number in the file, or bring the runs between",
            "第 {sequence} 批超前当前第 {next} 批 {most} 批以上，请核对文件中的批号，或先补齐其间各批";
        CountDiffers { declared: u32, declared_total: Money, lines: u32, total: Money }
            = "FEED_COUNT_DIFFERS",
            "{declared} lines and {declared_total} are declared, {lines} and {total} stand in the \
             file",
            "文件申报 {declared} 笔 {declared_total} 元，实际 {lines} 笔 {total} 元，两者不符";
        DigestDiffers { declared: String, counted: String } = "FEED_DIGEST_DIFFERS",
            "the lines have digest {counted}, the file declares {declared}",
            "明细摘要为 {counted}，文件申报为 {declared}，文件可能被改动";
        OutOfOrder { sequence: u32, next: u32 } = "FEED_OUT_OF_ORDER",
            "run {sequence} is out of order: run {next} comes first",
            "第 {sequence} 批顺序有误：须先处理第 {next} 批，其后批次暂停";
        NotReceived { sequence: u32 } = "FEED_NOT_RECEIVED",
            "run {sequence} is not here", "第 {sequence} 批尚未收到";
        Running { sequence: u32 } = "FEED_RUNNING",
            "run {sequence} is being applied", "第 {sequence} 批正在入账";
        NotRunning { sequence: u32 } = "FEED_NOT_RUNNING",
            "run {sequence} is not being applied", "第 {sequence} 批不在入账中";
        Applied { sequence: u32 } = "FEED_APPLIED",
            "run {sequence} is applied already", "第 {sequence} 批已入账";
    }
}
