//! What the endpoint works with, of one node. It stands outside the node, which the benchmarks
//! build without a schema.

use std::sync::Arc;

use crate::node::Node;

impl Node {
    /// In demo mode the actor comes from a header, introspection and GraphiQL are on.
    #[must_use]
    pub fn app(&self, demo: bool) -> graphql::App {
        graphql::App {
            executor: self.executor.clone(),
            registry: self.registry.clone(),
            cards: self.cards.clone(),
            benefits: self.benefits.clone(),
            rulebook: self.rulebook.clone(),
            disbursement: self.disbursement.clone(),
            imports: commands::imports::Imports::new(self.executor.clone()),
            train: self.train.clone(),
            keys: Arc::clone(&self.keys),
            artefacts: Arc::clone(&self.artefacts),
            rules: Arc::clone(&self.rules),
            access: self.access.clone(),
            tables: Arc::new(crate::exporting::SheetTables),
            processes: Arc::new(self.processes()),
            demo,
        }
    }
}
