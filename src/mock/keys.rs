//! The keys that a platform signs its tokens with, and the set it publishes.
//!
//! Making an RSA key takes longer than all the rest, so the platforms of a process share one row
//! of keys for each environment: each platform begins at the first and goes on to the next when it
//! rotates.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use serde_json::{Value, json};

use super::platform::{Environment, ID_LENGTH};
use crate::protocol::{Algorithm, KeyError, KeySet, SigningKey, random};

/// The keys of one environment of a platform.
pub(super) struct KeyRing(RwLock<Ring>);

#[derive(Clone)]
struct Ring {
    environment: Environment,
    /// Place of the signing key in the row of the process.
    position: usize,
    current: SigningKey,
    /// Keys that signed before and are still published, newest first.
    retired: Vec<Retired>,
    /// What was published before the last rotation.
    before: Vec<Value>,
    published: Arc<KeySet>,
}

#[derive(Clone)]
struct Retired {
    key: SigningKey,
    /// Seconds since 1970 from which it is published no longer; `None`: until it is withdrawn.
    until: Option<i64>,
}

/// A key of the set that a platform publishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedKey {
    /// Its id.
    pub kid: String,
    /// Whether new tokens are signed with it.
    pub signs: bool,
    /// Seconds since 1970 from which it is published no longer, if that is settled.
    pub until: Option<i64>,
}

impl KeyRing {
    /// The first key of the row, and no other.
    pub(super) fn new(environment: Environment) -> Result<Self, KeyError> {
        Ok(Self(RwLock::new(Ring::new(environment)?)))
    }

    /// The key that signs.
    pub(super) fn current(&self) -> SigningKey {
        self.read(|ring| ring.current.clone())
    }

    /// The set as it is published at a time.
    pub(super) fn published(&self, now: i64) -> Arc<KeySet> {
        self.tidy(now);
        self.read(|ring| Arc::clone(&ring.published))
    }

    /// The keys of the published set, the signing one first.
    pub(super) fn list(&self, now: i64) -> Vec<PublishedKey> {
        self.tidy(now);
        self.read(|ring| {
            let kid = ring.current.kid().to_owned();
            let current = PublishedKey { kid, signs: true, until: None };
            let retired = ring.retired.iter().map(|retired| PublishedKey {
                kid: retired.key.kid().to_owned(),
                signs: false,
                until: retired.until,
            });
            std::iter::once(current).chain(retired).collect()
        })
    }

    /// Signs with the next key from now on; the old one stays published until `until`, or until it
    /// is withdrawn.
    pub(super) fn rotate(&self, until: Option<i64>) -> Result<(), KeyError> {
        self.change(|ring| {
            let next = key_of_the_process(ring.environment, ring.position + 1)?;
            let before = ring.documents();
            let old = std::mem::replace(&mut ring.current, next);
            ring.position += 1;
            ring.before = before;
            ring.retired.insert(0, Retired { key: old, until });
            ring.publish()
        })
    }

    /// Publishes a retired key no longer; whether there was one of that id.
    pub(super) fn withdraw(&self, kid: &str) -> Result<bool, KeyError> {
        self.change(|ring| {
            let count = ring.retired.len();
            ring.retired.retain(|retired| retired.key.kid() != kid);
            ring.publish()?;
            Ok(ring.retired.len() < count)
        })
    }

    /// As it was at first.
    pub(super) fn reset(&self) -> Result<(), KeyError> {
        self.change(|ring| {
            *ring = Ring::new(ring.environment)?;
            Ok(())
        })
    }

    /// The public keys that were published before the last rotation; none if there was none.
    pub(super) fn before(&self) -> Vec<Value> {
        self.read(|ring| ring.before.clone())
    }

    /// The public key that the next rotation brings.
    pub(super) fn next(&self) -> Result<SigningKey, KeyError> {
        let (environment, position) = self.read(|ring| (ring.environment, ring.position));
        key_of_the_process(environment, position + 1)
    }

    fn tidy(&self, now: i64) {
        let is_over = |retired: &Retired| retired.until.is_some_and(|until| until <= now);
        if self.read(|ring| ring.retired.iter().any(is_over)) {
            // A set that was published once can be published without some of its keys.
            let _ = self.change(|ring| {
                ring.retired.retain(|retired| !is_over(retired));
                ring.publish()
            });
        }
    }

    fn read<T>(&self, read: impl FnOnce(&Ring) -> T) -> T {
        read(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn change<T>(
        &self,
        change: impl FnOnce(&mut Ring) -> Result<T, KeyError>,
    ) -> Result<T, KeyError> {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Ring {
    fn new(environment: Environment) -> Result<Self, KeyError> {
        let current = key_of_the_process(environment, 0)?;
        let published = Arc::new(set(&[current.public_jwk()])?);
        let (retired, before) = (Vec::new(), Vec::new());
        Ok(Self { environment, position: 0, current, retired, before, published })
    }

    fn documents(&self) -> Vec<Value> {
        let retired = self.retired.iter().map(|retired| &retired.key);
        std::iter::once(&self.current).chain(retired).map(SigningKey::public_jwk).collect()
    }

    fn publish(&mut self) -> Result<(), KeyError> {
        self.published = Arc::new(set(&self.documents())?);
        Ok(())
    }
}

fn set(keys: &[Value]) -> Result<KeySet, KeyError> {
    KeySet::parse(&json!({"keys": keys})).map_err(|_| KeyError::Generate(ALGORITHM))
}

/// One of the keys that the platforms of this process share, made when it is asked for.
fn key_of_the_process(environment: Environment, position: usize) -> Result<SigningKey, KeyError> {
    static PREVIEW: Mutex<Vec<SigningKey>> = Mutex::new(Vec::new());
    static PRODUCTION: Mutex<Vec<SigningKey>> = Mutex::new(Vec::new());
    let row = match environment {
        Environment::Preview => &PREVIEW,
        Environment::Production => &PRODUCTION,
    };
    let mut row = row.lock().unwrap_or_else(PoisonError::into_inner);
    while row.len() <= position {
        row.push(SigningKey::generate(ALGORITHM, &random::alphanumeric(ID_LENGTH))?);
    }
    Ok(row[position].clone())
}

const ALGORITHM: Algorithm = Algorithm::Rs256;

#[cfg(test)]
mod tests {
    use super::*;

    fn kids(ring: &KeyRing, now: i64) -> Vec<String> {
        let published = ring.published(now);
        published.keys().iter().map(|key| key.kid().to_owned()).collect()
    }

    #[test]
    fn a_replaced_key_stays_published_until_its_time_or_its_withdrawal() {
        let ring = KeyRing::new(Environment::Preview).unwrap();
        let first = ring.current().kid().to_owned();
        assert_eq!(kids(&ring, 0), [first.as_str()]);
        ring.rotate(Some(100)).unwrap();
        let second = ring.current().kid().to_owned();
        assert_ne!(first, second);
        assert_eq!(kids(&ring, 99), [second.as_str(), &first]);
        assert_eq!(kids(&ring, 100), [second.as_str()]);
        ring.rotate(None).unwrap();
        let third = ring.current().kid().to_owned();
        assert_eq!(kids(&ring, i64::MAX), [third.as_str(), &second]);
        assert!(!ring.withdraw(&third).unwrap(), "the signing key stays");
        assert!(ring.withdraw(&second).unwrap());
        assert_eq!(kids(&ring, 0), [third.as_str()]);
        ring.reset().unwrap();
        assert_eq!(kids(&ring, 0), [first.as_str()]);
    }

    #[test]
    fn platforms_share_their_keys_and_not_their_places() {
        let new = || KeyRing::new(Environment::Preview).unwrap();
        let (one, other) = (new(), new());
        one.rotate(None).unwrap();
        assert_ne!(one.current().kid(), other.current().kid());
        assert_eq!(one.current().kid(), other.next().unwrap().kid());
        assert_eq!(kids(&other, 0).len(), 1);
        other.rotate(None).unwrap();
        assert_eq!(one.current().kid(), other.current().kid());
    }
}
