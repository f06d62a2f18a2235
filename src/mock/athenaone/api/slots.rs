//! The openings of a practice's schedule, alike on every working day.

use jiff::civil::{Date, DateTime, Time, Weekday, date};
use jiff::{SignedDuration, ToSpan as _};

use super::call::Call;
use super::places::of_practice;
use crate::dialect::{AppointmentType, Provider};

/// A time that a provider has for a patient.
pub(super) struct Slot<'a> {
    /// Its number in the practice.
    pub(super) id: u64,
    pub(super) start: DateTime,
    pub(super) department: u32,
    pub(super) provider: &'a Provider,
    pub(super) kind: &'a AppointmentType,
}

/// Who has booked a slot, and for what.
#[derive(Clone, Debug)]
pub(in crate::mock) struct Booking {
    /// FHIR id of the patient.
    pub(super) patient: String,
    /// Number of the appointment type.
    pub(super) kind: u32,
}

/// The slots of a span of days, both ends in it, in their order.
pub(super) fn between<'a>(call: &Call<'a>, first: Date, last: Date) -> Vec<Slot<'a>> {
    let days = first.series(1.day()).take_while(|day| *day <= last);
    days.take(LONGEST).flat_map(|day| of_day(call, day)).collect()
}

/// The slot of a number.
pub(super) fn numbered<'a>(call: &Call<'a>, id: u64) -> Option<Slot<'a>> {
    let days = i64::try_from(id / A_DAY).ok()?;
    let day = FIRST.checked_add(SignedDuration::from_hours(days.checked_mul(24)?)).ok()?;
    of_day(call, day).into_iter().find(|slot| slot.id == id)
}

fn of_day<'a>(call: &Call<'a>, day: Date) -> Vec<Slot<'a>> {
    let schedule = &call.platform.sandbox().schedule;
    let (departments, types) = (&call.practice.departments, &schedule.types);
    let days = FIRST.duration_until(day).as_hours() / 24;
    let (Ok(days), false) = (u64::try_from(days), departments.is_empty() || types.is_empty())
    else {
        return Vec::new();
    };
    if matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
        return Vec::new();
    }
    let mut slots = Vec::new();
    for (column, provider) in of_practice(call).enumerate() {
        for (row, time) in schedule.times.iter().enumerate() {
            let place = column * schedule.times.len() + row;
            let (Ok(time), Ok(number)) = (time.parse::<Time>(), u64::try_from(place)) else {
                continue;
            };
            // A provider is in one department a day, and in another one the next.
            let turn = usize::try_from(days).unwrap_or_default() + column;
            slots.push(Slot {
                id: days * A_DAY + number,
                start: day.to_datetime(time),
                department: departments[turn % departments.len()],
                provider,
                kind: &types[row % types.len()],
            });
        }
    }
    slots.sort_by_key(|slot| (slot.start, slot.id));
    slots
}

/// The day from which slots are numbered.
const FIRST: Date = date(2020, 1, 1);
/// Numbers that a day has.
const A_DAY: u64 = 1000;
/// Most days of a search.
const LONGEST: usize = 100;
