//! A brand's colour, made so that it can be read (WCAG 2.2, 1.4.3 and 1.4.11).

use crate::dialect::Colour;

/// The style's variables for a brand's colour, on light pages and on dark ones.
pub(super) fn variables(colour: Colour) -> String {
    let light = readable(colour, LIGHT, BLACK);
    let dark = readable(colour, DARK, WHITE);
    format!(":root{{{}}}@media(prefers-color-scheme:dark){{:root{{{}}}}}", pair(light), pair(dark))
}

fn pair(accent: Colour) -> String {
    let on = if contrast(accent, WHITE) >= contrast(accent, BLACK) { WHITE } else { BLACK };
    format!("--accent:{};--on-accent:{}", String::from(accent), String::from(on))
}

/// The colour, mixed with another one until text in it can be read on a background.
fn readable(colour: Colour, background: Colour, with: Colour) -> Colour {
    let mixed = (0..=STEPS).map(|step| mix(colour, with, step));
    mixed.clone().find(|mixed| contrast(*mixed, background) >= TEXT).unwrap_or(with)
}

fn mix(colour: Colour, with: Colour, step: u16) -> Colour {
    let part = |at: usize| {
        let (from, to) = (u16::from(colour.0[at]), u16::from(with.0[at]));
        u8::try_from((from * (STEPS - step) + to * step) / STEPS).unwrap_or(u8::MAX)
    };
    Colour([part(0), part(1), part(2)])
}

/// The contrast ratio of two colours, from 1 to 21 (WCAG 2.2, contrast ratio).
fn contrast(one: Colour, other: Colour) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(colour: Colour) -> f64 {
    let [red, green, blue] = colour.0.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// What text needs.
const TEXT: f64 = 4.5;
const STEPS: u16 = 20;
const WHITE: Colour = Colour([0xff; 3]);
const BLACK: Colour = Colour([0; 3]);
/// The darkest background of a light page, and the lightest of a dark one.
const LIGHT: Colour = Colour([0xf3, 0xf4, 0xf6]);
const DARK: Colour = Colour([0x26, 0x2e, 0x33]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contrast_is_that_of_the_standard() {
        let grey = Colour([0x77; 3]);
        assert!((contrast(WHITE, BLACK) - 21.0).abs() < 0.001);
        assert!((contrast(grey, WHITE) - 4.478).abs() < 0.001);
        assert!((contrast(WHITE, WHITE) - 1.0).abs() < 0.001);
    }

    #[test]
    fn every_colour_can_be_read_on_light_and_on_dark_pages() {
        let parts = [0, 0x33, 0x66, 0x99, 0xcc, 0xff];
        for red in parts {
            for green in parts {
                for blue in parts {
                    let colour = Colour([red, green, blue]);
                    for (background, with) in [(LIGHT, BLACK), (DARK, WHITE)] {
                        let accent = readable(colour, background, with);
                        assert!(contrast(accent, background) >= TEXT, "{colour:?}");
                        let on = contrast(accent, WHITE).max(contrast(accent, BLACK));
                        assert!(on >= TEXT, "{colour:?}");
                    }
                }
            }
        }
    }
}
