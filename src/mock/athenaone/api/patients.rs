//! Patients of a practice.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::call::{Call, DATE};
use super::list::list;
use super::places::{of_practice, reached_at, sex};
use super::refusal::Refusal;
use crate::dialect::Patient;

/// `GET /v1/{practice}/patients`: those whose names begin so, who were born then, or who belong to
/// a department. Without any of that it would be everybody.
pub(super) fn search(call: &Call<'_>) -> Result<Value, Refusal> {
    call.to_data()?;
    let born = call.date("dob")?;
    let department = call.department()?;
    let (first, last) = (call.parameter("firstname"), call.parameter("lastname"));
    if born.is_none() && department.is_none() && first.is_none() && last.is_none() {
        return Err(Refusal::TooMany);
    }
    let begins = |name: &str, asked: Option<&str>| {
        asked.is_none_or(|asked| name.to_lowercase().starts_with(&asked.to_lowercase()))
    };
    let found = reached(call).filter(|patient| {
        begins(&patient.given, first)
            && begins(&patient.family, last)
            && born.is_none_or(|born| birth_date(patient) == Some(born))
            && department.is_none_or(|number| call.home_of(patient) == Some(number))
    });
    list(call, "patients", found.map(|patient| shown(call, patient)).collect())
}

/// `GET /v1/{practice}/patients/{id}`: a patient by the number in the practice.
pub(super) fn one(call: &Call<'_>) -> Result<Value, Refusal> {
    let patient = named(call, call.id())?;
    call.department()?;
    Ok(json!([shown(call, patient)]))
}

/// The patient of a number in the practice.
///
/// # Errors
/// If there is none, or if the token does not reach the record.
pub(super) fn named<'a>(call: &Call<'a>, number: &str) -> Result<&'a Patient, Refusal> {
    call.to_data()?;
    let mut patients = call.platform.sandbox().patients.iter();
    let patient = patients
        .find(|it| it.practice == call.practice.id && number_of(it) == number)
        .ok_or(Refusal::NoSuch("patient"))?;
    if !call.bearer.reaches_record(call.platform, &patient.id) {
        return Err(Refusal::OtherPractice);
    }
    Ok(patient)
}

/// The patient's number, the end of the FHIR id.
pub(super) fn number_of(patient: &Patient) -> &str {
    patient.id.rsplit('-').next().unwrap_or(&patient.id)
}

fn reached<'a>(call: &Call<'a>) -> impl Iterator<Item = &'a Patient> {
    let patients = call.platform.sandbox().patients.iter();
    let own = patients.filter(|patient| patient.practice == call.practice.id);
    own.filter(|patient| call.bearer.reaches_record(call.platform, &patient.id))
}

fn birth_date(patient: &Patient) -> Option<Date> {
    patient.birth_date.parse().ok()
}

fn shown(call: &Call<'_>, patient: &Patient) -> Value {
    let store = call.platform.store();
    let entry = store.one("Patient", &patient.id);
    let resource = entry.map_or(&Value::Null, |entry| &entry.resource);
    let doctor = resource["generalPractitioner"][0]["reference"].as_str().unwrap_or_default();
    let provider = of_practice(call).find(|it| doctor == format!("Practitioner/{}", it.id));
    let department = call.home_of(patient).map(|number| number.to_string()).unwrap_or_default();
    let email = resource["telecom"].as_array().into_iter().flatten();
    let email = email.into_iter().find(|contact| contact["system"] == "email");
    let mut shown = json!({
        "patientid": number_of(patient),
        "firstname": patient.given,
        "lastname": patient.family,
        "sex": sex(&patient.gender),
        "dob": birth_date(patient).map(|date| date.strftime(DATE).to_string()),
        "departmentid": department,
        "primarydepartmentid": department,
        "primaryproviderid": provider.map(|provider| provider.number.to_string()),
        "status": "active",
        "countrycode": "USA",
        "countrycode3166": "US",
        "email": email.map_or(&Value::Null, |email| &email["value"]),
        "maritalstatus": resource["maritalStatus"]["coding"][0]["code"],
        "language6392code": "eng",
        "consenttocall": false,
        "privacyinformationverified": true,
        "portalaccessgiven": true,
    });
    for (member, value) in reached_at(resource) {
        let member = match member {
            "address" => "address1",
            "phone" => "homephone",
            member => member,
        };
        shown[member] = value.into();
    }
    // A member that has no value is not there.
    if let Some(members) = shown.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    shown
}
