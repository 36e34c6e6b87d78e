//! Why a command about a returned attempt is refused.

use kernel::{refusals, stages};
use shared::ReturnReason;

use super::Stage;

refusals! {
    /// A rule about returns that forbids a command.
    Error {
        AlreadyOpen = "RETURN_ALREADY_OPEN", "the case is open already", "该退票已立案";
        NotOpen = "RETURN_NOT_OPEN", "there is no such case", "该退票未立案";
        Stage { is: Stage, needs: Stage } = "RETURN_STAGE",
            "the case is {is:?}, this needs {needs:?}",
            "退票案件当前为“{is}”，此操作须在“{needs}”时办理", is = is.zh(), needs = needs.zh();
        NoChannel = "RETURN_CHANNEL_MISSING",
            "a notice says how it was given", "须填写通知方式";
        PayeeDeceased = "RETURN_PAYEE_DECEASED",
            "the bank says that the payee is dead: confirm it and pass it on to the heirs",
            "银行反映收款人已死亡，请核实死亡并转继承人领取，不得重发本人";
        NotVerified { version: u32 } = "RETURN_ADDRESS_NOT_VERIFIED",
            "version {version} of the address is not the current one, or not verified",
            "发放账户第 {version} 版不是现行版本或未通过核验，请先核验";
        SameAccount { reason: ReturnReason } = "RETURN_SAME_ACCOUNT",
            "the bank returned this very account as {reason}: it takes another one",
            "银行已以“{reason}”退回该账户，须更换账户后重发", reason = reason.zh();
        OtherPart { part: String } = "RETURN_OTHER_PART",
            "it is not reissued in part {part}", "该退票不在分片 {part} 中重发";
    }
}

stages! {
    Stage {
        Unopened = "unopened", "未立案";
        Open = "open", "已立案";
        Notified = "notified", "已通知";
        Corrected = "corrected", "账户已更正";
        Reissued = "reissued", "已列入重发";
        Closed = "closed", "已结案";
    }
}
