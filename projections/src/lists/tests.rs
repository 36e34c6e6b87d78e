use super::*;

fn narrow(code: &str) -> Scope {
    let divisions = Some(vec![DivisionCode::parse(code).unwrap()]);
    Scope { divisions, ..Scope::everything("test") }
}

#[test]
fn a_chain_of_tables_leads_to_the_division() {
    let (clause, binds) = through(&narrow("320602"), 3, &["statement", "book", "area"]);
    assert_eq!(
        clause,
        "statement IN (SELECT statement FROM statement WHERE book IN \
         (SELECT book FROM book WHERE ((area >= $3 AND area < $4))))"
    );
    assert_eq!(binds, ["320602", "320603"].map(Value::from));
    let (clause, binds) = through(&Scope::everything("test"), 1, &["book", "area"]);
    assert_eq!((clause.as_str(), binds.len()), ("1 = 1", 0));
}

#[test]
fn conditions_are_bound_in_their_order_and_no_column_is_made_up() {
    use crate::people::PersonRow;
    let only = Only::equal("life", &"alive".to_owned())
        .and(Only::Any(vec![]))
        .and(Only::Not(Box::new(Only::Null("guardian", true))));
    let mut clause = Clause::seen::<PersonRow>(&narrow("3206"));
    clause.and::<PersonRow>(&only).unwrap();
    assert_eq!(
        clause.text(),
        "WHERE ((county >= $1 AND county < $2)) AND \
         (life = $3 AND (1 = 0) AND NOT (guardian IS NULL))"
    );
    assert!(clause.and::<PersonRow>(&Only::Null("name; --", true)).is_err());
}
