//! Why a command about a card is refused.

use shared::{CardId, Date};

use kernel::refusals;

refusals! {
    /// A rule about cards that forbids a command.
    Error {
        Unknown = "CARD_UNKNOWN", "there is no such card", "查无此卡";
        AlreadyMade = "CARD_ALREADY_MADE", "the card was made already", "该卡已制卡";
        NoSuchGeneration { generation: u8 } = "CARD_NO_SUCH_GENERATION",
            "cards are of generation 1, 2 or 3, not {generation}",
            "社保卡只有一、二、三代，没有第 {generation} 代";
        NotDelivered = "CARD_NOT_DELIVERED",
            "the card has not reached the counter", "该卡尚未送达网点";
        AlreadyDelivered = "CARD_ALREADY_DELIVERED",
            "the card reached the counter already", "该卡已送达网点";
        NotIssued = "CARD_NOT_ISSUED", "the card is not issued", "该卡尚未发放";
        AlreadyIssued = "CARD_ALREADY_ISSUED", "the card is issued already", "该卡已发放";
        HolderDead { died_on: Date } = "CARD_HOLDER_DEAD",
            "the holder died on {died_on}", "持卡人已于 {died_on} 死亡";
        Lost { since: Date } = "CARD_LOST",
            "the card is lost since {since}", "该卡自 {since} 起挂失";
        NotLost = "CARD_NOT_LOST", "the card is not lost", "该卡未挂失";
        ByItself = "CARD_REPLACED_BY_ITSELF",
            "a card cannot replace itself", "社保卡不能换成自身";
        NoReason = "CARD_REASON_MISSING", "a cancellation needs a reason", "注销须说明原因";
        OutOfOrder { on: Date, since: Date } = "CARD_OUT_OF_ORDER",
            "nothing can happen on {on}: the last step was on {since}",
            "日期 {on} 早于上一环节日期 {since}";
        Replaced { by: CardId, on: Date } = "CARD_REPLACED",
            "the card was replaced by {by} on {on}", "该卡已于 {on} 换为 {by}";
        Cancelled { on: Date } = "CARD_CANCELLED",
            "the card was cancelled on {on}", "该卡已于 {on} 注销";
    }
}
