//! What the apps and the dialect lean on, and the platform does not announce.

use super::super::case::{Case, Platform};
use super::super::finding::{Finding, Severity, Sheet};
use crate::project::{Category, Method, RegisteredApp};
use crate::protocol::Scope;
use crate::protocol::scope::{Kind, Permissions};

/// Compares the announced `capabilities` (SMART App Launch 2.2 §2.1.2) with those that are needed.
pub(super) fn examine(case: &Case<'_>, platform: &Platform, sheet: &mut Sheet) {
    if platform.discovery.document.is_null() {
        return;
    }
    let announced = platform.discovery.list("capabilities");
    if announced.is_empty() {
        let finding = Finding::new(
            Severity::Warning,
            "the capabilities",
            "the discovery document announces none",
            "the platform is no SMART server, or its document is not complete",
            "tell whoever runs the platform: SMART App Launch 2.2 requires the list",
        );
        sheet.find(finding.at(case.place(&["platform"])));
        return;
    }
    let mut needed_by_apps = Vec::new();
    for (name, app) in &case.apps {
        let missing: Vec<&str> =
            needed_by(app).into_iter().filter(|it| !announced.contains(it)).collect();
        needed_by_apps.extend(missing.iter().copied());
        if missing.is_empty() {
            continue;
        }
        let finding = Finding::new(
            Severity::Warning,
            format!("the app `{name}`"),
            format!("it needs {}, which the platform does not announce", listed(&missing)),
            "the platform does not offer it, or forgets to say so",
            "ask whoever runs the platform; a scenario that needs it may fail",
        );
        sheet.find(finding.at(case.place(&["apps", name])));
    }
    let promised = case.dialect.discovery.capabilities.iter().map(String::as_str);
    let missing: Vec<&str> =
        promised.filter(|it| !announced.contains(it) && !needed_by_apps.contains(it)).collect();
    if missing.is_empty() {
        sheet.well("the capabilities", "all that the dialect has are announced");
        return;
    }
    sheet.find(Finding::new(
        Severity::Note,
        "the capabilities",
        format!(
            "the dialect `{}` has {}, which the platform does not announce",
            case.dialect.name,
            listed(&missing)
        ),
        "not every server offers all that a standard allows",
        "nothing, if it is so; scenarios about them are skipped, and fail only where the platform's own \
         documents promise them",
    ));
}

/// What an app cannot do without.
fn needed_by(app: &RegisteredApp) -> Vec<&'static str> {
    let mut needed = vec![match app.method {
        Method::Secret => "client-confidential-symmetric",
        Method::ImportedKeys | Method::HostedKeys => "client-confidential-asymmetric",
        Method::Pkce => "client-public",
    }];
    let mut need = |capability| {
        if !needed.contains(&capability) {
            needed.push(capability);
        }
    };
    for scope in app.scopes.iter().map(|name| Scope::new(name)) {
        match (scope.as_str(), scope.kind()) {
            ("openid", _) => need("sso-openid-connect"),
            ("offline_access", _) => need("permission-offline"),
            ("online_access", _) => need("permission-online"),
            ("launch", _) => need("launch-ehr"),
            ("launch/patient", _) if app.category == Category::Patient => {
                need("launch-standalone");
                need("context-standalone-patient");
            }
            (_, Kind::Resource(resource)) => need(match resource.permissions {
                Permissions::Cruds(_) => "permission-v2",
                Permissions::Read | Permissions::Write | Permissions::All => "permission-v1",
            }),
            _ => {}
        }
    }
    needed
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::from_yaml;
    use std::path::Path;

    #[test]
    fn an_app_needs_what_its_method_and_its_scopes_name() {
        let app = "{ category: patient, method: PKCE, client_id: x, \
                   scopes: [openid, offline_access, launch/patient, patient/Patient.rs, patient/Observation.read] }";
        let app: RegisteredApp = from_yaml(Path::new("x.yaml"), app).unwrap();
        let expected = [
            "client-public",
            "sso-openid-connect",
            "permission-offline",
            "launch-standalone",
            "context-standalone-patient",
            "permission-v2",
            "permission-v1",
        ];
        assert_eq!(needed_by(&app), expected);
    }
}
