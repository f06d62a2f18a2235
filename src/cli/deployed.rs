//! The files in `deploy/` are of this command line and of this project: a test reads them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Parser as _;
use regex::Regex;
use serde::Deserialize as _;
use serde_json::{Value, json};

use super::args::{Args, Command, ShardWanted};
use crate::project::{Project, SecretRef, built_in};
use crate::report::Format;

#[test]
fn every_command_in_the_ready_made_files_is_understood() {
    let project = Project::read(&root().join("checkride.yaml")).unwrap();
    for (file, expected) in
        [("github/nightly.yml", 2), ("gitlab/nightly.yml", 2), ("kubernetes/nightly.yaml", 2)]
    {
        let commands: Vec<Vec<String>> = documents(file).iter().flat_map(commands).collect();
        assert_eq!(commands.len(), expected, "{file}: {commands:?}");
        for words in &commands {
            let args =
                Args::try_parse_from(words).unwrap_or_else(|error| panic!("{file}: {error}"));
            match args.command {
                Command::Run(run) => {
                    assert_eq!(run.shard, Some(ShardWanted::Auto), "{file}");
                    project.target(run.target.as_deref()).unwrap();
                    assert!(run.out.is_some(), "{file}: each part has a folder of its own");
                }
                Command::Merge(merge) => {
                    let green = ["--baseline", "last-green"];
                    assert!(
                        words.windows(2).any(|two| two == green),
                        "{file}: red for what is new"
                    );
                    assert!(merge.report.contains(&Format::Markdown), "{file}");
                    assert!(merge.report.contains(&Format::Html), "{file}");
                    assert!(merge.report.contains(&Format::Junit), "{file}");
                }
                other => panic!("{file}: {other:?}"),
            }
        }
    }
}

#[test]
fn there_are_as_many_shards_as_the_budget_can_be_divided_among_and_each_is_told_which_it_is() {
    let limits = built_in::dialect("athenahealth").unwrap().limits;
    let budget = u64::from(limits.considerate_tokens_per_minute.unwrap().get());

    let [github] = documents("github/nightly.yml").try_into().unwrap();
    let judge = &github["jobs"]["judge"];
    assert_eq!(judge["strategy"]["matrix"]["shard"], serde_json::json!([1, 2, 3]));
    assert_eq!(budget, 3);
    let told = &judge["env"]["CHECKRIDE_SHARD"];
    assert_eq!(told, "${{ matrix.shard }}/${{ strategy.job-total }}");
    let jobs = github["jobs"].as_object().unwrap();
    for job in jobs.values() {
        let needs = match &job["needs"] {
            Value::Array(needs) => needs.clone(),
            Value::Null => Vec::new(),
            one => vec![one.clone()],
        };
        assert!(needs.iter().all(|need| jobs.contains_key(need.as_str().unwrap())), "{needs:?}");
    }

    let [gitlab] = documents("gitlab/nightly.yml").try_into().unwrap();
    assert_eq!(gitlab["checkride-judge"]["parallel"], budget);
    // These are there in every pipeline, in this order.
    for (job, stage) in [("build", "build"), ("judge", "test"), ("report", ".post")] {
        let job = &gitlab[format!("checkride-{job}")];
        assert_eq!(job["stage"], stage);
        assert!(gitlab.get(job["extends"].as_str().unwrap()).is_some(), "{job}");
    }

    let kubernetes = documents("kubernetes/nightly.yaml");
    let kinds: Vec<&Value> = kubernetes.iter().map(|document| &document["kind"]).collect();
    assert_eq!(kinds, ["PersistentVolumeClaim", "PersistentVolumeClaim", "CronJob", "CronJob"]);
    let job = &kubernetes[2]["spec"]["jobTemplate"]["spec"];
    assert_eq!(job["completionMode"], "Indexed");
    for count in ["completions", "parallelism", "maxFailedIndexes"] {
        assert_eq!(job[count], budget, "{count}");
    }
    let variables = job["template"]["spec"]["containers"][0]["env"].as_array().unwrap();
    let shards = variables.iter().find(|one| one["name"] == "CHECKRIDE_SHARDS").unwrap();
    assert_eq!(shards["value"], budget.to_string());
}

#[test]
fn the_variables_that_are_handed_over_are_those_of_the_project() {
    let config = std::fs::read_to_string(root().join("checkride.yaml")).unwrap();
    let named = Regex::new(r"env: (PREVIEW_\w+)").unwrap();
    let named: BTreeSet<&str> =
        named.captures_iter(&config).map(|found| found.get(1).unwrap().as_str()).collect();
    let [github] = documents("github/nightly.yml").try_into().unwrap();
    let handed = github["jobs"]["judge"]["env"].as_object().unwrap();
    let handed = handed.keys().map(String::as_str).filter(|name| name.starts_with("PREVIEW_"));
    let handed: BTreeSet<&str> = handed.collect();
    // The key of the signing backend is a file, which a workflow has to write first.
    let signing = BTreeSet::from(["PREVIEW_SIGNING_ID"]);
    assert_eq!(handed, &named - &signing);
}

#[test]
fn what_one_night_has_to_know_of_another_is_kept_where_the_program_looks_for_it() {
    let project = Project::read(&root().join("checkride.yaml")).unwrap();
    let config = &project.config;
    let bank = config.bank.as_ref().unwrap();
    let variable = |kept: &SecretRef| kept.unset_variable(&|_| None).unwrap().to_owned();
    let key = variable(&bank.key);
    let webhook = variable(&config.notify.as_ref().unwrap().webhook);
    let bank = bank.folder.display().to_string();
    let history = config.reports.join("history.sqlite").display().to_string();
    // Without a place of its own the history is that file.
    assert!(config.history.enabled && config.history.url.is_none());

    let [github] = documents("github/nightly.yml").try_into().unwrap();
    for (job, path, name, value) in
        [("judge", &bank, &key, "bank"), ("report", &history, &webhook, "history")]
    {
        let job = &github["jobs"][job];
        assert_eq!(job["env"][name], format!("${{{{ secrets.{name} }}}}"));
        let steps = job["steps"].as_array().unwrap();
        let at = |action: &str| {
            let is_it =
                |step: &Value| step["uses"].as_str().is_some_and(|it| it.starts_with(action));
            steps.iter().position(is_it).unwrap_or_else(|| panic!("{action}"))
        };
        let (fetched, kept) = (at("actions/cache/restore@"), at("actions/cache/save@"));
        let works = steps.iter().position(|step| !commands(step).is_empty()).unwrap();
        assert!(at("actions/checkout@") < fetched && fetched < works && works < kept);
        assert_eq!(steps[kept]["if"], "always()", "a red night is kept, too");
        for step in [fetched, kept] {
            assert_eq!(steps[step]["with"]["path"], path.as_str());
            let prefix = format!("checkride-{value}-");
            assert!(steps[step]["with"]["key"].as_str().unwrap().starts_with(&prefix));
        }
        assert_eq!(steps[fetched]["with"]["key"], steps[kept]["with"]["key"]);
        let older = steps[fetched]["with"]["restore-keys"].as_str().unwrap();
        assert!(steps[kept]["with"]["key"].as_str().unwrap().starts_with(older));
    }

    let [gitlab] = documents("gitlab/nightly.yml").try_into().unwrap();
    for (job, path) in [("checkride-judge", &bank), ("checkride-report", &history)] {
        let cache = &gitlab[job]["cache"];
        assert_eq!((&cache["paths"], &cache["when"]), (&json!([path]), &json!("always")));
    }
    let key_of_bank = gitlab["checkride-judge"]["cache"]["key"].as_str().unwrap();
    assert!(key_of_bank.contains("$CI_NODE_INDEX"), "each part has files of its own");

    let kubernetes = documents("kubernetes/nightly.yaml");
    let claims: Vec<&Value> = kubernetes
        .iter()
        .filter(|it| it["kind"] == "PersistentVolumeClaim")
        .map(|it| &it["metadata"]["name"])
        .collect();
    let [judge, report] = [2, 3].map(|at| {
        let pod = &kubernetes[at]["spec"]["jobTemplate"]["spec"]["template"]["spec"];
        let volumes = pod["volumes"].as_array().unwrap();
        for volume in volumes {
            assert!(claims.contains(&&volume["persistentVolumeClaim"]["claimName"]));
        }
        let container = &pod["containers"][0];
        assert_eq!(container["envFrom"][0]["secretRef"]["name"], "checkride-preview");
        let mounts = container["volumeMounts"].as_array().unwrap();
        let known = |mount: &Value| volumes.iter().any(|it| it["name"] == mount["name"]);
        assert!(mounts.iter().all(known));
        mounts.iter().map(|it| it["mountPath"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    });
    assert!(judge.contains(&format!("/project/{bank}")));
    assert!(report.contains(&format!("/project/{}", config.reports.display())));
}

#[test]
fn the_container_is_made_of_what_is_there_and_runs_a_command() {
    let text = std::fs::read_to_string(root().join("deploy/Containerfile")).unwrap();
    let joined = text.replace("\\\n", " ");
    let lines = joined.lines().map(str::trim).filter(|it| !it.is_empty() && !it.starts_with('#'));
    let mut built = BTreeSet::new();
    let mut words: Vec<String> = Vec::new();
    for line in lines {
        let (instruction, rest) = line.split_once(' ').unwrap();
        match instruction {
            "FROM" => {
                if let Some((_, name)) = rest.split_once(" AS ") {
                    built.insert(name.to_owned());
                }
            }
            "COPY" => {
                let mut sources: Vec<&str> = rest.split_whitespace().collect();
                sources.pop();
                if let Some(stage) = sources[0].strip_prefix("--from=") {
                    assert!(built.contains(stage), "{line}");
                    continue;
                }
                // A pattern may find nothing.
                for source in sources.iter().filter(|source| !source.contains('[')) {
                    assert!(root().join(source).exists(), "{line}");
                }
            }
            "ENTRYPOINT" | "CMD" => {
                words.extend(serde_json::from_str::<Vec<String>>(rest).unwrap());
            }
            "RUN" | "WORKDIR" | "ENV" => {}
            other => panic!("`{other}` is no instruction that is meant"),
        }
    }
    assert!(matches!(Args::try_parse_from(words).unwrap().command, Command::Run(_)));
}

/// The commands of this program in a document: in its scripts, and in what a container is started with.
fn commands(document: &Value) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let in_script = Regex::new(r"(?m)(?:^|[\s/])checkride ((?:run|merge) .*)$").unwrap();
    match document {
        Value::String(script) => {
            for line in in_script.captures_iter(script) {
                found.push(format!("checkride {}", &line[1]));
            }
        }
        Value::Array(list) => return list.iter().flat_map(commands).collect(),
        Value::Object(members) => {
            let mut found: Vec<Vec<String>> = members.values().flat_map(commands).collect();
            // Without a command of its own a container runs what the image does.
            if let (Some(Value::Array(args)), None) = (members.get("args"), members.get("command"))
            {
                let args = args.iter().map(|word| word.as_str().unwrap().to_owned());
                found.push(std::iter::once("checkride".to_owned()).chain(args).collect());
            }
            return found;
        }
        _ => {}
    }
    found.iter().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect()
}

fn documents(file: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(root().join("deploy").join(file)).unwrap();
    let documents = serde_yaml::Deserializer::from_str(&text);
    documents.map(|document| Value::deserialize(document).unwrap()).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}
