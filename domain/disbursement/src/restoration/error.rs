//! Why a command about a restoration is refused.

use kernel::refusals;

refusals! {
    /// A rule about restorations that forbids a command.
    Error {
        Released = "RESTORATION_RELEASED",
            "sending was released already after this restoration",
            "本次恢复后的报盘发送已经放行";
        TooMany { batches: usize } = "RESTORATION_TOO_MANY",
            "{batches} files of the list are not in the log: is this the list since the backup, and \
             is this the newest backup?",
            "清单中有 {batches} 个文件不在日志中，请核对清单起始时间及备份是否最新";
        NotLost { batch: String } = "RESTORATION_NOT_LOST",
            "batch {batch} is not among those that only the bank knows",
            "批次 {batch} 不在银行已收而日志缺失之列";
        NoReason = "RESTORATION_NO_REASON",
            "say what was done about it", "须说明处理方式";
        Unheard { banks: usize, first: String } = "RESTORATION_BANK_UNHEARD",
            "{banks} banks have not told what they received, {first} first",
            "尚有 {banks} 家银行未核对已收文件，首家为 {first}";
        Lost { batches: usize, first: String } = "RESTORATION_FILES_LOST",
            "{batches} batches that banks received are not accounted for, {first} first: make them \
             again and hold the list against them, or say what was done",
            "尚有 {batches} 个银行已收批次未作交代，首个为 {first}：请重新生成后再核对，或说明处理方式";
        NotAsked = "RESTORATION_NOT_ASKED",
            "nobody asked for the release", "尚无人申请放行";
        SamePerson = "RESTORATION_SAME_PERSON",
            "who asked for the release does not grant it", "申请人与放行人不得为同一人";
    }
}
