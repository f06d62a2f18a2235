//! A site with a login in three pages, and pages that behave badly.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::{Path, Query, RawForm, State};
use axum::http::header::{CONTENT_TYPE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

pub(super) const PASSWORD: &str = "canary-Passw0rd!";
pub(super) const CODE: &str = "canary-code-1";

/// The running site; it ends when this is dropped.
pub(super) struct Site {
    port: u16,
    facts: Arc<Facts>,
    server: JoinHandle<()>,
}

/// What the site remembers.
#[derive(Default)]
struct Facts {
    back: Mutex<String>,
    consented: Mutex<String>,
    passwords: AtomicUsize,
    hits: Mutex<Vec<String>>,
    released: Notify,
}

impl Site {
    pub(super) async fn open() -> Self {
        let facts = Arc::<Facts>::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let router = Router::new()
            .route("/authorize", get(authorize))
            .route("/login", get(login).post(|| async { see("/password") }))
            .route("/password", get(password).post(try_password))
            .route("/consent", get(consent).post(give_consent))
            .route("/slow", get(slow))
            .route("/api", get(|| async { Json(serde_json::json!({ "answer": 42 })) }))
            .route("/hop/{left}", get(hop))
            .route("/page/{name}", get(page))
            .route("/unknown/{name}", get(super::unknown_site::page))
            .fallback(|| async { StatusCode::NOT_FOUND })
            .layer(axum::middleware::from_fn_with_state(facts.clone(), note))
            .with_state(facts.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { port, facts, server }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(super) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(super) fn authorize(&self, redirect_uri: &str) -> String {
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("redirect_uri", redirect_uri)
            .finish();
        self.url(&format!("/authorize?{query}"))
    }

    /// How often a password was sent.
    pub(super) fn passwords(&self) -> usize {
        self.facts.passwords.load(Ordering::SeqCst)
    }

    /// The form of the last consent.
    pub(super) fn consented(&self) -> String {
        self.facts.consented.lock().unwrap().clone()
    }

    /// `path cookie` of each request so far.
    pub(super) fn hits(&self) -> Vec<String> {
        self.facts.hits.lock().unwrap().clone()
    }

    /// Lets the slow page answer.
    pub(super) fn release(&self) {
        self.facts.released.notify_waiters();
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn note(
    State(facts): State<Arc<Facts>>,
    request: axum::extract::Request,
    next: axum::middleware::Next,
) -> Response {
    let cookie = request.headers().get("cookie").and_then(|value| value.to_str().ok());
    let hit = format!("{} {}", request.uri().path(), cookie.unwrap_or_default());
    facts.hits.lock().unwrap().push(hit);
    next.run(request).await
}

fn see(location: &str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, location.to_owned())]).into_response()
}

async fn authorize(
    State(facts): State<Arc<Facts>>,
    Query(query): Query<std::collections::HashMap<String, String>>,
) -> Response {
    *facts.back.lock().unwrap() = query["redirect_uri"].clone();
    ([(SET_COOKIE, "flow=canary-cookie; HttpOnly")], see("/login")).into_response()
}

async fn login() -> Html<&'static str> {
    Html(
        r#"<title>Sign in</title><form method=post>
        <input id=username name=username><button id=next>Next</button></form>"#,
    )
}

async fn password() -> Html<&'static str> {
    Html(PASSWORD_PAGE)
}

async fn try_password(State(facts): State<Arc<Facts>>, RawForm(form): RawForm) -> Response {
    facts.passwords.fetch_add(1, Ordering::SeqCst);
    let right = url::form_urlencoded::parse(&form).any(|(_, value)| value == PASSWORD);
    if right {
        see("/consent")
    } else {
        let told = r#"<p class=error>Wrong user name or password</p>"#;
        Html(format!("{told}{PASSWORD_PAGE}")).into_response()
    }
}

const PASSWORD_PAGE: &str = r#"<title>Password</title><p class=error hidden>old</p>
    <form method=post><input id=password type=password name=password><button>Go</button></form>"#;

async fn consent() -> Html<&'static str> {
    Html(
        r#"<title>Consent</title><form id=consent method=post>
        <input type=checkbox name=scope value=openid>
        <input type=checkbox name=scope value=offline_access checked>
        <input type=radio name=record value=record-1 checked>
        <input type=radio name=record value=record-2>
        <button id=allow>Allow</button></form>"#,
    )
}

async fn give_consent(State(facts): State<Arc<Facts>>, RawForm(form): RawForm) -> Response {
    *facts.consented.lock().unwrap() = String::from_utf8(form.to_vec()).unwrap();
    let back = facts.back.lock().unwrap().clone();
    see(&format!("{back}?code={CODE}&state=s"))
}

async fn slow(State(facts): State<Arc<Facts>>) -> &'static str {
    facts.released.notified().await;
    "at last"
}

async fn hop(Path(left): Path<usize>) -> Response {
    match left {
        0 => Html("<p id=end>there").into_response(),
        _ => see(&format!("/hop/{}", left - 1)),
    }
}

async fn page(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let text = match name.as_str() {
        "plain" => "<p>plain</p>".to_owned(),
        "keep" => KEEP.to_owned(),
        "frame" => {
            // The same site under another name is a foreign origin.
            let host = headers["host"].to_str().unwrap().replace("127.0.0.1", "localhost");
            format!("<iframe src='http://{host}/page/keep'></iframe>")
        }
        "popup" => {
            "<button id=one onclick=\"window.open('/page/plain').close()\">1</button>
             <button id=two onclick=\"alert('stop');window.open('/page/plain');this.after('done')\">2</button>"
                .to_owned()
        }
        "opener" => OPENER.to_owned(),
        "back" => "<script>opener?.postMessage('done', '*'); if (opener) close(); \
             document.body.innerHTML = '<p id=data>signed in</p>'</script>"
            .to_owned(),
        "adverts" => ADVERTS.to_owned(),
        "advert" => "<input type=email name=email><button>Subscribe</button>\
             <script>onbeforeunload = (event) => event.preventDefault(); alert('You won!')</script>"
            .to_owned(),
        "scheme" => {
            format!("<button onclick=\"location='myapp://cb?code={CODE}'\">back to the app</button>")
        }
        "fields" => FIELDS.to_owned(),
        "late" => {
            "<script>setTimeout(()=>{document.body.innerHTML='<p id=late>now</p>'},50)</script>"
                .to_owned()
        }
        "errors" => "<script>console.error('canary-Passw0rd! is wrong', 7); throw new Error('broken')</script><img src=/missing.png>"
            .to_owned(),
        "fetch" => "<script>fetch('/api').then(r=>r.json()).then(j=>{document.body.innerHTML=\
             `<p id=done>${j.answer}</p>`})</script>"
            .to_owned(),
        "teapot" => return StatusCode::IM_A_TEAPOT.into_response(),
        secret => format!("<style>p{{height:20px}}</style><p>{secret}</p><p>end</p>"),
    };
    ([(CONTENT_TYPE, "text/html")], format!("<!doctype html><body>{text}")).into_response()
}

/// Opens windows without end, which do not want to be closed.
const ADVERTS: &str = "<p id=data>news</p><button onclick=\"
  for (let n = 0; n < 9; n++) open('/page/advert?' + n, '_blank', n % 2 ? 'noopener' : '')
  \">x</button>";

/// Signs in in a window of its own, or in another tab, beside an advertisement that hangs.
const OPENER: &str = "<script>
const back = encodeURIComponent(location.origin + '/page/back');
addEventListener('message', (event) => {
  if (event.data === 'done') document.body.innerHTML = '<p id=data>signed in</p>';
});
document.write(`<button id=window>window</button>
  <a id=tab target=_blank rel=noopener href='/authorize?redirect_uri=${back}'>tab</a>`);
document.querySelector('#window').onclick = () => {
  open('about:blank', 'advert');
  open('/authorize?redirect_uri=' + back, 'sign-in', 'popup');
};
</script>";

/// Keeps something in every place a page has, and tells what was there before.
const KEEP: &str = "<script>
(async () => {
  const found = [];
  if (document.cookie.includes('kept')) found.push('cookie');
  if (localStorage.kept) found.push('localStorage');
  if (sessionStorage.kept) found.push('sessionStorage');
  if (window.name) found.push('name');
  if (history.length > 2) found.push('history');
  if (await caches.has('kept')) found.push('caches');
  const request = indexedDB.open('kept', 1);
  const made = await new Promise((done) => {
    let fresh = false;
    request.onupgradeneeded = () => { fresh = true; request.result.createObjectStore('kept'); };
    request.onsuccess = () => done(fresh);
  });
  if (!made) found.push('indexedDB');
  document.cookie = 'kept=1; max-age=9999';
  localStorage.kept = sessionStorage.kept = window.name = '1';
  await caches.open('kept');
  document.body.innerHTML = `<p id=found>${found.join(' ') || 'nothing'}</p>`;
})();
</script>";

const FIELDS: &str = "<form onsubmit=\"event.preventDefault();document.title='sent'\">
    <input id=name value=before onchange=\"document.body.dataset.changed=this.value\">
    <input id=box type=checkbox><textarea id=area>old</textarea><button>Send</button></form>";
