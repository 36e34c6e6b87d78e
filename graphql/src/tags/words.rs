//! The closed list of subjects, as the schema spells it.

use crate::view::coded;

coded! {
    /// 标签和预警的对象种类 / Whom a tag or a warning is about.
    SubjectKind {
        /// 人员 / A person.
        Person "person",
        /// 单位 / An employer.
        Employer "employer",
        /// 代发银行 / A bank.
        Bank "bank",
        /// 基金 / A fund or a published series.
        Fund "fund",
        /// 行政区划或网格 / A division or a cell of the grid.
        Division "division",
        /// 项目 / A project.
        Project "project",
        /// 交换渠道 / A channel of exchange.
        Channel "channel",
    }
}
