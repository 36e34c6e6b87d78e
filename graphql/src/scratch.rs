//! How a thing stood then: its own streams folded by the live read model, up to a point, in memory.

use std::collections::{BTreeMap, HashMap};

use async_graphql::InputObject;
use kernel::{Limit, Micros, Position, Revision, StreamName};
use projections::engine::store::StoreError;
use projections::engine::{Row, Table};
use projections::{Fact, Happened, Projection, Record, Store, Value};

use crate::fault::Fault;
use crate::request::Request;
use crate::scalars;

/// 历史时点：位置与时刻取其一 / A point of the past: a position or a moment, one of them.
#[derive(Debug, Clone, Copy, InputObject)]
pub struct AsOfInput {
    /// 日志位置（含） / Up to and with this position of the log.
    pub position: Option<scalars::Position>,
    /// 登记时刻（含） / Up to and with this moment of recording.
    pub time: Option<scalars::DateTime>,
}

#[derive(Debug, Clone, Copy)]
enum Until {
    Position(Position),
    Time(Micros),
}

/// The tables of one read model, filled from a few streams.
#[derive(Default)]
pub struct Scratch {
    tables: HashMap<&'static str, BTreeMap<Row, Row>>,
}

impl Scratch {
    /// Folds these streams up to the point, each in its own order.
    ///
    /// # Errors
    /// `BAD_INPUT` unless the point is one of the two; when the log cannot be read.
    pub async fn fold(
        request: &Request,
        mut projection: impl Projection,
        streams: &[StreamName],
        at: AsOfInput,
    ) -> Result<Self, Fault> {
        let until = match (at.position, at.time) {
            (Some(token), None) => Until::Position(request.position(token)?),
            (None, Some(time)) => Until::Time(time.0),
            (None, None) | (Some(_), Some(_)) => {
                return Err(Fault::bad_input(
                    "asOf 须给出 position 或 time 之一 / asOf takes a position or a time",
                ));
            }
        };
        let mut scratch = Self::default();
        let log = request.app().executor.log();
        for stream in streams {
            let mut after = Revision::NONE;
            'stream: loop {
                let page = log.read_stream(stream, after, Limit::PAGE).await?;
                let Some(last) = page.last() else { break };
                after = last.revision;
                for recorded in &page {
                    let over = match until {
                        Until::Position(position) => recorded.position > position,
                        Until::Time(time) => recorded.recorded_at > time,
                    };
                    if over {
                        break 'stream;
                    }
                    let meta = recorded.meta()?;
                    let fact = Fact::decode(recorded)?;
                    let happened = Happened { recorded, meta: &meta, fact: &fact };
                    projection.fold(&happened, &mut scratch).map_err(Fault::internal)?;
                }
            }
        }
        projection.flush(&mut scratch).map_err(Fault::internal)?;
        Ok(scratch)
    }

    /// # Errors
    /// When a row has another shape: a fault of the program.
    pub fn get<R: Record>(&self, key: &R::Key) -> Result<Option<R>, Fault> {
        let row = self.tables.get(R::TABLE.name).and_then(|rows| rows.get(&R::key_row(key)));
        row.map(|row| R::read(row)).transpose().map_err(Fault::internal)
    }

    /// Every row, by key.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub fn all<R: Record>(&self) -> Result<Vec<R>, Fault> {
        let rows = self.tables.get(R::TABLE.name);
        let rows = rows.into_iter().flat_map(BTreeMap::values);
        rows.map(|row| R::read(row)).collect::<Result<_, _>>().map_err(Fault::internal)
    }
}

impl Store for Scratch {
    fn get(&mut self, table: &'static Table, key: &[Value]) -> Result<Option<Row>, StoreError> {
        Ok(self.tables.get(table.name).and_then(|rows| rows.get(key)).cloned())
    }

    fn is_empty(&mut self, table: &'static Table) -> Result<bool, StoreError> {
        Ok(self.tables.get(table.name).is_none_or(BTreeMap::is_empty))
    }

    fn put(&mut self, table: &'static Table, rows: &[Row]) -> Result<(), StoreError> {
        let held = self.tables.entry(table.name).or_default();
        held.extend(rows.iter().map(|row| (row[..table.key].to_vec(), row.clone())));
        Ok(())
    }

    fn delete(&mut self, table: &'static Table, keys: &[Row]) -> Result<(), StoreError> {
        if let Some(held) = self.tables.get_mut(table.name) {
            for key in keys {
                held.remove(key);
            }
        }
        Ok(())
    }

    fn rows(&mut self, sql: &str, _: &[Value]) -> Result<Vec<Row>, StoreError> {
        Err(StoreError::database("the scratch of a past state", format!("no SQL here: {sql}")))
    }

    fn scan(
        &mut self,
        table: &'static Table,
        each: &mut dyn FnMut(&[Value]),
    ) -> Result<(), StoreError> {
        for row in self.tables.get(table.name).into_iter().flat_map(BTreeMap::values) {
            each(row);
        }
        Ok(())
    }
}

/// For what is not folded from its own streams: the nearest point that can be asked is the present,
/// and no job prepares another one.
pub fn not_prepared(request: &Request) -> Fault {
    let nearest = request.app().train.reached();
    Fault::not_prepared(&request.token(nearest))
}

/// One thing by its id: as it stands, or folded from its own stream up to a point. Whoever may not
/// see it now does not see what it was.
macro_rules! entity {
    (
        $ctx:ident, $row:ty, $view:ty, $projection:ty, $kind:expr, $category:literal,
        $id:ident, $as_of:ident
    ) => {{
        let request = $crate::request::request($ctx);
        let id: <$row as projections::Record>::Key = $kind.parse(&$id)?;
        let session = request.session($ctx).await?;
        let now = projections::lists::one::<$row>(&session, &request.scope, &id)
            .map_err($crate::fault::Fault::from)?;
        match ($as_of, now) {
            (None, now) => Ok(now.map(<$view>::from)),
            (Some(_), None) => Ok(None),
            (Some(at), Some(_)) => {
                let streams = [kernel::StreamName::new($category, &id)];
                let scratch =
                    $crate::scratch::Scratch::fold(request, <$projection>::default(), &streams, at)
                        .await?;
                let row: Option<$row> = scratch.get(&id)?;
                Ok(row.map(|row| {
                    let mut view = <$view>::from(row);
                    view.ahead.past = Some(std::sync::Arc::new(scratch));
                    view
                }))
            }
        }
    }};
}

pub(crate) use entity;
