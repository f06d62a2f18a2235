//! The history as its room's door offers it, in a file and on a server: the same statements have to do on
//! both.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on has failed, and one that is left out says why"
)]

mod asked;
mod databases;
mod kept;
mod many;
mod records;
mod runs;

/// Each of these tests on a file, and on a server.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod file {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                if let Some(empty) = crate::databases::file() {
                    super::$name(&empty).await;
                }
            })+
        }

        mod server {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                if let Some(empty) = crate::databases::server() {
                    super::$name(&empty).await;
                }
            })+
        }
    };
}
pub(crate) use on_both;
