//! Which equality of a certificate does not hold.

use shared::Money;

use kernel::refusals;

refusals! {
    /// The equality that does not hold, with its terms.
    Broken {
        Negative { amount: Money } = "PERIOD_CERTIFICATE_NEGATIVE",
            "{amount} is below zero, which no figure of a certificate can be",
            "核证表数字不得为负，出现 {amount} 元";
        Planned { gross: Money, deductions: Money, instructed: Money, held: Money }
            = "PERIOD_BRIDGE_PLANNED",
            "{gross} planned less {deductions} deducted is not {instructed} instructed and {held} \
             held",
            "应发 {gross} 元 − 扣发 {deductions} 元 ≠ 报盘 {instructed} 元 + 暂扣 {held} 元";
        PlannedLines { planned: u32, instructed: u32, held: u32, netted: u32 }
            = "PERIOD_BRIDGE_PLANNED_LINES",
            "{planned} lines planned are not {instructed} instructed, {held} held and {netted} \
             netted",
            "应发 {planned} 笔 ≠ 报盘 {instructed} 笔 + 暂扣 {held} 笔 + 抵扣为零 {netted} 笔";
        Instructed { instructed: Money, paid: Money, returned: Money, unreplied: Money }
            = "PERIOD_BRIDGE_INSTRUCTED",
            "{instructed} instructed is not {paid} paid, {returned} returned and {unreplied} \
             unreplied",
            "报盘 {instructed} 元 ≠ 成功 {paid} 元 + 退票 {returned} 元 + 未回 {unreplied} 元";
        InstructedLines { instructed: u32, paid: u32, returned: u32, unreplied: u32 }
            = "PERIOD_BRIDGE_INSTRUCTED_LINES",
            "{instructed} lines instructed are not {paid} paid, {returned} returned, {unreplied} \
             unreplied",
            "报盘 {instructed} 笔 ≠ 成功 {paid} 笔 + 退票 {returned} 笔 + 未回 {unreplied} 笔";
        Statement { debits: Money, instructed: Money } = "PERIOD_STATEMENT_DEBITS",
            "{debits} debited on the statements is not {instructed} instructed",
            "对账单扣款 {debits} 元 ≠ 报盘 {instructed} 元，请补导对账单或核对批次";
        StatementCredits { credits: Money, returned: Money } = "PERIOD_STATEMENT_CREDITS",
            "{credits} credited on the statements is more than {returned} returned",
            "对账单退回 {credits} 元大于退票 {returned} 元";
        Book {
            book: String,
            opening: Money,
            appropriated: Money,
            unidentified: Money,
            paid: Money,
            in_transit: Money,
            sent_back: Money,
            closing: Money,
        } = "PERIOD_BOOK_BRIDGE",
            "book {book}: {opening} opening, {appropriated} received and {unidentified} \
             unidentified is not {paid} paid, {in_transit} in transit, {sent_back} sent back and \
             {closing} closing",
            "账套 {book}：期初 {opening} 元 + 拨入 {appropriated} 元 + 不明款 {unidentified} 元 ≠ \
             实付 {paid} 元 + 在途 {in_transit} 元 + 退回 {sent_back} 元 + 期末结余 {closing} 元";
        NoBook = "PERIOD_NO_BOOK",
            "a certificate of money that was instructed names at least one book",
            "有报盘金额的核证表至少要列一个账套";
    }
}
