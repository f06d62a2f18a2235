//! What can be wrong with the app, by name: one way to break what is demanded of an app.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use super::app::Say;

/// Declares the flaws, each with its name in words.
macro_rules! flaws {
    ($($(#[$doc:meta])* $flaw:ident = $name:literal,)*) => {
        /// One thing that is wrong with the app.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "each is named in words")]
        pub enum Flaw { $($(#[$doc])* $flaw,)* }

        impl Flaw {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$flaw,)*];

            /// Its name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$flaw => $name,)* }
            }
        }
    };
}

flaws! {
    // Its own keys.
    PublishesPrivateKey = "publishes a private member of its key",
    PublishesSecretKey = "publishes a symmetric key",
    RepeatsKid = "publishes two keys of one kid",
    KeysWithoutKid = "publishes keys without kid",
    KeyTooShort = "publishes an RSA key of 1024 bits",
    PublishesManyKeys = "publishes more keys than it needs",
    KeysBehindLogin = "shows its keys to nobody",
    KeysWithoutAge = "does not say how long its keys are good",
    ShowsNewKeyOnly = "shows only the new key after a rotation",
    SignsWithOldKey = "signs with its old key after a rotation",
    // Discovery.
    GuessesEndpoints = "guesses the endpoints",
    IgnoresDiscovery = "ignores what the discovery document says",
    RelativeEndpoints = "does not resolve relative endpoints",
    StrictDiscovery = "refuses a discovery document with members that it does not know",
    AnyIssuer = "accepts any issuer in the OpenID configuration",
    AsksForHtml = "asks for discovery documents as HTML",
    PlainHttp = "uses endpoints without TLS",
    AnyCertificate = "accepts any certificate",
    PinsCertificate = "pins the certificate",
    OneAuthority = "trusts the first authority alone that it was handed",
    // The authorize request.
    AsksForTokenAtOnce = "asks for a token in the address",
    OtherClientId = "sends another client_id",
    OtherRedirectUri = "sends a redirect URI that is not registered",
    ScopeForgotten = "asks for no scope",
    ScopeByCommas = "separates scopes by commas",
    WritesScopesWrongly = "asks for a scope that breaks the grammar",
    LaunchScopeForgotten = "does not ask for the launch scope",
    LaunchScopeUpperCase = "writes launch/Patient with a capital",
    AsksForBothLaunches = "asks for launch and launch/patient",
    OpenidForgotten = "asks for fhirUser without openid",
    OfflineForgotten = "does not ask for offline_access",
    AsksForMore = "asks for a scope that it does not declare",
    LeavesScopeUnused = "does not use a scope that it asks for",
    StateForgotten = "sends no state",
    ShortState = "sends a short state",
    SameState = "sends the same state every time",
    LaunchAsState = "sends the launch as state",
    NonceForgotten = "sends no nonce",
    DoesWithoutPkce = "does without PKCE",
    SameNonce = "sends the same nonce every time",
    ChallengePlain = "sends the verifier as the challenge",
    SameVerifier = "uses the same code verifier every time",
    ShortVerifier = "uses a short code verifier",
    AudForgotten = "sends no aud",
    AudWrong = "sends its own address as aud",
    LaunchForgotten = "does not send the launch back",
    LaunchInvented = "sends a launch that it made up",
    MaxAge = "sends max_age",
    AsksForLogin = "asks for a login although the user has a session",
    SecretInAuthorize = "sends its secret with the user",
    PostsAddress = "posts its request with the parameters in the address",
    // The way back.
    AcceptsAnyState = "accepts any state",
    AcceptsNoState = "accepts a callback without state",
    AcceptsStateTwice = "accepts a state twice",
    AcceptsStateOfOthers = "accepts the state of another browser",
    AcceptsAnyIss = "accepts any iss in the callback",
    MissesNoIss = "does not miss an announced iss",
    AsksWhomIssNames = "asks for the token whom the callback names",
    SignsInAgainAtOnce = "signs in again at once after an error",
    ErrorAsHtml = "shows the error description unescaped",
    StrictCallback = "refuses a callback with parameters that it does not know",
    TakesAnyCode = "redeems anybody's code",
    RedeemsLate = "redeems the code after more than a minute",
    OpenRedirect = "follows an address in the callback",
    CutsCodes = "cuts long codes",
    DecodesCodes = "decodes codes twice",
    CodeStaysInAddress = "leaves the code in the address bar",
    CodeAsReferrer = "tells a third party the address with the code",
    // Token requests.
    TokenParametersInAddress = "asks for tokens with parameters in the address",
    OtherTokenEndpoint = "asks for tokens at another address",
    TokenRequestAsJson = "asks for tokens in JSON",
    RedirectUriForgotten = "redeems a code without redirect_uri",
    OtherRedirectUriRedeemed = "redeems a code with another redirect_uri",
    VerifierForgotten = "redeems a code without the verifier",
    ClientIdForgotten = "redeems a code without client_id",
    PublicSecret = "sends a secret although it is public",
    SecretInBody = "sends the secret in the body",
    ClientIdBesideHeader = "sends client_id beside the header",
    ProvesItselfTwice = "authenticates in two ways",
    RedeemsAgain = "redeems a code again after an outage",
    SystemScopeForgotten = "asks for no scope as a system",
    SendsUserWithoutUsers = "asks for authorization although it has no users",
    // The client assertion.
    AssertionType = "names another type of assertion",
    AssertionHmac = "signs assertions with HS256",
    AssertionKid = "leaves out the kid of assertions",
    AssertionKidUnknown = "makes up the kid of assertions",
    AssertionTyp = "leaves out the typ of assertions",
    AssertionJku = "names a foreign jku",
    AssertionSubject = "names somebody else as sub of assertions",
    AssertionAudience = "names itself as aud of assertions",
    AssertionLong = "makes assertions that last for hours",
    AssertionShort = "makes assertions that last three seconds",
    AssertionExpAsText = "writes the exp of assertions as text",
    AssertionJti = "uses the same jti every time",
    AssertionJtiForgotten = "leaves out the jti of assertions",
    AssertionReused = "sends the same assertion every time",
    // The ID token.
    AcceptsAlgNone = "accepts an ID token without signature",
    IgnoresSignature = "ignores the signature of the ID token",
    AcceptsAnyAlgorithm = "accepts any algorithm of the ID token",
    IgnoresIss = "ignores the iss of the ID token",
    IgnoresAud = "ignores the aud of the ID token",
    AudMissing = "accepts an ID token without aud",
    AudAsTextOnly = "refuses an ID token with a list as aud",
    AcceptsOtherAudiences = "accepts an ID token for others, too",
    IgnoresAzp = "ignores the azp of the ID token",
    AcceptsExpired = "accepts an expired ID token",
    ExpMissing = "accepts an ID token without exp",
    IatMissing = "accepts an ID token without iat",
    AnyIat = "ignores the iat of the ID token",
    SubMissing = "accepts an ID token without sub",
    IgnoresNonce = "ignores the nonce",
    NonceMissing = "accepts an ID token without nonce",
    IgnoresAtHash = "ignores the at_hash",
    NeedsKid = "refuses an ID token without kid",
    StrictIdToken = "refuses an ID token with claims that it does not know",
    BlankWithoutKid = "shows nothing if an ID token has no kid",
    BlankIfClocksDiffer = "shows nothing if the platform's clock is ahead",
    NeverFetchesKeysAgain = "never asks for new keys",
    FetchesKeysEachTime = "asks for keys again and again",
    NoLeeway = "allows clocks no difference",
    RefreshOfOtherIssuer = "accepts another issuer after a refresh",
    RefreshOfOtherUser = "accepts another user after a refresh",
    IgnoresUserinfoSub = "ignores whom UserInfo names",
    FhirUserRelativeOnly = "does not read an absolute fhirUser",
    FhirUserAbsoluteOnly = "does not read a relative fhirUser",
    FetchesForeignUser = "reads fhirUser from another host with the token",
    // The token answer.
    TokenTypeByLetter = "reads token_type letter by letter",
    AnyTokenType = "accepts any token_type",
    NeedsTokenType = "needs token_type",
    ExpiresInAsNumber = "reads expires_in as a number only",
    NeedsExpiresIn = "needs expires_in",
    StrictAnswers = "refuses a token answer with members that it does not know",
    TakesAllAsGranted = "takes all that it asked for as granted",
    NeedsNoPatient = "does not miss the patient",
    StrictContext = "refuses a launch context that it does not know",
    ReadsAccessToken = "reads the access token",
    CutsTokens = "cuts long tokens",
    TakesErrorsForTokens = "takes an error with status 200 for a token",
    // The life of tokens.
    KeepsOldRefreshToken = "keeps its first refresh token",
    CutsRefreshTokens = "cuts its refresh token",
    ForgetsRefreshToken = "forgets its refresh token if no other one comes",
    RefreshesForMore = "asks for more when it refreshes",
    RefreshScopeForgotten = "names no scope when it refreshes",
    NeverRefreshes = "never refreshes",
    UsesExpiredTokens = "does not renew before the token expires",
    UsesTokenForEver = "uses its token for ever",
    RefreshesForEver = "refreshes for ever after invalid_grant",
    RenewsForEachRequest = "renews the token for each request by itself",
    LogsInByItself = "sends the user to the login by itself",
    AsksForTokenEachTime = "asks for a token at every call",
    AsksWithoutMeasure = "asks for more than five tokens in a minute",
    LogsOutHereOnly = "does not log out at the platform",
    KeepsTokensAfterLogOut = "keeps its tokens after the logout",
    // The use of tokens.
    OtherScheme = "sends the token by another scheme",
    TriesWithoutToken = "calls without a token first",
    UsesIdToken = "uses the ID token as access token",
    TokenInAddress = "sends the token in the address",
    FollowsForeignPages = "follows next links to other hosts with the token",
    FollowsRedirects = "follows redirects with the token",
    FollowsReferences = "follows references to other hosts with the token",
    GivesUpOn401 = "gives up at the first 401",
    RenewsForEver = "never gives up on 401",
    RenewsOn403 = "renews the token after 403",
    LogsTokens = "writes tokens to its log",
    TokenInCookie = "keeps the token in an open cookie",
    SecretInPage = "has its secret in its page",
    TokenInPixel = "gives its token to a pixel",
    TokenInChat = "says its token in a chat",
    TellsThirdParty = "tells a third party who is there",
    CallsUndeclared = "calls an endpoint that it does not declare",
    ReadsMoreThanGranted = "reads what it may not read",
    PracticeForgotten = "searches without a practice",
    // Outages.
    RetriesAtOnce = "retries at once after 429",
    RetriesTokenSoon = "asks for tokens again soon after 429",
    RetriesErrorsAtOnce = "retries at once after an error",
    GivesUpAtOnce = "gives up at the first error",
    BlankOnTrouble = "shows nothing if something went wrong",
    RemembersOutages = "remembers an outage for ever",
    BrokenByLostRefresh = "never comes back after a refresh whose answer got lost",
    HangsOnReset = "hangs if a connection breaks",
    HangsWhenLate = "hangs if an answer is late",
    // The launch.
    WaitsAfterLaunch = "does not begin by itself when it is launched",
    AcceptsAnyLaunch = "lets any platform launch it",
    LaunchesOfItself = "accepts a launch that says too little",
    NeedsEncodedIss = "does not understand an iss that is not encoded",
    ShowsOldPatient = "shows the old patient after a launch",
    ShowsNewestPatient = "shows the newest patient in every tab",
    RefusesFrames = "refuses to be framed",
    // Behaviour as a program.
    HasNoButton = "has no button to log in",
    OpensNewTab = "opens a new tab",
    OpensDialog = "opens a dialog",
    LogsInByFrame = "shows the login in a frame of its own",
    RedirectsForEver = "redirects for ever",
    AnswersGarbage = "answers garbage",
    SendsDownload = "sends a download",
    DoesNotStart = "does not start",
    HangsAtStart = "hangs at start",
    HangsInTheMiddle = "hangs in the middle",
    CrashesInTheMiddle = "crashes in the middle",
    LeavesProcess = "leaves a process behind",
    WritesWithoutEnd = "writes without end",
}

/// A name that no flaw has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such flaw; `--list-flaws` names them all")]
pub struct UnknownFlaw;

/// The flaw that the app has, if it has one.
pub(super) struct Flaws {
    own: Option<Flaw>,
    /// What a rehearsal has said already.
    reached: Option<Mutex<BTreeSet<Flaw>>>,
    say: Say,
}

impl Flaws {
    pub(super) fn new(own: Option<Flaw>, rehearse: bool, say: Say) -> Self {
        Self { own, reached: rehearse.then(Mutex::default), say }
    }

    /// Whether the app is to behave wrongly here in this way.
    pub(super) fn has(&self, flaw: Flaw) -> bool {
        if let Some(reached) = &self.reached
            && reached.lock().unwrap_or_else(PoisonError::into_inner).insert(flaw)
        {
            (self.say)(&format!("reached {flaw}"));
        }
        self.own == Some(flaw)
    }

    /// Whether it is this flaw that the app has; a place of no matter for a rehearsal.
    pub(super) fn is(&self, flaw: Flaw) -> bool {
        self.own == Some(flaw)
    }

    /// Whether what has to hold does hold, or the flaw passes it over.
    pub(super) fn demand(&self, flaw: Flaw, holds: bool) -> bool {
        holds || self.has(flaw)
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Flaw {
    type Err = UnknownFlaw;

    fn from_str(name: &str) -> Result<Self, UnknownFlaw> {
        let known = Self::ALL.iter().copied().find(|flaw| flaw.name() == name);
        known.ok_or(UnknownFlaw)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flaw_is_found_by_its_name() {
        for flaw in Flaw::ALL {
            assert_eq!(flaw.name().parse(), Ok(*flaw));
        }
        assert_eq!("is perfect".parse::<Flaw>(), Err(UnknownFlaw));
    }

    #[test]
    fn a_rehearsal_says_once_which_flaws_have_their_place_where_the_app_comes() {
        let said = std::sync::Arc::new(Mutex::new(Vec::new()));
        let listener = std::sync::Arc::clone(&said);
        let say: Say =
            std::sync::Arc::new(move |line| listener.lock().unwrap().push(line.to_owned()));
        let flaws = Flaws::new(None, true, say);
        assert!(!flaws.has(Flaw::SameState));
        assert!(!flaws.has(Flaw::SameState));
        assert!(flaws.demand(Flaw::IgnoresIss, true));
        assert!(!flaws.demand(Flaw::IgnoresAud, false));
        let expected =
            ["reached sends the same state every time", "reached ignores the aud of the ID token"];
        assert_eq!(*said.lock().unwrap(), expected);
    }
}
