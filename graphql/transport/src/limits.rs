//! How much one caller may ask for. Every number is a bound on memory, CPU or waiting.

use std::time::Duration;

/// The bounds of the endpoint. `Limits::default()` holds what the design asks for.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of a request body or of one WebSocket message, counted while reading.
    pub body_bytes_max: usize,
    /// Bytes of a GraphQL document.
    pub document_bytes_max: usize,
    /// Tokens of a document, counted before it is parsed.
    pub document_tokens_max: usize,
    /// Open brackets at one place of a document: the parser recurses once per bracket.
    pub document_nesting_max: usize,
    /// Selections that validation may visit in a document: all operations and fragments, with
    /// every spread followed.
    pub document_selections_max: u64,
    /// Fields of the operation, with every spread followed.
    pub fields_max: u64,
    /// Aliases of the operation, with every spread followed.
    pub aliases_max: u64,
    /// Levels of fields.
    pub depth_max: u64,
    /// Directives on one field, spread, inline fragment or operation.
    pub directives_max: usize,
    /// Fields below `__schema` and `__type`, which `fields_max` does not count.
    pub introspection_fields_max: u64,
    /// Levels of fields from `__schema` or `__type` down, which `depth_max` does not count.
    pub introspection_depth_max: u64,
    /// Cost of one operation: a field costs 1, times the list sizes around it.
    pub cost_max: u64,
    /// What one `totalCount` costs: it counts rows that are not sent.
    pub total_count_cost: u64,
    /// Parsed documents kept.
    pub cached_documents_max: usize,
    /// Bytes of the texts of the parsed documents kept.
    pub cached_document_bytes_max: usize,
    /// Until a request body must be complete.
    pub body_timeout: Duration,
    /// Until a query or a mutation must have answered.
    pub request_timeout: Duration,
    /// WebSockets and event streams open in this process.
    pub streams_max: usize,
    /// Operations open on one WebSocket.
    pub operations_per_socket_max: usize,
    /// Results that wait on one socket or event stream for a slow reader, per operation.
    pub queue_frames_max: usize,
    /// Bytes of all results that wait on one socket or event stream. A single larger result
    /// passes when nothing else waits.
    pub queue_bytes_max: usize,
    /// Read and write buffer of a socket, in bytes each.
    pub socket_buffer_bytes: usize,
    /// Until a WebSocket must have sent `connection_init`.
    pub init_timeout: Duration,
    /// Between two signs of life that the server sends.
    pub keep_alive: Duration,
    /// How long a subscription waits for room in the queue before it ends with `RESYNC`.
    pub slow_reader_grace: Duration,
    /// Until one frame must have left the socket; after that the peer is taken for dead.
    pub write_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes_max: 256 * 1024,
            document_bytes_max: 64 * 1024,
            document_tokens_max: 8_000,
            document_nesting_max: 50,
            document_selections_max: 2_000,
            fields_max: 500,
            aliases_max: 30,
            depth_max: 12,
            directives_max: 5,
            introspection_fields_max: 500,
            introspection_depth_max: 15,
            cost_max: 20_000,
            total_count_cost: 10,
            cached_documents_max: 512,
            cached_document_bytes_max: 1024 * 1024,
            body_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(20),
            streams_max: 1_024,
            operations_per_socket_max: 32,
            queue_frames_max: 16,
            queue_bytes_max: 32 * 1024,
            socket_buffer_bytes: 4 * 1024,
            init_timeout: Duration::from_secs(5),
            keep_alive: Duration::from_secs(15),
            slow_reader_grace: Duration::from_secs(1),
            write_timeout: Duration::from_secs(20),
        }
    }
}
