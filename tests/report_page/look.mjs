// Opens a report as a person does, from the disk and in a real browser, and tells what is wrong with it.
//
//   node look.mjs <browser> <index.html> <folder for pictures> use|hostile|measure
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { chromium } from 'playwright-core';

const [executablePath, file, folder, part] = process.argv.slice(2);
const address = pathToFileURL(file).href;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const findings = [];
const facts = {};

/* Notes what is not so. */
function must(holds, sentence) {
  if (!holds) findings.push(sentence);
  return holds;
}

/* A page of the report, of which all that it must not do is noted. */
async function page(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, bypassCSP: false, ...options });
  await context.addInitScript(() => {
    window.complaints = [];
    document.addEventListener('securitypolicyviolation', (event) => window.complaints.push(`${event.violatedDirective} ${event.blockedURI}`));
  });
  const shown = await context.newPage();
  const where = () => `at ${shown.url().slice(address.length)}`;
  shown.on('console', (message) => message.type() === 'error' && findings.push(`console: ${message.text()} ${where()}`));
  shown.on('pageerror', (error) => findings.push(`script: ${error.message} ${where()}`));
  shown.on('dialog', (dialog) => {
    findings.push(`dialog: ${dialog.message()} ${where()}`);
    dialog.dismiss();
  });
  shown.on('popup', () => findings.push(`another window ${where()}`));
  shown.on('download', () => findings.push(`a download ${where()}`));
  shown.on('request', (request) => {
    const url = request.url();
    if (url.split('#')[0] !== address && !url.startsWith('data:') && !url.startsWith('blob:')) findings.push(`request: ${url} ${where()}`);
  });
  return shown;
}

/* Goes to an address within the page, and waits until it is shown. */
async function go(shown, mark) {
  await shown.evaluate((to) => { location.hash = to; }, mark);
  await settled(shown);
}

const settled = (shown) => shown.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 60))));

/* The rows of the list, after all features are unfolded. */
async function unfolded(shown) {
  await go(shown, 'scenarios');
  await shown.locator('#list details.feature').first().waitFor();
  await shown.evaluate(() => document.querySelectorAll('#list details.feature').forEach((one) => { one.open = true; }));
  await settled(shown);
}

/* Addresses of scenarios: all of a verdict, or all. */
async function scenarios(shown, verdict = '') {
  await unfolded(shown);
  const rows = shown.locator(verdict ? `#list a.row:has(.v-${verdict})` : '#list a.row');
  return rows.evaluateAll((all) => all.map((row) => decodeURIComponent(row.getAttribute('href').slice(1))));
}

async function accessible(shown, what) {
  await shown.evaluate(axe);
  const found = await shown.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }));
  for (const one of found.violations) {
    for (const node of one.nodes.slice(0, 5)) findings.push(`axe, ${what}: ${one.id}: ${node.target} ${node.failureSummary.replaceAll('\n', ' ')}`);
  }
}

const wide = (shown) => shown.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

const picture = (shown, name, options = {}) => shown.screenshot({ path: join(folder, `${name}.png`), ...options });

async function use(browser) {
  const shown = await page(browser, { colorScheme: 'light' });
  await shown.goto(address);
  await shown.locator('h1').first().waitFor();
  await settled(shown);
  await picture(shown, 'overview');

  // The list: a filter by verdict, and a search.
  const all = await scenarios(shown);
  facts.scenarios = all.length;
  const [chip] = [shown.locator('#scenarios .chip[data-verdict="fail"]')];
  await chip.click();
  await settled(shown);
  const failing = await shown.locator('#list a.row').count();
  must(failing > 0 && failing < all.length, `the filter leaves ${failing} of ${all.length}`);
  must((await chip.getAttribute('aria-pressed')) === 'true', 'the filter is not told as pressed');
  must(shown.url().includes('verdict=fail'), `the filter is not in the address ${shown.url()}`);
  await picture(shown, 'filtered');
  await chip.click();
  const search = shown.locator('#search');
  await search.fill('verifier');
  await settled(shown);
  const found = await shown.locator('#list a.row').count();
  must(found > 0 && found < all.length, `the search finds ${found} of ${all.length}`);
  await search.fill('');

  // A failing scenario, its flow, and an arrow of it.
  await chip.click();
  await settled(shown);
  await shown.locator('#list a.row').first().click();
  await shown.locator('#scenario svg.flow').waitFor();
  await settled(shown);
  const text = await shown.locator('#scenario').innerText();
  must(/expected/i.test(text) && /actual/i.test(text), 'a failing scenario shows no expected and actual');
  must((await shown.locator('#scenario a[href^="#req"], #scenario .id').count()) > 0, 'a failing scenario names no requirement');
  await picture(shown, 'scenario');
  const images = shown.locator('#scenario .strip img');
  must((await images.count()) > 0, 'there is no film strip');
  const broken = await images.evaluateAll((all) => Promise.all(all.map(async (one) => {
    one.loading = 'eager';
    await one.decode().catch(() => {});
    return one.naturalWidth;
  })));
  must(broken.every((width) => width > 0), `pictures are not shown: ${broken}`);
  const arrows = shown.locator('svg.flow a.arrow');
  facts.arrows = await arrows.count();
  must(facts.arrows > 2, 'the flow has no arrows');
  await arrows.first().click();
  const sheet = shown.locator('#sheet');
  await sheet.waitFor();
  must(/GET|POST/.test(await sheet.innerText()), 'an arrow opens no exchange');
  await picture(shown, 'exchange');
  await accessible(shown, 'an exchange');
  await shown.keyboard.press('Escape');
  must(!(await sheet.isVisible()), 'Escape does not close the exchange');

  // A token, decoded.
  const token = await withToken(shown, all);
  if (must(token, 'no scenario has a token')) {
    const table = shown.locator('table.token').first();
    await table.waitFor();
    must(/alg/.test(await table.innerText()) && /exp/.test(await table.innerText()), 'a token is not decoded');
    await table.scrollIntoViewIfNeeded();
    await picture(shown, 'token');
    await accessible(shown, 'a token');
  }

  // Accessible in light and dark.
  for (const colorScheme of ['light', 'dark']) {
    await shown.emulateMedia({ colorScheme });
    for (const [name, mark] of [['overview', 'overview'], ['list', 'scenarios'], ['requirements', 'requirements'], ['scenario', failingOf(all, await scenarios(shown, 'fail'))]]) {
      await go(shown, mark);
      await accessible(shown, `${name}, ${colorScheme}`);
      await picture(shown, `${name}-${colorScheme}`);
    }
  }
  const dark = await shown.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const [red, green, blue] = dark.match(/\d+/g).map(Number);
  must(red + green + blue < 250, `dark mode is not dark: ${dark}`);
  await shown.emulateMedia({ colorScheme: 'light' });

  // A phone.
  await shown.setViewportSize({ width: 360, height: 740 });
  const [one] = await scenarios(shown, 'fail');
  for (const [name, mark] of [['overview', 'overview'], ['list', 'scenarios'], ['requirements', 'requirements'], ['scenario', one]]) {
    await go(shown, mark);
    must((await wide(shown)) <= 0, `${name} is ${await wide(shown)} pixels wider than a phone`);
    await picture(shown, `${name}-phone`);
  }
  await shown.setViewportSize({ width: 1280, height: 900 });

  // Printed: nothing that is needed is left out, and the bar of the page is.
  await go(shown, one);
  await shown.emulateMedia({ media: 'print', colorScheme: 'dark' });
  const paper = await shown.evaluate(() => getComputedStyle(document.body).backgroundColor);
  must(paper.match(/\d+/g).slice(0, 3).every((part) => Number(part) > 200) || paper.endsWith(', 0)'), `paper is ${paper}`);
  const print = await shown.pdf({ format: 'A4' });
  facts.printed = print.length;
  must(print.length > 10_000, 'nothing is printed');
  await picture(shown, 'print');
  await shown.emulateMedia({ media: 'screen', colorScheme: 'light' });

  await byKeyboard(browser);
  await deepLinks(browser, one);
  must((await shown.evaluate(() => window.complaints.length)) === 0, `the policy was broken: ${await shown.evaluate(() => window.complaints)}`);
}

const failingOf = (all, failing) => failing[0] || all[0];

/* Shows a scenario with a token, unfolded. */
async function withToken(shown, all) {
  for (const id of all) {
    await go(shown, id);
    const fold = shown.locator('#scenario details.token-fold').first();
    if ((await fold.count()) > 0) {
      await fold.locator('summary').click();
      return true;
    }
  }
  return false;
}

/* From the start of the page to an exchange, without a mouse. */
async function byKeyboard(browser) {
  const shown = await page(browser);
  await shown.goto(address);
  await shown.locator('h1').first().waitFor();
  await shown.keyboard.press('Tab');
  const first = await shown.evaluate(() => document.activeElement.textContent.trim());
  must(/skip/i.test(first), `the first stop is "${first}", not a way to the content`);
  await shown.keyboard.press('/');
  await shown.waitForFunction(() => document.activeElement.id === 'search', null, { timeout: 3000 }).catch(() => findings.push('"/" does not lead to the search'));
  await shown.keyboard.type('wrong verifier');
  await settled(shown);
  await shown.keyboard.press('ArrowDown');
  await shown.keyboard.press('Enter');
  await shown.locator('#scenario svg.flow').waitFor({ timeout: 3000 }).catch(() => findings.push('Enter does not open the scenario'));
  for (let stops = 0; stops < 60; stops += 1) {
    await shown.keyboard.press('Tab');
    if (await shown.evaluate(() => document.activeElement.matches('a.arrow'))) break;
  }
  must(await shown.evaluate(() => document.activeElement.matches('a.arrow')), 'Tab does not lead to an arrow');
  const ring = await shown.evaluate(() => {
    const style = (one) => { const { outlineStyle, outlineWidth, boxShadow, stroke, fill } = getComputedStyle(one); return [outlineStyle, outlineWidth, boxShadow, stroke, fill].join(); };
    const arrow = document.activeElement;
    const parts = [arrow, ...arrow.children];
    const focused = parts.map(style).join(';');
    arrow.blur();
    return focused !== parts.map(style).join(';');
  });
  must(ring, 'the focus on an arrow cannot be seen');
  await shown.locator('a.arrow').first().focus();
  await shown.keyboard.press('Enter');
  await shown.locator('#sheet').waitFor({ timeout: 3000 }).catch(() => findings.push('Enter does not open the exchange'));
  await shown.keyboard.press('Escape');
  await shown.context().close();
}

/* An address that somebody was sent opens what it names. */
async function deepLinks(browser, id) {
  const shown = await page(browser);
  await shown.goto(`${address}#${encodeURIComponent(id)}`);
  await shown.locator('#scenario svg.flow').waitFor();
  must((await shown.title()).startsWith('fail'), `the title of a failing scenario is "${await shown.title()}"`);
  await shown.goto('about:blank');
  await shown.goto(`${address}#${encodeURIComponent(`${id}!1`)}`);
  await shown.locator('#sheet').waitFor({ timeout: 3000 }).catch(() => findings.push('a deep link does not open the exchange'));
  await shown.goto('about:blank');
  await shown.goto(`${address}#%%%`);
  must(await shown.locator('#overview').isVisible(), 'a broken address shows nothing');
  await shown.context().close();
}

/* Every corner of a report whose texts are all hostile. */
async function hostile(browser) {
  const shown = await page(browser);
  await shown.goto(address);
  await shown.locator('h1').first().waitFor();
  for (const mark of ['overview', 'requirements', 'coverage', 'connections']) await go(shown, mark);
  const all = await scenarios(shown);
  facts.scenarios = all.length;
  await picture(shown, 'hostile-list');
  for (const id of all) {
    await go(shown, id);
    await shown.evaluate(() => document.querySelectorAll('#scenario details').forEach((one) => { one.open = true; }));
    await settled(shown);
    const links = await shown.locator('#scenario a[href*="!"]').evaluateAll((found) => [...new Set(found.map((one) => one.getAttribute('href').slice(1)))]);
    for (const link of links) {
      await go(shown, decodeURIComponent(link));
      await shown.evaluate(() => document.querySelectorAll('#sheet details').forEach((one) => { one.open = true; }));
    }
    await shown.keyboard.press('Escape');
    if (id === all[0]) await picture(shown, 'hostile-scenario');
  }
  await go(shown, all[0]);
  const shownText = await shown.locator('#scenario').innerText();
  must(shownText.includes('<script>'), 'hostile text is not shown as text');
  const state = await shown.evaluate(() => ({
    ran: window.ran ?? null,
    complaints: window.complaints,
    links: [...document.querySelectorAll('[href], [src], [action], [srcdoc], [style]')]
      .flatMap((one) => ['href', 'src', 'action', 'srcdoc'].map((name) => one.getAttribute(name)))
      .filter((value) => value && !/^(#|data:image\/)/.test(value)),
    strange: [...document.querySelectorAll('iframe, object, embed, base, form, link, meta[http-equiv="refresh"], img[onerror]')].map((one) => one.outerHTML.slice(0, 80)),
    polluted: {}.ran ?? null,
  }));
  must(state.ran === null && state.polluted === null, `a script ran: ${state.ran}`);
  must(state.complaints.length === 0, `the policy was broken: ${state.complaints}`);
  must(state.links.every((link) => link.startsWith('https://') && !link.includes('evil')), `the page links to ${state.links.slice(0, 5)}`);
  must(state.strange.length === 0, `the page has ${state.strange}`);
  const policy = await shown.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
  must(/default-src 'none'/.test(policy) && !/unsafe-(inline|eval)/.test(policy.replace(/style-src[^;]*/, '')), `the policy is ${policy}`);
}

/* Milliseconds until the list can be filtered. */
async function measure(browser) {
  const times = [];
  for (let run = 0; run < 3; run += 1) {
    const shown = await page(browser);
    const begun = performance.now();
    await shown.goto(`${address}#scenarios`);
    await shown.locator('#list details.feature').first().waitFor();
    const usable = performance.now() - begun;
    await shown.locator('#search').fill('number 1999');
    await shown.waitForFunction(() => document.querySelectorAll('#list a.row').length === 1);
    times.push([usable, performance.now() - begun]);
    await shown.context().close();
  }
  times.sort(([, one], [, other]) => one - other);
  const [usable, filtered] = times[1];
  Object.assign(facts, { usable_ms: Math.round(usable), filtered_ms: Math.round(filtered) });
}

const isRoot = process.getuid?.() === 0;
const args = ['--disable-background-networking', '--disable-gpu', ...(isRoot ? ['--no-sandbox'] : [])];
const browser = await chromium.launch({ executablePath, args });
try {
  await { use, hostile, measure }[part](browser);
} catch (error) {
  findings.push(`stopped: ${error.message}`);
} finally {
  await browser.close();
}
console.log(JSON.stringify({ findings, facts }));
