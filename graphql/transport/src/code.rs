//! Every code that the endpoint itself puts in `extensions.code`, with what it means and what to do.
//!
//! The owner of the schema adds rows of its own (`Context::codes`); the published table is
//! `Code::TABLE` and those.

use crate::language::Language;

/// One row of the published table of codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// `extensions.code`, stable for ever.
    pub code: &'static str,
    /// The HTTP status of an answer that holds no data because of this.
    pub status: u16,
    /// Whether the status also stands when the answer is plain `application/json`, where an
    /// error of the GraphQL document itself must be 200.
    pub status_always: bool,
    /// Whether the same request may succeed later.
    pub retryable: bool,
    pub zh: &'static str,
    pub en: &'static str,
    pub action_zh: &'static str,
    pub action_en: &'static str,
}

impl Row {
    pub fn text(&self, language: Language) -> &'static str {
        match language {
            Language::Zh => self.zh,
            Language::En => self.en,
        }
    }

    pub fn action(&self, language: Language) -> &'static str {
        match language {
            Language::Zh => self.action_zh,
            Language::En => self.action_en,
        }
    }
}

macro_rules! codes {
    ($($name:ident $code:literal $status:literal $always:ident $retry:ident
        $zh:literal $en:literal $action_zh:literal $action_en:literal;)*) => {
        /// What went wrong before, around or instead of the execution of an operation.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($name),* }

        impl Code {
            /// All rows, in the order of the variants.
            pub const TABLE: &'static [Row] = &[$(Row {
                code: $code,
                status: $status,
                status_always: codes!(@ $always),
                retryable: codes!(@ $retry),
                zh: $zh,
                en: $en,
                action_zh: $action_zh,
                action_en: $action_en,
            }),*];
        }
    };
    (@ always) => { true };
    (@ typed) => { false };
    (@ retry) => { true };
    (@ final) => { false };
}

codes! {
    BadRequest "BAD_REQUEST" 400 always final
        "请求格式不正确" "the request is malformed"
        "按 GraphQL over HTTP 规范发送 JSON 对象" "send one JSON object as GraphQL over HTTP describes";
    BatchRefused "BATCH_REFUSED" 400 always final
        "不接受批量请求" "a batch of operations is not accepted"
        "每个请求只发送一个操作" "send one operation per request";
    BodyTooLarge "BODY_TOO_LARGE" 413 always final
        "请求体过大" "the request body is too large"
        "缩小请求，文件请走文件上传接口" "send less; files have their own upload address";
    BodyTooSlow "BODY_TOO_SLOW" 408 always retry
        "请求体未按时传完" "the request body did not arrive in time"
        "检查网络后重试" "check the network and send again";
    UnsupportedMediaType "UNSUPPORTED_MEDIA_TYPE" 415 always final
        "不支持的请求内容类型" "the content type of the request is not supported"
        "使用 Content-Type: application/json" "use Content-Type: application/json";
    NotAcceptable "NOT_ACCEPTABLE" 406 always final
        "无法提供所要求的应答类型" "none of the accepted media types can be served"
        "在 Accept 中加入 application/graphql-response+json"
        "add application/graphql-response+json to Accept";
    MethodNotAllowed "METHOD_NOT_ALLOWED" 405 always final
        "不允许使用该请求方法" "the method is not allowed here"
        "变更操作请使用 POST" "use POST for mutations";
    PreflightRequired "PREFLIGHT_REQUIRED" 403 always final
        "GET 请求缺少防伪造请求头" "a GET request needs a header that forces a preflight"
        "加上请求头 GraphQL-Require-Preflight: 1" "add the header GraphQL-Require-Preflight: 1";
    OriginRefused "ORIGIN_REFUSED" 403 always final
        "不允许来自该来源的连接" "connections from this origin are refused"
        "请管理员把来源加入允许清单" "ask the operator to allow the origin";
    HostRefused "HOST_REFUSED" 421 always final
        "本服务不以该主机名应答" "this server does not answer to the name in Host"
        "用 localhost 访问，或请管理员把主机名加入 hosts" "use localhost, or ask the operator to list the name under hosts";
    Unauthenticated "UNAUTHENTICATED" 401 always final
        "尚未登录或登录已失效" "nobody is signed in, or the sign-in has expired"
        "重新登录" "sign in again";
    Forbidden "FORBIDDEN" 403 always final
        "无权访问" "access is refused"
        "请管理员授权" "ask the operator for the right";
    Syntax "SYNTAX" 400 typed final
        "GraphQL 文档语法错误" "the GraphQL document does not parse"
        "按所示位置修改文档" "correct the document at the place shown";
    InvalidDocument "INVALID_DOCUMENT" 400 typed final
        "GraphQL 文档不符合模式" "the GraphQL document does not fit the schema"
        "对照模式修改文档" "correct the document against the schema";
    OperationNotFound "OPERATION_NOT_FOUND" 400 typed final
        "找不到要执行的操作" "the operation to run cannot be told"
        "用 operationName 指明一个操作" "name one operation in operationName";
    DocumentTooLarge "DOCUMENT_TOO_LARGE" 400 typed final
        "GraphQL 文档过大" "the GraphQL document is too large"
        "拆分文档" "split the document";
    TooDeep "TOO_DEEP" 400 typed final
        "查询嵌套过深" "the query nests too deeply"
        "减少嵌套层数" "ask for fewer levels";
    TooManyFields "TOO_MANY_FIELDS" 400 typed final
        "查询字段过多" "the query asks for too many fields"
        "减少字段或拆分查询" "ask for fewer fields, or in several queries";
    TooManyAliases "TOO_MANY_ALIASES" 400 typed final
        "查询别名过多" "the query uses too many aliases"
        "减少别名" "use fewer aliases";
    TooManyDirectives "TOO_MANY_DIRECTIVES" 400 typed final
        "同一处指令过多" "too many directives stand at one place"
        "减少指令" "use fewer directives";
    FragmentCycle "FRAGMENT_CYCLE" 400 typed final
        "片段循环引用" "a fragment spreads itself"
        "去除循环引用" "remove the cycle";
    QueryTooCostly "QUERY_TOO_COSTLY" 400 typed final
        "查询代价超过上限" "the query costs more than is allowed"
        "减小 first 或减少嵌套列表" "ask for smaller pages or fewer nested lists";
    IntrospectionRefused "INTROSPECTION_REFUSED" 400 typed final
        "未开放模式自省" "introspection is not enabled"
        "使用随版本发布的模式文件" "use the published schema file";
    DocumentUnknown "DOCUMENT_UNKNOWN" 400 typed final
        "没有该编号的受信文档" "no trusted document has this digest"
        "更新客户端，或改发完整文档" "update the client, or send the whole document";
    DocumentNotTrusted "DOCUMENT_NOT_TRUSTED" 403 always final
        "只接受受信文档" "only trusted documents are accepted here"
        "使用随版本发布的文档编号" "use the digest of a published document";
    StreamRequired "STREAM_REQUIRED" 406 always final
        "订阅需要事件流或 WebSocket" "a subscription needs an event stream or a WebSocket"
        "使用 Accept: text/event-stream 或 WebSocket" "use Accept: text/event-stream or a WebSocket";
    BadInput "BAD_INPUT" 400 typed final
        "输入值不正确" "an input value is not valid"
        "按提示修改输入" "correct the value shown";
    Timeout "TIMEOUT" 504 always retry
        "处理超时" "the request took too long"
        "以同一 commandId 重试，或缩小查询" "send it again with the same commandId, or ask for less";
    Busy "BUSY" 503 always retry
        "连接过多" "too many connections are open"
        "稍后重试" "try again later";
    TooManyOperations "TOO_MANY_OPERATIONS" 429 always retry
        "同一连接上的操作过多" "too many operations are open on this connection"
        "先结束部分操作" "complete some of them first";
    Resync "RESYNC" 503 always retry
        "接收过慢，已丢弃更新" "updates were dropped because the reader is too slow"
        "重新订阅以取得新快照" "subscribe again for a fresh snapshot";
    Internal "INTERNAL" 500 always retry
        "系统内部错误" "an internal error occurred"
        "稍后重试；仍失败时把 traceId 告知管理员"
        "try again; if it fails again, give the traceId to the operator";
}

impl Code {
    pub fn row(self) -> &'static Row {
        &Self::TABLE[self as usize]
    }

    pub fn as_str(self) -> &'static str {
        self.row().code
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_stands_once_and_says_what_to_do_in_both_languages() {
        let codes: BTreeSet<_> = Code::TABLE.iter().map(|row| row.code).collect();
        assert_eq!(codes.len(), Code::TABLE.len());
        for row in Code::TABLE {
            assert!(row.code.bytes().all(|b| b.is_ascii_uppercase() || b == b'_'), "{}", row.code);
            assert!((400..600).contains(&row.status), "{}", row.code);
            for text in [row.zh, row.en, row.action_zh, row.action_en] {
                assert!(!text.is_empty(), "{}", row.code);
            }
        }
    }

    #[test]
    fn a_variant_finds_its_own_row() {
        assert_eq!(Code::BadRequest.as_str(), "BAD_REQUEST");
        assert_eq!(Code::Resync.as_str(), "RESYNC");
        assert_eq!(Code::Internal.as_str(), "INTERNAL");
    }
}
