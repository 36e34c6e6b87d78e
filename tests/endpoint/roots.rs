//! Nothing in the schema goes untried.

/// The documents and commands of this folder, as text.
const TRIED: &str = concat!(
    include_str!("cases.rs"),
    include_str!("cutover.rs"),
    include_str!("deaths.rs"),
    include_str!("few.rs"),
    include_str!("figures.rs"),
    include_str!("ledger.rs"),
    include_str!("live.rs"),
    include_str!("looks.rs"),
    include_str!("money.rs"),
    include_str!("narrow.rs"),
    include_str!("notices.rs"),
    include_str!("people.rs"),
    include_str!("reads.rs"),
    include_str!("restored.rs"),
    include_str!("tables.rs"),
    include_str!("rules.rs"),
    include_str!("../../docs/tags.md"),
    include_str!("../../docs/warnings.md"),
);

fn fields(sdl: &str, root: &str) -> Vec<String> {
    let begin = sdl.find(&format!("type {root} {{")).unwrap();
    let body = &sdl[begin..begin + sdl[begin..].find("\n}").unwrap()];
    let (mut fields, mut depth, mut quoted) = (Vec::new(), 0, false);
    for line in body.lines().skip(1).map(str::trim) {
        if line == "\"\"\"" {
            quoted = !quoted;
            continue;
        }
        if quoted || line.starts_with('"') {
            continue;
        }
        let name: String = line.chars().take_while(char::is_ascii_alphanumeric).collect();
        let next = line[name.len()..].chars().next();
        if depth == 0 && !name.is_empty() && matches!(next, Some('(' | ':')) {
            fields.push(name);
        }
        depth += line.matches('(').count();
        depth -= line.matches(')').count();
    }
    fields
}

#[test]
fn every_root_field_is_tried() {
    let sdl = graphql::sdl();
    let mut untried = Vec::new();
    for root in ["Query", "Mutation", "Subscription"] {
        let fields = fields(&sdl, root);
        assert!(fields.len() > 3, "{root}: {fields:?}");
        // A command is named in quotes, a query stands before its arguments or its selection.
        let tried = |field: &String| {
            ["\"", "(", " {", " }", ":"].iter().any(|end| {
                let (quoted, plain) = (format!("\"{field}{end}"), format!(" {field}{end}"));
                TRIED.contains(&quoted) || TRIED.contains(&plain)
            })
        };
        untried.extend(fields.into_iter().filter(|field| !tried(field)));
    }
    assert_eq!(untried, Vec::<String>::new());
}
