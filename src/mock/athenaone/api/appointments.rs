//! Appointments: openings of the schedule, what is booked of them, and the visits of the charts.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};

use super::call::{Call, DATE};
use super::list::list;
use super::patients::{named, number_of};
use super::places::of_practice;
use super::refusal::Refusal;
use super::slots::{Booking, Slot, between, numbered};
use crate::dialect::AppointmentType;

/// `GET /v1/{practice}/appointmenttypes`.
pub(super) fn types(call: &Call<'_>) -> Result<Value, Refusal> {
    call.to_data()?;
    let types = known_types(call).iter().map(|kind| {
        json!({
            "appointmenttypeid": kind.id.to_string(),
            "name": kind.name,
            "shortname": kind.short,
            "patientdisplayname": kind.name,
            "duration": kind.duration,
            "patient": true,
            "generic": false,
            "templatetypeonly": false,
        })
    });
    list(call, "appointmenttypes", types.collect())
}

/// `GET /v1/{practice}/patientappointmentreasons`.
pub(super) fn reasons(call: &Call<'_>) -> Result<Value, Refusal> {
    call.to_data()?;
    call.department()?.ok_or(Refusal::Missing(&["departmentid"]))?;
    let reasons = known_types(call).iter().map(|kind| {
        json!({
            "reasonid": kind.reason.to_string(),
            "reason": kind.reason_name,
            "description": kind.reason_name,
            "reasontype": "all",
        })
    });
    list(call, "patientappointmentreasons", reasons.collect())
}

/// `GET /v1/{practice}/appointments/open`: of a department, for a reason or a type of appointment.
pub(super) fn open(call: &Call<'_>) -> Result<Value, Refusal> {
    call.to_data()?;
    let department = call.department()?.ok_or(Refusal::Missing(&["departmentid"]))?;
    let reason: Option<i64> = call.number("reasonid")?;
    let kind: Option<u32> = call.number("appointmenttypeid")?;
    let any_kind = call.parameter("ignoreschedulablepermission") == Some("true");
    match (reason, kind) {
        (None, None) if !any_kind => {
            return Err(Refusal::Missing(&["reasonid", "appointmenttypeid"]));
        }
        (Some(_), Some(_)) => return Err(Refusal::invalid("appointmenttypeid")),
        _ => {}
    }
    let provider: Option<u32> = call.number("providerid")?;
    let now = now(call);
    let first = call.date("startdate")?.unwrap_or(now.date());
    let last = call.date("enddate")?.unwrap_or_else(|| first.saturating_add(A_WEEK.days()));
    let found = between(call, first, last).into_iter().filter(|slot| {
        slot.start > now
            && slot.department == department
            && provider.is_none_or(|provider| slot.provider.number == provider)
            && reason.is_none_or(|reason| reason == ANY || reason == i64::from(slot.kind.reason))
            && kind.is_none_or(|kind| slot.kind.id == kind)
            && booking(call, slot.id).is_none()
    });
    list(call, "appointments", found.map(|slot| shown_slot(call, &slot)).collect())
}

/// `GET /v1/{practice}/appointments/booked`: between two days.
pub(super) fn booked(call: &Call<'_>) -> Result<Value, Refusal> {
    call.to_data()?;
    let (Some(first), Some(last)) = (call.date("startdate")?, call.date("enddate")?) else {
        return Err(Refusal::Missing(&["startdate", "enddate"]));
    };
    let department = call.department()?.map(|number| number.to_string());
    let patient = call.parameter("patientid");
    let mut found = visits(call);
    found.extend(bookings(call));
    let in_span = |shown: &Value| {
        let day = shown["date"].as_str().and_then(|text| Date::strptime(DATE, text).ok());
        day.is_some_and(|day| (first..=last).contains(&day))
    };
    let same = |shown: &Value, name: &str, asked: Option<&str>| {
        asked.is_none_or(|asked| shown[name] == asked)
    };
    found.retain(|shown| {
        in_span(shown)
            && same(shown, "departmentid", department.as_deref())
            && same(shown, "patientid", patient)
    });
    list(call, "appointments", found)
}

/// `GET /v1/{practice}/patients/{id}/appointments`.
pub(super) fn of_patient(call: &Call<'_>) -> Result<Value, Refusal> {
    let patient = named(call, call.id())?;
    let mut found = visits(call);
    found.extend(bookings(call));
    found.retain(|shown| shown["patientid"] == number_of(patient));
    list(call, "appointments", found)
}

/// `GET /v1/{practice}/appointments/{id}`.
pub(super) fn one(call: &Call<'_>) -> Result<Value, Refusal> {
    call.to_data()?;
    let visit = visits(call).into_iter().find(|shown| shown["appointmentid"] == call.id());
    if let Some(visit) = visit {
        return Ok(json!([visit]));
    }
    let slot = slot(call)?;
    if let Some(booking) = booking(call, slot.id)
        && !call.bearer.reaches_record(call.platform, &booking.patient)
    {
        return Err(Refusal::OtherPractice);
    }
    Ok(json!([shown_slot(call, &slot)]))
}

/// `PUT /v1/{practice}/appointments/{id}`: books an opening for a patient.
pub(super) fn book(call: &Call<'_>) -> Result<Value, Refusal> {
    call.to_data()?;
    let patient = call.parameter("patientid").ok_or(Refusal::Missing(&["patientid"]))?;
    let patient = named(call, patient)?;
    let reason: Option<u32> = call.number("reasonid")?;
    let kind: Option<u32> = call.number("appointmenttypeid")?;
    if reason.is_none() && kind.is_none() {
        return Err(Refusal::Missing(&["reasonid", "appointmenttypeid"]));
    }
    let kind = known_types(call)
        .iter()
        .find(|it| kind.is_none_or(|kind| it.id == kind) && reason.is_none_or(|r| it.reason == r))
        .ok_or_else(|| Refusal::invalid("appointmenttypeid"))?;
    let slot = slot(call)?;
    if slot.start <= now(call) {
        return Err(Refusal::Taken("The appointment is in the past."));
    }
    if slot.start > now(call).saturating_add(1.year()) {
        return Err(Refusal::Taken("The appointment is too far ahead."));
    }
    let booking = Booking { patient: patient.id.clone(), kind: kind.id };
    let mut state = call.platform.state();
    let bookings = &mut state.bookings;
    if bookings.contains_key(&(call.practice.id, slot.id)) {
        return Err(Refusal::Taken("The appointment is booked already."));
    }
    bookings.insert((call.practice.id, slot.id), booking);
    drop(state);
    Ok(json!([shown_slot(call, &slot)]))
}

/// `PUT /v1/{practice}/appointments/{id}/cancel`: opens again what is booked for the patient.
pub(super) fn cancel(call: &Call<'_>) -> Result<Value, Refusal> {
    call.to_data()?;
    let patient = call.parameter("patientid").ok_or(Refusal::Missing(&["patientid"]))?;
    let patient = named(call, patient)?;
    let slot = slot(call)?;
    let held = booking(call, slot.id).is_some_and(|booking| booking.patient == patient.id);
    if !held {
        return Err(Refusal::Taken("The appointment is not booked for this patient."));
    }
    call.platform.state().bookings.remove(&(call.practice.id, slot.id));
    Ok(json!({"status": "x"}))
}

fn slot<'a>(call: &Call<'a>) -> Result<Slot<'a>, Refusal> {
    let id = call.id().parse().ok();
    id.and_then(|id| numbered(call, id)).ok_or(Refusal::NoSuch("appointment"))
}

fn booking(call: &Call<'_>, slot: u64) -> Option<Booking> {
    call.platform.state().bookings.get(&(call.practice.id, slot)).cloned()
}

/// What the token reaches of what was booked.
fn bookings(call: &Call<'_>) -> Vec<Value> {
    let booked = call.platform.state().bookings.clone();
    let mut own: Vec<u64> = booked
        .into_iter()
        .filter(|((practice, _), booking)| {
            *practice == call.practice.id
                && call.bearer.reaches_record(call.platform, &booking.patient)
        })
        .map(|((_, slot), _)| slot)
        .collect();
    own.sort_unstable();
    let slots = own.into_iter().filter_map(|id| numbered(call, id));
    slots.map(|slot| shown_slot(call, &slot)).collect()
}

fn shown_slot(call: &Call<'_>, slot: &Slot<'_>) -> Value {
    let booking = booking(call, slot.id);
    let booked_kind = booking
        .as_ref()
        .and_then(|booking| known_types(call).iter().find(|it| it.id == booking.kind));
    let kind = booked_kind.unwrap_or(slot.kind);
    let mut shown = json!({
        "appointmentid": slot.id.to_string(),
        "appointmentstatus": if booking.is_some() { "f" } else { "o" },
        "appointmenttype": kind.name,
        "appointmenttypeid": kind.id.to_string(),
        "patientappointmenttypename": kind.name,
        "date": slot.start.strftime(DATE).to_string(),
        "starttime": slot.start.strftime("%H:%M").to_string(),
        "duration": kind.duration,
        "departmentid": slot.department.to_string(),
        "providerid": slot.provider.number.to_string(),
    });
    let patient = booking.and_then(|booking| call.platform.sandbox().patient(&booking.patient));
    match patient {
        Some(patient) => shown["patientid"] = number_of(patient).into(),
        None => shown["reasonid"] = json!([kind.reason.to_string()]),
    }
    shown
}

/// The visits of the charts that the token reaches, as appointments.
fn visits(call: &Call<'_>) -> Vec<Value> {
    let store = call.platform.store();
    let visits = store.all("Encounter").filter_map(|entry| {
        let patient = call.platform.sandbox().patient(entry.patient.as_ref()?)?;
        let reached = patient.practice == call.practice.id
            && call.bearer.reaches_record(call.platform, &patient.id);
        if !reached {
            return None;
        }
        let visit = &entry.resource;
        let time = |name: &str| visit["period"][name].as_str()?.parse::<Timestamp>().ok();
        let (start, end) = (time("start")?, time("end")?);
        let day = TimeZone::UTC.to_datetime(start);
        let doctor = visit["participant"][0]["individual"]["reference"].as_str()?;
        let sandbox = call.platform.sandbox();
        let provider = of_practice(call)
            .chain(&sandbox.providers)
            .find(|it| doctor == format!("Practitioner/{}", it.id))?;
        let status = match visit["status"].as_str()? {
            "planned" => "f",
            "in-progress" => "2",
            _ => "4",
        };
        let number = entry.id.rsplit('-').next()?;
        let department = visit["serviceProvider"]["reference"].as_str()?.rsplit('-').next()?;
        let kind = known_types(call).first()?;
        Some(json!({
            "appointmentid": number,
            "appointmentstatus": status,
            "appointmenttype": kind.name,
            "appointmenttypeid": kind.id.to_string(),
            "patientappointmenttypename": kind.name,
            "date": day.strftime(DATE).to_string(),
            "starttime": day.strftime("%H:%M").to_string(),
            "duration": (end.as_second() - start.as_second()) / 60,
            "departmentid": department,
            "providerid": provider.number.to_string(),
            "patientid": number_of(patient),
            "encounterid": number,
            "chargeentrynotrequired": false,
        }))
    });
    visits.collect()
}

fn known_types<'a>(call: &Call<'a>) -> &'a [AppointmentType] {
    &call.platform.sandbox().schedule.types
}

/// The platform's time; its practices all live by UTC.
fn now(call: &Call<'_>) -> DateTime {
    TimeZone::UTC.to_datetime(call.platform.clock().now())
}

/// The reason that stands for every reason.
const ANY: i64 = -1;
/// Days that are searched if the search does not say.
const A_WEEK: i32 = 7;
