//! What is to be asked next, and what happens when nothing is.

use std::cmp::Reverse;

use axum::response::Response;

use super::notice::{no_record, no_visit};
use super::page::{Look, redirect};
use super::session::{self, Consent, Purpose, Ticket, signed_in};
use crate::dialect::{Patient, Rule, User, UserKind};
use crate::mock::oauth::{
    AuthorizeRequest, Grant, deliver_code, deliver_error, deliver_silent_refusal,
};
use crate::mock::platform::{Platform, SESSION_LENGTH};
use crate::mock::portal::EndUsers;
use crate::mock::request::Received;
use crate::protocol::scope::Level;
use crate::protocol::{ErrorCode, OAuthError, Scope, ScopeSet, random};

/// What a visit waits for.
pub(super) enum Step {
    /// Somebody has to sign in.
    SignIn,
    /// The user has to choose one of these records.
    ChooseRecord(Vec<String>),
    /// The user has to choose one of these visits.
    ChooseEncounter(Vec<String>),
    /// The user has no record that this app could be shown.
    NoRecord,
    /// The user has to consent to these scopes, for this record.
    Consent(ScopeSet, Option<String>),
    /// Nothing: this is granted.
    Done(Box<Grant>),
}

/// Begins a visit for an authorize request that passed every rule.
pub(in crate::mock) fn begin(
    platform: &Platform,
    request: &Received,
    authorization: AuthorizeRequest,
) -> Response {
    let session = session::session(platform, request).filter(|session| {
        signed_in(platform, Some(session)).is_none() || !platform.overlooks(Rule::SessionServes)
    });
    let silent = authorization.prompt.none && !platform.overlooks(Rule::PromptNoneSilent);
    let return_to = authorization.return_to.clone();
    let ticket = Ticket::new(platform, Purpose::Authorize(Box::new(authorization)));
    if silent {
        let refuse = |code, why: &str| {
            deliver_silent_refusal(platform, &return_to, &OAuthError::new(code, why))
        };
        return match authorized(&ticket).map(|asked| step(platform, session, &ticket, asked)) {
            Some(Step::Done(grant)) => finish(platform, session, &ticket, *grant),
            Some(Step::SignIn) => refuse(ErrorCode::LoginRequired, "Nobody is signed in."),
            Some(Step::Consent(..)) => {
                refuse(ErrorCode::ConsentRequired, "The user has not consented yet.")
            }
            _ => refuse(ErrorCode::InteractionRequired, "The user has something to answer."),
        };
    }
    let id = random::alphanumeric(SESSION_LENGTH);
    platform.state().tickets.insert(id.clone(), ticket);
    next(platform, session, &id)
}

/// Begins a visit for a page that needs a signed-in provider.
pub(in crate::mock) fn begin_page(platform: &Platform, request: &Received) -> Response {
    let query: Vec<(&str, &str)> = request.query.iter().collect();
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    let page = format!("{}?{query}", platform.path(&request.path));
    let id = random::alphanumeric(SESSION_LENGTH);
    platform.state().tickets.insert(id.clone(), Ticket::new(platform, Purpose::Page(page)));
    redirect(&format!("{}?ticket={id}", platform.login_path()))
}

/// Sends the user to what is to be asked next, or back to where the visit came from.
pub(super) fn next(platform: &Platform, session: Option<&str>, id: &str) -> Response {
    let Some(ticket) = ticket(platform, id) else {
        return no_visit(platform, id);
    };
    let login = platform.login_path();
    let asked = match &ticket.purpose {
        Purpose::Authorize(asked) => asked,
        Purpose::Page(page) if ticket.signed_in => {
            Ticket::end(platform, id);
            return redirect(page);
        }
        Purpose::Page(_) => return redirect(&format!("{login}?ticket={id}")),
        Purpose::Over(_) => return no_visit(platform, id),
    };
    match step(platform, session, &ticket, asked) {
        Step::SignIn => redirect(&format!("{login}?ticket={id}")),
        Step::ChooseRecord(_) => redirect(&format!("{login}/records?ticket={id}")),
        Step::ChooseEncounter(_) => redirect(&format!("{login}/encounters?ticket={id}")),
        Step::Consent(..) => redirect(&format!("{login}/consent?ticket={id}")),
        Step::NoRecord => no_record(platform, &ticket, id),
        Step::Done(grant) => match Ticket::end(platform, id) {
            Some(ticket) => finish(platform, session, &ticket, *grant),
            None => no_visit(platform, id),
        },
    }
}

/// What a visit for an app waits for.
pub(super) fn step(
    platform: &Platform,
    session: Option<&str>,
    ticket: &Ticket,
    asked: &AuthorizeRequest,
) -> Step {
    let Some((index, auth_time)) = signed_in(platform, session) else {
        return Step::SignIn;
    };
    let Some(user) = platform.sandbox().users.get(index) else {
        return Step::SignIn;
    };
    let now = platform.clock().unix();
    let again = !ticket.signed_in && asked.prompt.demands_login(platform, auth_time, now);
    if again || !suits(platform, user, asked) {
        return Step::SignIn;
    }
    let remembered = remembered(platform, session, asked).filter(|_| !asked.prompt.consent);
    let answered = remembered.as_ref();
    let chosen = ticket.record.clone().or_else(|| answered.and_then(|given| given.record.clone()));
    let record = match records(platform, user, asked) {
        None => None,
        // What another user of this browser chose is no choice of this one.
        Some(own) => match chosen.filter(|record| own.contains(record)) {
            Some(record) => Some(record),
            None => match own.as_slice() {
                [] => return Step::NoRecord,
                [only] if !platform.dialect().login.single_record_asked => Some(only.clone()),
                [first, _, ..] if platform.overlooks(Rule::RecordChosen) => Some(first.clone()),
                _ => return Step::ChooseRecord(own),
            },
        },
    };
    let visits = encounters(platform, asked, record.as_deref());
    let chosen =
        ticket.encounter.clone().or_else(|| answered.and_then(|given| given.encounter.clone()));
    let encounter = match chosen.filter(|visit| visits.contains(visit)) {
        None if visits.len() > 1 && platform.dialect().login.encounter_asked => {
            return Step::ChooseEncounter(visits);
        }
        chosen => chosen.or_else(|| visits.first().cloned()),
    };
    let questions = questions(platform, user, asked);
    let allowed = ticket.allowed.clone().or_else(|| answered.map(|given| given.scope.clone()));
    let scope = match allowed {
        Some(scope) => scope,
        None if questions.is_empty() && !asked.prompt.consent => asked.scope.clone(),
        None => return Step::Consent(questions, record),
    };
    let grant = asked.granted(index, auth_time, scope, record);
    Step::Done(Box::new(Grant { encounter, ..grant }))
}

/// The visit of a ticket, if it is not over.
pub(super) fn ticket(platform: &Platform, id: &str) -> Option<Ticket> {
    let now = platform.clock().unix();
    let state = platform.state();
    let visit = state.tickets.get(id).filter(|ticket| ticket.expires > now)?;
    visit.going_on(platform).cloned()
}

/// The app that a visit is for.
pub(in crate::mock) fn visiting_app(platform: &Platform, id: &str) -> Option<String> {
    let state = platform.state();
    authorized(state.tickets.get(id)?).map(|asked| asked.app.client_id.clone())
}

/// The authorize request that a visit is for.
pub(super) fn authorized(ticket: &Ticket) -> Option<&AuthorizeRequest> {
    match &ticket.purpose {
        Purpose::Authorize(asked) => Some(asked),
        Purpose::Page(_) | Purpose::Over(_) => None,
    }
}

/// In whose name the pages of a visit speak, and where they may lead.
pub(super) fn look(platform: &Platform, visit: &Ticket) -> Look {
    let Some(asked) = authorized(visit) else {
        return Look::of(platform, UserKind::Provider).leading_to(None);
    };
    let user = match asked.app.end_users {
        Some(EndUsers::Providers) => UserKind::Provider,
        Some(EndUsers::Patients | EndUsers::Anybody) | None => UserKind::Patient,
    };
    Look::of(platform, user)
        .leading_to(asked.return_to.scheme())
        .within_the_platform(asked.launch.is_some())
}

/// Ends a visit because the user said no.
pub(super) fn deny(platform: &Platform, id: &str) -> Response {
    let asked = ticket(platform, id).filter(|visit| authorized(visit).is_some());
    let ended = asked.and_then(|_| Ticket::end(platform, id));
    match ended.as_ref().and_then(authorized) {
        Some(asked) => {
            let error = OAuthError::new(ErrorCode::AccessDenied, "The user did not allow access.");
            deliver_error(&asked.return_to, &error)
        }
        None => no_visit(platform, id),
    }
}

/// Whether a user may sign in to an app at all.
pub(super) fn suits(platform: &Platform, user: &User, asked: &AuthorizeRequest) -> bool {
    let is_of_the_kind = match asked.app.end_users {
        Some(EndUsers::Patients) => user.kind == UserKind::Patient,
        Some(EndUsers::Providers) => user.kind == UserKind::Provider,
        Some(EndUsers::Anybody) => true,
        None => false,
    };
    (is_of_the_kind || platform.overlooks(Rule::UserKind)) && asked.prompt.admits(user)
}

/// Remembers the consent for the session and sends the user to the app with a code.
fn finish(
    platform: &Platform,
    session: Option<&str>,
    ticket: &Ticket,
    mut grant: Grant,
) -> Response {
    let Some(asked) = authorized(ticket) else {
        return no_visit(platform, "");
    };
    grant.session = session.map(str::to_owned);
    {
        let mut state = platform.state();
        let session = session.and_then(|id| state.sessions.get_mut(id));
        if let Some(session) = session {
            let given = Consent {
                scope: grant.scope.clone(),
                record: grant.patient.clone(),
                encounter: grant.encounter.clone(),
            };
            // Whoever allows ever new things is asked again.
            if session.consents.len() == MOST_CONSENTS {
                session.consents.clear();
            }
            session.consents.insert(Purpose::asked(asked), given);
        }
        if let Some(id) = &asked.launch {
            let launch = state.launches.get_mut(id).filter(|launch| {
                launch.user == grant.user
                    && (!launch.used || platform.overlooks(Rule::LaunchSingleUse))
            });
            let Some(launch) = launch else {
                drop(state);
                let why = "The launch was used already, or is another provider's.";
                let error = OAuthError::new(ErrorCode::InvalidRequest, why);
                return deliver_error(&asked.return_to, &error);
            };
            launch.used = true;
            grant.organization.practice = Some(launch.context.practice);
            grant.launch = Some(launch.context.clone());
        }
    }
    deliver_code(platform, asked, grant)
}

fn remembered(
    platform: &Platform,
    session: Option<&str>,
    asked: &AuthorizeRequest,
) -> Option<Consent> {
    let state = platform.state();
    let session = state.sessions.get(session?)?;
    session.consents.get(&Purpose::asked(asked)).cloned()
}

/// The records that the user may choose from; `None` if the app asks for no single record.
fn records(platform: &Platform, user: &User, asked: &AuthorizeRequest) -> Option<Vec<String>> {
    let is_about_one = |scope: &Scope| {
        matches!(scope.as_str(), "launch/patient" | "launch/encounter")
            || scope.resource().is_some_and(|resource| resource.level == Level::Patient)
    };
    if asked.launch.is_some() || !asked.scope.iter().any(is_about_one) {
        return None;
    }
    let own = |patient: &&Patient| match user.kind {
        UserKind::Patient => user.records.contains(&patient.id),
        UserKind::Provider => user.practices.contains(&patient.practice),
    };
    let patients = platform.sandbox().patients.iter().filter(own);
    let named = patients.filter(|patient| asked.organization.holds(patient.practice));
    Some(named.map(|patient| patient.id.clone()).collect())
}

/// The visits of a record that an app may be told of, the latest first; none if it asks for none.
fn encounters(platform: &Platform, asked: &AuthorizeRequest, record: Option<&str>) -> Vec<String> {
    let wanted = record.filter(|_| asked.scope.contains("launch/encounter"));
    let visits = platform.sandbox().encounters.iter();
    let mut visits: Vec<_> =
        visits.filter(|visit| Some(visit.patient.as_str()) == wanted).collect();
    visits.sort_by_key(|visit| Reverse(visit.start));
    visits.into_iter().map(|visit| visit.id.clone()).collect()
}

/// The scopes that the user has to be asked about.
fn questions(platform: &Platform, user: &User, asked: &AuthorizeRequest) -> ScopeSet {
    let rules = &platform.dialect().authorize;
    if !rules.consent_asked_of.contains(&user.kind) && !asked.prompt.consent {
        return ScopeSet::default();
    }
    let names = asked.scope.iter().map(Scope::as_str);
    names.filter(|name| !rules.scopes_without_consent.iter().any(|free| free == name)).collect()
}

/// Answers that are remembered of one session.
const MOST_CONSENTS: usize = 200;
