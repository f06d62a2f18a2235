//! The text of a PDF, as Chromium writes it: what a page shows is a compressed stream in which letters stand
//! by the numbers of their glyphs, and each font says which letters these are.

use std::collections::{BTreeMap, HashMap};
use std::io::Read as _;
use std::sync::LazyLock;

use flate2::read::ZlibDecoder;
use regex::Regex;

/// The text of all pages, in the order of the file; where the pen is moved to another line, so is the text.
pub fn text(pdf: &[u8]) -> String {
    let objects = objects(pdf);
    let fonts: BTreeMap<u32, Font> =
        objects.iter().filter_map(|(number, of)| Some((*number, font(of, &objects)?))).collect();
    let pages = objects.values().filter(|of| !of.stream.contains("begincmap"));
    pages.map(|of| shown(&of.stream, &fonts)).collect()
}

/// An object of the file, and what its stream holds.
struct Object<'a> {
    head: &'a str,
    stream: String,
}

/// The bytes of a number in a text, and the letters that they stand for.
struct Font {
    width: usize,
    letters: HashMap<u32, String>,
}

fn objects(pdf: &[u8]) -> BTreeMap<u32, Object<'_>> {
    static OBJECT: LazyLock<regex::bytes::Regex> =
        LazyLock::new(|| regex::bytes::Regex::new(r"(?s-u)\b(\d+) 0 obj\n(.*?)\nendobj").unwrap());
    let found = OBJECT.captures_iter(pdf).filter_map(|object| {
        let (_, [number, body]) = object.extract();
        let at = body.windows(BEGIN.len()).position(|it| it == BEGIN).unwrap_or(body.len());
        let (head, rest) = body.split_at(at);
        let mut stream = Vec::new();
        let packed = rest.get(BEGIN.len()..).unwrap_or_default();
        // A picture is packed in another way.
        let _ = ZlibDecoder::new(packed).read_to_end(&mut stream);
        let stream = String::from_utf8_lossy(&stream).into_owned();
        let number = str::from_utf8(number).ok()?.parse().ok()?;
        Some((number, Object { head: str::from_utf8(head).ok()?, stream }))
    });
    found.collect()
}

fn font(of: &Object<'_>, objects: &BTreeMap<u32, Object<'_>>) -> Option<Font> {
    static LETTERS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"/ToUnicode (\d+) 0 R").unwrap());
    let (_, [letters]) = LETTERS.captures(of.head)?.extract();
    let letters = letters_of(&objects.get(&letters.parse().ok()?)?.stream);
    Some(Font { width: if of.head.contains("/Type0") { 2 } else { 1 }, letters })
}

/// What each glyph stands for: a table of single ones, and one of those that follow each other.
fn letters_of(map: &str) -> HashMap<u32, String> {
    let mut letters = HashMap::new();
    let mut is_range = false;
    for line in map.lines() {
        is_range = line.ends_with("beginbfrange") || is_range && !line.ends_with("endbfrange");
        let hex: Vec<&str> = line.split(['<', '>']).skip(1).step_by(2).collect();
        match (is_range, &hex[..]) {
            (false, [glyph, letter]) => {
                letters.insert(number(glyph), wide(letter, 0));
            }
            (true, [first, last, letter]) => {
                for (place, glyph) in (number(first)..=number(last)).enumerate() {
                    letters.insert(glyph, wide(letter, place));
                }
            }
            _ => {}
        }
    }
    letters
}

/// What a page shows.
fn shown(page: &str, fonts: &BTreeMap<u32, Font>) -> String {
    static PART: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"/F(?<font>\d+) \S+ Tf|<(?<glyphs>[0-9A-Fa-f]+)> Tj|(?<line>\bBT\b)").unwrap()
    });
    let mut text = String::new();
    let mut font = None;
    for part in PART.captures_iter(page) {
        if let Some(name) = part.name("font") {
            font = name.as_str().parse().ok().and_then(|number: u32| fonts.get(&number));
        } else if let (Some(glyphs), Some(font)) = (part.name("glyphs"), font) {
            let glyphs = glyphs.as_str().as_bytes().chunks(2 * font.width);
            let glyphs = glyphs.map(|it| number(str::from_utf8(it).unwrap()));
            text.extend(glyphs.map(|it| font.letters.get(&it).map_or("\u{fffd}", String::as_str)));
        } else if part.name("line").is_some() {
            text.push('\n');
        }
    }
    text
}

/// Letters of UTF-16 in hexadecimal digits, the last of them so many further on.
fn wide(hex: &str, further: usize) -> String {
    let units = hex.as_bytes().chunks(4).map(|it| number(str::from_utf8(it).unwrap()));
    let mut units: Vec<u16> = units.map(|it| it.try_into().unwrap()).collect();
    if let Some(last) = units.last_mut() {
        *last += u16::try_from(further).unwrap();
    }
    String::from_utf16_lossy(&units)
}

fn number(hex: &str) -> u32 {
    u32::from_str_radix(hex, 16).unwrap()
}

const BEGIN: &[u8] = b"stream\n";
