//! Tables as people hand them in, from outside.

mod csv_files;
mod grants;
mod workbooks;
