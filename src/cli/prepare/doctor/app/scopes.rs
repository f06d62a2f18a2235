//! The scopes of an app: spelt as the platform spells them, and of the app's category.

use super::super::case::{Case, Platform};
use super::super::finding::{Finding, Severity, Sheet};
use crate::project::{Category, Place, nearest};
use crate::protocol::Scope;
use crate::protocol::scope::resource_type::RESOURCE_TYPES;
use crate::protocol::scope::{Kind, Level, ResourceScope};

/// What an app asks for.
pub(in crate::cli::prepare::doctor) struct Asked<'a> {
    pub(in crate::cli::prepare::doctor) name: &'a str,
    pub(in crate::cli::prepare::doctor) category: Category,
    pub(in crate::cli::prepare::doctor) scopes: &'a [String],
    /// Where it is written.
    pub(in crate::cli::prepare::doctor) place: &'a dyn Fn() -> Place,
}

/// Looks at each scope of an app, and gives those to ask with: all in which nothing is wrong.
pub(in crate::cli::prepare::doctor) fn examine(
    case: &Case<'_>,
    platform: Option<&Platform>,
    app: &Asked<'_>,
    sheet: &mut Sheet,
) -> Vec<String> {
    let name = app.name;
    let found = sheet.findings.len();
    let mut good = Vec::new();
    let announced = platform.map(|it| it.discovery.list("scopes_supported")).unwrap_or_default();
    let about = format!("the app `{name}`");
    for written in app.scopes {
        let finding = spelling(case, &announced, written)
            .or_else(|| category(case, app, written))
            .map(|(severity, seen, cause, fix)| Finding::new(severity, &about, seen, cause, fix));
        if finding.as_ref().is_none_or(|it| it.severity != Severity::Wrong) {
            good.push(written.clone());
        }
        if let Some(finding) = finding {
            sheet.find(finding.at((app.place)()));
        }
    }
    for required in &case.dialect.authorize.required_scopes {
        if app.category == Category::TwoLegged || app.scopes.contains(required) {
            continue;
        }
        let finding = Finding::new(
            Severity::Wrong,
            &about,
            format!("it does not ask for `{required}`"),
            "the dialect says that the platform refuses a sign-in without it",
            format!("add `{required}` to `scopes`, and to the registration"),
        );
        sheet.find(finding.at((app.place)()));
        good.push(required.clone());
    }
    if sheet.findings.len() == found && !app.scopes.is_empty() {
        sheet.well(format!("the scopes of `{name}`"), "known, and of its category");
    }
    good
}

type Words = (Severity, String, String, String);

/// A scope that is spelt like none that is known.
fn spelling(case: &Case<'_>, announced: &[&str], written: &str) -> Option<Words> {
    let catalogue = &case.dialect.scopes;
    let named = || {
        let named = catalogue.login.iter().chain(&catalogue.service).chain(&catalogue.by_request);
        named.map(String::as_str).chain(announced.iter().copied())
    };
    if named().any(|known| known == written) {
        return None;
    }
    let wrong = |what: String, cause: &str, meant: Option<String>| {
        let fix = match meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "write it as the platform's portal shows it".to_owned(),
        };
        Some((Severity::Wrong, what, cause.to_owned(), fix))
    };
    let forbidden = |letter: char| !matches!(letter, '\x21' | '\x23'..='\x5b' | '\x5d'..='\x7e');
    if written.is_empty() || written.contains(forbidden) {
        let what = format!("`{written}` is no scope: a character in it is not allowed");
        let cause = "RFC 6749 §3.3 allows printable ASCII without space, `\"` and `\\`";
        return wrong(what, cause, None);
    }
    let scope = Scope::new(written);
    match scope.kind() {
        Kind::Resource(resource) => of_type(case, announced, written, resource),
        Kind::Malformed => {
            let what = format!("`{written}` begins like a FHIR scope, and is none");
            wrong(what, "it is misspelt", mended(written))
        }
        Kind::Login | Kind::Service => {
            let same = named().find(|known| known.eq_ignore_ascii_case(written));
            let near = same.or_else(|| nearest(written, named())).map(str::to_owned);
            let near = near.or_else(|| mended(written));
            let what = format!("neither dialect nor discovery knows the scope `{written}`");
            match near {
                Some(near) => wrong(what, "it is misspelt", Some(near)),
                None => Some(cannot_be_told(what)),
            }
        }
    }
}

/// A FHIR scope of a resource type that is unknown, or that the platform may not have.
fn of_type(
    case: &Case<'_>,
    announced: &[&str],
    written: &str,
    scope: &ResourceScope,
) -> Option<Words> {
    let kind = scope.resource.as_str();
    let catalogue = &case.dialect.scopes;
    if kind == "*" {
        return (!case.dialect.registration.wildcard_scopes).then(|| {
            let seen = format!("`{written}` stands for all resource types");
            let cause = "the dialect says that the platform refuses `*` in a scope";
            let fix = "name the resource types one by one";
            (Severity::Wrong, seen, cause.to_owned(), fix.to_owned())
        });
    }
    let covered = announced.iter().any(|known| {
        Scope::new(known).resource().is_some_and(|it| {
            it.level == scope.level && (it.resource == "*" || it.resource == kind)
        })
    });
    let mut listed = catalogue.certified_resources.iter().chain(&catalogue.other_resources);
    if covered || listed.any(|known| known == kind) {
        return None;
    }
    if RESOURCE_TYPES.contains(&kind) {
        let seen = format!("neither dialect nor discovery has scopes for `{kind}`: `{written}`");
        return Some(cannot_be_told(seen));
    }
    let seen = format!("`{written}` names the resource type `{kind}`, which FHIR R4 does not have");
    let meant = nearest(kind, RESOURCE_TYPES).map(|near| written.replacen(kind, near, 1));
    let fix = match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "write a resource type of FHIR, as the platform's portal shows it".to_owned(),
    };
    Some((Severity::Wrong, seen, "it is misspelt".to_owned(), fix))
}

fn cannot_be_told(seen: String) -> Words {
    let cause = "the lists of dialect and discovery need not be complete";
    let fix = "compare it with the portal's list; a token request would show it";
    (Severity::Untold, seen, cause.to_owned(), fix.to_owned())
}

/// The FHIR scope that a misspelt one may be meant to be.
fn mended(written: &str) -> Option<String> {
    let (level, rest) = written.split_once('/')?;
    let (kind, permissions) = rest.split_once('.')?;
    let level = nearest(level, ["patient", "user", "system"])?;
    let kind = if kind == "*" { kind } else { nearest(kind, RESOURCE_TYPES)? };
    let mut sorted: Vec<char> = permissions.chars().collect();
    sorted.sort_by_key(|letter| CRUDS.find(*letter));
    let sorted: String = sorted.into_iter().collect();
    let near = nearest(permissions, ["read", "write"]);
    let mut candidates = [Some(permissions), Some(sorted.as_str()), near].into_iter().flatten();
    candidates.find_map(|permissions| {
        let scope = Scope::new(&format!("{level}/{kind}.{permissions}"));
        scope.resource().map(|_| scope.to_string())
    })
}

/// A scope that apps of this category do not have.
fn category(case: &Case<'_>, app: &Asked<'_>, written: &str) -> Option<Words> {
    let rules = &case.dialect.registration;
    let (users, whose) = match app.category {
        Category::TwoLegged => ("nobody", "an app without users"),
        Category::Patient => ("patients", "an app of patients"),
        Category::Provider => ("providers", "an app of providers"),
    };
    let scope = Scope::new(written);
    let wrong = |cause: &str, fix: String| {
        let seen = format!("`{written}` is no scope of {whose}");
        Some((Severity::Wrong, seen, cause.to_owned(), fix))
    };
    let is_login = case.dialect.scopes.login.iter().any(|known| known == written);
    match (scope.kind(), app.category) {
        (Kind::Resource(resource), _) => {
            let allowed = [users, "anybody"].into_iter().find_map(|it| rules.scope_levels.get(it));
            let allowed = allowed?;
            let level = level(resource.level);
            if allowed.iter().any(|known| known == level) {
                return None;
            }
            let instead: Vec<String> =
                allowed.iter().map(|it| format!("`{}`", written.replacen(level, it, 1))).collect();
            wrong(
                "a FHIR scope begins with whose records are read: `patient`, `user` or `system`",
                format!("write {}, or correct `category`", instead.join(" or ")),
            )
        }
        (_, Category::TwoLegged) if is_login => wrong(
            "nobody signs in to it, so there is no user and no launch to speak of",
            "leave it out, or correct `category`".to_owned(),
        ),
        (_, Category::Patient) if written == "launch" => launch(case, written, "launch/patient"),
        (_, Category::Provider) if written == "launch/patient" => launch(case, written, "launch"),
        (Kind::Service, Category::Patient | Category::Provider)
            if case.dialect.scopes.service.iter().any(|known| known == written) =>
        {
            wrong(
                "the dialect has it for apps without users",
                "leave it out; calls of such an API need a 2-legged app of their own".to_owned(),
            )
        }
        _ => None,
    }
}

/// A launch scope that is usual for the other kind of users.
fn launch(case: &Case<'_>, written: &str, usual: &str) -> Option<Words> {
    let refused = case.dialect.portal.launch_scopes_match_end_users;
    let severity = if refused { Severity::Wrong } else { Severity::Note };
    let cause = match refused {
        true => "the platform's registration refuses it",
        false => {
            "standards allow both; `launch` belongs to a launch from the EHR, `launch/patient` to one without"
        }
    };
    Some((
        severity,
        format!("`{written}` is unusual for users of this kind, who have `{usual}`"),
        cause.to_owned(),
        format!("write `{usual}`, unless the app was approved for `{written}`"),
    ))
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Patient => "patient",
        Level::User => "user",
        Level::System => "system",
    }
}

/// The letters of SMART's permissions, in their order.
const CRUDS: &str = "cruds";

#[cfg(test)]
mod tests {
    use super::mended;

    #[test]
    fn a_misspelt_fhir_scope_is_mended_where_one_is_near() {
        for (written, expected) in [
            ("patient/Observaton.read", Some("patient/Observation.read")),
            ("patient/Patient.reed", Some("patient/Patient.read")),
            ("patent/Patient.rs", Some("patient/Patient.rs")),
            ("system/Patient.sr", Some("system/Patient.rs")),
            ("athena/service/Athenanet.MDP.*", None),
            ("openid", None),
        ] {
            assert_eq!(mended(written).as_deref(), expected, "{written}");
        }
    }
}
