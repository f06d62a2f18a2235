// oidc-provider as a SMART on FHIR platform: `node server.mjs`.
//
// When it listens, on loopback alone, it prints one line of JSON: its port, and the private key of the
// clients that sign. It ends with its standard input. What SMART App Launch adds to OpenID Connect is
// here; all else is the library's own behaviour.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const PATIENT = { resourceType: 'Patient', id: 'p-1', name: [{ family: 'Moen', given: ['Ada'] }] };
const SCOPES = [
  'openid', 'fhirUser', 'offline_access', 'launch/patient', 'patient/Patient.read',
  'patient/Observation.read', 'system/Patient.rs', 'system/Observation.rs',
];

// Nobody reads what the library has to say about its defaults.
console.info = () => {};
console.warn = () => {};

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwk = (key) => ({ ...key.export({ format: 'jwk' }), alg: 'RS384', use: 'sig', kid: 'key-1' });

const system = {
  grant_types: ['client_credentials'],
  response_types: [],
  redirect_uris: [],
  scope: 'system/Patient.rs system/Observation.rs',
};
const user = {
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  redirect_uris: ['https://app.example/callback'],
  scope: 'openid fhirUser offline_access launch/patient patient/Patient.read patient/Observation.read',
};
const basic = { token_endpoint_auth_method: 'client_secret_basic', client_secret: 'a secret of no worth, basic' };
const post = { token_endpoint_auth_method: 'client_secret_post', client_secret: 'a secret of no worth, post' };
const signing = {
  token_endpoint_auth_method: 'private_key_jwt',
  token_endpoint_auth_signing_alg: 'RS384',
  jwks: { keys: [jwk(publicKey)] },
};
const open = { token_endpoint_auth_method: 'none', application_type: 'native' };
const clients = [
  { client_id: 'system', ...system, ...basic },
  { client_id: 'other-system', ...system, ...basic },
  { client_id: 'signing-system', ...system, ...signing },
  { client_id: 'other-signing-system', ...system, ...signing },
  { client_id: 'web', ...user, ...post },
  { client_id: 'other-web', ...user, ...post },
  { client_id: 'signing-web', ...user, ...signing },
  { client_id: 'phone', ...user, ...open, redirect_uris: ['org.example.app:/callback'] },
  { client_id: 'other-phone', ...user, ...open, redirect_uris: ['org.example.other:/callback'] },
];

const server = createServer();
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const { port } = server.address();
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  clients,
  scopes: SCOPES,
  claims: { openid: ['sub'], fhirUser: ['fhirUser'] },
  conformIdTokenClaims: false,
  extraParams: ['aud', 'launch'],
  clientBasedCORS: () => true,
  cookies: { keys: ['only for tests'] },
  enabledJWA: { clientAuthSigningAlgValues: ['RS384', 'ES384'] },
  features: {
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
    resourceIndicators: { enabled: false },
  },
  ttl: { AccessToken: 3600, ClientCredentials: 300, Session: 3600, Interaction: 3600, Grant: 3600 },
  findAccount: (_, sub) => ({
    accountId: sub,
    claims: () => ({ sub, fhirUser: `${issuer}/fhir/Patient/${PATIENT.id}` }),
  }),
});

provider.use(async (ctx, next) => {
  if (ctx.path === '/auth' && ctx.query.scope?.includes('offline_access') && !ctx.query.prompt) {
    // OpenID Connect grants offline access only with consent, which SMART does not make apps ask for.
    ctx.query = { ...ctx.query, prompt: 'consent' };
  }
  if (ctx.path.startsWith('/fhir/')) {
    await fhir(ctx);
  } else {
    await next();
  }
  if (ctx.oidc?.route === 'token' && ctx.body?.scope?.includes('launch/patient')) {
    ctx.body.patient = PATIENT.id;
  }
});

async function fhir(ctx) {
  ctx.set('access-control-allow-origin', '*');
  if (ctx.path === '/fhir/.well-known/smart-configuration') {
    const published = await fetch(`${issuer}/.well-known/openid-configuration`);
    ctx.body = {
      ...(await published.json()),
      capabilities: [
        'launch-standalone', 'client-public', 'client-confidential-symmetric',
        'client-confidential-asymmetric', 'sso-openid-connect', 'context-standalone-patient',
        'permission-offline', 'permission-patient', 'permission-user', 'permission-v1',
        'permission-v2',
      ],
    };
    return;
  }
  if (ctx.path === '/fhir/metadata') {
    const uri = (url, valueUri) => ({ url, valueUri });
    ctx.type = 'application/fhir+json';
    ctx.body = JSON.stringify({
      resourceType: 'CapabilityStatement',
      status: 'active',
      kind: 'instance',
      fhirVersion: '4.0.1',
      rest: [{
        mode: 'server',
        security: {
          extension: [{
            url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris',
            extension: [uri('authorize', `${issuer}/auth`), uri('token', `${issuer}/token`),
              uri('introspect', `${issuer}/token/introspection`), uri('revoke', `${issuer}/token/revocation`)],
          }],
        },
      }],
    });
    return;
  }
  const bearer = /^Bearer (.+)$/i.exec(ctx.get('authorization'))?.[1];
  const token = bearer && ((await provider.AccessToken.find(bearer))
    ?? (await provider.ClientCredentials.find(bearer)));
  if (!token) {
    const error = bearer ? ' error="invalid_token"' : '';
    ctx.set('www-authenticate', `Bearer realm="${issuer}/fhir"${error && `,${error}`}`);
    outcome(ctx, 401, 'login');
  } else if (ctx.path !== `/fhir/Patient/${PATIENT.id}`) {
    outcome(ctx, 404, 'not-found');
  } else if (!/(patient|user|system)\/Patient\./.test(token.scope ?? '')) {
    outcome(ctx, 403, 'forbidden');
  } else {
    ctx.type = 'application/fhir+json';
    ctx.body = JSON.stringify(PATIENT);
  }
}

function outcome(ctx, status, code) {
  ctx.status = status;
  ctx.type = 'application/fhir+json';
  ctx.body = JSON.stringify({
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'error', code }],
  });
}

server.on('request', provider.callback());
process.stdin.on('end', () => process.exit()).resume();
console.log(JSON.stringify({ port, private_key: jwk(privateKey) }));
