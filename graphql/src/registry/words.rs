//! The closed lists of the registers, as the schema spells them.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::fault::Fault;
use crate::view::coded;

coded! {
    /// 性别 / Sex.
    Sex {
        /// 男 / Male.
        Male "male",
        /// 女 / Female.
        Female "female",
    }

    /// 生存状态 / Whether somebody lives.
    LifeState {
        /// 生存 / Alive.
        Alive "alive",
        /// 死亡待核实 / A death is reported and not yet verified.
        DeathReported "death_reported",
        /// 死亡 / Dead.
        Dead "dead",
    }

    /// 证件种类 / What sort of identity number.
    IdentityKind {
        /// 居民身份证 / Resident number.
        ResidentId "resident_id",
        /// 护照 / Passport.
        Passport "passport",
        /// 港澳居民来往内地通行证 / Permit of Hong Kong and Macao residents.
        HkMacaoPermit "hk_macao_permit",
        /// 台湾居民来往大陆通行证 / Permit of Taiwan residents.
        TaiwanPermit "taiwan_permit",
        /// 外国人永久居留证 / Permanent residence of foreigners.
        ForeignPermanentResident "foreign_permanent_resident",
    }

    /// 死亡信息来源 / Who says that somebody died.
    DeathSource {
        /// 公安 / Police.
        Police "police",
        /// 民政 / Civil affairs.
        CivilAffairs "civil_affairs",
        /// 卫健 / Health.
        Health "health",
        /// 医保 / Medical insurance.
        MedicalInsurance "medical_insurance",
        /// 银行 / Bank.
        Bank "bank",
        /// 家属 / Family.
        Family "family",
        /// 社区 / Community.
        Community "community",
        /// 走访 / A visit.
        Visit "visit",
    }

    /// 单位状态 / How an employer stands.
    EmployerState {
        /// 正常 / Open.
        Open "open",
        /// 已合并 / Merged into another.
        Merged "merged",
        /// 已注销 / Deregistered.
        Deregistered "deregistered",
    }

    /// 单位类型 / What sort of employer.
    EmployerKind {
        /// 企业 / Enterprise.
        Enterprise "enterprise",
        /// 机关 / Public agency.
        PublicAgency "public_agency",
        /// 事业单位 / Institution.
        Institution "institution",
        /// 社会组织 / Social organisation.
        SocialOrganisation "social_organisation",
        /// 个体工商户 / Sole trader.
        SoleTrader "sole_trader",
        /// 其他 / Other.
        Other "other",
    }

    /// 机构类型 / What sort of organisation.
    OrganisationKind {
        /// 经办机构 / Agency.
        Agency "agency",
        /// 银行 / Bank.
        Bank "bank",
        /// 网点 / Counter.
        Outlet "outlet",
        /// 学校 / School.
        School "school",
        /// 培训机构 / Training body.
        Training "training",
        /// 医院 / Hospital.
        Hospital "hospital",
        /// 其他 / Other.
        Other "other",
    }
}

/// The stored word of an enum without content.
pub fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(_) | Err(_) => String::new(),
    }
}

/// The enum that is stored under a word.
///
/// # Errors
/// When there is none: the schema and the context differ, a fault of the program.
pub fn of_word<T: DeserializeOwned>(word: &str) -> Result<T, Fault> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).map_err(Fault::internal)
}
