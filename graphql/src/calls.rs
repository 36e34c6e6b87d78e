//! Counts who calls what, whatever comes of it.

use std::any::TypeId;
use std::sync::Arc;

use async_graphql::extensions::{
    Extension, ExtensionContext, ExtensionFactory, NextPrepareRequest,
};
use async_graphql::{Request as Operation, ServerResult};

use crate::request::Request;

pub struct Calls;

impl ExtensionFactory for Calls {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for Calls {
    /// Once for each operation; a subscription is one, however often it answers.
    async fn prepare_request(
        &self,
        ctx: &ExtensionContext<'_>,
        operation: Operation,
        next: NextPrepareRequest<'_>,
    ) -> ServerResult<Operation> {
        let caller = operation.data.get(&TypeId::of::<Request>());
        if let Some(request) = caller.and_then(|caller| caller.downcast_ref::<Request>()) {
            let (scope, name) = (&request.scope, operation.operation_name.as_deref());
            request.app().access.called(&scope.actor, &scope.function, name);
        }
        next.run(ctx, operation).await
    }
}
