//! The app's own keys: it signs with the first, and publishes all.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use serde_json::{Value, json};

use crate::protocol::private_key::UnreadableKey;
use crate::protocol::{Algorithm, SigningKey, private_key, random};
use crate::reference_app::app::App;
use crate::reference_app::flaw::Flaw;
use crate::secret::Secret;

/// The app's keys, newest first; clones share them.
#[derive(Clone, Debug)]
pub struct Keys {
    held: Arc<Mutex<Vec<SigningKey>>>,
    /// The file that they were read from: whoever changes it rotates the keys.
    file: Option<(PathBuf, Option<String>)>,
}

impl Keys {
    /// A new key, which nobody but this process has.
    ///
    /// # Errors
    /// If the machine's cryptography refuses.
    pub fn new() -> Result<Self, String> {
        let key = new_key()?;
        Ok(Self { held: Arc::new(Mutex::new(vec![key])), file: None })
    }

    /// The keys of a file: a PEM, a JWK, or a JWK Set of which the first key signs. The file is read
    /// again each time that a key is needed. A key without an id of its own has `kid`, or its
    /// thumbprint (RFC 7638).
    ///
    /// # Errors
    /// What keeps the file from being read as keys.
    pub fn of_file(path: &Path, kid: Option<&str>) -> Result<Self, String> {
        let keys = read(path, kid)?;
        let file = Some((path.to_owned(), kid.map(str::to_owned)));
        Ok(Self { held: Arc::new(Mutex::new(keys)), file })
    }

    /// Adds a new key that signs from now on; the ones before are published as before.
    ///
    /// # Errors
    /// If the machine's cryptography refuses.
    pub(in crate::reference_app) fn rotate(&self) -> Result<(), String> {
        let key = new_key()?;
        self.lock().insert(0, key);
        Ok(())
    }

    /// The keys of the moment, newest first. A file that cannot be read changes nothing: it may be
    /// half written.
    fn current(&self) -> Vec<SigningKey> {
        if let Some((path, kid)) = &self.file
            && let Ok(keys) = read(path, kid.as_deref())
        {
            *self.lock() = keys;
        }
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<SigningKey>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl App {
    /// The key to sign with.
    pub(super) fn signing_key(&self, keys: &Keys) -> Option<SigningKey> {
        let keys = keys.current();
        if keys.len() > 1 && self.flawed(Flaw::SignsWithOldKey) {
            return keys.last().cloned();
        }
        keys.first().cloned()
    }

    /// The public halves as a JWK Set (RFC 7517 §5).
    pub(in crate::reference_app) fn published_keys(&self, keys: &Keys) -> Value {
        let mut keys: Vec<Value> = keys.current().iter().map(SigningKey::public_jwk).collect();
        if keys.len() > 1 && self.flawed(Flaw::ShowsNewKeyOnly) {
            keys.truncate(1);
        }
        if self.flawed(Flaw::PublishesPrivateKey) {
            keys[0]["d"] = random::base64url(256).into();
        }
        if self.flawed(Flaw::PublishesSecretKey) {
            keys.push(json!({"kty": "oct", "kid": "shared", "k": random::base64url(32)}));
        }
        if self.flawed(Flaw::PublishesManyKeys) {
            for _ in 0..MANY {
                let Ok(key) = new_key() else { break };
                keys.push(key.public_jwk());
            }
        }
        if self.flawed(Flaw::RepeatsKid) {
            let mut twin = keys[0].clone();
            twin["use"] = "enc".into();
            keys.push(twin);
        }
        if self.flawed(Flaw::KeysWithoutKid) {
            for key in keys.iter_mut().filter_map(Value::as_object_mut) {
                key.remove("kid");
            }
        }
        if self.flawed(Flaw::KeyTooShort) {
            keys[0] = json!({"kty": "RSA", "kid": keys[0]["kid"], "use": "sig", "alg": "RS384",
                             "n": random::base64url(128), "e": "AQAB"});
        }
        json!({ "keys": keys })
    }
}

/// More keys than anybody needs.
const MANY: usize = 6;

fn new_key() -> Result<SigningKey, String> {
    SigningKey::generate(Algorithm::Es384, &random::alphanumeric(16))
        .map_err(|error| error.to_string())
}

/// The keys of a file, in its order.
fn read(path: &Path, kid: Option<&str>) -> Result<Vec<SigningKey>, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("read `{}`: {error}", path.display()))?;
    let set: Option<Value> = serde_json::from_str(&text).ok();
    let parts: Vec<String> = match set.as_ref().and_then(|set| set.get("keys")?.as_array()) {
        Some(keys) => keys.iter().map(Value::to_string).collect(),
        None => vec![text],
    };
    let keys = parts.into_iter().map(|part| {
        let part = Secret::new(part);
        let is_json = part.expose().trim_start().starts_with('{');
        let kid = if is_json { None } else { kid };
        match private_key::read(&part, kid, None) {
            Err(UnreadableKey::NoId) => {
                let key = private_key::read(&part, Some("unnamed"), None)?;
                let kid = thumbprint(&key).ok_or(UnreadableKey::NoId)?;
                private_key::read(&part, Some(&kid), None)
            }
            key => key,
        }
    });
    let keys: Result<Vec<SigningKey>, _> = keys.collect();
    let keys = keys.map_err(|error| format!("{error} (`{}`)", path.display()))?;
    if keys.is_empty() { Err(format!("find a key in `{}`", path.display())) } else { Ok(keys) }
}

/// The thumbprint of a public key (RFC 7638).
fn thumbprint(key: &SigningKey) -> Option<String> {
    let jwk: Jwk = serde_json::from_value(key.public_jwk()).ok()?;
    jwk.thumbprint(ThumbprintHash::SHA256).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotation_shows_the_old_key_beside_the_new_one() {
        let keys = Keys::new().unwrap();
        let old = keys.current()[0].kid().to_owned();
        keys.rotate().unwrap();
        let kids: Vec<String> = keys.current().iter().map(|key| key.kid().to_owned()).collect();
        assert_eq!(kids.len(), 2);
        assert_eq!(kids[1], old);
        assert_ne!(kids[0], old);
    }
}
