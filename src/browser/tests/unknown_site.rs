//! Pages as other people write them: each sends what was typed to the app at once.

use axum::extract::Path;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

pub(super) async fn page(Path(name): Path<String>) -> Response {
    let body = match name.as_str() {
        "labels" => {
            "<form onsubmit='send(event)'><label for=a>User name</label><input id=a class=u>\
             <label>Password <input type=password class=p></label><button>Sign in</button></form>"
        }
        "placeholders" => {
            "<div><input placeholder='Email address' class=u>\
             <input type=password placeholder=Password class=p>\
             <button type=button>Forgot password?</button>\
             <button type=button onclick='send(event)'>Log in</button></div>"
        }
        "german" => {
            "<form onsubmit='send(event)'><input aria-label=Benutzername class=u>\
             <input type=password aria-label=Kennwort class=p>\
             <button type=button aria-label='Kennwort anzeigen'>o</button>\
             <input type=submit value=Anmelden></form><a href=/>Abbrechen</a>"
        }
        "shadow" => {
            "<sign-in></sign-in><text-button>Sign in</text-button><script>\
             customElements.define('sign-in', class extends HTMLElement { constructor() { super(); \
             this.attachShadow({mode:'open'}).innerHTML = '<label>User <input class=u></label>\
             <label>Secret <input type=password class=p></label>'; } });\
             customElements.define('text-button', class extends HTMLElement { constructor() { super(); \
             this.attachShadow({mode:'open'}).innerHTML = '<button><slot></slot></button>'; \
             this.onclick = send; } });</script>"
        }
        "banner" => {
            "<div style='position:fixed;inset:0;background:#fff'><p>We use cookies.</p>\
             <button>Accept all</button></div><form onsubmit='send(event)'>\
             <input name=login placeholder='Enter any login' class=u>\
             <input type=password class=p><button>Sign-in</button></form>"
        }
        "modal" => {
            "<dialog id=d>We use cookies. <button onclick='d.close()'>Accept all</button>\
             <button onclick='d.close()'>Only necessary</button></dialog>\
             <form onsubmit='send(event)'><input name=login class=u><input type=password class=p>\
             <button>Sign-in</button></form><script>d.showModal()</script>"
        }
        "two-forms" => {
            "<form><input type=email><input type=password><button>Create account</button></form>\
             <form onsubmit='send(event)'><input name=n class=u><input type=password class=p>\
             <button>Sign in</button></form>"
        }
        "honeypot" => {
            "<form onsubmit='send(event)'>\
             <input name=username tabindex=-1 style='position:absolute;left:-9999px'>\
             <label>E-Mail <input class=u></label><label>Passwort <input type=password class=p></label>\
             <button>Login</button></form>"
        }
        "alone" => {
            "<form onsubmit=\"event.preventDefault();this.hidden=true;next.hidden=false\">\
             <div>What do we call you?</div><input class=u><button>Next</button></form>\
             <form id=next hidden onsubmit='send(event)'><input type=password class=p>\
             <button>Next</button></form>"
        }
        "slow" => {
            "<div id=app><div role=alert>Loading...</div></div><script>setTimeout(() => {\
             app.innerHTML = '<form><input name=login class=u><input type=password class=p>\
             <button>Log in</button></form>'; app.firstChild.onsubmit = send; }, 700);</script>"
        }
        "notice" => {
            "<form onsubmit=\"event.preventDefault();this.hidden=true;next.hidden=false\">\
             <input name=login class=u><input type=password class=p><button>Log in</button></form>\
             <form id=next hidden onsubmit='send(event)'>\
             <div class='box box-info' role=alert>Some of it you cannot share</div>\
             <label><input type=checkbox id=grant-1 required>openid</label>\
             <label><input type=checkbox id=grant-2 required>patient/Patient.read</label>\
             <label><input type=checkbox onclick=\"this.form.onsubmit=null\">Do not ask me again</label>\
             <button>Grant access</button></form>"
        }
        "tick" => {
            "<form onsubmit=\"event.preventDefault();this.hidden=true;next.hidden=false\">\
             <input name=login class=u><input type=password class=p><button>Log in</button></form>\
             <form id=next hidden onsubmit=\"yes.checked ? send(event) : event.preventDefault()\">\
             <label><input type=checkbox id=yes><span>Consent?</span></label>\
             <button>Submit</button></form>"
        }
        "code" => {
            "<form><label>Verification code <input autocomplete=one-time-code></label>\
             <button>Continue</button></form>"
        }
        "register" => {
            "<form><input type=email><input type=password autocomplete=new-password>\
             <input type=password autocomplete=new-password><button>Sign up</button></form>"
        }
        "newsletter" => "<h1>Sorry</h1><form><input type=email><button>Subscribe</button></form>",
        "error" => "<h1>invalid_client</h1><a href=/>Home</a>",
        "consent" => "<ul><li>Read your record</ul><form><button>Continue</button></form>",
        "records" => {
            "<form><label><input type=radio name=p value=p-1>Ada</label>\
             <label><input type=radio name=p value=p-2>Bo</label><button>Weiter</button></form>"
        }
        _ => {
            "<form onsubmit=\"event.preventDefault();told.textContent='That was wrong'\">\
             <p id=told role=alert></p><input name=login><input type=password>\
             <button>Sign in</button></form>"
        }
    };
    ([(CONTENT_TYPE, "text/html; charset=utf-8")], format!("<!doctype html><body>{SEND}{body}"))
        .into_response()
}

/// Goes back to the app with what was typed.
const SEND: &str = "<script>function send(event) {
  event.preventDefault();
  const roots = [document, ...[...document.querySelectorAll('*')].map((one) => one.shadowRoot)];
  const value = (name) => roots.map((root) => root?.querySelector(name)).find(Boolean).value;
  const right = value('.p') === 'canary-Passw0rd!' ? 'right' : 'wrong';
  location = `http://127.0.0.1:1/callback?user=${value('.u')}&password=${right}`;
}</script>";
