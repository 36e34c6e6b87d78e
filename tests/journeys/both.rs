//! One history in SQLite and in PostgreSQL: the same rows, the same bank files, the same words; and
//! the mistakes that can be made in naming a database.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use graphql::App;
use postgres::PostgresViews;
use postgres::views::ViewOptions;
use projections::engine::{Kind, Projection, ReadSession, Row, Stores, Table, Train, Value};
use renshe::node::World;
use views::SqliteViews;

use crate::answers::{self, Asker};
use crate::database::ALWAYS;
use crate::place::Place;

/// Queries whose arguments cannot be made up from other answers.
const UNASKED: [&str; 4] = ["feed", "indicatorSimulation", "segmentMoves", "import"];

/// Statements in the SQL that both understand, over one table.
fn statements(table: &Table) -> Vec<String> {
    let (name, columns) = (table.name, table.column_list());
    let key = table.key_columns().iter().map(|column| column.name).collect::<Vec<_>>().join(", ");
    let mut all = vec![
        format!("SELECT {columns} FROM {name} ORDER BY {key}"),
        format!("SELECT COUNT(*) FROM {name}"),
    ];
    for column in table.columns {
        let column_name = column.name;
        // A sum of instants leaves the range; sums are taken of what is counted or paid.
        if column.kind == Kind::Int && !column_name.ends_with("_at") {
            all.push(format!(
                "SELECT CAST(COALESCE(SUM({column_name}), 0) AS BIGINT), MIN({column_name}), \
                 MAX({column_name}), COUNT({column_name}) FROM {name}"
            ));
        } else {
            all.push(format!("SELECT COUNT(DISTINCT {column_name}) FROM {name}"));
            all.push(format!(
                "SELECT {column_name}, COUNT(*) FROM {name} GROUP BY {column_name} \
                 ORDER BY {column_name} NULLS LAST LIMIT 50"
            ));
        }
    }
    all
}

/// Statements that go by an index, with the values of some row of the table.
fn by_index(table: &Table, row: &Row) -> Vec<(String, Vec<Value>)> {
    let key = table.key_columns().iter().map(|column| column.name).collect::<Vec<_>>().join(", ");
    let value = |name: &str| {
        let place = table.columns.iter().position(|column| column.name == name).unwrap();
        row[place].clone()
    };
    let keyed = table.key_columns().iter().map(|column| column.name).collect::<Vec<_>>();
    let indexes = table.indexes.iter().map(|index| index.to_vec()).chain([keyed]);
    let mut all = Vec::new();
    for index in indexes {
        let values: Vec<Value> = index.iter().map(|column| value(column)).collect();
        // Nothing is equal to what is missing: no read function asks so.
        if values.contains(&Value::Null) {
            continue;
        }
        let equal: Vec<String> =
            index.iter().zip(1..).map(|(column, place)| format!("{column} = ${place}")).collect();
        let (name, columns, first) = (table.name, table.column_list(), index[0]);
        all.push((
            format!(
                "SELECT {columns} FROM {name} WHERE {} ORDER BY {key} LIMIT 100",
                equal.join(" AND ")
            ),
            values.clone(),
        ));
        all.push((
            format!("SELECT {columns} FROM {name} WHERE {first} > $1 ORDER BY {key} LIMIT 100"),
            values[..1].to_vec(),
        ));
        all.push((
            format!("SELECT COUNT(*) FROM {name} WHERE {first} IN ($1, $1) OR {first} < $1"),
            values[..1].to_vec(),
        ));
    }
    all
}

fn compare(one: &ReadSession, other: &ReadSession, model: &dyn Projection) -> usize {
    let name = model.name();
    assert_eq!(one.content_hash(name).unwrap(), other.content_hash(name).unwrap(), "{name}");
    let mut compared = 0;
    for table in model.tables() {
        let mut same = |sql: &str, binds: &[Value]| {
            let (left, right) = (one.rows(name, sql, binds), other.rows(name, sql, binds));
            let (left, right) = (left.unwrap(), right.unwrap());
            assert_eq!(left, right, "{name}: {sql}");
            compared += 1;
            left
        };
        let mut found = statements(table).into_iter().map(|sql| same(&sql, &[]));
        // The first one tells the rows themselves.
        let rows = found.next().unwrap_or_default();
        found.for_each(drop);
        let Some(middle) = rows.get(rows.len() / 2) else { continue };
        for (sql, binds) in by_index(table, middle) {
            same(&sql, &binds);
        }
    }
    compared
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_read_model_is_the_same_in_both() {
    let place = Place::new();
    place.ends(0, &["demo", "--once", "--people", "600"]);
    let node = place.node(World::real()).await;
    let dir = tempfile::tempdir().unwrap();
    ALWAYS.create("both", None).unwrap();
    let other: Arc<dyn Stores> = if place.is_embedded() {
        let options = ViewOptions::new(node.log.identity().log_id);
        Arc::new(PostgresViews::open(&ALWAYS.url("both"), options).unwrap())
    } else {
        Arc::new(SqliteViews::open(dir.path()).unwrap())
    };
    let train = Train::start(Arc::clone(&node.log), other, projections::all()).unwrap();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(120);
    train.wait_for(node.log.head(), deadline).await.unwrap();
    let (one, other) = (node.train.session().unwrap(), train.session().unwrap());
    assert_eq!(one.position(), other.position());
    let compared: usize =
        projections::all().iter().map(|model| compare(&one, &other, &**model)).sum();
    assert!(compared > 300, "{compared}");
    drop((one, other));
    let other = App { train: train.clone(), ..node.app(true) };
    let (one, other) = (Asker::of(node.app(true)), Asker::of(other));
    let (answered, unasked) = answers::compare(&one, &other).await;
    assert_eq!(unasked, UNASKED, "each is asked by a document of its own elsewhere");
    assert!(answered > 200, "{answered}");
    train.stop();
    node.stop();
}

#[test]
fn the_demo_makes_the_same_files_and_lines_in_both() {
    let bank_files = |place: &Place| -> BTreeMap<PathBuf, Vec<u8>> {
        let pay = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "pay");
        let files = place.files().into_iter().filter(pay);
        let named = files.map(|path| {
            let bytes = fs::read(&path).unwrap();
            (path.strip_prefix(place.data()).unwrap().to_owned(), bytes)
        });
        named.collect()
    };
    let demo = ["demo", "--once", "--people", "600", "--months", "1", "--seed", "7"];
    ALWAYS.create("demo", None).unwrap();
    let url = ALWAYS.url("demo");
    let (embedded, server) = (Place::embedded(), Place::embedded());
    let told = embedded.ends(0, &demo).out;
    let named: Vec<&str> = demo.into_iter().chain(["--log", &url, "--views", &url]).collect();
    assert_eq!(server.ends(0, &named).out, told);
    let files = bank_files(&embedded);
    assert!(!files.is_empty());
    assert!(bank_files(&server) == files, "the stores make other bank files");

    // Each alone.
    for alone in ["--log", "--views"] {
        let database = format!("alone_{}", &alone[2..]);
        ALWAYS.create(&database, None).unwrap();
        let (place, url) = (Place::embedded(), ALWAYS.url(&database));
        let named: Vec<&str> = demo.into_iter().chain([alone, &url]).collect();
        assert_eq!(place.ends(0, &named).out, told, "{alone}");
    }
}

/// An installation whose folder is there, so that asking how it stands makes the rest.
fn empty() -> Place {
    let place = Place::embedded();
    fs::create_dir_all(place.data().join("log")).unwrap();
    place
}

#[test]
fn a_database_that_does_not_fit_is_told_in_both_languages() {
    ALWAYS.create("first", None).unwrap();
    let url = ALWAYS.url("first");
    let place = empty();
    place.ends(0, &["status", "--log", &url]);

    // The log is elsewhere now.
    place.ends(3, &["status"]).says(&["安装目录无法使用", "stands in PostgreSQL", "--log"]);
    // Another installation.
    let shared = empty().ends(3, &["status", "--log", &url]);
    shared.says(&["该模式属于另一套安装", "two installations share a database"]);
    // Read models of another log.
    let third = format!("{url}?schema=third");
    empty().ends(0, &["status", "--views", &third]);
    let mixed = place.ends(3, &["status", "--log", &url, "--views", &third]);
    mixed.says(&["该模式属于另一套安装"]);
    // Nobody answers, and the password stays where it is.
    for (away, zh) in [
        ("postgres://clerk:s3cret@127.0.0.1:1/renshe", "无法连接数据库服务器"),
        ("mysql://clerk:s3cret@127.0.0.1:1/renshe", "数据库地址无法识别"),
        ("postgres://clerk:s3cret@127.0.0.1:1/renshe?schema=No%20good", "模式名称不合规定"),
    ] {
        for store in ["--log", "--views"] {
            let ran = empty().ends(3, &["status", store, away]);
            ran.says(&[zh]);
            assert!(!ran.said("s3cret"), "{ran:?}");
        }
    }
    // A program from the future was here.
    let newer = "UPDATE renshe.installation SET schema = 99";
    assert!(ALWAYS.psql("first").args(["-c", newer]).output().unwrap().status.success());
    place.ends(3, &["status", "--log", &url]).says(&["数据库结构比本程序新", "schema version 99"]);
    // A log in the data directory does not move by naming another.
    let embedded = empty();
    embedded.ends(0, &["status"]);
    embedded.ends(3, &["status", "--log", &url]).says(&["does not move"]);
}
