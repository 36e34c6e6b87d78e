//! Which form of answer a caller accepts, by the q-values of `Accept`.

use axum::http::{HeaderMap, header};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Media {
    /// `application/graphql-response+json`: the status says how the request went.
    GraphqlResponse,
    /// `application/json`: the older form, where a well-formed answer is 200.
    Json,
    EventStream,
    Html,
}

impl Media {
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
            Self::EventStream => "text/event-stream; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
        }
    }
}

/// What the caller accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// The form liked best, or nothing that we speak.
    pub(crate) best: Option<Media>,
    /// The JSON form liked best.
    pub(crate) json: Option<Media>,
    /// Whether an event stream is accepted at all, if only for a subscription.
    pub(crate) event_stream: bool,
}

impl Accepted {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut ranges = Vec::new();
        for value in headers.get_all(header::ACCEPT) {
            let Ok(value) = value.to_str() else { continue };
            for range in value.split(',') {
                let mut parts = range.split(';');
                let media = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
                if !media.is_empty() {
                    ranges.push((media, quality(parts)));
                }
            }
        }
        if ranges.is_empty() {
            ranges.push(("*/*".to_owned(), 1000));
        }
        // Plain JSON answers a wildcard; the other forms must be asked for by name.
        let named = |media: &str| ranges.iter().find(|(name, _)| name == media).map(|(_, q)| *q);
        let json = named("application/json")
            .map(|q| (q, true))
            .or_else(|| named("application/*").or_else(|| named("*/*")).map(|q| (q, false)));
        let wishes = [
            (Media::GraphqlResponse, named("application/graphql-response+json").map(|q| (q, true))),
            (Media::Json, json),
            (Media::EventStream, named("text/event-stream").map(|q| (q, true))),
            (Media::Html, named("text/html").map(|q| (q, true))),
        ];
        let choose = |among: &[Media]| {
            let mut best: Option<(Media, (u16, bool))> = None;
            for (media, wish) in wishes {
                let Some(wish) = wish.filter(|(q, _)| *q > 0) else {
                    continue;
                };
                if among.contains(&media) && best.is_none_or(|(_, top)| wish > top) {
                    best = Some((media, wish));
                }
            }
            best.map(|(media, _)| media)
        };
        Self {
            best: choose(&[Media::GraphqlResponse, Media::Json, Media::EventStream, Media::Html]),
            json: choose(&[Media::GraphqlResponse, Media::Json]),
            event_stream: choose(&[Media::EventStream]).is_some(),
        }
    }
}

/// The q-value among a range's parameters, in thousandths; 1000 when none or malformed.
pub(crate) fn quality<'a>(parameters: impl Iterator<Item = &'a str>) -> u16 {
    for parameter in parameters {
        let Some((name, value)) = parameter.split_once('=') else {
            continue;
        };
        if name.trim().eq_ignore_ascii_case("q") {
            return thousandths(value.trim()).unwrap_or(1000);
        }
    }
    1000
}

fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole: u16 = whole.parse().ok().filter(|whole| *whole <= 1)?;
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let fraction: u16 = format!("{fraction:0<3}").parse().ok()?;
    Some((whole * 1000 + fraction).min(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_form_is_chosen_by_quality_then_name() {
        use Media::*;
        for (accept, best, json) in [
            ("", Some(Json), Some(Json)),
            ("*/*", Some(Json), Some(Json)),
            ("application/*", Some(Json), Some(Json)),
            ("application/json", Some(Json), Some(Json)),
            ("application/graphql-response+json", Some(GraphqlResponse), Some(GraphqlResponse)),
            (
                "application/json, application/graphql-response+json",
                Some(GraphqlResponse),
                Some(GraphqlResponse),
            ),
            (
                "application/graphql-response+json;q=0.5, application/json;q=0.9",
                Some(Json),
                Some(Json),
            ),
            ("application/json;q=0, */*", None, None),
            (
                "application/graphql-response+json, */*;q=0.1",
                Some(GraphqlResponse),
                Some(GraphqlResponse),
            ),
            ("text/event-stream", Some(EventStream), None),
            ("text/event-stream, */*;q=0.1", Some(EventStream), Some(Json)),
            (
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                Some(Html),
                Some(Json),
            ),
            ("text/plain", None, None),
            (
                "application/graphql-response+json ; Q=0.3 , application/json; q=0.30",
                Some(GraphqlResponse),
                Some(GraphqlResponse),
            ),
        ] {
            let mut headers = HeaderMap::new();
            if !accept.is_empty() {
                headers.insert(header::ACCEPT, accept.parse().unwrap());
            }
            let accepted = Accepted::of(&headers);
            assert_eq!((accepted.best, accepted.json), (best, json), "{accept:?}");
        }
    }
}
