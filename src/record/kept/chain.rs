//! The chain over a run's evidence: a digest of each file, and one head that stands for all of them in
//! their order.

use std::collections::BTreeSet;
use std::fmt::{Display, Formatter, Write as _};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Component, Path};

use aws_lc_rs::digest::{Context, Digest, SHA256, digest};
use thiserror::Error;

use super::RECORD;
use crate::record::Run;

/// Digests of a run's evidence, in the order of [`evidence`]; its file is one that `sha256sum -c` reads.
///
/// Each link holds the one before it: a file that is changed, taken out, put in or moved leads to
/// another head. Whoever can write the folder can write another chain, too, so the head proves
/// something only against one that was written down elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// Name of the run.
    pub run: String,
    /// The files, in their order.
    pub links: Vec<Link>,
}

/// A file of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The file, relative to the record's folder, with `/` between its parts.
    pub file: String,
    /// SHA-256 of its bytes, as 64 letters of lower-case hexadecimal.
    pub digest: String,
}

/// Why there is no chain to be read.
#[derive(Debug, Error)]
pub enum Chainless {
    /// There is no file of that name.
    #[error("there is no `{CHAIN}`")]
    Absent,
    /// The disk does not give it.
    #[error(transparent)]
    Disk(#[from] io::Error),
    /// A line of it is none of a chain.
    #[error("line {0} is none of a chain")]
    Line(usize),
    /// It ends before its head.
    #[error("it does not end with a head")]
    Headless,
    /// Its head is another one than its lines come to.
    #[error("its lines do not come to its head: one was changed, taken out, put in or moved")]
    Torn(Chain),
}

/// The files that prove what a run says: the record, and each picture that it names, once.
///
/// Reports are none of them: they are made from these, and can be made again.
pub fn evidence(run: &Run) -> Vec<&str> {
    let pictures = run.scenarios.iter().flat_map(|one| &one.pictures);
    let mut known = BTreeSet::new();
    let files = [RECORD].into_iter().chain(pictures.map(|one| one.file.as_str()));
    files.filter(|file| is_inside(file) && known.insert(*file)).collect()
}

/// Whether a name is of a file below the record's folder: a record may come from elsewhere.
fn is_inside(file: &str) -> bool {
    let mut parts = Path::new(file).components();
    !file.is_empty()
        && !file.contains(['\n', '\r', '\\'])
        && parts.all(|part| matches!(part, Component::Normal(_)))
}

impl Chain {
    /// The chain over the evidence of a run as it lies in a folder now; what is not there is left out.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn over(folder: &Path, run: &Run) -> io::Result<Self> {
        let mut links = Vec::new();
        for file in evidence(run) {
            match digest_of(&folder.join(file)) {
                Ok(digest) => links.push(Link { file: file.to_owned(), digest }),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Self { run: run.id.clone(), links })
    }

    /// Reads the chain that a run left in a folder, and proves that it is whole in itself.
    ///
    /// # Errors
    /// [`Chainless`] if there is none, or it is not whole.
    pub fn read(folder: &Path) -> Result<Self, Chainless> {
        let text = match std::fs::read_to_string(folder.join(CHAIN)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Chainless::Absent),
            text => text?,
        };
        let mut lines = text.lines().enumerate();
        let mut after = |word: &str| {
            let (at, line) = lines.next().unwrap_or((0, ""));
            let rest = line.strip_prefix(word).ok_or(Chainless::Line(at + 1))?;
            Ok::<String, Chainless>(rest.to_owned())
        };
        after(TITLE)?;
        let run = after(RUN)?;
        let mut chain = Self { run, links: Vec::new() };
        while let Some((at, line)) = lines.next() {
            if let Some(head) = line.strip_prefix(HEAD) {
                return match lines.next() {
                    Some((at, _)) => Err(Chainless::Line(at + 1)),
                    None if head == chain.head() => Ok(chain),
                    None => Err(Chainless::Torn(chain)),
                };
            }
            chain.links.push(Link::read(line).ok_or(Chainless::Line(at + 1))?);
        }
        Err(Chainless::Headless)
    }

    /// Its head: 64 letters of lower-case hexadecimal.
    ///
    /// It begins with SHA-256 of the line `# run …`; with each file it becomes SHA-256 of the head so
    /// far, a line break, and the file's line as it stands in the chain. No line break ends what is
    /// digested.
    pub fn head(&self) -> String {
        let first = format!("{RUN}{}", self.run);
        let of = |text: &str| hex(&digest(&SHA256, text.as_bytes()));
        self.links.iter().fold(of(&first), |head, link| of(&format!("{head}\n{link}")))
    }
}

impl Display for Chain {
    /// As it stands in its file.
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{TITLE}\n{RUN}{}", self.run)?;
        self.links.iter().try_for_each(|link| writeln!(f, "{link}"))?;
        writeln!(f, "{HEAD}{}", self.head())
    }
}

impl Link {
    fn read(line: &str) -> Option<Self> {
        let (digest, file) = line.split_once("  ")?;
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let is_digest = digest.len() == 64 && digest.bytes().all(is_hex);
        (is_digest && is_inside(file))
            .then(|| Self { file: file.to_owned(), digest: digest.to_owned() })
    }
}

impl Display for Link {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}  {}", self.digest, self.file)
    }
}

/// SHA-256 of a file's bytes. What is no plain file, such as a link to another, is refused.
///
/// # Errors
/// If it cannot be read.
pub fn digest_of(path: &Path) -> io::Result<String> {
    if !path.symlink_metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no plain file"));
    }
    let mut file = File::open(path)?;
    let (mut context, mut piece) = (Context::new(&SHA256), vec![0; 1 << 16]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hex(&context.finish())),
            read => context.update(&piece[..read]),
        }
    }
}

fn hex(digest: &Digest) -> String {
    digest.as_ref().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Name of the file of a run's chain.
pub const CHAIN: &str = "evidence.sha256";
/// The first line of its file; the number changes when it is read in another way.
const TITLE: &str = "# checkride evidence chain 1";
const RUN: &str = "# run ";
const HEAD: &str = "# head ";

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn chain() -> Chain {
        let link = |file: &str, text: &str| Link {
            file: file.to_owned(),
            digest: hex(&digest(&SHA256, text.as_bytes())),
        };
        let links = vec![link(RECORD, "abc"), link("evidence/0001.png", "")];
        Chain { run: "20261121T221500Z-4711".to_owned(), links }
    }

    fn kept(text: &str) -> Result<Chain, Chainless> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(CHAIN), text).unwrap();
        Chain::read(folder.path())
    }

    #[test]
    fn a_chain_is_written_as_sha256sum_reads_it() {
        // FIPS 180-2, B.1, and the digest of nothing; the head is what `sha256sum` makes of the recipe.
        let head = "a85aef520bc66acaaf7ceaf36e035176f51c6bea06b54c0ad2ab519d4cea6e0d";
        let text = chain().to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[..2], ["# checkride evidence chain 1", "# run 20261121T221500Z-4711"]);
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(lines[2], format!("{abc}  record.json"));
        let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(lines[3], format!("{nothing}  evidence/0001.png"));
        assert_eq!(lines[4], format!("# head {head}"));
        assert_eq!(kept(&text).unwrap(), chain());
    }

    #[test]
    fn whatever_is_done_to_its_lines_shows() {
        let text = chain().to_string();
        let lines: Vec<&str> = text.lines().collect();
        let of = |order: &[usize]| {
            let picked: Vec<&str> = order.iter().map(|at| lines[*at]).collect();
            picked.join("\n") + "\n"
        };
        assert!(kept(&of(&[0, 1, 2, 3, 4])).is_ok());
        let torn = |text: String| matches!(kept(&text), Err(Chainless::Torn(_)));
        assert!(torn(of(&[0, 1, 3, 2, 4])), "moved");
        assert!(torn(of(&[0, 1, 2, 4])), "taken out");
        assert!(torn(of(&[0, 1, 2, 3, 3, 4])), "put in");
        assert!(torn(text.replace("4711", "4712")), "of another run");
        assert!(torn(text.replace("0001", "0002")), "another name");
        assert!(matches!(kept(&of(&[0, 1, 2, 3])), Err(Chainless::Headless)));
        assert!(matches!(kept(&of(&[0, 1, 2, 3, 4, 3])), Err(Chainless::Line(6))));
        assert!(matches!(kept(&of(&[1, 2, 3, 4])), Err(Chainless::Line(1))));
        assert!(matches!(kept(""), Err(Chainless::Line(1))));
        for outside in ["../0001.png", "/etc/passwd", "evidence\\0001.png", ""] {
            let text = text.replace("evidence/0001.png", outside);
            assert!(matches!(kept(&text), Err(Chainless::Line(4))), "{outside}");
        }
    }

    #[test]
    fn a_link_to_another_file_is_no_evidence() {
        let folder = tempfile::tempdir().unwrap();
        let (file, other) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&file, "abc").unwrap();
        std::os::unix::fs::symlink(&file, &other).unwrap();
        assert!(digest_of(&file).unwrap().starts_with("ba7816bf"));
        assert!(digest_of(&other).is_err());
        assert!(digest_of(folder.path()).is_err());
    }
}
