// A run that is followed while it goes, and of which a scenario is run again.
import { accessible, facts, go, must, page, picture, settled, wide } from './page.mjs';
import { scenarios } from './rows.mjs';

const state = (shown) => shown.locator('#live-state').textContent();

/* The run has come to its end, and the page says so wherever it says something. */
const ended = (shown) => shown.waitForFunction(() => !['Connecting', 'Running'].includes(document.getElementById('live-state').textContent));

export async function follow(browser, address) {
  const shown = await page(browser, address, { colorScheme: 'light' });
  await shown.goto(address);
  await shown.locator('h1').waitFor();
  await picture(shown, 'live-running');
  await ended(shown);
  await shown.locator('h1', { hasText: await state(shown) }).waitFor();
  await picture(shown, 'live-ended');
  await accessible(shown, 'a run that has ended');
  facts.state = await state(shown);

  const all = await scenarios(shown);
  facts.scenarios = all.length;
  await picture(shown, 'live-list');
  const [failing] = await scenarios(shown, 'fail');
  await go(shown, failing);
  await shown.locator('#scenario svg.flow').waitFor();
  await picture(shown, 'live-scenario');
  await accessible(shown, 'a scenario that can be run again');
  await go(shown, `${failing}!1`);
  must(await shown.locator('#sheet').isVisible(), 'an exchange of a followed run cannot be opened');
  await shown.keyboard.press('Escape');

  // Its evidence is another one afterwards, and the page shows it without being loaded again.
  const seen = (old) => shown.waitForFunction(async ([id, before]) => {
    const answer = await fetch(`/scenario?id=${encodeURIComponent(id)}`);
    const { url } = (await answer.json()).exchanges[0].request;
    return url !== before && document.querySelector('#scenario').textContent.includes(url) && url;
  }, [failing, old]);
  const before = await (await seen(null)).jsonValue();
  await shown.locator('#scenario button.again').click();
  await seen(before);
  await ended(shown);
  await shown.locator('#scenario h2 .badge', { hasText: 'fail' }).waitFor();

  await shown.setViewportSize({ width: 360, height: 740 });
  await settled(shown);
  must((await wide(shown)) <= 0, `a followed run is ${await wide(shown)} px too wide for a phone`);
  await picture(shown, 'live-phone');
  await shown.emulateMedia({ colorScheme: 'dark' });
  await go(shown, 'overview');
  await accessible(shown, 'a followed run on a phone in the dark');
  await picture(shown, 'live-phone-dark');

  const text = await shown.locator('#overview').innerText();
  must(text.includes('<script>'), 'hostile text is not shown as text');
  const { ran, complaints } = await shown.evaluate(() => ({ ran: window.ran ?? null, complaints: window.complaints }));
  must(ran === null, `a script ran: ${ran}`);
  must(complaints.length === 0, `the policy was broken: ${complaints}`);

  await shown.locator('main:not([data-renewing])').waitFor();
  await shown.locator('#live-stop').click();
  await shown.locator('#live-message', { hasText: 'Checkride has ended' }).waitFor();
}
