//! A browser's side of the wire, header by header, and a program that serves on this machine.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::process::Signal;

use crate::stage::{Ended, Stage, signal, wait};

/// A program that serves until it is dropped.
pub struct Served {
    program: Option<Child>,
    /// What it says on its error stream, if somebody else does not read that.
    words: Option<JoinHandle<String>>,
    /// `127.0.0.1:PORT`.
    pub host: String,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// The number of its status.
    pub status: u16,
    /// Its status line and headers, in lower case.
    pub head: String,
    /// Its body.
    pub body: String,
}

impl Served {
    /// Starts the program, which tells on its output stream where it serves.
    pub fn start(stage: &Stage, arguments: &[&str]) -> Self {
        Self::of(stage.command(arguments))
    }

    /// The same, of a program with surroundings of its own.
    pub fn of(mut command: Command) -> Self {
        let mut program = command.spawn().unwrap();
        let host = address(BufReader::new(program.stdout.take().unwrap()).lines());
        Self { program: Some(program), words: None, host }
    }

    /// Starts the program, which tells on its error stream where it serves, among other things.
    pub fn start_talking(stage: &Stage, arguments: &[&str]) -> Self {
        Self::of_talking(stage.command(arguments))
    }

    /// The same, of a program with surroundings of its own.
    pub fn of_talking(mut command: Command) -> Self {
        let mut program = command.spawn().unwrap();
        let mut lines = BufReader::new(program.stderr.take().unwrap()).lines();
        let host = address(lines.by_ref());
        // A program whose words nobody reads does not go on.
        let words = move || lines.map_while(Result::ok).collect::<Vec<_>>().join("\n");
        Self { program: Some(program), words: Some(std::thread::spawn(words)), host }
    }

    /// Asks for a page as a browser does.
    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[("Host", &self.host)], "")
    }

    /// Sends what it is told to, and nothing else.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut text = String::new();
        self.open(method, path, headers, body).read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_lowercase(), body: body.to_owned() }
    }

    /// The same, with the answer still to be read.
    pub fn open(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> BufReader<TcpStream> {
        let mut wire = TcpStream::connect(&self.host).unwrap();
        wire.set_read_timeout(Some(PATIENCE)).unwrap();
        // To this version of HTTP a body is written as it is, up to its end.
        let mut text = format!("{method} {path} HTTP/1.0\r\nContent-Length: {}\r\n", body.len());
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        wire.write_all(format!("{text}\r\n{body}").as_bytes()).unwrap();
        BufReader::new(wire)
    }

    /// Asks the program to end, and gives how it did.
    pub fn end(self) -> Ended {
        signal(self.program.as_ref().unwrap().id(), Signal::TERM);
        self.ended()
    }

    /// How the program ends by itself.
    pub fn ended(mut self) -> Ended {
        let mut ended = wait(self.program.take().unwrap());
        if let Some(words) = self.words.take() {
            ended.stderr = words.join().unwrap();
        }
        ended
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(mut program) = self.program.take() {
            signal(program.id(), Signal::KILL);
            let _ = program.wait();
        }
    }
}

fn address(mut lines: impl Iterator<Item = std::io::Result<String>>) -> String {
    let told = lines.find_map(|line| {
        let (_, rest) =
            line.ok()?.split_once("http://").map(|(a, b)| (a.to_owned(), b.to_owned()))?;
        Some(rest.split('/').next()?.to_owned())
    });
    told.expect("the program tells where it serves")
}

const PATIENCE: Duration = Duration::from_secs(60);
