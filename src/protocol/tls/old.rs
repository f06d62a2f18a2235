//! The first words of a TLS handshake in the versions that nobody should speak any more (TLS 1.0, RFC
//! 2246; TLS 1.1, RFC 4346; both forbidden by RFC 8996).
//!
//! No library that is kept well speaks them, so the two messages are written here, byte by byte, as
//! far as is needed to see whether a server goes along.

/// A version of TLS that is out of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OldVersion {
    /// TLS 1.0.
    V1_0,
    /// TLS 1.1.
    V1_1,
}

/// How a server answers a client that speaks nothing newer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OldReply {
    /// It goes along, in this version.
    Agrees(OldVersion),
    /// It refuses, with the description of an alert (RFC 5246 §7.2): 70 is `protocol_version`.
    Alert(u8),
    /// It ended the connection without a word.
    Closed,
    /// It said something else.
    Other,
}

impl OldVersion {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::V1_0, Self::V1_1];

    /// Its name for readers.
    pub fn name(self) -> &'static str {
        match self {
            Self::V1_0 => "TLS 1.0",
            Self::V1_1 => "TLS 1.1",
        }
    }

    fn bytes(self) -> [u8; 2] {
        match self {
            Self::V1_0 => [3, 1],
            Self::V1_1 => [3, 2],
        }
    }

    fn of(bytes: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.bytes() == bytes)
    }

    /// The `ClientHello` of a client that speaks no newer version, in a record of its own (RFC 4346
    /// §7.4.1.2). A host that is a number is not named (RFC 6066 §3).
    pub fn client_hello(self, host: Option<&str>, random: [u8; 32]) -> Vec<u8> {
        let suites: Vec<u8> = CIPHER_SUITES.iter().flat_map(|suite| suite.to_be_bytes()).collect();
        let mut extensions = Vec::new();
        if let Some(host) = host {
            // A list of one name of the type `host_name`, which is 0.
            let name = [&[0][..], &with_length(host.as_bytes())].concat();
            extensions.extend(extension(0, &with_length(&name)));
        }
        let groups: Vec<u8> = GROUPS.iter().flat_map(|group| group.to_be_bytes()).collect();
        extensions.extend(extension(10, &with_length(&groups)));
        // One point format, uncompressed.
        extensions.extend(extension(11, &[1, 0]));
        // An initial handshake (RFC 5746 §3.5).
        extensions.extend(extension(0xff01, &[0]));
        let hello = [
            &self.bytes()[..],
            &random,
            // No session to go on with.
            &[0],
            &with_length(&suites),
            // One compression method: none.
            &[1, 0],
            &with_length(&extensions),
        ];
        self.record(CLIENT_HELLO, &hello.concat())
    }

    /// The `ServerHello` of a server that goes along (RFC 4346 §7.4.1.3).
    pub fn server_hello(self, random: [u8; 32]) -> Vec<u8> {
        let hello = [
            &self.bytes()[..],
            &random,
            &[0],
            &CIPHER_SUITES[CIPHER_SUITES.len() - 1].to_be_bytes(),
            &[0],
        ];
        self.record(SERVER_HELLO, &hello.concat())
    }

    /// The version of a client that offers none that is newer, by the first bytes that it sends.
    pub fn offered(bytes: &[u8]) -> Option<Self> {
        let is_hello = bytes.first() == Some(&HANDSHAKE) && bytes.get(5) == Some(&CLIENT_HELLO);
        Self::of(bytes.get(HELLO_VERSION)?).filter(|_| is_hello)
    }

    fn record(self, kind: u8, message: &[u8]) -> Vec<u8> {
        let length = u32::try_from(message.len()).unwrap_or(u32::MAX).to_be_bytes();
        let message = [&[kind][..], &length[1..], message].concat();
        [&[HANDSHAKE][..], &self.bytes(), &with_length(&message)].concat()
    }
}

impl OldReply {
    /// Reads the first bytes of a server's answer; `None` as long as they are too few to tell.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        match *bytes.first()? {
            ALERT => bytes.get(6).map(|description| Self::Alert(*description)),
            HANDSHAKE => {
                let version = bytes.get(HELLO_VERSION)?;
                let agrees = OldVersion::of(version).filter(|_| bytes[5] == SERVER_HELLO);
                Some(agrees.map_or(Self::Other, Self::Agrees))
            }
            _ => Some(Self::Other),
        }
    }
}

fn extension(kind: u16, content: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &with_length(content)].concat()
}

/// Bytes behind their length in two bytes.
fn with_length(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes();
    [&length[..], bytes].concat()
}

const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;
/// Where a hello tells its version: behind the heads of the record and of the message.
const HELLO_VERSION: std::ops::Range<usize> = 9..11;
/// What servers of that time have: ECDHE and DHE first, then RSA, with AES and CBC.
const CIPHER_SUITES: [u16; 8] = [0xc009, 0xc00a, 0xc013, 0xc014, 0x0033, 0x0039, 0x0035, 0x002f];
/// P-256, P-384, P-521 and X25519.
const GROUPS: [u16; 4] = [23, 24, 25, 29];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_hello_says_of_each_part_how_long_it_is() {
        let hello = OldVersion::V1_0.client_hello(Some("a.example"), [7; 32]);
        let length = |at: usize| usize::from(hello[at]) << 8 | usize::from(hello[at + 1]);
        assert_eq!(hello[..3], [22, 3, 1]);
        assert_eq!(length(3), hello.len() - 5, "the record");
        assert_eq!((hello[5], hello[6], length(7)), (1, 0, hello.len() - 9), "the message");
        assert_eq!(hello[9..11], [3, 1]);
        assert_eq!(hello[11..43], [7; 32]);
        assert_eq!(hello[43], 0, "no session");
        let suites = length(44);
        assert_eq!(suites, 16);
        let extensions = 46 + suites + 2;
        assert_eq!(length(extensions), hello.len() - extensions - 2, "the extensions");
        let name = [0, 0, 0, 14, 0, 12, 0, 0, 9];
        assert_eq!(hello[extensions + 2..][..9], name);
        assert_eq!(&hello[extensions + 11..][..9], b"a.example");
        assert_eq!(OldVersion::offered(&hello), Some(OldVersion::V1_0));
    }

    #[test]
    fn the_two_versions_differ_where_the_version_stands() {
        let [old, newer] = OldVersion::ALL.map(|version| version.client_hello(None, [0; 32]));
        let differ = old.iter().zip(&newer).enumerate().filter(|(_, (one, other))| one != other);
        let differ: Vec<usize> = differ.map(|(at, _)| at).collect();
        assert_eq!(differ, [2, 10]);
        // What TLS 1.2 and 1.3 have there.
        let mut today = newer;
        today[10] = 3;
        assert_eq!(OldVersion::offered(&today), None);
    }

    #[test]
    fn an_answer_agrees_refuses_or_is_something_else() {
        for version in OldVersion::ALL {
            let hello = version.server_hello([1; 32]);
            assert_eq!(OldReply::read(&hello), Some(OldReply::Agrees(version)));
            assert_eq!(OldReply::read(&hello[..10]), None);
        }
        assert_eq!(OldReply::read(&[21, 3, 1, 0, 2, 2, 70]), Some(OldReply::Alert(70)));
        assert_eq!(OldReply::read(&[21, 3, 1]), None);
        assert_eq!(OldReply::read(b"HTTP/1.1 400"), Some(OldReply::Other));
        let newer = [22, 3, 3, 0, 50, 2, 0, 0, 46, 3, 3];
        assert_eq!(OldReply::read(&newer), Some(OldReply::Other));
        assert_eq!(OldReply::read(&[]), None);
    }
}
