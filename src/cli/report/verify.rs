//! `checkride report --verify`: whether the evidence of a run is as the run left it.

use std::collections::BTreeSet;
use std::path::Path;
use std::str::FromStr;
use std::{fmt, fs, io};

use crate::cli::outcome::counted;
use crate::cli::{Exit, Surroundings};
use crate::project::Mistake;
use crate::record::{
    CHAIN, Chain, Chainless, EVIDENCE, LOGBOOK, RECORD, Run, digest_of, evidence, read,
};

/// The head of a chain, as somebody wrote it down: blanks in it and the case of its letters say nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Head(String);

impl FromStr for Head {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let head: String = text.chars().filter(|it| !it.is_whitespace()).collect();
        let is_hex = head.chars().all(|it| it.is_ascii_hexdigit());
        match head.len() == 64 && is_hex {
            true => Ok(Self(head.to_ascii_lowercase())),
            false => Err("a head is 64 letters of hexadecimal, as the dossier has it".to_owned()),
        }
    }
}

/// Something that is not as the run left it: a file, and what is the matter with it.
struct Deviation(String, String);

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0, self.1)
    }
}

/// Says of a folder whether its record and pictures are as the run left them; a line for each that is
/// not.
///
/// # Errors
/// A [`Mistake`] if no run has left a record there.
pub(super) fn verify(
    surroundings: &Surroundings,
    folder: &Path,
    head: Option<&Head>,
) -> Result<Exit, Mistake> {
    let has = |name: &str| folder.join(name).symlink_metadata().is_ok();
    let (is_kept, has_begun, is_chained) = (has(RECORD), has(LOGBOOK), has(CHAIN));
    if !is_kept && !has_begun && !is_chained {
        let message = format!("no run has left a record in `{}`", folder.display());
        return Err(Mistake::new(message).with_hint("name the folder that a run wrote to"));
    }
    if has_begun && !is_chained {
        return Ok(unfinished(surroundings, folder));
    }
    let (chain, mut deviations) = match Chain::read(folder) {
        Ok(chain) => (Some(chain), Vec::new()),
        Err(Chainless::Absent) if head.is_none() => {
            surroundings.remark(
                "there is no `evidence.sha256`: the run was made by an older Checkride, or somebody took \
                 it away, so nothing can be told without a head (`--head`)",
            );
            return Ok(Exit::NotJudged);
        }
        Err(Chainless::Absent) => (None, vec![of_chain("missing")]),
        Err(Chainless::Torn(chain)) => {
            let why = Chainless::Torn(chain.clone()).to_string();
            (Some(chain), vec![of_chain(why)])
        }
        Err(why) => (None, vec![of_chain(why)]),
    };
    deviations.extend(chain.iter().flat_map(|chain| changed(folder, chain)));
    let record = read(&folder.join(RECORD)).ok();
    let is_record_as_it_was = !deviations.iter().any(|it| it.0 == RECORD);
    if let Some(run) = record.as_ref().filter(|_| is_record_as_it_was) {
        deviations.extend(chain.iter().flat_map(|chain| unnamed(chain, run)));
    }
    deviations.extend(added(folder, chain.as_ref(), record.as_ref()));
    let now = match (chain, record) {
        (Some(chain), _) => Some(chain),
        (None, Some(run)) => Chain::over(folder, &run).ok(),
        (None, None) => None,
    };
    if let Some(Head(wanted)) = head {
        match now.as_ref().map(Chain::head) {
            Some(found) if found == *wanted => {}
            Some(found) => deviations.push(of_chain(format!("its head is {found}, not {wanted}"))),
            None => deviations.push(of_chain(format!("nothing comes to the head {wanted}"))),
        }
    }
    if !deviations.is_empty() {
        deviations.iter().for_each(|one| surroundings.tell(&one.to_string()));
        return Ok(Exit::NotMet);
    }
    if let Some(chain) = now {
        let files = counted(chain.links.len(), "file");
        surroundings.tell(&format!("unchanged: {files} of evidence of the run {}", chain.run));
        surroundings.tell(&format!("head: {}", chain.head()));
    }
    if head.is_none() {
        surroundings.remark(
            "whoever can change the files can write another chain: `--head` compares with a head that \
             was written down elsewhere, as in the printed dossier",
        );
    }
    Ok(Exit::Conforms)
}

fn of_chain(what: impl ToString) -> Deviation {
    Deviation(CHAIN.to_owned(), what.to_string())
}

/// Files of the chain that are not as they were.
fn changed(folder: &Path, chain: &Chain) -> Vec<Deviation> {
    let found = chain.links.iter().filter_map(|link| {
        let what = match digest_of(&folder.join(&link.file)) {
            Ok(digest) if digest == link.digest => return None,
            Ok(_) => "changed".to_owned(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => "missing".to_owned(),
            Err(error) => format!("cannot be read: {error}"),
        };
        Some(Deviation(link.file.clone(), what))
    });
    found.collect()
}

/// In what chain and record are not about the same.
fn unnamed(chain: &Chain, run: &Run) -> Vec<Deviation> {
    let linked: BTreeSet<&str> = chain.links.iter().map(|link| link.file.as_str()).collect();
    let named: BTreeSet<&str> = evidence(run).into_iter().collect();
    let about = |file: &&str, what: &str| Deviation((*file).to_owned(), what.to_owned());
    let left_out = named.difference(&linked).map(|it| about(it, "not in the chain"));
    let too_many = linked.difference(&named).map(|it| about(it, "not named by the record"));
    let mut deviations: Vec<Deviation> = left_out.chain(too_many).collect();
    if run.id != chain.run {
        deviations.push(of_chain(format!("it is of the run {}, not {}", chain.run, run.id)));
    }
    deviations
}

/// Files that lie where evidence does and were not there when the run ended.
fn added(folder: &Path, chain: Option<&Chain>, record: Option<&Run>) -> Vec<Deviation> {
    let links = chain.iter().flat_map(|chain| &chain.links).map(|link| link.file.as_str());
    let mut known: BTreeSet<&str> = links.collect();
    known.extend(record.iter().flat_map(|run| evidence(run)));
    let entries = fs::read_dir(folder.join(EVIDENCE)).into_iter().flatten().flatten();
    let file = |name: fs::DirEntry| format!("{EVIDENCE}/{}", name.file_name().to_string_lossy());
    let mut found: Vec<String> = entries.map(file).collect();
    found.extend(folder.join(LOGBOOK).exists().then(|| LOGBOOK.to_owned()));
    found.retain(|file| !known.contains(file.as_str()));
    found.sort();
    found.into_iter().map(|file| Deviation(file, "added".to_owned())).collect()
}

/// What can be said of a run that was ended before its end: its lines are whole, and its pictures there.
fn unfinished(surroundings: &Surroundings, folder: &Path) -> Exit {
    let run = match read(&folder.join(LOGBOOK)) {
        Ok(run) => run,
        Err(error) => {
            surroundings.tell(&Deviation(LOGBOOK.to_owned(), error.to_string()).to_string());
            return Exit::NotMet;
        }
    };
    let mut is_whole = true;
    let pictures: Vec<&str> = evidence(&run).into_iter().filter(|it| *it != RECORD).collect();
    for file in &pictures {
        if !folder.join(file).is_file() {
            is_whole = false;
            surroundings.tell(&Deviation((*file).to_owned(), "missing".to_owned()).to_string());
        }
    }
    let judged = run.scenarios.iter().filter(|one| !one.unfinished).count();
    let (judged, of) = (counted(judged, "scenario"), run.scenarios.len());
    let pictures = counted(pictures.len(), "picture");
    surroundings.remark(&format!(
        "the run {} did not come to its end, so there is no chain over its evidence. `{LOGBOOK}` can be \
         read: {judged} of {of}, {pictures}. Whether any of it was changed cannot be told",
        run.id
    ));
    if is_whole { Exit::NotJudged } else { Exit::NotMet }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_people_write_it() {
        let head = "a85aef520bc66acaaf7ceaf36e035176f51c6bea06b54c0ad2ab519d4cea6e0d";
        let typed = head
            .to_uppercase()
            .as_bytes()
            .chunks(8)
            .fold(String::new(), |text, part| text + std::str::from_utf8(part).unwrap() + " ");
        assert_eq!(typed.parse(), Ok(Head(head.to_owned())));
        assert!(head[1..].parse::<Head>().is_err());
        assert!(head.replace('a', "g").parse::<Head>().is_err());
    }
}
