//! The rules of a restoration: nothing is sent to a bank twice.

use kernel::given;

use super::*;
use crate::city::world::artefact;

fn bank(code: &str) -> BankCode {
    BankCode::parse(code).unwrap()
}

fn hear(code: &str, lost: &[&str]) -> Command {
    let lost = lost.iter().map(|batch| (*batch).to_owned()).collect();
    let (bank, list) = (bank(code), artefact(1));
    Command::Hear { bank, list, files: 3, found: 1, lost, by: "li".to_owned() }
}

fn heard(code: &str, lost: &[&str]) -> Event {
    let lost = lost.iter().map(|batch| (*batch).to_owned()).collect();
    let (bank, list) = (bank(code), artefact(1));
    Event::BankHeard { bank, list, files: 3, found: 1, lost, by: "li".to_owned() }
}

fn ask(by: &str) -> Command {
    Command::AskRelease { banks: vec![bank("BOC"), bank("CCB")], by: by.to_owned() }
}

fn asked(by: &str) -> Event {
    Event::ReleaseAsked { by: by.to_owned() }
}

fn release(by: &str) -> Command {
    Command::Release { by: by.to_owned() }
}

fn explain(batch: &str, reason: &str) -> Command {
    let (batch, reason) = (batch.to_owned(), reason.to_owned());
    Command::Explain { bank: bank("BOC"), batch, reason, by: "li".to_owned() }
}

fn explained(batch: &str) -> Event {
    let (batch, reason) = (batch.to_owned(), "booked by hand".to_owned());
    Event::LostExplained { bank: bank("BOC"), batch, reason, by: "li".to_owned() }
}

#[test]
fn every_bank_is_heard_before_anybody_asks() {
    given::<Restoration>([heard("BOC", &[])])
        .when(ask("li"))
        .then_refused(Error::Unheard { banks: 1, first: "CCB".to_owned() });
    given::<Restoration>([heard("BOC", &[]), heard("CCB", &[])])
        .when(ask("li"))
        .then([asked("li")]);
}

#[test]
fn what_only_the_bank_knows_is_made_again_or_explained() {
    let before = || [heard("BOC", &["A1-1", "A1-2"]), heard("CCB", &[])];
    given::<Restoration>(before())
        .when(ask("li"))
        .then_refused(Error::Lost { batches: 2, first: "A1-1".to_owned() });
    let again = before().into_iter().chain([heard("BOC", &["A1-2"]), explained("A1-2")]);
    given::<Restoration>(again).when(ask("li")).then([asked("li")]);
    given::<Restoration>(before())
        .when(explain("A1-3", "booked by hand"))
        .then_refused(Error::NotLost { batch: "A1-3".to_owned() });
    given::<Restoration>(before()).when(explain("A1-2", " ")).then_refused(Error::NoReason);
    given::<Restoration>(before())
        .when(explain("A1-2", "booked by hand"))
        .then([explained("A1-2")]);
}

#[test]
fn another_person_releases() {
    let before = || [heard("BOC", &[]), heard("CCB", &[]), asked("li")];
    given::<Restoration>([]).when(release("wu")).then_refused(Error::NotAsked);
    given::<Restoration>(before()).when(release("li")).then_refused(Error::SamePerson);
    let released = || Event::Released { by: "wu".to_owned() };
    given::<Restoration>(before()).when(release("wu")).then([released()]);
    let after = || before().into_iter().chain([released()]);
    for command in [hear("BOC", &[]), ask("li"), release("wu"), explain("A1-1", "late")] {
        given::<Restoration>(after()).when(command).then_refused(Error::Released);
    }
}

#[test]
fn a_new_list_asks_for_the_release_anew() {
    let before = || [heard("BOC", &[]), heard("CCB", &[]), asked("li")];
    let newer = before().into_iter().chain([heard("CCB", &["A1-9"])]);
    given::<Restoration>(newer).when(release("wu")).then_refused(Error::NotAsked);
    given::<Restoration>([]).when(hear("BOC", &["A1-1"])).then([heard("BOC", &["A1-1"])]);
    let many: Vec<String> = (0..=LOST_MAX).map(|batch| batch.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    given::<Restoration>([])
        .when(hear("BOC", &many))
        .then_refused(Error::TooMany { batches: LOST_MAX + 1 });
}
