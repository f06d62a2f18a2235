// A page in a real browser: opens it, notes what is wrong with it, takes its picture.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/* What is wrong, in sentences; and what was counted or measured. */
export const findings = [];
export const facts = {};

/* Notes what is not so. */
export function must(holds, sentence) {
  if (!holds) findings.push(sentence);
  return holds;
}

/* A page about to be opened at an address, of which all that it must not do is noted. */
export async function page(browser, address, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, bypassCSP: false, ...options });
  await context.addInitScript(() => {
    window.complaints = [];
    document.addEventListener('securitypolicyviolation', (event) => window.complaints.push(`${event.violatedDirective} ${event.blockedURI}`));
  });
  const shown = await context.newPage();
  const where = () => `at ${shown.url().slice(root(address).length)}`;
  shown.on('console', (message) => {
    // That there is no such page is told by its status, too.
    const isItself = message.text().startsWith('Failed to load resource') && message.location().url === shown.url();
    if (message.type() === 'error' && !isItself) findings.push(`console: ${message.text()} ${message.location().url} ${where()}`);
  });
  shown.on('pageerror', (error) => findings.push(`script: ${error.message} ${where()}`));
  shown.on('dialog', (dialog) => {
    findings.push(`dialog: ${dialog.message()} ${where()}`);
    dialog.dismiss();
  });
  shown.on('popup', () => findings.push(`another window ${where()}`));
  shown.on('download', () => findings.push(`a download ${where()}`));
  shown.on('request', (request) => {
    const url = request.url();
    if (!own(url, address) && !/^(data|blob):/.test(url)) findings.push(`request: ${url} ${where()}`);
  });
  return shown;
}

/* Whether an address belongs to a page: a file stands by itself, a program has its host. */
export const own = (url, address) => (address.startsWith('file:') ? url.split('#')[0] === address : new URL(url).origin === root(address));

const root = (address) => (address.startsWith('file:') ? address : new URL(address).origin);

/* Goes to an address within the page, and waits until it is shown. */
export async function go(shown, mark) {
  await shown.evaluate((to) => { location.hash = to; }, mark);
  await settled(shown);
}

export const settled = (shown) => shown.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 60))));

export async function accessible(shown, what) {
  await shown.evaluate(axe);
  const found = await shown.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }));
  for (const one of found.violations) {
    for (const node of one.nodes.slice(0, 5)) findings.push(`axe, ${what}: ${one.id}: ${node.target} ${node.failureSummary.replaceAll('\n', ' ')}`);
  }
}

export const wide = (shown) => shown.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/* Where pictures go. */
export const pictures = process.argv[4];

export const picture = (shown, name, options = {}) => shown.screenshot({ path: join(pictures, `${name}.png`), ...options });
