// Other ways through a report than the mouse.
import { findings, must, page, settled } from './page.mjs';

/* From the start of the page to an exchange, without a mouse. */
export async function byKeyboard(browser, address) {
  const shown = await page(browser, address);
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
export async function deepLinks(browser, address, id) {
  const shown = await page(browser, address);
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
