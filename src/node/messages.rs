//! Simulated gateways of short messages and of the mobile app: each message a file of its id,
//! `<data-dir>/messages/<channel>/<id>.json`, for whoever looks at what would have been sent.

use std::path::PathBuf;

use commands::warnings::{Letter, MessageFault, Messages};
use kernel::log::Answer;

use super::courier::place;

pub struct MessageFolders {
    root: PathBuf,
}

impl MessageFolders {
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }
}

impl Messages for MessageFolders {
    fn send<'a>(&'a self, letter: &'a Letter) -> Answer<'a, Result<(), MessageFault>> {
        Box::pin(async move {
            let dir = self.root.join(letter.sent.through.code());
            let bytes =
                serde_json::to_vec(letter).map_err(|fault| MessageFault(fault.to_string()))?;
            let put = || {
                std::fs::create_dir_all(&dir)?;
                place(&dir, &format!("{}.json", letter.id), &bytes)
            };
            put().map_err(|fault: std::io::Error| MessageFault(fault.to_string()))
        })
    }
}
