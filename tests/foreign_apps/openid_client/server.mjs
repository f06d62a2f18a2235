// A web app on the library openid-client, without a framework: `node server.mjs`.
//
// The app is a confidential client with a secret. Its sessions live here, the browser has a cookie; the
// tokens never leave this process.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import * as client from 'openid-client';

const { PORT, CLIENT_ID, CLIENT_SECRET, SCOPE, ISSUER, FHIR_BASE } = process.env;
const home = `http://127.0.0.1:${PORT}`;
const redirect_uri = `${home}/callback`;
const sessions = new Map();

let found;
/** What the platform says of itself; asked once it is needed, and again if that failed. */
const platform = () => {
  found ??= client
    .discovery(new URL(ISSUER), CLIENT_ID, undefined, client.ClientSecretBasic(CLIENT_SECRET), {
      // The platform of a test listens on loopback, without TLS.
      execute: [client.allowInsecureRequests],
    })
    .catch((error) => {
      found = undefined;
      throw error;
    });
  return found;
};

const escaped = (text) => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
const page = (body) => ({
  status: 200,
  headers: { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' },
  body: `<!doctype html><title>Record</title>${body}`,
});
const to = (location, headers = {}) => ({ status: 303, headers: { Location: location, ...headers }, body: '' });

/** Begins a sign-in, in a session of its own. */
async function logIn() {
  const config = await platform();
  const id = randomUUID();
  const begun = {
    pkceCodeVerifier: client.randomPKCECodeVerifier(),
    expectedState: client.randomState(),
    expectedNonce: client.randomNonce(),
  };
  sessions.set(id, { begun });
  const address = client.buildAuthorizationUrl(config, {
    redirect_uri,
    scope: SCOPE,
    aud: FHIR_BASE,
    state: begun.expectedState,
    nonce: begun.expectedNonce,
    code_challenge: await client.calculatePKCECodeChallenge(begun.pkceCodeVerifier),
    code_challenge_method: 'S256',
  });
  return to(address.href, { 'Set-Cookie': `session=${id}; Path=/; HttpOnly; SameSite=Lax` });
}

/** The user is back from the platform. */
async function callback(url, session) {
  if (session?.begun === undefined) throw new Error('No sign-in was begun in this browser.');
  const { begun } = session;
  delete session.begun;
  const tokens = await client.authorizationCodeGrant(await platform(), url, {
    ...begun,
    idTokenExpected: true,
  });
  keep(session, tokens);
  session.patient = tokens.patient;
  return to('/');
}

function keep(session, tokens) {
  session.tokens = { refresh_token: session.tokens?.refresh_token, ...tokens };
  session.until = Date.now() + (tokens.expiresIn() ?? Infinity) * 1000;
}

async function refresh(session) {
  const { refresh_token } = session.tokens;
  if (refresh_token === undefined) throw new Error('Your access has ended; please sign in again.');
  keep(session, await client.refreshTokenGrant(await platform(), refresh_token));
}

/** One call of the FHIR API; a token that is refused is renewed once. */
async function read(session, path) {
  const ask = async () => {
    const config = await platform();
    const address = new URL(`${FHIR_BASE}/${path}`);
    const headers = new Headers({ Accept: 'application/fhir+json' });
    return client.fetchProtectedResource(config, session.tokens.access_token, address, 'GET', null, headers);
  };
  const isRefused = (error) => error instanceof client.WWWAuthenticateChallengeError && error.status === 401;
  let answer = await ask().catch((error) => {
    if (!isRefused(error)) throw error;
    return undefined;
  });
  if (answer === undefined) {
    await refresh(session);
    answer = await ask();
  }
  if (!answer.ok) throw new Error(`The platform answers with status ${answer.status}.`);
  return answer.json();
}

/** The user's record, or the way to sign in. */
async function start(session) {
  if (session?.tokens === undefined) return page('<a id="log-in" href="/login">Sign in</a>');
  if (Date.now() > session.until) await refresh(session);
  const patient = await read(session, `Patient/${session.patient}`);
  const observations = await read(session, `Observation?patient=${session.patient}`);
  const name = patient.name?.[0] ?? {};
  const named = escaped([...(name.given ?? []), name.family].join(' '));
  return page(
    `<h1 id="data">${named}</h1><p>${observations.entry?.length ?? 0} observations</p>` +
      '<a id="log-out" href="/logout">Sign out</a>',
  );
}

/** Ends the session here and at the platform. */
async function logOut(id, session) {
  sessions.delete(id);
  const config = await platform();
  const gone = { 'Set-Cookie': 'session=; Path=/; Max-Age=0' };
  if (config.serverMetadata().end_session_endpoint === undefined || !session?.tokens) return to('/', gone);
  const address = client.buildEndSessionUrl(config, {
    post_logout_redirect_uri: `${home}/`,
    id_token_hint: session.tokens.id_token,
  });
  return to(address.href, gone);
}

async function answer(request) {
  const url = new URL(request.url, home);
  const id = /(?:^|; )session=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
  const session = sessions.get(id);
  switch (url.pathname) {
    case '/':
      return start(session);
    case '/login':
      return logIn();
    case '/callback':
      return callback(url, session);
    case '/logout':
      return logOut(id, session);
    default:
      return { status: 404, headers: {}, body: '' };
  }
}

createServer(async (request, response) => {
  const { status, headers, body } = await answer(request).catch((error) => {
    console.error(error.code ?? error.name, error.message);
    const why = error.error_description ?? error.message;
    return { ...page(`<p id="error">${escaped(why)}</p><a id="log-in" href="/login">Sign in</a>`), status: 502 };
  });
  response.writeHead(status, headers).end(body);
}).listen(Number(PORT), '127.0.0.1');
