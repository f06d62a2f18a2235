//! The commands of the guide to the mock do what it says.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command};

use crate::stage::Stage;

#[test]
fn the_commands_of_the_guide_to_the_mock_can_be_copied() {
    if Command::new("curl").arg("--version").output().is_err() {
        eprintln!("not tried: there is no curl on this machine");
        return;
    }
    let stage = Stage::empty();
    let mut program = Running(stage.command(&["mock", "--port", "0"]).spawn().unwrap());
    let mut lines = BufReader::new(program.0.stdout.take().unwrap()).lines();
    let base = lines.find_map(|line| Some(line.unwrap().strip_prefix("base:")?.trim().to_owned()));

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guides/use-the-mock.md");
    let guide = fs::read_to_string(path).unwrap();
    let blocks = guide.split("\n```sh\n").skip(1).filter_map(|rest| rest.split_once("\n```"));
    let script: Vec<&str> = blocks.map(|(block, _)| block).collect();
    assert!(script.len() > 3, "the guide's commands were not found");
    let script = script.join("\n").replace("http://127.0.0.1:8600", &base.unwrap());
    let shell = Command::new("sh").args(["-euc", &script]).env("no_proxy", "*").output().unwrap();
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (said(&shell.stdout), said(&shell.stderr));
    assert!(shell.status.success(), "{stdout}\n{stderr}");
    let authorize = "/oauth2/v1/authorize?response_type=code";
    for part in ["\"resourceType\":\"Patient\"", authorize, "401\n"] {
        assert!(stdout.contains(part), "{part} is not in\n{stdout}\n{stderr}");
    }
}

/// A program that ends with the test, however that ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
