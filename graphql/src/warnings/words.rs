//! The closed lists of warnings, as the schema spells them.

use crate::view::coded;

coded! {
    /// 预警级别 / Three colours, and a notice below them.
    WarningLevel {
        /// 提示 / Notice.
        Notice "notice",
        /// 黄色（三级） / Yellow.
        Yellow "yellow",
        /// 橙色（二级） / Orange.
        Orange "orange",
        /// 红色（一级） / Red.
        Red "red",
    }

    /// 预警环节 / How far a case is.
    WarningStage {
        /// 待审核 / To be reviewed.
        Raised "raised",
        /// 待分派 / To be dispatched.
        Confirmed "confirmed",
        /// 待签收 / To be accepted.
        Dispatched "dispatched",
        /// 待核实 / To be verified.
        Accepted "accepted",
        /// 待处置 / To be handled.
        Verified "verified",
        /// 待反馈 / To be fed back.
        Handled "handled",
        /// 待解除 / To be released.
        FedBack "fed_back",
        /// 预立案 / Pre-filed.
        PreFiled "pre_filed",
        /// 已解除 / Released.
        Released "released",
        /// 自动消除 / Cleared by itself.
        Cleared "cleared",
        /// 审核不通过 / Rejected.
        Rejected "rejected",
        /// 已合并 / Merged.
        Merged "merged",
        /// 误报撤回 / Lifted by its initiator.
        Lifted "lifted",
        /// 已归档 / Archived.
        Archived "archived",
    }

    /// 预警渠道 / Where a warning comes from.
    WarningChannel {
        /// 自动预警 / A rule.
        Automatic "automatic",
        /// 网格上报 / The grid.
        Grid "grid",
        /// 投诉举报 / A complaint.
        Complaint "complaint",
        /// 其他渠道 / Other channels.
        Other "other",
    }

    /// 处置方式 / How a verified warning is handled.
    WarningHandling {
        /// 书面审查 / Written review.
        WrittenReview "written_review",
        /// 日常巡查 / Patrol.
        Patrol "patrol",
        /// 专项检查 / Special check.
        SpecialCheck "special_check",
        /// 立案 / Filing.
        Filing "filing",
        /// 约谈负责人 / Interview of the head.
        Interview "interview",
        /// 座谈会 / Symposium.
        Symposium "symposium",
        /// 其他 / Other.
        Other "other",
    }

    /// 消息渠道 / How a message goes out.
    WarningSending {
        /// 短信 / SMS.
        Sms "sms",
        /// 移动端 / The mobile app.
        Mobile "mobile",
    }

    /// 消息事由 / What a message is about.
    WarningNotice {
        /// 新分派 / A dispatch.
        Dispatched "dispatched",
        /// 今日到期 / Due today.
        Due "due",
        /// 已超期 / Late.
        Late "late",
        /// 督办 / An escalation.
        Escalated "escalated",
    }

    /// 预警统计口径 / By what warnings are counted.
    WarningGrouping {
        /// 属地 / Where it is worked on.
        Division "division",
        /// 区县 / The county of it.
        County "county",
        /// 分类 / The class.
        Class "class",
        /// 环节 / The stage.
        Stage "stage",
        /// 规则 / The rule.
        Rule "rule",
        /// 渠道 / The channel.
        Channel "channel",
        /// 发生月份 / The month in which it was raised.
        Month "month",
        /// 发生日 / The day on which it was raised.
        Day "day",
    }
}
