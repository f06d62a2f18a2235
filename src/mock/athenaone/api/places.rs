//! A practice, its departments and the people who work there.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::call::Call;
use super::list::list;
use super::refusal::Refusal;
use crate::dialect::{Practice, Provider};

/// `GET /v1/{practice}/ping`: the API is up, and the app has access to the practice.
pub(super) fn ping(call: &Call<'_>) -> Result<Value, Refusal> {
    if !call.reaches_practice() {
        let dialect = call.platform.dialect();
        let status = dialect.practice_api.as_ref().map(|rules| rules.ping_without_access);
        let status = status.and_then(|status| StatusCode::from_u16(status).ok());
        let status = status.unwrap_or(StatusCode::FORBIDDEN);
        return Err(Refusal::NoPing(status));
    }
    Ok(json!({"pong": "true"}))
}

/// `GET /v1/{practice}/practiceinfo`.
pub(super) fn practice(call: &Call<'_>) -> Result<Value, Refusal> {
    call.to_data()?;
    let Practice { id, name, .. } = call.practice;
    let shown = json!({
        "practiceid": id.to_string(),
        "name": name,
        "publicnames": [name],
        "hasclinicals": "true",
        "hascollector": "true",
        "hascommunicator": "true",
        "iscoordinatorsender": "false",
        "iscoordinatorreceiver": "false",
    });
    list(call, "practiceinfo", vec![shown])
}

/// `GET /v1/{practice}/departments`.
pub(super) fn departments(call: &Call<'_>) -> Result<Value, Refusal> {
    call.to_data()?;
    let numbers = call.practice.departments.iter();
    list(call, "departments", numbers.map(|number| shown_department(call, *number)).collect())
}

/// `GET /v1/{practice}/departments/{id}`.
pub(super) fn department(call: &Call<'_>) -> Result<Value, Refusal> {
    call.to_data()?;
    let number = call.id().parse().ok().filter(|it| call.practice.departments.contains(it));
    Ok(json!([shown_department(call, number.ok_or(Refusal::NoSuch("department"))?)]))
}

/// `GET /v1/{practice}/providers`.
pub(super) fn providers(call: &Call<'_>) -> Result<Value, Refusal> {
    call.to_data()?;
    list(call, "providers", of_practice(call).map(shown_provider).collect())
}

/// `GET /v1/{practice}/providers/{id}`.
pub(super) fn provider(call: &Call<'_>) -> Result<Value, Refusal> {
    call.to_data()?;
    let provider = of_practice(call).find(|provider| provider.number.to_string() == call.id());
    Ok(json!([shown_provider(provider.ok_or(Refusal::NoSuch("provider"))?)]))
}

/// The providers of the call's practice.
pub(super) fn of_practice<'a>(call: &Call<'a>) -> impl Iterator<Item = &'a Provider> + use<'a> {
    let practice = call.practice.id;
    let providers = call.platform.sandbox().providers.iter();
    providers.filter(move |provider| provider.practices.contains(&practice))
}

/// The members of an address and a telephone number out of a FHIR resource.
pub(super) fn reached_at(resource: &Value) -> [(&'static str, String); 5] {
    let address = match &resource["address"] {
        Value::Array(addresses) => addresses.first().unwrap_or(&Value::Null),
        address => address,
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let telecom = resource["telecom"].as_array().into_iter().flatten();
    let phone = telecom.into_iter().find(|contact| contact["system"] == "phone");
    let digits = phone.map(|phone| text(&phone["value"])).unwrap_or_default();
    [
        ("address", text(&address["line"][0])),
        ("city", text(&address["city"])),
        ("state", text(&address["state"])),
        ("zip", text(&address["postalCode"])),
        ("phone", digits.chars().filter(char::is_ascii_digit).collect()),
    ]
}

fn shown_department(call: &Call<'_>, number: u32) -> Value {
    let practice = call.practice;
    let store = call.platform.store();
    let number = number.to_string();
    let location = store.all("Location").find(|entry| {
        entry.is_of(practice.id) && entry.resource["identifier"][0]["value"] == number.as_str()
    });
    let location = location.map_or(&Value::Null, |entry| &entry.resource);
    let name = location["name"].as_str().unwrap_or(&practice.name);
    let first = |numbers: &[u32]| numbers.first().copied().unwrap_or_default().to_string();
    let mut shown = json!({
        "departmentid": number,
        "name": name,
        "patientdepartmentname": name,
        "providergroupid": "1",
        "providergroupname": practice.name,
        "chartsharinggroupid": first(&practice.chart_sharing_groups),
        "communicatorbrandid": first(&practice.brands),
        "clinicals": "ON",
        "servicedepartment": true,
        "ishospitaldepartment": false,
        "placeofservicetypeid": "11",
        "placeofservicetypename": "OFFICE",
        "timezonename": "America/New_York",
    });
    for (member, value) in reached_at(location) {
        shown[member] = value.into();
    }
    shown
}

fn shown_provider(provider: &Provider) -> Value {
    let Provider { given, family, .. } = provider;
    json!({
        "providerid": provider.number,
        "firstname": given,
        "lastname": family,
        "displayname": format!("{given} {family}, MD"),
        "schedulingname": format!("{family}_{given}"),
        "providertype": "MD",
        "providertypeid": "MD",
        "entitytype": "Person",
        "specialty": provider.specialty,
        "npi": provider.npi.parse::<u64>().unwrap_or_default(),
        "sex": sex(&provider.gender),
        "billable": true,
        "acceptingnewpatientsyn": true,
        "hideinportal": false,
    })
}

/// The letter of a sex.
pub(super) fn sex(gender: &str) -> String {
    gender.chars().next().map(|letter| letter.to_ascii_uppercase().to_string()).unwrap_or_default()
}
