//! The apps' private keys: made once a run and lent to every scenario.
//!
//! Making an RSA key takes longer than a whole scenario. Scenarios never share a platform, so a
//! key that two apps have in common proves nothing about either.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Mutex;

use super::Halt;
use crate::protocol::signing_key::{Algorithm, SigningKey};

/// The keys of a run; clones share them.
#[derive(Clone, Debug, Default)]
pub struct KeyRing(Arc<Mutex<HashMap<(Algorithm, usize), SigningKey>>>);

impl KeyRing {
    /// The `number`-th key (from 1) for an algorithm, with the key id `key-{number}`.
    ///
    /// # Errors
    /// [`Halt::Error`] if this machine cannot make keys.
    pub async fn lend(&self, algorithm: Algorithm, number: usize) -> Result<SigningKey, Halt> {
        let mut made = self.0.lock().await;
        if let Some(key) = made.get(&(algorithm, number)) {
            return Ok(key.clone());
        }
        let kid = format!("key-{number}");
        let key = tokio::task::spawn_blocking(move || SigningKey::generate(algorithm, &kid))
            .await
            .map_err(|error| Halt::error(error.to_string()))?
            .map_err(|error| Halt::error(format!("failed to {error}")))?;
        made.insert((algorithm, number), key.clone());
        Ok(key)
    }
}
