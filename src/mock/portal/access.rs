//! The access-grant table: what has to have happened before an app gets credentials of
//! Production, reads a practice's data, or is launched from a practice's charts.
//!
//! Everything follows from four words about the app and the practice; what happened is looked up
//! elsewhere. The numbers in the comments are requirements.

use super::app::Level;
use crate::dialect::{CertifiedProduction, PracticeAccess, Rule};
use crate::mock::platform::Environment;

/// An app, as far as access depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) environment: Environment,
    pub(super) audience: Audience,
    pub(super) level: Level,
}

/// Whom an app works for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Audience {
    /// Itself: it is 2-legged.
    System,
    /// Patients, as a personal health record.
    Phr,
    /// Patients, as any other app.
    Patients,
    /// Providers.
    Providers,
}

/// Something that happens outside the portal, or in it on request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Condition {
    /// The vendor has a Platform Services contract.
    Contract,
    /// The Tech Spec was discussed with Integration Design.
    TechSpec,
    /// The app passed Solution Validation.
    Validation,
    /// The developer of a Certified app asked for Production.
    ProductionRequest,
    /// The practice asked that the app be let into its environment.
    PracticeRequest,
    /// The practice enabled the app in its settings.
    Enablement,
    /// The practice signed authorization and consent.
    Consent,
}

use Audience::{Patients, Phr, Providers, System};
use Condition::{
    Consent, Contract, Enablement, PracticeRequest, ProductionRequest, TechSpec, Validation,
};
use Environment::{Preview, Production};
use Level::{Certified, NonCertified};
use PracticeAccess::{Customer, Private, Public};

/// What an app needs to read the data of a practice.
pub(super) fn to_read(app: Standing, practice: PracticeAccess) -> &'static [Condition] {
    match (app.environment, app.audience, app.level, practice) {
        // PROD-PHR-ALL-ENVIRONMENTS
        (_, Phr, _, _) => &[],
        // CAT-CERT-2L-PREVIEW-AUTO, CAT-CERT-3LPAT-PREVIEW-AUTO, CAT-CERT-3LPROV-PREVIEW-AUTO,
        // CAT-NONCERT-2L-PREVIEW-AUTO, CAT-NONCERT-3LPAT-PREVIEW-AUTO,
        // CAT-NONCERT-3LPROV-PREVIEW-AUTO
        (Preview, _, _, Public) => &[],
        // CAT-2L-CUSTOMER-PREVIEW-CONSENT, CAT-3L-CUSTOMER-PREVIEW-CONSENT,
        // CAT-NONCERT-CUSTOMER-PREVIEW-CONSENT
        (Preview, _, _, Customer) => &[Consent],
        // CAT-NONCERT-PRIVATE-PREVIEW
        (Preview, _, _, Private) => &[Contract, PracticeRequest],
        // PROD-CERT-3LPAT-AUTO
        (Production, Patients, Certified, _) => &[],
        // PROD-CERT-2L-CUSTOMER-ENABLE, PROD-CERT-3LPROV-CUSTOMER-ENABLE
        (Production, System | Providers, Certified, _) => &[Enablement],
        // PROD-NONCERT-CUSTOMER-CONSENT
        (Production, _, NonCertified, _) => &[Consent],
    }
}

/// What a provider's app needs to be launched from the charts of a practice.
pub(super) fn to_launch(
    app: Standing,
    practice: PracticeAccess,
    in_public_sandbox: bool,
) -> &'static [Condition] {
    match (app.environment, practice) {
        (Preview, Public) if in_public_sandbox => &[],
        // CAT-CERT-3LPROV-EHR-LAUNCH-CUSTOMER
        (Preview, Public | Customer) => &[PracticeRequest],
        (Preview, Private) | (Production, _) => to_read(app, practice),
    }
}

/// The ways to credentials of Production, each with all that it needs.
pub(super) fn to_production(
    app: Standing,
    certified: CertifiedProduction,
) -> &'static [&'static [Condition]] {
    // PROD-NONCERT-CONTRACT, PROD-TECHSPEC-BEFORE-CREDS, PROD-NONCERT-DEVELOPED-VALIDATED,
    // PROD-NONCERT-CUSTOMER-REQUEST
    const BY_CONTRACT: &[Condition] = &[Contract, TechSpec, Validation, PracticeRequest];
    match (app.audience, app.level, certified) {
        // ONB-PHR-CREATE-PREVIEW-OR-PROD
        (Phr, _, _) => &[&[]],
        // PROD-CERT-2L-AUTO-GRANT, PROD-CERT-3LPAT-AUTO, PROD-CERT-3LPROV-AUTO
        (_, Certified, CertifiedProduction::Automatic) => &[&[]],
        // PROD-2L-CONTRACT-OR-CERTIFIED, PROD-3L-CONTRACT-OR-CERTIFIED, PROD-CERT-PATH-CONFLICT
        (_, Certified, CertifiedProduction::ByRequest) => &[&[ProductionRequest], BY_CONTRACT],
        (_, NonCertified, _) => &[BY_CONTRACT],
    }
}

impl Condition {
    /// Its word in the API.
    pub(super) fn name(self) -> &'static str {
        match self {
            Contract => "contract",
            TechSpec => "tech_spec",
            Validation => "solution_validation",
            ProductionRequest => "production_request",
            PracticeRequest => "requested",
            Enablement => "enabled",
            Consent => "consented",
        }
    }

    /// The rule that it has to have happened.
    pub(super) fn rule(self) -> Rule {
        match self {
            Contract => Rule::Contract,
            TechSpec => Rule::TechSpec,
            Validation => Rule::SolutionValidation,
            ProductionRequest => Rule::ProductionRequest,
            PracticeRequest => Rule::PracticeRequest,
            Enablement => Rule::PracticeEnablement,
            Consent => Rule::PracticeConsent,
        }
    }

    /// What is missing as long as it is.
    pub(super) fn wording(self) -> &'static str {
        match self {
            Contract => "a Platform Services contract",
            TechSpec => "a Tech Spec that Integration Design has reviewed",
            Validation => "a passed Solution Validation",
            ProductionRequest => "a request for Production credentials",
            PracticeRequest => "a practice that asks for the app",
            Enablement => "the app enabled in the practice's settings",
            Consent => "the practice's signed authorization and consent",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Catalogue;

    const ALL: [Condition; 7] =
        [Contract, TechSpec, Validation, ProductionRequest, PracticeRequest, Enablement, Consent];

    /// Every cell there is: environment, level, audience and practice, what reading needs, and
    /// where that is written.
    const READING: &str = "
        Preview    Certified    System    Public   -                  CAT-CERT-2L-PREVIEW-AUTO
        Preview    Certified    System    Customer consented          CAT-2L-CUSTOMER-PREVIEW-CONSENT
        Preview    Certified    System    Private  contract+requested CAT-NONCERT-PRIVATE-PREVIEW
        Preview    Certified    Phr       Public   -                  PROD-PHR-ALL-ENVIRONMENTS
        Preview    Certified    Phr       Customer -                  PROD-PHR-ALL-ENVIRONMENTS
        Preview    Certified    Phr       Private  -                  PROD-PHR-ALL-ENVIRONMENTS
        Preview    Certified    Patients  Public   -                  CAT-CERT-3LPAT-PREVIEW-AUTO
        Preview    Certified    Patients  Customer consented          CAT-3L-CUSTOMER-PREVIEW-CONSENT
        Preview    Certified    Patients  Private  contract+requested CAT-NONCERT-PRIVATE-PREVIEW
        Preview    Certified    Providers Public   -                  CAT-CERT-3LPROV-PREVIEW-AUTO
        Preview    Certified    Providers Customer consented          CAT-3L-CUSTOMER-PREVIEW-CONSENT
        Preview    Certified    Providers Private  contract+requested CAT-NONCERT-PRIVATE-PREVIEW
        Preview    NonCertified System    Public   -                  CAT-NONCERT-2L-PREVIEW-AUTO
        Preview    NonCertified System    Customer consented          CAT-NONCERT-CUSTOMER-PREVIEW-CONSENT
        Preview    NonCertified System    Private  contract+requested CAT-NONCERT-PRIVATE-PREVIEW
        Preview    NonCertified Phr       Public   -                  PROD-PHR-ALL-ENVIRONMENTS
        Preview    NonCertified Phr       Customer -                  PROD-PHR-ALL-ENVIRONMENTS
        Preview    NonCertified Phr       Private  -                  PROD-PHR-ALL-ENVIRONMENTS
        Preview    NonCertified Patients  Public   -                  CAT-NONCERT-3LPAT-PREVIEW-AUTO
        Preview    NonCertified Patients  Customer consented          CAT-NONCERT-CUSTOMER-PREVIEW-CONSENT
        Preview    NonCertified Patients  Private  contract+requested CAT-NONCERT-PRIVATE-PREVIEW
        Preview    NonCertified Providers Public   -                  CAT-NONCERT-3LPROV-PREVIEW-AUTO
        Preview    NonCertified Providers Customer consented          CAT-NONCERT-CUSTOMER-PREVIEW-CONSENT
        Preview    NonCertified Providers Private  contract+requested CAT-NONCERT-PRIVATE-PREVIEW
        Production Certified    System    Public   enabled            PROD-CERT-2L-CUSTOMER-ENABLE
        Production Certified    System    Customer enabled            PROD-CERT-2L-CUSTOMER-ENABLE
        Production Certified    System    Private  enabled            PROD-CERT-2L-CUSTOMER-ENABLE
        Production Certified    Phr       Public   -                  PROD-PHR-ALL-ENVIRONMENTS
        Production Certified    Phr       Customer -                  PROD-PHR-ALL-ENVIRONMENTS
        Production Certified    Phr       Private  -                  PROD-PHR-ALL-ENVIRONMENTS
        Production Certified    Patients  Public   -                  PROD-CERT-3LPAT-AUTO
        Production Certified    Patients  Customer -                  PROD-CERT-3LPAT-AUTO
        Production Certified    Patients  Private  -                  PROD-CERT-3LPAT-AUTO
        Production Certified    Providers Public   enabled            PROD-CERT-3LPROV-CUSTOMER-ENABLE
        Production Certified    Providers Customer enabled            PROD-CERT-3LPROV-CUSTOMER-ENABLE
        Production Certified    Providers Private  enabled            PROD-CERT-3LPROV-CUSTOMER-ENABLE
        Production NonCertified System    Public   consented          PROD-NONCERT-CUSTOMER-CONSENT
        Production NonCertified System    Customer consented          PROD-NONCERT-CUSTOMER-CONSENT
        Production NonCertified System    Private  consented          PROD-NONCERT-CUSTOMER-CONSENT
        Production NonCertified Phr       Public   -                  PROD-PHR-ALL-ENVIRONMENTS
        Production NonCertified Phr       Customer -                  PROD-PHR-ALL-ENVIRONMENTS
        Production NonCertified Phr       Private  -                  PROD-PHR-ALL-ENVIRONMENTS
        Production NonCertified Patients  Public   consented          PROD-NONCERT-CUSTOMER-CONSENT
        Production NonCertified Patients  Customer consented          PROD-NONCERT-CUSTOMER-CONSENT
        Production NonCertified Patients  Private  consented          PROD-NONCERT-CUSTOMER-CONSENT
        Production NonCertified Providers Public   consented          PROD-NONCERT-CUSTOMER-CONSENT
        Production NonCertified Providers Customer consented          PROD-NONCERT-CUSTOMER-CONSENT
        Production NonCertified Providers Private  consented          PROD-NONCERT-CUSTOMER-CONSENT
    ";

    #[test]
    fn every_cell_of_the_table_is_as_its_requirement_says() {
        let catalogue = Catalogue::of_dialect("athenahealth").unwrap();
        let rows: Vec<Vec<&str>> = READING
            .lines()
            .map(|line| line.split_whitespace().collect())
            .filter(|row: &Vec<_>| !row.is_empty())
            .collect();
        let mut cells = 0;
        for environment in Environment::ALL {
            for level in [Certified, NonCertified] {
                for audience in [System, Phr, Patients, Providers] {
                    for practice in [Public, Customer, Private] {
                        let app = Standing { environment, audience, level };
                        let named = format!("{environment:?} {level:?} {audience:?} {practice:?}");
                        let row = rows.iter().find(|row| row[..4].join(" ") == named).unwrap();
                        let needs = to_read(app, practice).iter().map(|one| one.name());
                        let needs = needs.collect::<Vec<_>>().join("+");
                        assert_eq!(needs, row[4].replace('-', ""), "{named}: {}", row[5]);
                        assert!(
                            catalogue.cited(row[5]).is_ok_and(|it| !it.is_empty()),
                            "{}",
                            row[5]
                        );
                        cells += 1;
                    }
                }
            }
        }
        assert_eq!(cells, rows.len());
    }

    #[test]
    fn production_credentials_are_had_by_the_documented_ways_only() {
        use CertifiedProduction::{Automatic, ByRequest};
        let by_contract: &[Condition] = &[Contract, TechSpec, Validation, PracticeRequest];
        for audience in [System, Patients, Providers] {
            let ways = |level, certified| {
                to_production(Standing { environment: Preview, audience, level }, certified)
            };
            assert_eq!(ways(Certified, Automatic), [&[] as &[Condition]]);
            assert_eq!(ways(Certified, ByRequest), [&[ProductionRequest], by_contract]);
            assert_eq!(ways(NonCertified, Automatic), [by_contract]);
            assert_eq!(ways(NonCertified, ByRequest), [by_contract]);
        }
        for certified in [Automatic, ByRequest] {
            let phr = Standing { environment: Preview, audience: Phr, level: Certified };
            assert_eq!(to_production(phr, certified), [&[] as &[Condition]]);
        }
    }

    #[test]
    fn a_launch_from_a_customers_charts_needs_the_customer_to_ask_for_it() {
        for level in [Certified, NonCertified] {
            let preview = Standing { environment: Preview, audience: Providers, level };
            assert_eq!(to_launch(preview, Public, true), &[]);
            assert_eq!(to_launch(preview, Public, false), &[PracticeRequest]);
            assert_eq!(to_launch(preview, Customer, true), &[PracticeRequest]);
            assert_eq!(to_launch(preview, Private, true), &[Contract, PracticeRequest]);
            let production = Standing { environment: Production, ..preview };
            assert_eq!(to_launch(production, Customer, true), to_read(production, Customer));
        }
    }

    #[test]
    fn every_condition_has_a_word_of_its_own() {
        let mut names = ALL.map(Condition::name);
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    }
}
