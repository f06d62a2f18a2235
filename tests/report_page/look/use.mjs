// A report is used as a person does: searched, filtered, followed into a failing scenario.
import { byKeyboard, deepLinks } from './ways.mjs';
import { accessible, facts, go, must, page, picture, settled, wide } from './page.mjs';
import { scenarios } from './rows.mjs';

export async function use(browser, address) {
  const shown = await page(browser, address, { colorScheme: 'light' });
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

  await byKeyboard(browser, address);
  await deepLinks(browser, address, one);
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
