//! The run in the languages of other programs: test managers, viewers of traffic, pipelines.

pub mod ctrf;
pub mod cucumber_json;
pub mod har;
pub mod tap;
