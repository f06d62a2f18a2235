//! Faults of a token, applied where tokens are signed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::exchange::strike_at_hand;
use super::kind::{Family, Kind, TokenKind};
use crate::mock::platform::Platform;
use crate::protocol::SigningKey;

/// A token with these claims, signed with the platform's key unless a fault has it otherwise.
pub(in crate::mock) fn signed(platform: &Platform, token: TokenKind, claims: Value) -> String {
    let key = platform.signing_key();
    let header = key.header();
    let mut draft = Draft { header, claims, key, forged: false, unsigned: false };
    for kind in strike_at_hand(Family::Token(token)) {
        draft.apply(platform, kind);
    }
    draft.finished()
}

/// A token that is being changed.
struct Draft {
    header: Value,
    claims: Value,
    key: SigningKey,
    forged: bool,
    unsigned: bool,
}

impl Draft {
    fn apply(&mut self, platform: &Platform, kind: Kind) {
        let now = platform.clock().unix();
        match kind {
            Kind::ClaimSet { claim, value, .. } => self.claims[claim] = value,
            Kind::ClaimMissing { claim, .. } => remove(&mut self.claims, &claim),
            Kind::ClaimMoved { claim, seconds, .. } => {
                let at = self.claims[&claim].as_i64().unwrap_or(now);
                self.claims[claim] = at.saturating_add(seconds).into();
            }
            Kind::TokenExpired { .. } => {
                self.claims["iat"] = (now - 2 * HOUR).into();
                self.claims["exp"] = (now - HOUR).into();
            }
            Kind::TokenNotYetValid { .. } => {
                self.claims["iat"] = (now + HOUR).into();
                self.claims["nbf"] = (now + HOUR).into();
                self.claims["exp"] = (now + 2 * HOUR).into();
            }
            Kind::TokenHeaderSet { member, value, .. } => self.header[member] = value,
            Kind::TokenHeaderMissing { member, .. } => remove(&mut self.header, &member),
            Kind::SignatureWrong { .. } => self.forged = true,
            Kind::KeyUnknown { .. } => {
                if let Ok(next) = platform.key_ring().next() {
                    self.header["kid"] = next.kid().into();
                    self.key = next;
                }
            }
            Kind::AlgNone { .. } => {
                self.header["alg"] = json!("none");
                self.unsigned = true;
            }
            // They strike elsewhere.
            _ => {}
        }
    }

    fn finished(self) -> String {
        let token = self.key.sign(&self.header, &self.claims);
        let Some((signed, signature)) = token.rsplit_once('.') else { return token };
        if self.unsigned {
            return format!("{signed}.");
        }
        if self.forged {
            // The signature of another text: as long as a right one, and by no known key over this.
            let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
            bytes.reverse();
            return format!("{signed}.{}", URL_SAFE_NO_PAD.encode(bytes));
        }
        token
    }
}

fn remove(object: &mut Value, name: &str) {
    if let Some(members) = object.as_object_mut() {
        members.shift_remove(name);
    }
}

const HOUR: i64 = 3600;
