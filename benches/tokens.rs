//! Measures how many tokens the mock issues in a second: `cargo bench --bench tokens`.
//!
//! The mock is a process of its own; one thread here keeps its connections busy with requests that
//! were written beforehand. Each token takes a signature, so what is worth comparing is how much of
//! the mock's processor time signatures take, made by `openssl` in the same minute: at 100 % there
//! is nothing left to win. Processor time, because it says the same on a machine that others use.
//! An assertion has to be verified as well, which is told apart.
//! `cargo bench --bench tokens -- 1000000` sends so many for the figures of memory.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::cast_precision_loss,
    reason = "a benchmark talks, and stops where it cannot measure"
)]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use checkride::protocol::{Algorithm, KeySet, SigningKey, basic, random};
use checkride::secret::Secret;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

fn main() {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut numbers = std::env::args().filter_map(|argument| argument.parse::<usize>().ok());
    let many = numbers.next().unwrap_or(MANY);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let mock = runtime.block_on(Mock::start());
    println!("{cores} cores, {CONNECTIONS} connections; 1 token = 1 signature by RS256, RSA 2048");
    println!("us: millionths of a second of processor time");

    let with_secret = vec![runtime.block_on(mock.with_secret())];
    runtime.block_on(load(&mock, &with_secret, WARM_UP));
    for round in 1..=ROUNDS {
        println!("round {round}");
        let signing = signing_alone();
        let measured = runtime.block_on(load(&mock, &with_secret, PER_ROUND));
        measured.print("client_credentials with a secret", signing, 0.0, cores);
        for algorithm in [Algorithm::Rs384, Algorithm::Es384] {
            let verifying = verifying_alone(algorithm);
            // Each is good for one use, so there are as many as are sent.
            let asserted = runtime.block_on(mock.with_assertions(algorithm));
            let measured = runtime.block_on(load(&mock, &asserted, asserted.len()));
            let what = format!("signed assertion, {algorithm}");
            measured.print(&what, signing, verifying, cores);
        }
    }

    let before = mock.memory("VmRSS");
    let tenth = runtime.block_on(load(&mock, &with_secret, many / 10));
    let early = mock.memory("VmRSS");
    let measured = runtime.block_on(load(&mock, &with_secret, many - many / 10));
    println!(
        "memory over {many} tokens ({:.0} a second): before {before:.1} MB, after a tenth {early:.1} \
         MB, at the end {:.1} MB, highest {:.1} MB",
        (tenth.answers + measured.answers) as f64 / (tenth.seconds + measured.seconds),
        mock.memory("VmRSS"),
        mock.memory("VmHWM"),
    );
}

/// The mock, with a developer's session; it ends with this.
struct Mock {
    process: Child,
    host: String,
    session: String,
    http: reqwest::Client,
}

/// What was measured of many requests.
struct Measured {
    answers: usize,
    seconds: f64,
    /// Processor time of the load itself, and of the mock.
    own_seconds: f64,
    mock_seconds: f64,
    /// Seconds of each answer, in order.
    latencies: Vec<f64>,
}

impl Mock {
    async fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_checkride"))
            .args(["mock", "--port", "0"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the mock starts");
        let mut lines = BufReader::new(process.stdout.take().expect("its words")).lines();
        let base = lines.find_map(|line| Some(line.ok()?.strip_prefix("base:")?.trim().to_owned()));
        let base = base.expect("the mock says where it is");
        let host = base.trim_start_matches("http://").to_owned();
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let mut mock = Self { process, host, session: String::new(), http };
        let me = json!({"email": "bench@example.com", "password": "Bench-4711-Bench"});
        mock.post("accounts", &me).await;
        mock.session = text(&mock.post("sessions", &me).await["session"]);
        mock
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let url = format!("http://{}/portal/api/{path}", self.host);
        let request = self.http.post(url).bearer_auth(&self.session).json(body);
        let answer = request.send().await.expect("the portal answers");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.expect("an answer in JSON")
    }

    async fn register(&self, changes: &Value) -> Value {
        let mut app = json!({
            "name": "Bench", "level": "certified", "category": "two_legged",
            "environment": "preview", "token_auth_method": "secret", "terms_accepted": true,
            "scopes": [SCOPE],
        });
        for (name, value) in changes.as_object().into_iter().flatten() {
            app[name] = value.clone();
        }
        self.post("apps", &app).await
    }

    /// A token request of an app with a secret.
    async fn with_secret(&self) -> Vec<u8> {
        let app = self.register(&json!({})).await;
        let secret = Secret::new(text(&app["client_secret"]));
        let header = basic::encode(&text(&app["client_id"]), &secret);
        let form = format!("grant_type=client_credentials&scope={SCOPE}");
        self.request(&format!("authorization: {}\r\n", header.expose()), &form)
    }

    /// Token requests of an app with a key, each with an assertion of its own.
    async fn with_assertions(&self, algorithm: Algorithm) -> Vec<Vec<u8>> {
        let key = SigningKey::generate(algorithm, "key-1").expect("a key");
        let keys = json!({"keys": [key.public_jwk()]});
        let changes = json!({"token_auth_method": "jwks", "jwks": keys});
        let id = text(&self.register(&changes).await["client_id"]);
        let url = format!("http://{}/fhir/r4/.well-known/smart-configuration", self.host);
        let document = self.http.get(url).send().await.expect("an answer");
        let document: Value = document.json().await.expect("a document");
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let until = now.expect("it is after 1970").as_secs() + 3000;
        let asserted = (0..ASSERTIONS).map(|_| {
            let claims = json!({"iss": id, "sub": id, "aud": document["token_endpoint"],
                                "exp": until, "jti": random::alphanumeric(20)});
            let assertion = key.sign(&key.header(), &claims);
            let form = format!(
                "grant_type=client_credentials&scope={SCOPE}&client_assertion_type={JWT_BEARER}\
                 &client_assertion={assertion}"
            );
            self.request("", &form)
        });
        asserted.collect()
    }

    fn request(&self, headers: &str, form: &str) -> Vec<u8> {
        let (host, length) = (&self.host, form.len());
        format!(
            "POST /oauth2/v1/token HTTP/1.1\r\nhost: {host}\r\n{headers}\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\
             \r\n{form}"
        )
        .into_bytes()
    }

    /// A figure of its memory, in megabytes.
    fn memory(&self, figure: &str) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(figure)?.strip_prefix(':'));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        kilobytes.unwrap_or(f64::NAN) / 1024.0
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Sends so many requests over all connections, one after the other on each.
async fn load(mock: &Mock, requests: &[Vec<u8>], total: usize) -> Measured {
    let next = AtomicUsize::new(0);
    let process = mock.process.id().to_string();
    let (own, its) = (processor_seconds("self"), processor_seconds(&process));
    let started = Instant::now();
    let connection = async || {
        let mut stream = TcpStream::connect(&mock.host).await.expect("a connection");
        stream.set_nodelay(true).expect("an option");
        let mut latencies = Vec::new();
        let mut answer = Vec::with_capacity(4096);
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= total {
                return latencies;
            }
            let sent = Instant::now();
            stream.write_all(&requests[number % requests.len()]).await.expect("it is taken");
            answer.clear();
            while !is_whole(&answer) {
                let read = stream.read_buf(&mut answer).await.expect("an answer");
                assert!(read > 0, "the mock closed a connection");
            }
            latencies.push(sent.elapsed().as_secs_f64());
            let status = String::from_utf8_lossy(&answer[..12.min(answer.len())]);
            assert_eq!(status, "HTTP/1.1 200", "{}", String::from_utf8_lossy(&answer));
        }
    };
    let connections = (0..CONNECTIONS).map(|_| connection());
    let mut latencies = futures::future::join_all(connections).await.concat();
    latencies.sort_by(f64::total_cmp);
    Measured {
        answers: latencies.len(),
        seconds: started.elapsed().as_secs_f64(),
        own_seconds: processor_seconds("self") - own,
        mock_seconds: processor_seconds(&process) - its,
        latencies,
    }
}

/// Whether an answer has come with all of its body.
fn is_whole(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&answer[..end]);
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    answer.len() >= end + 4 + length.unwrap_or(0_usize)
}

impl Measured {
    fn print(&self, what: &str, signing: Option<f64>, verifying: f64, cores: usize) {
        let rate = self.answers as f64 / self.seconds;
        let at = |share: f64| {
            let index = (self.latencies.len() as f64 * share) as usize;
            self.latencies.get(index).copied().unwrap_or(f64::NAN) * 1000.0
        };
        let [own, its] = [self.own_seconds, self.mock_seconds]
            .map(|seconds| seconds / self.seconds / cores as f64 * 100.0);
        let each = self.mock_seconds / self.answers as f64 * 1e6;
        let share = signing.map_or_else(String::new, |signing| {
            let share = |needed: f64| needed / each * 100.0;
            match verifying {
                0.0 => format!(", {:.0} % of it the signature", share(signing)),
                _ => format!(
                    ", {:.0} % of it the signature, {:.0} % with the verification ({verifying:.0} us)",
                    share(signing),
                    share(signing + verifying)
                ),
            }
        });
        println!(
            "{rate:>9.0}/s  p50 {:.2} ms, p99 {:.2} ms  {what}: {} tokens of {each:.0} us each\
             {share}; of the machine the mock took {its:.0} %, the load {own:.0} %",
            at(0.50),
            at(0.99),
            self.answers,
        );
    }
}

/// Processor time that `openssl` takes for a signature; `None` where there is no `openssl`.
fn signing_alone() -> Option<f64> {
    // With one process it counts its processor time, and with several the time of the clock.
    let speed = Command::new("openssl").args(["speed", "-seconds", "3", "rsa2048"]).output();
    let output = speed.ok().filter(|output| output.status.success());
    let output = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let figures = output.as_deref().and_then(|output| {
        output.lines().find(|line| line.starts_with("rsa") && line.contains("2048 bits"))
    });
    let rate = figures.and_then(|line| line.split_whitespace().nth(5)?.parse::<f64>().ok());
    let each = rate.map(|rate| 1e6 / rate);
    match each {
        Some(each) => println!("{each:>9.0} us  openssl: a signature"),
        None => println!("there is no `openssl` here that tells what signing takes"),
    }
    each
}

/// Processor time that the verification of a signature takes.
fn verifying_alone(algorithm: Algorithm) -> f64 {
    let key = SigningKey::generate(algorithm, "key-1").expect("a key");
    let keys = KeySet::parse(&json!({"keys": [key.public_jwk()]})).expect("a key set");
    let text = [b'a'; 400];
    let signature = key.sign_bytes(&text);
    let (before, started, mut count) = (processor_seconds("self"), Instant::now(), 0);
    while started.elapsed().as_secs() < 1 {
        for _ in 0..100 {
            assert!(keys.keys()[0].verify(algorithm, &text, &signature), "it is its own");
        }
        count += 100;
    }
    (processor_seconds("self") - before) / f64::from(count) * 1e6
}

/// Processor time that a process has used: a number, or `self`.
fn processor_seconds(process: &str) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields);
    let ticks = fields.split(' ').skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok());
    // Linux counts in hundredths for every program.
    ticks.sum::<f64>() / 100.0
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

const CONNECTIONS: usize = 16;
const ROUNDS: usize = 3;
const WARM_UP: usize = 2_000;
const PER_ROUND: usize = 20_000;
const ASSERTIONS: usize = 8_000;
const MANY: usize = 100_000;
const SCOPE: &str = "system/Patient.read";
const JWT_BEARER: &str = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
