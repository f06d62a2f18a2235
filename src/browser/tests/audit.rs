//! What a program can see of a page's usability: by keyboard, on a phone, on light and dark screens.

use headless_chrome::protocol::cdp::Emulation;

use crate::browser::Session;

/// Looks at a page on a phone and on a desk, in light and in dark.
pub(super) async fn look(session: &Session, name: &str) {
    let loaded: bool = session.evaluate(LOADED).await.unwrap();
    assert!(loaded, "{name}");
    for (width, height) in [(320, 640), (1280, 900)] {
        for scheme in ["light", "dark"] {
            let size = Emulation::SetDeviceMetricsOverride {
                width,
                height,
                device_scale_factor: 1.0,
                mobile: false,
                scale: None,
                screen_width: None,
                screen_height: None,
                position_x: None,
                position_y: None,
                dont_set_visible_size: None,
                screen_orientation: None,
                viewport: None,
                display_feature: None,
                device_posture: None,
            };
            let feature = Emulation::MediaFeature {
                name: "prefers-color-scheme".to_owned(),
                value: scheme.to_owned(),
            };
            let media = Emulation::SetEmulatedMedia { media: None, features: Some(vec![feature]) };
            let tab = session.tab().unwrap();
            tab.ask(size).await.unwrap();
            tab.ask(media).await.unwrap();
            let faults: Vec<String> = session.evaluate(&format!("({AUDIT})()")).await.unwrap();
            assert_eq!(faults, [""; 0], "{name} at {width}, {scheme}");
            if let Ok(folder) = std::env::var("CHECKRIDE_PICTURES") {
                let picture = session.screenshot().await.unwrap();
                std::fs::write(format!("{folder}/{name}-{width}-{scheme}.png"), picture).unwrap();
            }
        }
    }
}

/// Waits until the page has its style.
const LOADED: &str = "new Promise((done) => document.readyState === 'complete' ? done(true) : \
                      addEventListener('load', () => done(true)))";

/// What is wrong with a page, by rules of WCAG 2.2 that a program can check.
const AUDIT: &str = r#"() => {
  const faults = [];
  const say = (what, element) => faults.push(`${what}: ${element?.outerHTML?.slice(0, 90) ?? ""}`);
  const visible = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  if (document.documentElement.lang !== "en") say("the page names no language");
  if (!document.title.includes(" - ")) say("the page has no whole title");
  if (document.querySelectorAll("main").length !== 1) say("there is not one main part");
  if (document.querySelectorAll("h1").length !== 1) say("there is not one first heading");
  if (document.documentElement.scrollWidth > innerWidth) say("it scrolls sideways", [...document.querySelectorAll("body *")].find((element) => element.getBoundingClientRect().right > innerWidth));
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  if (new Set(ids).size !== ids.length) say("an id is there twice");
  for (const element of document.querySelectorAll("[aria-describedby], [aria-labelledby]")) {
    for (const attribute of ["aria-describedby", "aria-labelledby"]) {
      const names = (element.getAttribute(attribute) ?? "").split(" ").filter(Boolean);
      if (names.some((id) => document.getElementById(id) === null)) say(`${attribute} leads nowhere`, element);
    }
  }
  for (const element of document.querySelectorAll("script, img, link[href^=http], [style]")) say("not of this page", element);
  for (const field of document.querySelectorAll("input:not([type=hidden], [type=submit]), textarea")) {
    if (field.labels.length !== 1 || field.labels[0].innerText.trim() === "") say("a field has no label", field);
    if (["text", "email", "password"].includes(field.type) && field.autocomplete === "") say("a field has no purpose", field);
    if (!field.matches("[type=radio], [type=checkbox]") && parseFloat(getComputedStyle(field).fontSize) < 16) say("a phone would zoom into this field", field);
  }
  for (const frame of document.querySelectorAll("iframe")) if (!frame.title) say("a frame has no title", frame);
  for (const target of document.querySelectorAll("a, button, summary, input:not([type=hidden])")) {
    if (!visible(target) || target.matches(".skip")) continue;
    const touched = target.matches("[type=radio], [type=checkbox]") ? target.labels[0] : target;
    const { width, height } = touched.getBoundingClientRect();
    if (height < 43.9 || width < 24) say(`too small to touch, ${width} by ${height}`, target);
  }
  const read = (text) => text.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const contrast = (one, other) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const colour = read(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== "");
    const field = element.matches("input:not([type=hidden], [type=radio], [type=checkbox])");
    if ((!own && !field) || !visible(element) || element.matches(".skip, option")) continue;
    const style = getComputedStyle(element);
    const ratio = contrast(read(style.color), behind(element));
    if (ratio < 4.5) say(`hard to read, ${ratio.toFixed(2)}`, element);
    if (field && !element.matches("[type=submit], [type=search]")) {
      const edge = contrast(read(style.borderTopColor), behind(element.parentElement));
      if (edge < 3) say(`its edge is hard to see, ${edge.toFixed(2)}`, element);
    }
  }
  return faults;
}"#;
