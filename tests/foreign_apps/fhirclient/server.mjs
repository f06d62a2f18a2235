// A page on the browser library fhirclient, and the few lines that serve it: `node server.mjs`.
//
// The app is a public client: all of it is in the browser, and this server knows no token. Users come
// to /launch.html by themselves, if it is told a FHIR server, or the EHR opens it and names one.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const { PORT, CLIENT_ID, SCOPE, FHIR_BASE } = process.env;
const settings = { clientId: CLIENT_ID, scope: SCOPE, redirectUri: 'index.html', iss: FHIR_BASE };
const file = (name) => readFileSync(new URL(name, import.meta.url), 'utf8');

const pages = {
  '/fhir-client.js': ['text/javascript', file('node_modules/fhirclient/build/fhir-client.min.js')],
  '/settings.js': ['text/javascript', `const SETTINGS = ${JSON.stringify(settings)};`],
  '/launch.html': ['text/html', file('launch.html')],
  '/index.html': ['text/html', file('index.html')],
};

createServer((request, response) => {
  const page = pages[new URL(request.url, 'http://localhost').pathname];
  response.writeHead(page ? 200 : 404, { 'Content-Type': `${page?.[0] ?? 'text/plain'}; charset=utf-8` });
  response.end(page?.[1] ?? 'There is no such page.');
}).listen(Number(PORT), '127.0.0.1');
