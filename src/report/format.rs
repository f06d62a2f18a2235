//! Writes a report of any kind into its file.

use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::{Component, Path, PathBuf};

use super::programs::{ctrf, cucumber_json, har, tap};
use super::{ReportError, dossier, html, json, junit, markdown};
use crate::project::Format;
use crate::record::{Chain, Run};

/// Writes a report of a run into a folder, and says which file it is: the first folder is that of the
/// record, where the run's pictures are, the second that of the report.
///
/// # Errors
/// When the file cannot be written, or the report cannot be put together.
pub fn write(
    run: &Run,
    format: Format,
    (folder, out): (&Path, &Path),
) -> Result<PathBuf, ReportError> {
    let file = out.join(format.file());
    let unwritten = |source| ReportError::Disk { file: file.clone(), source };
    let text = match format {
        Format::Html => {
            let mut page = BufWriter::new(fs::File::create(&file).map_err(unwritten)?);
            let head = chain(folder, run).map(|chain| chain.head());
            html::write(run, head.as_deref(), &|file| picture(folder, file), &mut page)?;
            page.flush().map_err(unwritten)?;
            return Ok(file);
        }
        Format::Junit => junit::render(run)?,
        Format::Json => json::render(run),
        Format::Markdown => markdown::render(run),
        Format::Cucumber => cucumber_json::render(run),
        Format::Tap => tap::render(run),
        Format::Ctrf => ctrf::render(run),
        Format::Har => har::render(run),
        Format::Dossier => dossier::render(run, chain(folder, run).as_ref())?,
    };
    fs::write(&file, text).map_err(unwritten)?;
    Ok(file)
}

/// The chain over the evidence in the folder of a record, if it is that of this run and whole.
fn chain(folder: &Path, run: &Run) -> Option<Chain> {
    Chain::read(folder).ok().filter(|chain| chain.run == run.id)
}

fn picture(folder: &Path, file: &str) -> Option<Vec<u8>> {
    // A record may come from elsewhere: it names no files outside its own folder.
    let inside = Path::new(file).components().all(|part| matches!(part, Component::Normal(_)));
    if inside { fs::read(folder.join(file)).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn every_format_becomes_a_file_beside_the_pictures() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("pictures")).unwrap();
        fs::write(folder.path().join(sample::PICTURE), sample::png()).unwrap();
        for format in Format::ALL {
            let file = write(&sample::run(), format, (folder.path(), folder.path())).unwrap();
            assert_eq!(file, folder.path().join(format.file()));
            let text = fs::read_to_string(file).unwrap();
            assert!(text.replace("&#x2f;", "/").contains("features/token/secret.feature"));
            let has_picture = text.contains("data-kind=\"image/png\">iVBORw0KGgo");
            assert_eq!(has_picture, format == Format::Html);
        }
    }

    #[test]
    fn no_picture_is_read_from_outside_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("run");
        fs::create_dir(&inner).unwrap();
        fs::write(folder.path().join("x.png"), "x").unwrap();
        assert_eq!(picture(&inner, "../x.png"), None);
        assert_eq!(picture(&inner, folder.path().join("x.png").to_str().unwrap()), None);
        assert_eq!(picture(folder.path(), "x.png"), Some(b"x".to_vec()));
    }
}
