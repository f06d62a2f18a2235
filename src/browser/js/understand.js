// Tells what a page that nobody described asks of a user, by what HTML says of its elements: type,
// `autocomplete`, label, role, form. Null if it asks nothing that is understood.
//
// The elements that matter are marked, so that they can be found again by
// `[data-checkride~=username]`: username, password, submit, record, scope, decline.
(all) => ({ record, denied, begun }) => {
  const MARK = "data-checkride";
  const USER = /user|login|e-?mail|account|handle|nick|member|customer|\bid\b|benutzer|anmelde|kennung|konto|identifiant|utilisateur|courriel|compte|usuario|correo|cuenta|utente|gebruiker|utilizador/i;
  const SIGN_IN = /\b(sign|log) ?-?in\b|\blogin\b|continue|\bnext\b|submit|proceed|\bgo\b|anmelden|einloggen|weiter|fortfahren|connexion|connecter|continuer|suivant|iniciar|entrar|acceder|continuar|siguiente|accedi|continua|avanti|inloggen|volgende|doorgaan|seguinte/i;
  const ALLOW = /allow|accept|authori[sz]e|approve|agree|grant|consent|continue|confirm|share|permit|\byes\b|\bok\b|zulassen|erlauben|zustimmen|einverstanden|akzeptieren|bestätigen|freigeben|weiter|\bja\b|autoriser|accepter|continuer|confirmer|\boui\b|permitir|autorizar|aceptar|continuar|confirmar|^s[ií]$|consenti|autorizza|accetta|conferma|toestaan|akkoord/i;
  const DECLINE = /cancel|\bdeny|decline|refuse|reject|abort|disallow|(not|don.t) (allow|accept|agree|share|now)|no,? thanks|^\W*no\W*$|\bback\b|ablehnen|abbrechen|verweigern|nicht zu|zurück|nein|annuler|refuser|retour|cancelar|rechazar|denegar|annulla|rifiuta|nega|weigeren|annuleren|recusar/i;
  // Words of buttons beside a sign-in that lead elsewhere.
  const ELSEWHERE = /forgot|reset|register|sign ?-?up|create|subscribe|newsletter|search|show|hide|help|language|\b(with|mit|avec) \w+|passkey|security key|vergessen|registrier|konto anlegen|abonnieren|suche|anzeigen|oublié|inscri|créer|olvid|regist|crear|dimentica|vergeten/i;
  const REMEMBER = /remember|keep|stay|again|merken|angemeldet bleiben|souvenir|recordar|ricorda|onthoud/i;
  const COOKIES = /\bcookies?\b/i;

  const above = (element) => element.assignedSlot ?? element.parentElement ?? element.getRootNode().host ?? null;
  const ancestors = function* (element) {
    for (let at = element; at !== null; at = above(at)) yield at;
  };
  const form = (element) => [...ancestors(element)].find((at) => at.localName === "form") ?? element.form ?? null;
  const text = (element) => (element?.innerText ?? element?.textContent ?? "").trim();
  const tokens = (field) => (field.getAttribute("autocomplete") ?? "").toLowerCase().split(/\s+/);
  const referred = (element, attribute) => {
    const ids = (element.getAttribute(attribute) ?? "").split(/\s+/).filter((id) => id !== "");
    return ids.map((id) => text(element.getRootNode().getElementById(id))).join(" ");
  };
  const spoken = (element) => {
    const slots = [...element.querySelectorAll("slot")].flatMap((slot) => slot.assignedNodes({ flatten: true }));
    const images = [...element.querySelectorAll("img[alt]")].map((image) => image.alt);
    const shadow = element.shadowRoot?.textContent ?? "";
    return [text(element), ...slots.map((node) => node.textContent), ...images, shadow].join(" ").trim();
  };
  // The name that a user hears or reads, as the accessible name of HTML is found.
  const name = (element) => {
    const labels = [...(element.labels ?? [])].map(text).join(" ");
    const button = !element.matches("input, select, textarea") || /^(submit|button|image|reset)$/.test(element.type);
    const own = !button ? "" : element.localName === "input" ? element.value || element.alt : spoken(element);
    return [referred(element, "aria-labelledby"), element.getAttribute("aria-label"), labels, own, element.title, element.placeholder]
      .map((one) => (one ?? "").toString().trim()).find((one) => one !== "") ?? "";
  };

  // A cookie banner asks something too, but nothing that belongs to the sign-in.
  const lies_over = (element) => {
    const { position } = getComputedStyle(element);
    return position === "fixed" || position === "sticky" || element.matches("dialog, aside, [role=dialog], [role=alertdialog], [role=region], [aria-modal=true]");
  };
  const banner = (element) => [...ancestors(element)].find((at) =>
    lies_over(at) && COOKIES.test(text(at)) && at.querySelector("input[type=password]") === null);
  const usable = (element) => {
    if (element.disabled || element.readOnly || element.getAttribute("aria-disabled") === "true") return false;
    if (!element.checkVisibility({ visibilityProperty: true })) return false;
    if ([...ancestors(element)].some((at) => at.getAttribute("aria-hidden") === "true")) return false;
    // Fields that only machines see are laid outside of the page.
    const box = element.getBoundingClientRect();
    return box.right + scrollX > 0 && box.bottom + scrollY > 0;
  };
  const shown = (selector) => all(selector).filter(usable);
  const asked = (selector) => shown(selector).filter((element) => banner(element) === undefined);

  const buttons = asked("button, input[type=submit], input[type=image], input[type=button], [role=button]")
    .filter((button) => button.type !== "reset");
  const links = asked("a[href], [role=link]");
  const submits = (button) => ["submit", "image"].includes(button.type) && button.localName !== "a";
  // The button that sends a form off: by its words, else the first that submits.
  const submit = (field, words) => {
    const own = form(field);
    const near = buttons.filter((button) => (own === null ? form(button) === null : form(button) === own));
    const fit = near.filter((button) => !DECLINE.test(name(button)) && !ELSEWHERE.test(name(button)));
    const said = fit.filter((button) => words.test(name(button)));
    return said.find(submits) ?? said[0] ?? fit.find(submits) ?? (fit.length === 1 ? fit[0] : undefined);
  };
  const decline = (own) => {
    const fit = [...buttons, ...links].filter((one) => DECLINE.test(name(one)) && !ELSEWHERE.test(name(one)));
    return fit.find((one) => form(one) === own) ?? fit[0];
  };

  const writable = asked("input").filter((field) => /^(text|email|tel|url|number|password)$/.test(field.type));
  const is_password = (field) => field.type === "password" || tokens(field).includes("current-password");
  const is_code = (field) => tokens(field).includes("one-time-code") || /\b(otp|totp|captcha|code|pin)\b|one.?time/i.test(`${field.name} ${field.id} ${name(field)}`);
  const texts = writable.filter((field) => !is_password(field) && !is_code(field));
  // How likely a field is the user's name; 0: not at all.
  const likeness = (field) => {
    const known = tokens(field);
    if (known.includes("username")) return 5;
    if (known.includes("email") || field.type === "email") return 4;
    if (known.some((token) => /^(one-time-code|organization|given-name|family-name|name|bday|postal-code)$/.test(token))) return 0;
    if (USER.test(name(field))) return 3;
    if (USER.test(`${field.name} ${field.id}`)) return 2;
    return field.type === "text" ? 1 : 0;
  };
  const likest = (fields, least) => fields.map((field) => [likeness(field), field])
    .filter(([likeness]) => likeness >= least).sort(([one], [other]) => other - one)[0]?.[1];

  const sign_in = () => {
    const current = (field) => tokens(field).includes("current-password");
    const passwords = writable.filter((field) => is_password(field) && !tokens(field).includes("new-password"));
    const alone = passwords.filter((field) => current(field) ||
      writable.filter((other) => is_password(other) && form(other) === form(field)).length === 1);
    const means_it = (field) => {
      const button = submit(field, SIGN_IN);
      return button !== undefined && SIGN_IN.test(name(button)) ? 1 : 0;
    };
    const password = alone.sort((one, other) => current(other) - current(one) || means_it(other) - means_it(one))[0];
    if (password === undefined) return null;
    const before = texts.filter((field) => form(field) === form(password) &&
      (field.compareDocumentPosition(password) & Node.DOCUMENT_POSITION_PRECEDING) === 0);
    const username = likest(before, 1);
    const kind = username === undefined ? "sign-in: password" : "sign-in";
    return { kind, username, password, submit: submit(password, SIGN_IN), decline: decline(form(password)) };
  };
  const user_name = () => {
    const fields = texts.filter((field) => texts.filter((other) => form(other) === form(field)).length === 1);
    const elsewhere = (field) => ELSEWHERE.test(`${name(field)} ${buttons.filter((one) => form(one) === form(field)).map(name).join(" ")}`);
    // What a page asks before anything else, and asks alone, is who the user is, whatever it calls it.
    const least = !begun && writable.length === 1 ? 1 : 2;
    const username = likest(fields.filter((field) => submit(field, SIGN_IN) !== undefined &&
      (!elsewhere(field) || SIGN_IN.test(name(submit(field, SIGN_IN))))), least);
    if (username === undefined) return null;
    return { kind: "sign-in: user name", username, submit: submit(username, SIGN_IN), decline: decline(form(username)) };
  };
  const stands_for = (choice, id) =>
    [choice.value, choice.dataset?.value, choice.id, name(choice), text(choice)].some((one) => one === id || one?.endsWith?.(`/${id}`));
  const choice = () => {
    const single = asked("input[type=radio], [role=radio], [role=option]");
    const choices = [...single, ...asked("select")];
    const meant = record === null ? choices :
      choices.filter((one) => (one.options ? [...one.options] : [one]).some((option) => stands_for(option, record)));
    // A select alone may be there for the language.
    const sends = meant.length > 0 && (record !== null || single.length > 0) ? submit(meant[0], ALLOW) : undefined;
    if (sends !== undefined) {
      return { kind: "record choice", record: choices, submit: sends, decline: decline(form(meant[0])) };
    }
    // A list of links or buttons, each of them a record.
    const direct = record === null ? undefined : [...buttons, ...links, ...choices].find((one) => stands_for(one, record));
    if (direct !== undefined) return { kind: "record choice", submit: direct };
    return record !== null && single.length > 0 ? { kind: "record choice", lacks: [`record ${record}`] } : null;
  };
  const consent = () => {
    const open = writable.filter((field) => field.required && field.value === "");
    const said = buttons.filter((button) => ALLOW.test(name(button)) && !DECLINE.test(name(button)) && !ELSEWHERE.test(name(button)));
    const boxes = asked("input[type=checkbox]");
    const scope = boxes.filter((box) => !REMEMBER.test(name(box)) && !ELSEWHERE.test(name(box)));
    // Some let the user agree by a tick, and the button says nothing of it.
    const agreed = said.length > 0 ? undefined : scope.find((box) => ALLOW.test(name(box)));
    const allow = said.find((button) => submits(button) && form(button) !== null) ?? said[0] ?? (agreed && submit(agreed, SIGN_IN));
    if (allow === undefined || open.length > 0) return null;
    const lacks = denied.filter((one) => !scope.some((box) => stands_for(box, one))).map((one) => `scope ${one}`);
    const refusal = decline(form(allow)) ?? (agreed?.checked === false ? allow : undefined);
    return { kind: "consent", scope, submit: allow, decline: refusal, lacks };
  };
  // A page may ask for both at once.
  const decision = () => {
    const [record, agreed] = [choice(), consent()];
    if (record === null || agreed === null || agreed.scope.length === 0) return record ?? agreed;
    return { ...agreed, record: record.record, lacks: [...agreed.lacks, ...(record.lacks ?? [])] };
  };
  // One that lets nothing else be reached has to be answered first.
  const cookies = () => {
    const modal = all("dialog:modal").find((dialog) => banner(dialog) !== undefined);
    if (modal === undefined) return null;
    const answers = [...modal.querySelectorAll("button")].filter(usable);
    const least = /reject|decline|necessary|essential|ablehnen|notwendig|refuser|nécessaire|rechazar/i;
    const answer = answers.find((button) => least.test(name(button))) ?? answers[0];
    return answer === undefined ? null : { kind: "cookie banner", submit: answer };
  };

  const page = cookies() ?? sign_in() ?? (writable.some(is_code) ? null : user_name() ?? decision());
  const marks = new Map();
  if (page !== null) {
    for (const mark of ["username", "password", "submit", "record", "scope", "decline"]) {
      for (const element of [page[mark] ?? []].flat()) {
        marks.set(element, [marks.get(element), mark].filter(Boolean).join(" "));
      }
    }
  }
  for (const element of all(`[${MARK}]`)) {
    if (!marks.has(element)) element.removeAttribute(MARK);
  }
  for (const [element, mark] of marks) {
    if (element.getAttribute(MARK) !== mark) element.setAttribute(MARK, mark);
  }
  if (page === null) return null;
  const complaints = [
    ...shown("[role=alert], [aria-live=assertive], [class*=error i]").map(text),
    ...all("[aria-invalid=true]").map((field) => `${referred(field, "aria-errormessage")} ${referred(field, "aria-describedby")}`),
  ];
  return {
    kind: page.kind,
    has: [...new Set([...marks.values()].flatMap((mark) => mark.split(" ")))],
    lacks: page.lacks ?? [],
    complaint: complaints.map((one) => one.trim()).find((one) => one !== "" && one.length < 300) ?? "",
  };
}
