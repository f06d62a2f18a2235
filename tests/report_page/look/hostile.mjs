// A report whose texts want to be scripts.
import { facts, go, must, page, picture, settled } from './page.mjs';
import { scenarios } from './rows.mjs';

/* Every corner of a report whose texts are all hostile. */
export async function hostile(browser, address) {
  const shown = await page(browser, address);
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
