//! Why a command about a person is refused.

use shared::{Date, Month, PersonId};

use super::GroupId;
use kernel::refusals;

refusals! {
    /// A rule of the person register that forbids a command.
    Error {
        Unknown = "PERSON_UNKNOWN",
            "there is no such person", "查无此人";
        AlreadyRegistered = "PERSON_ALREADY_REGISTERED",
            "the person is registered already", "该人员已登记";
        Erased = "PERSON_ERASED",
            "the personal data of this id were erased", "该人员的个人信息已依法删除";
        Retained { grants: u64, pay_lines: u64, cards: u64, pay_addresses: u64 } = "PERSON_RETAINED",
            "{grants} grants, {pay_lines} pay lines, {cards} cards and {pay_addresses} pay addresses \
             are kept by law: the data are restricted, not erased",
            "尚有待遇 {grants} 项、发放明细 {pay_lines} 笔、社保卡 {cards} 张、发放账户 {pay_addresses} 个\
             在法定保存期内，只能限制处理，不能删除";
        GroupIncomplete { member: PersonId } = "PERSON_GROUP_INCOMPLETE",
            "{member} is the same human and must be erased with this id",
            "{member} 为同一人，须一并删除";
        Merged { into: PersonId } = "PERSON_MERGED",
            "the person was merged into {into}", "该人员已并入 {into}";
        NoReason = "PERSON_REASON_MISSING",
            "a reason is missing", "缺少原因说明";
        SecondMissing = "PERSON_SECOND_MISSING",
            "name and number in one step need a second person",
            "姓名和证件号码同时变更（双改）须第二人复核";
        SecondIsSame { by: String } = "PERSON_SECOND_IS_SAME",
            "{by} cannot confirm a change of name and number of his own",
            "{by} 不能复核本人经办的双改";
        FollowsNumber = "PERSON_FOLLOWS_NUMBER",
            "sex and birth month follow the resident number: correct the number",
            "性别和出生年月以居民身份证号码为准，请更正号码";
        NumberIncomplete = "PERSON_NUMBER_INCOMPLETE",
            "a resident number comes with the sex and the birth month that it says",
            "更正居民身份证号码须同时给出号码所示性别和出生年月";
        Dead { died_on: Date } = "PERSON_DEAD",
            "the person died on {died_on}", "该人员已于 {died_on} 死亡";
        OwnGuardian = "PERSON_OWN_GUARDIAN",
            "nobody is his own guardian", "本人不能作为本人的监护人";
        GuardianDead { died_on: Date } = "PERSON_GUARDIAN_DEAD",
            "the guardian died on {died_on}", "监护人已于 {died_on} 死亡";
        NoGuardian = "PERSON_NO_GUARDIAN",
            "the person has no guardian", "该人员没有监护人";
        DeathReported { died_on: Date } = "DEATH_REPORTED",
            "a death on {died_on} is reported and not yet verified",
            "已有 {died_on} 的死亡报告待核实";
        DeathConfirmed { died_on: Date } = "DEATH_CONFIRMED",
            "the death on {died_on} is confirmed", "{died_on} 死亡已确认";
        DeathNotReported = "DEATH_NOT_REPORTED",
            "no death is reported", "没有死亡报告";
        DeathAhead { died_on: Date, on: Date } = "DEATH_AHEAD",
            "a death on {died_on} cannot be known on {on}", "{on} 不可能知悉 {died_on} 的死亡";
        DiedBeforeBirth { died_on: Date, birth: Month } = "DEATH_BEFORE_BIRTH",
            "somebody born in {birth} did not die on {died_on}",
            "{birth} 出生的人不可能于 {died_on} 死亡";
        DeadlineBeforeReport { verify_by: Date, reported_on: Date } = "DEATH_DEADLINE_BEFORE_REPORT",
            "a report of {reported_on} cannot be verified by {verify_by}",
            "{reported_on} 的报告，核实期限不能早至 {verify_by}";
        WithdrawalNotApproved { died_on: Date } = "DEATH_WITHDRAWAL_NOT_APPROVED",
            "withdrawing the confirmed death on {died_on} needs an approver",
            "撤销已确认的 {died_on} 死亡须经审批";
        ApproverIsWithdrawer { by: String } = "DEATH_APPROVER_IS_WITHDRAWER",
            "{by} cannot approve a withdrawal of his own", "{by} 不能审批本人的撤销申请";
        IntoItself = "PERSON_INTO_ITSELF",
            "a person cannot be merged into itself", "人员不能并入自身";
        LeadsGroup { members: usize } = "PERSON_LEADS_GROUP",
            "{members} ids were merged into this one: merge those first",
            "已有 {members} 个人员并入该人员，请先处理";
        OneIsDead { died_on: Date } = "PERSON_ONE_IS_DEAD",
            "one of the two died on {died_on}, the other stands as alive: report that first",
            "两人中一人于 {died_on} 死亡，另一人登记为生存，请先报告死亡";
        DeathsDiffer { died_on: Date, other: Date } = "PERSON_DEATHS_DIFFER",
            "one died on {died_on}, the other on {other}: they cannot be one human",
            "一人于 {died_on} 死亡，另一人于 {other} 死亡，不能认定为同一人";
        NotMerged = "PERSON_NOT_MERGED",
            "the person is not merged into anybody", "该人员未并入他人";
        AlreadyMember { person: PersonId } = "PERSON_ALREADY_MEMBER",
            "{person} is merged into this person already", "{person} 已并入该人员";
        NotMember { person: PersonId } = "PERSON_NOT_MEMBER",
            "{person} is not merged into this person", "{person} 未并入该人员";
        OtherGroup { group: GroupId } = "PERSON_OTHER_GROUP",
            "the person belongs to group {group}", "该人员属于人员组 {group}";
    }
}
