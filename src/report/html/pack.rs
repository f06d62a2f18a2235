//! Data of the page, packed: JSON as gzip in Base64, in elements that no browser runs or shows.

use std::io::{self, Write};

use base64::engine::general_purpose::STANDARD;
use base64::write::EncoderWriter;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Writes a packed element; `about` are its attributes, which hold nothing of anybody else's.
pub(super) fn packed(out: &mut dyn Write, about: &str, json: &[u8]) -> io::Result<()> {
    write!(out, "<script type=\"text/plain\" {about}>")?;
    let mut packer =
        GzEncoder::new(EncoderWriter::new(&mut *out, &STANDARD), Compression::default());
    packer.write_all(json)?;
    packer.finish()?.finish()?;
    out.write_all(b"</script>\n")
}

/// Writes bytes that are packed already, as pictures are.
pub(super) fn encoded(out: &mut dyn Write, about: &str, bytes: &[u8]) -> io::Result<()> {
    write!(out, "<script type=\"text/plain\" {about}>")?;
    let mut encoder = EncoderWriter::new(&mut *out, &STANDARD);
    encoder.write_all(bytes)?;
    encoder.finish()?;
    drop(encoder);
    out.write_all(b"</script>\n")
}
