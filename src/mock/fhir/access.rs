//! Who may read what: scopes, the patient's record, the practice.

use super::chart::Entry;
use super::outcome::Refusal;
use super::search::Criterion;
use crate::dialect::{Rule, UserKind};
use crate::mock::bearer::Bearer;
use crate::mock::oauth::user_of;
use crate::mock::organization::Organization;
use crate::mock::platform::Platform;
use crate::mock::request::Received;
use crate::protocol::scope::{Access, Level, ResourceScope};

/// What the token of a request reaches of one resource type, by the FHIR base that it was sent to.
pub(super) struct Reach {
    bearer: Bearer,
    organization: Organization,
    allowed: Vec<Allowed>,
    /// The resource that stands for the user, if the token may read that one at least.
    user: Option<String>,
    /// The one record that the token is about.
    record: Option<String>,
    /// The records of which the user sees no others; none: those of the practices.
    confined_to: Option<Vec<String>>,
}

/// What one scope allows.
struct Allowed {
    level: Level,
    /// What a resource must be like (SMART App Launch 2.2, finer-grained resource constraints).
    only: Vec<Criterion>,
}

impl Reach {
    /// What a request's token reaches.
    ///
    /// # Errors
    /// If there is no good token, or if none of its scopes allows this use of the resource type.
    pub(super) fn of(
        platform: &Platform,
        request: &Received,
        kind: &str,
        access: Access,
    ) -> Result<Self, Refusal> {
        let bearer = Bearer::of(platform, request)?;
        let organization =
            Organization::of_path(platform, &request.path).ok_or(Refusal::NotFound)?;
        let by_scope = |access| {
            let allowing = bearer.claims.scope.iter().filter(|scope| scope.allows(kind, access));
            let allowed =
                allowing.filter_map(|scope| Allowed::by(platform, scope.resource()?, kind));
            allowed.collect::<Vec<Allowed>>()
        };
        let mut allowed = by_scope(access);
        let user = bearer.grant.as_ref().and_then(|grant| user_of(platform, grant));
        let readable = platform.dialect().fhir.own_user_readable
            && access == Access::Read
            && bearer.claims.scope.contains("fhirUser");
        let own = user.map(|user| user.fhir_user.clone()).filter(|own| {
            readable && own.split_once('/').is_some_and(|(own_kind, _)| own_kind == kind)
        });
        if allowed.is_empty() && own.is_none() {
            let other = by_scope(match access {
                Access::Read => Access::Search,
                _ => Access::Read,
            });
            let rule = if other.is_empty() { Rule::FhirScope } else { Rule::FhirScopeAccess };
            platform.demand(rule, false, || Refusal::Scope(kind.to_owned()))?;
            let level = if bearer.grant.is_some() { Level::User } else { Level::System };
            allowed =
                if other.is_empty() { vec![Allowed { level, only: Vec::new() }] } else { other };
        }
        let grant = bearer.grant.as_ref();
        let launched = grant.and_then(|grant| grant.launch.as_ref()?.patient.clone());
        let record = grant.and_then(|grant| grant.patient.clone()).or(launched);
        let only_patient_scopes =
            !allowed.is_empty() && allowed.iter().all(|it| it.level == Level::Patient);
        let patient = user.filter(|user| user.kind == UserKind::Patient);
        let confined_to = match patient {
            // What a patient may see does not depend on the record of the launch.
            Some(patient) if !only_patient_scopes => {
                Some(record.iter().chain(&patient.records).cloned().collect())
            }
            Some(_) => Some(record.iter().cloned().collect()),
            None => {
                (grant.is_some() && only_patient_scopes).then(|| record.iter().cloned().collect())
            }
        };
        Ok(Self { bearer, organization, allowed, user: own, record, confined_to })
    }

    /// The organization of the FHIR base.
    pub(super) fn organization(&self) -> &Organization {
        &self.organization
    }

    /// Whether the token reaches into a practice; one that is confined to records reaches into the
    /// practices that keep them.
    pub(super) fn reaches_practice(&self, platform: &Platform, practice: u32) -> bool {
        let kept_there = |id: &String| {
            platform.sandbox().patient(id).is_some_and(|record| record.practice == practice)
        };
        // A token without a record is confined by what it reaches there.
        let keeps =
            self.only_records().is_none_or(|own| own.is_empty() || own.iter().any(kept_there));
        (keeps || platform.overlooks(Rule::BearerPractice))
            && self.bearer.reaches_practice(platform, practice)
    }

    /// The records that the token is confined to, none if it is confined and has none.
    pub(super) fn only_records(&self) -> Option<&[String]> {
        self.confined_to.as_deref()
    }

    /// Whether the token may see a resource.
    pub(super) fn includes(&self, platform: &Platform, entry: &Entry) -> bool {
        let named = self.user.as_ref().is_some_and(|user| *user == entry.reference());
        let by_scope = || {
            self.allowed.iter().any(|allowed| {
                self.level_includes(platform, allowed.level, entry)
                    && allowed.only.iter().all(|only| only.holds(&entry.resource))
            })
        };
        (named || by_scope())
            && entry.practices.iter().any(|practice| {
                self.organization.holds(*practice) && self.reaches_practice(platform, *practice)
            })
    }

    fn level_includes(&self, platform: &Platform, level: Level, entry: &Entry) -> bool {
        let is_one_of = |records: &[String]| {
            entry.patient.as_ref().is_none_or(|patient| records.contains(patient))
                || platform.overlooks(Rule::BearerRecord)
        };
        match level {
            // Without a record there is nobody whose record it could be.
            Level::Patient => self.record.is_some() && is_one_of(self.record.as_slice()),
            // An app without a user is its own, where a platform registers such scopes for it.
            Level::User => self.only_records().is_none_or(is_one_of),
            Level::System => self.bearer.grant.is_none(),
        }
    }
}

impl Allowed {
    /// What a scope allows; `None` if it has a filter that means nothing here.
    fn by(platform: &Platform, scope: &ResourceScope, kind: &str) -> Option<Self> {
        let condition = scope.filter.as_deref();
        let condition = condition.filter(|_| !platform.overlooks(Rule::FhirScopeCondition));
        let filter = condition.unwrap_or_default();
        let only = url::form_urlencoded::parse(filter.as_bytes())
            .map(|(name, value)| Criterion::read(kind, &name, &value, platform.base())?.ok())
            .collect::<Option<Vec<Criterion>>>()?;
        Some(Self { level: scope.level, only })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::mock::testing::{Tester, patient_web, provider_web, two_legged, with};

    const JAKE: &str = "/fhir/r4/Patient/a-80000.E-14545";

    #[tokio::test]
    async fn a_token_counts_in_the_header_only() {
        let tester = Tester::new();
        let app = tester.register(two_legged()).await;
        let token = tester.system_token(&app, "system/Patient.read").await;
        let bearer = format!("Bearer {token}");
        let (start, end) = (&token[..token.len() - 9], &token[token.len() - 8..]);
        let other = if token[start.len()..].starts_with('A') { "B" } else { "A" };
        let altered = format!("Bearer {start}{other}{end}");
        let in_query = format!("{JAKE}?access_token={token}");
        let rows = [
            (JAKE, Some(bearer.clone()), 200, ""),
            (JAKE, Some(bearer.replace("Bearer", "bearer")), 200, ""),
            (JAKE, None, 401, r#"Bearer realm="fhir""#),
            (JAKE, Some(token.clone()), 401, r#"Bearer realm="fhir""#),
            (JAKE, Some("Basic eDp5".to_owned()), 401, r#"Bearer realm="fhir""#),
            (JAKE, Some(altered), 401, r#"Bearer realm="fhir", error="invalid_token""#),
            (&in_query, None, 401, r#"Bearer realm="fhir""#),
            (
                &in_query,
                Some(bearer.clone()),
                400,
                r#"Bearer realm="fhir", error="invalid_request""#,
            ),
        ];
        for (path, header, status, challenge) in rows {
            let headers: Vec<_> =
                header.iter().map(|value| ("authorization", value.as_str())).collect();
            let answer = tester.get(path, &headers).await;
            assert_eq!(answer.status.as_u16(), status, "{header:?}");
            let shown = answer.headers.get("www-authenticate");
            assert_eq!(shown.map_or("", |value| value.to_str().unwrap()), challenge, "{header:?}");
            let kind = if status == 200 { "Patient" } else { "OperationOutcome" };
            assert_eq!(answer.json()["resourceType"], kind);
        }
        tester.wait(3600);
        assert_eq!(tester.read(JAKE, &token).await.status.as_u16(), 401, "expired");
    }

    #[tokio::test]
    async fn an_id_token_opens_nothing() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        let tokens = tester.patient_tokens(&app, &[]).await;
        let id_token = tokens["id_token"].as_str().unwrap();
        assert_eq!(tester.read(JAKE, id_token).await.status.as_u16(), 401);
    }

    #[tokio::test]
    async fn another_platforms_token_opens_nothing() {
        let (tester, other) = (Tester::new(), Tester::at("http://127.0.0.1:3"));
        let app = tester.register(two_legged()).await;
        let token = tester.system_token(&app, "system/Patient.read").await;
        assert_eq!(other.read(JAKE, &token).await.status.as_u16(), 401);
    }

    #[tokio::test]
    async fn a_patients_token_reaches_one_record() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        let tokens = tester.patient_tokens(&app, &[]).await;
        let token = tokens["access_token"].as_str().unwrap();
        let search = "/fhir/r4/Patient?ah-practice=a-1.Practice-80000";
        for (path, status) in [
            (JAKE, 200),
            ("/80000/fhir/r4/Patient/a-80000.E-14545", 200),
            ("/fhir/r4/Patient/a-80000.E-14546", 403),
            ("/fhir/r4/Patient/a-195900.E-60178", 403),
            ("/fhir/r4/Patient/nobody", 403),
            (search, 200),
            (&format!("{search}&_id=a-80000.E-14545"), 200),
            (&format!("{search}&_id=a-80000.E-14546"), 403),
            ("/fhir/r4/Condition/1", 403),
            ("/fhir/r4/Observation/1", 404),
            ("/fhir/r4/Observation/a-80000.vitals-1", 200),
            ("/fhir/r4/Observation/a-195900.vitals-100", 404),
            ("/fhir/r4/Observation?ah-practice=a-1.Practice-80000", 200),
            ("/fhir/r4/Observation?ah-practice=a-1.Practice-80000&patient=a-80000.E-14545", 200),
            ("/fhir/r4/Observation?ah-practice=a-1.Practice-80000&patient=a-80000.E-14546", 403),
            ("/fhir/r4/Observation?ah-practice=a-1.Practice-195900", 403),
            ("/fhir/r4/Nonsense/1", 404),
        ] {
            let answer = tester.read(path, token).await;
            assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.text);
            if path == search {
                assert_eq!(answer.json()["total"], 1);
            }
        }
    }

    #[tokio::test]
    async fn a_patients_search_finds_that_record_only() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        let tokens = tester.patient_tokens(&app, &[]).await;
        let token = tokens["access_token"].as_str().unwrap();
        let path = "/fhir/r4/Observation?ah-practice=a-1.Practice-80000&_count=100";
        let bundle = tester.read(path, token).await.json();
        let entries = bundle["entry"].as_array().unwrap();
        assert!(entries.len() > 5);
        for entry in entries {
            let subject = &entry["resource"]["subject"]["reference"];
            assert_eq!(subject, "Patient/a-80000.E-14545");
        }
    }

    /// What a token of one system scope gets: by reading, and by searching.
    #[tokio::test]
    async fn a_scope_allows_what_it_says() {
        let tester = Tester::new();
        let vital = "http://terminology.hl7.org/CodeSystem/observation-category|vital-signs";
        let vitals = format!("system/Observation.rs?category={vital}");
        let rows = [
            ("system/Observation.read", 200, 200, true),
            ("system/Observation.rs", 200, 200, true),
            ("system/Observation.r", 200, 403, false),
            ("system/Observation.s", 403, 200, true),
            ("system/*.read", 200, 200, true),
            ("system/*.rs", 200, 200, true),
            ("system/Patient.read", 403, 403, false),
            ("user/Observation.read", 200, 200, true),
            ("patient/Observation.read", 403, 200, false),
            (vitals.as_str(), 200, 200, true),
            ("system/Observation.rs?category=laboratory", 403, 200, true),
            ("system/Observation.rs?category=social-history", 403, 200, true),
            ("system/Observation.rs?colour=red", 403, 403, false),
        ];
        let app = tester.register(two_legged()).await;
        let search = "/fhir/r4/Observation?ah-practice=a-1.Practice-80000&_count=100";
        for (scope, read, searched, finds) in rows {
            let token = tester.token_of_scope(&app, scope);
            let answer = tester.read("/fhir/r4/Observation/a-80000.vitals-1", &token).await;
            assert_eq!(answer.status.as_u16(), read, "{scope}: {}", answer.text);
            if read == 403 {
                let body = answer.json();
                assert_eq!(body["issue"][0]["code"], "forbidden", "{scope}");
                assert_eq!(body["issue"][0]["severity"], "fatal", "{scope}");
            }
            let answer = tester.read(search, &token).await;
            assert_eq!(answer.status.as_u16(), searched, "{scope}: {}", answer.text);
            let bundle = answer.json();
            assert_eq!(bundle["total"].as_u64().is_some_and(|total| total > 0), finds, "{scope}");
            for entry in bundle["entry"].as_array().into_iter().flatten() {
                let category = &entry["resource"]["category"][0]["coding"][0]["code"];
                let asked = scope.split_once('=').map(|(_, asked)| asked);
                assert!(asked.is_none_or(|asked| asked.ends_with(category.as_str().unwrap())));
            }
        }
    }

    #[tokio::test]
    async fn a_provider_reaches_the_own_practice_and_the_own_resource() {
        let tester = Tester::new();
        let scope = "openid fhirUser launch user/Patient.read user/Condition.rs";
        let app = tester.register(with(provider_web(), &[("scopes", json!(scope))])).await;
        tester.work().await;
        let launch = tester.launch(&app, "&patient=a-195900.E-60178").await;
        let launch = launch.parameter("launch").unwrap();
        let tokens =
            tester.tokens(&app, "provider", &[("scope", scope), ("launch", &launch)]).await;
        let token = tokens["access_token"].as_str().unwrap();
        let practice = "ah-practice=a-1.Practice-195900";
        for (path, status) in [
            ("Patient/a-195900.E-60178".to_owned(), 200),
            ("Patient/a-195900.E-60179".to_owned(), 200),
            ("Patient/a-80000.E-14545".to_owned(), 403),
            ("Patient/nobody".to_owned(), 404),
            (format!("Patient?{practice}&_id=a-195900.E-60179"), 200),
            (format!("Condition?{practice}&patient=a-195900.E-60178"), 200),
            (format!("Condition?{practice}&patient=a-195900.E-60179"), 200),
            ("Condition?ah-practice=a-1.Practice-1128700".to_owned(), 403),
            ("Practitioner/a-195900.User-1001".to_owned(), 200),
            ("Practitioner/a-195900.User-1002".to_owned(), 403),
            (format!("Practitioner?{practice}"), 403),
        ] {
            let answer = tester.read(&format!("/fhir/r4/{path}"), token).await;
            assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.text);
        }
    }
}
