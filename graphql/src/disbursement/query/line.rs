//! The line register and the payment matrix.

use async_graphql::{Context, ID, Object, Result};
use projections::payments::{self, LineRow};
use shared::ObligationId;

use crate::connection::Paging;
use crate::disbursement::line::{Line, LineConnection, LineOrderInput, LineWhere, lines_of};
use crate::disbursement::matrix::{Asked, Matrix, MatrixDimension, MatrixMeasure, matrix};
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::request::request;
use crate::scalars::{Position, YearMonth};
use crate::scratch::AsOfInput;

#[derive(Default)]
pub struct LineQuery;

#[Object]
impl LineQuery {
    /// 发放明细 / A line.
    async fn line(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "编号 / Its id.")] id: ID,
        #[graphql(desc = "历史时点（未准备） / As it stood then: not prepared.")] as_of: Option<
            AsOfInput,
        >,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Line>> {
        let _ = at_least;
        if as_of.is_some() {
            return Err(crate::scratch::not_prepared(request(ctx)).into());
        }
        let obligation: ObligationId = Kind::Line.parse(&id)?;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let row: Option<LineRow> =
            payments::line(&session, &request.scope, obligation).map_err(Fault::from)?;
        Ok(row.map(Line::from))
    }

    /// 各发放明细 / Lines.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn lines(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "条件 / Which lines.")] r#where: Option<LineWhere>,
        #[graphql(desc = "排序 / In which order.")] order_by: Option<Vec<LineOrderInput>>,
        #[graphql(desc = "前几条，1–100 / How many from the start.")] first: Option<i32>,
        #[graphql(desc = "在此之后 / After this cursor.")] after: Option<String>,
        #[graphql(desc = "后几条，1–100 / How many from the end.")] last: Option<i32>,
        #[graphql(desc = "在此之前 / Before this cursor.")] before: Option<String>,
        #[graphql(desc = "历史时点（未准备） / As it stood then: not prepared.")] as_of: Option<
            AsOfInput,
        >,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<LineConnection>> {
        let _ = at_least;
        if as_of.is_some() {
            return Err(crate::scratch::not_prepared(request(ctx)).into());
        }
        let paging = Paging::new(first, after, last, before);
        Ok(Some(lines_of(ctx, r#where, &order_by.unwrap_or_default(), &paging).await?))
    }

    /// 发放矩阵 / The payment matrix.
    #[expect(clippy::too_many_arguments, reason = "what a matrix is asked by")]
    async fn matrix(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "起始月 / From this month.")] from: YearMonth,
        #[graphql(desc = "截止月 / To this month.")] to: YearMonth,
        #[graphql(desc = "维度 / Broken down by these.")] by: Vec<MatrixDimension>,
        #[graphql(desc = "指标 / Showing these.")] measures: Vec<MatrixMeasure>,
        #[graphql(desc = "历史时点（未准备） / As it stood then: not prepared.")] as_of: Option<
            AsOfInput,
        >,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Matrix>> {
        let _ = at_least;
        if as_of.is_some() {
            return Err(crate::scratch::not_prepared(request(ctx)).into());
        }
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let asked = Asked { from: from.0, to: to.0, by, measures };
        Ok(Some(matrix(request, &session, &asked)?))
    }
}
