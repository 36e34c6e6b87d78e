//! What the read models say of the cases, beside what their deciders say.

use super::*;

fn all<R: lists::Seen>(session: &ReadSession, column: &'static str, key: Value) -> Vec<R> {
    let order = [By::up(R::TABLE.key_columns().last().unwrap().name)];
    lists::of_many(session, &everything(), column, [key], &order).unwrap()
}

fn one<R: lists::Seen>(session: &ReadSession, key: &R::Key) -> Option<R> {
    lists::one(session, &everything(), key).unwrap()
}

/// Every case, beside its decider's own state.
pub fn compare(town: &Town) {
    let session = town.session();
    for (id, state) in &town.streams.obligations {
        let id: ObligationId = id.parse().unwrap();
        let row: ObligationRow = one(&session, &id).unwrap();
        assert_eq!((row.stage, row.due()), (state.stage(), state.due()), "{id}");
        assert_eq!(row.waiting(), state.waiting(), "{id}");
        let county = (id.person.uuid().as_u128() % 2 == 1).then_some(HERE);
        assert_eq!(row.county.as_ref().map(DivisionCode::as_str), county);
    }
    for (id, state) in &town.streams.returns {
        let row: ReturnRow = one(&session, &id.parse().unwrap()).unwrap();
        assert_eq!((row.stage, row.notices), (state.stage, state.notices), "{id}");
        assert_eq!(row.part, state.part);
        let corrected = row.corrected_address.zip(row.corrected_version);
        assert_eq!(corrected, state.corrected.as_ref().map(|to| (to.address, to.version)));
    }
    for (id, state) in &town.streams.recoveries {
        recovered(&session, id.parse().unwrap(), state);
    }
    for (id, state) in &town.streams.heirs {
        let row: HeirsRow = one(&session, &id.parse().unwrap()).unwrap();
        let dues: Vec<HeirsDueRow> = all(&session, "deceased", Value::from(row.deceased));
        let dues: Vec<_> = dues.into_iter().map(|due| (due.obligation, due.amount)).collect();
        assert!(dues.iter().copied().eq(state.owed.iter().map(|(id, sum)| (*id, *sum))), "{id}");
        assert_eq!(row.owed, state.owed.values().copied().sum());
        assert_eq!(row.heir, state.named.as_ref().map(|named| named.heir));
        assert_eq!(row.withdrawn_on.is_some(), state.withdrawn);
    }
    for (id, state) in &town.streams.deductions {
        let row: DeductionRow = one(&session, id).unwrap();
        let kept: Vec<DeductionKeptRow> = all(&session, "deduction", Value::from(id.as_str()));
        let kept: Vec<_> = kept.into_iter().map(|row| (row.part, row.amount)).collect();
        assert!(kept.iter().cloned().eq(state.kept.clone()), "{id}");
        assert_eq!(row.kept, state.kept.values().copied().sum());
        assert_eq!(row.ended_on.is_some(), state.ended);
    }
    for (id, state) in &town.streams.comparisons {
        let row: ComparisonRow = one(&session, id).unwrap();
        assert_eq!((row.sealed, row.entries as usize), (state.sealed, state.entries.len()));
        let entries: Vec<ComparisonEntryRow> = all(&session, "plan", Value::from(id.as_str()));
        let decided = entries.iter().filter_map(|row| Some((row.place, row.decision?)));
        assert!(decided.eq(state.decided.clone()), "{id}");
        if state.sealed && state.counts.exceptions as usize * 2 == state.entries.len() {
            assert_eq!(row.undecided as usize, state.undecided().count(), "{id}");
        }
    }
    let seen = |division: &str| {
        let only = Only::everything();
        lists::count::<ObligationRow>(&session, &within(division), &only).unwrap()
    };
    let odd = |id: &&String| {
        let id: ObligationId = id.parse().unwrap();
        id.person.uuid().as_u128() % 2 == 1
    };
    assert_eq!(seen(HERE), town.streams.obligations.keys().filter(odd).count() as u64);
    assert_eq!(seen(THERE), 0);
    outstanding(&session, town);
}

fn recovered(session: &ReadSession, id: ObligationId, state: &Recovery) {
    let row: RecoveryRow = one(session, &id).unwrap();
    assert_eq!((row.stage, row.owed), (state.stage, state.owed()), "{id}");
    assert_eq!(row.in_court, state.in_court);
    assert_eq!((row.received, row.set_off), (state.by(How::Received), state.by(How::Offset)));
    assert_eq!(row.written_off, state.by(How::WrittenOff));
    let parts: Vec<InstalmentRow> = all(session, "obligation", Value::from(id));
    assert_eq!(parts.len(), state.instalments.len());
    let steps: Vec<RecoveryStepRow> = all(session, "obligation", Value::from(id));
    for after in (-1..45).step_by(5) {
        let on = day().saturating_add(after.days());
        assert_eq!(cases::owed_on(&row, &steps, on), state.owed_on(on), "{id} on {on}");
        assert_eq!(
            cases::overdue_on(&row, &parts, &steps, on),
            state.overdue_on(on),
            "{id} on {on}"
        );
    }
}

/// What a fund is owed on a day is what its recoveries are.
fn outstanding(session: &ReadSession, town: &Town) {
    for after in [0, 10, 40] {
        let on = day().saturating_add(after.days());
        let found = cases::outstanding(session, &everything(), &Only::everything(), on).unwrap();
        let owed: Money = found.iter().map(cases::Standing::owed).sum();
        let states = town
            .streams
            .recoveries
            .values()
            .filter(|state| state.about.as_ref().is_some_and(|about| about.found_on <= on));
        assert_eq!(owed, states.map(|state| state.owed_on(on)).sum(), "{on}");
        let open = cases::returned(session, &everything(), &Only::everything(), on).unwrap();
        let closed = |id: &String| {
            let row: ReturnRow = one(session, &id.parse().unwrap()).unwrap();
            row.returned_on > on || row.closed_on.is_some_and(|closed| closed <= on)
        };
        let expected = town.streams.returns.keys().filter(|id| !closed(id)).count() as u64;
        assert_eq!(open.iter().map(|cell| cell.cases).sum::<u64>(), expected, "{on}");
    }
}
