//! The rules of merging and splitting, as sentences.

use super::*;

fn group() -> GroupId {
    GroupId::of(WANG)
}

fn merge() -> Command {
    Command::Merge { into: WANG, group: group(), died_on: None, reason: text("重复登记") }
}

fn merged() -> Event {
    Event::Merged { into: WANG, group: group(), reason: text("重复登记") }
}

#[test]
fn a_merged_id_answers_with_the_surviving_one_until_it_is_split() {
    given::<Person>([registered(), merged()])
        .when(Command::ReportDeath(report()))
        .then_refused(Error::Merged { into: WANG });
    given::<Person>([registered()])
        .when(merge())
        .then([merged()])
        .when(Command::Split { reason: text("误并") })
        .then([Event::Split { from: WANG, group: group(), reason: text("误并") }])
        .when(Command::ReportDeath(report()))
        .then([reported()]);
}

#[test]
fn a_merge_brings_nobody_back_to_life() {
    let died_on = day("2026-01-09");
    let into =
        |died_on| Command::Merge {
            into: WANG, group: group(), died_on, reason: text("重复登记")
        };
    let dead = || given::<Person>([registered(), reported(), confirmed()]);
    dead().when(into(None)).then_refused(Error::OneIsDead { died_on });
    dead().when(into(Some(died_on))).then([merged()]);
    let other = day("2026-01-08");
    dead().when(into(Some(other))).then_refused(Error::DeathsDiffer { died_on, other });
    given::<Person>([registered(), reported()])
        .when(merge())
        .then_refused(Error::DeathReported { died_on });
}

#[test]
fn a_group_keeps_its_name_while_it_has_members() {
    let own = GroupId::of(LI);
    let zhao = PersonId::from_uuid(Uuid::from_u128(3));
    given::<Person>([registered(), Event::Absorbed { person: WANG, group: own }])
        .when(Command::Absorb { person: zhao, group: group() })
        .then_refused(Error::OtherGroup { group: own });
    given::<Person>([registered(), Event::Absorbed { person: WANG, group: own }])
        .when(Command::Merge { into: zhao, group: own, died_on: None, reason: text("重复") })
        .then_refused(Error::LeadsGroup { members: 1 });
    given::<Person>([registered(), Event::Absorbed { person: WANG, group: own }])
        .when(Command::Separate { person: WANG })
        .then([Event::Separated { person: WANG, group: own }])
        .when(Command::Separate { person: WANG })
        .then_refused(Error::NotMember { person: WANG });
}

fn erase(people: &[PersonId], retained: Retained) -> Command {
    let people = people.to_vec();
    let erasure =
        Erasure {
            people, reason: text("本人申请"), basis: text("个人信息保护法第四十七条")
        };
    Command::Erase { erasure, retained }
}

#[test]
fn a_human_is_erased_under_every_id_and_takes_no_command_after() {
    let member = Event::Absorbed { person: WANG, group: GroupId::of(LI) };
    given::<Person>([registered(), member.clone()])
        .when(erase(&[LI], Retained::default()))
        .then_refused(Error::GroupIncomplete { member: WANG });
    let (reason, basis) = (text("本人申请"), text("个人信息保护法第四十七条"));
    let erased = Event::Erased(Erasure { people: vec![LI, WANG], reason, basis });
    given::<Person>([registered(), member])
        .when(erase(&[LI, WANG], Retained::default()))
        .then([erased.clone()])
        .when(Command::ReportDeath(report()))
        .then_refused(Error::Erased);
    given::<Person>([registered(), merged()])
        .when(erase(&[LI, WANG], Retained::default()))
        .then([erased])
        .when(Command::Split { reason: text("误并") })
        .then_refused(Error::Erased);
}

#[test]
fn what_the_law_keeps_is_restricted_and_not_erased() {
    let retained = Retained { grants: 1, pay_lines: 12, cards: 1, pay_addresses: 2 };
    given::<Person>([registered()]).when(erase(&[LI], retained)).then_refused(Error::Retained {
        grants: 1,
        pay_lines: 12,
        cards: 1,
        pay_addresses: 2,
    });
}
