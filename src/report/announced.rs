//! What a record says of announced changes of the platform, in sentences.

use jiff::civil::Date;

use crate::clock::{day_in_words, day_of};
use crate::record::{Release, Run, Subject};

/// Which announced change the run is about; nothing for a run that is about none.
pub fn about(run: &Run) -> Vec<String> {
    let wanted = run.target.release.as_ref();
    let Some(release) = wanted.and_then(|id| run.releases.iter().find(|it| it.id == *id)) else {
        return Vec::new();
    };
    let Release { id, title, source, .. } = release;
    let mut sentences = vec![format!(
        "It is about the release `{id}`, {title}: {}. Source: {source}.",
        release.countdown(day_of(run.started))
    )];
    let played = release.changes.iter().filter(|change| change.documented.is_none());
    let played: Vec<&str> = played.map(|change| change.title.as_str()).collect();
    if run.target.is_as_released {
        let played = played.join("; ");
        sentences.push(format!("The mock was as the platform will be: {played}."));
    }
    for change in &release.changes {
        if let Some(why) = &change.documented {
            sentences.push(format!("{}: {why}", change.title));
        }
    }
    sentences
}

/// The announced changes whose deadline had not passed when the run began, the next one first.
pub fn coming(run: &Run) -> Vec<String> {
    let today = day_of(run.started);
    coming_releases(run).into_iter().map(|release| sentence(release, today)).collect()
}

/// The same, each with those who have to be ready for it; and before them the one that the run is about,
/// even if its deadline has passed.
pub fn readiness(run: &Run) -> Vec<(String, &[Subject])> {
    let today = day_of(run.started);
    let about = |it: &&Release| run.target.release.as_ref() == Some(&it.id);
    let others = coming_releases(run).into_iter().filter(|it| !about(it));
    let all = run.releases.iter().filter(about).chain(others);
    all.map(|release| (sentence(release, today), release.subjects.as_slice())).collect()
}

fn coming_releases(run: &Run) -> Vec<&Release> {
    let today = day_of(run.started);
    let is_coming = |it: &&Release| it.days_left(today).is_some_and(|days| days >= 0);
    let mut coming: Vec<&Release> = run.releases.iter().filter(is_coming).collect();
    coming.sort_by_key(|release| release.deadline());
    coming
}

fn sentence(release: &Release, today: Date) -> String {
    let what = match release.test_by {
        Some(_) => "to be tested by",
        None => "in effect from",
    };
    let day = release.deadline().map(day_in_words).unwrap_or_default();
    let countdown = release.countdown(today);
    format!("{} (`{}`): {what} {day}, {countdown}.", release.title, release.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Format, sample};

    #[test]
    fn coming_deadlines_are_counted_from_the_day_of_the_run() {
        let coming = coming(&sample::run());
        assert_eq!(
            coming,
            ["Winter 2026 (`winter-2026`): to be tested by 24 November 2026, 3 days left."]
        );
    }

    #[test]
    fn a_run_about_a_release_says_what_of_it_was_played() {
        let mut run = sample::run();
        assert!(about(&run).is_empty());
        run.target.release = Some("summer-2026".into());
        run.target.is_as_released = true;
        let mut sentences = vec![
            "It is about the release `summer-2026`, Summer 2026: passed 173 days ago. Source: the \
             release notes."
                .to_owned(),
            "The mock was as the platform will be: Secrets travel in the header alone.".to_owned(),
        ];
        assert_eq!(about(&run), sentences);
        run.target.is_as_released = false;
        run.releases[0].changes[0].documented = Some("nothing is known of it".into());
        let unknown = "Secrets travel in the header alone: nothing is known of it";
        sentences[1] = unknown.to_owned();
        assert_eq!(about(&run), sentences);
    }

    #[test]
    fn page_and_summary_tell_both() {
        let mut run = sample::run();
        run.target.release = Some("summer-2026".into());
        let folder = tempfile::tempdir().unwrap();
        for format in [Format::Html, Format::Markdown] {
            crate::report::write(&run, format, (folder.path(), folder.path())).unwrap();
            let text = std::fs::read_to_string(folder.path().join(format.file())).unwrap();
            for told in ["Winter 2026", "3 days left", "passed 173 days ago"] {
                assert!(text.contains(told), "{format:?}: {told}");
            }
        }
    }
}
