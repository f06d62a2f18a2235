//! What a platform demands of its clients, rule by rule, so that a platform can be played that passes
//! one of them over.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One demand on a client, a user or a developer.
///
/// A rule that is a choice of the platform is a setting of its own; these are the ones that no
/// platform is free to leave out.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, JsonSchema, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// A request for a token is a form in the body.
    FormEncoded,
    /// Parameters of a token request are not in the address.
    ParametersInBody,
    /// No parameter is sent twice.
    ParametersOnce,
    /// A client uses one method of authentication in a request.
    OneAuthenticationMethod,
    /// A client's secret is the right one.
    ClientSecret,
    /// A client's id and secret are form-encoded in the header.
    ClientSecretFormEncoded,
    /// The name of an authentication scheme is read in any case.
    AuthenticationSchemeCase,
    /// A client's secret comes in a header, where the platform takes it nowhere else.
    ClientSecretInHeader,
    /// A client's secret is not read from the address.
    ClientSecretNotInAddress,
    /// An app proves itself by the method that it registered.
    RegisteredMethod,
    /// A `client_id` beside a proof is the client that proved itself.
    SameClientId,
    /// A client that has a proof uses it.
    ConfidentialClientProves,
    /// `client_assertion_type` is the one for JWTs.
    AssertionType,
    /// `iss` of an assertion is its `sub`.
    AssertionIssuerIsSubject,
    /// An assertion's header has no strange `typ`.
    AssertionTyp,
    /// An assertion's `jku` is the registered address.
    AssertionJku,
    /// An assertion is signed at all.
    AssertionSigned,
    /// An assertion is not authenticated by a public key that was used as a secret.
    AssertionNoHmac,
    /// An assertion's `alg` is one that the platform takes.
    AssertionAlgorithm,
    /// An assertion's `kid` is a key of the app.
    AssertionKid,
    /// An assertion's header asks for no extension that the platform does not know.
    AssertionCrit,
    /// An assertion's signature is that of the key.
    AssertionSignature,
    /// An assertion has an `exp`.
    AssertionExp,
    /// An assertion has not expired.
    AssertionNotExpired,
    /// An assertion does not expire too far ahead.
    AssertionLifetime,
    /// An assertion is valid already.
    AssertionNbf,
    /// An assertion was not made after it expires.
    AssertionIat,
    /// An assertion is meant for this platform.
    AssertionAud,
    /// An assertion's `jti` is a text of use.
    AssertionJti,
    /// An assertion's `jti` was not used before.
    AssertionReplay,
    /// An assertion names its key.
    AssertionKidSent,
    /// An assertion is signed by the key that it names, not by another one of the app.
    AssertionKeyNamed,
    /// An assertion does not bring the key that proves it.
    AssertionKeyRegistered,
    /// Any key of an app signs, not only its first.
    AssertionAnyKey,
    /// An assertion's `aud` is compared letter by letter.
    AssertionAudExact,
    /// An assertion's `aud` may name others beside the platform.
    AssertionAudAmongOthers,
    /// An assertion has a `jti`, where the platform wants one.
    AssertionJtiSent,
    /// Claims of an assertion that nobody knows change nothing.
    AssertionClaimsUnknown,
    /// The key set that an app hosts is fetched.
    HostedKeysFetched,
    /// A hosted key set is kept as long as its answer allows.
    HostedKeysKept,
    /// A hosted key set is kept no longer than that.
    HostedKeysRunOut,
    /// A key that is not in the copy of a hosted set is looked for in the set itself.
    HostedKeysRefetched,
    /// A hosted key set comes from the registered address itself, not from where that leads.
    HostedKeysNotRedirected,
    /// An app whose hosted key set cannot be had is not let in.
    HostedKeysNeeded,
    /// An app without users gets tokens by `client_credentials` only.
    SystemAppGrant,
    /// An app with users gets no tokens by `client_credentials`.
    UserAppGrant,
    /// A scope is written as RFC 6749 has it.
    ScopeSyntax,
    /// A scope is approved for the app.
    ScopeApproved,
    /// A redemption names the redirect URI.
    CodeRedirectUriSent,
    /// A redemption names the redirect URI of the authorize request.
    CodeRedirectUriSame,
    /// A code is redeemed by the client that it was issued to.
    CodeClient,
    /// A code is redeemed once.
    CodeSingleUse,
    /// A code that comes back ends the tokens that it was redeemed for.
    CodeReplayEndsTokens,
    /// A code is redeemed in time.
    CodeNotExpired,
    /// A code survives a few failed attempts only.
    CodeAttempts,
    /// A code that was issued for a challenge is redeemed with a verifier.
    VerifierSent,
    /// A verifier has the length and the letters of RFC 7636.
    VerifierSyntax,
    /// A verifier fits the challenge.
    VerifierFits,
    /// A verifier comes only with a code that was issued for a challenge.
    VerifierAskedFor,
    /// A public client sends a challenge.
    ChallengeOfPublicClient,
    /// A `code_challenge_method` comes with a challenge.
    ChallengeBesideMethod,
    /// A challenge is the one of a verifier by SHA-256.
    ChallengeSyntax,
    /// A challenge is made by S256.
    ChallengeMethod,
    /// A refresh token is used by the client that it was issued to.
    RefreshTokenClient,
    /// A refresh token of what was revoked or ended is refused.
    RefreshTokenLives,
    /// A refresh token is used in time.
    RefreshTokenNotExpired,
    /// A refresh token that was replaced is refused.
    RefreshTokenReplay,
    /// A refresh asks for no more than was granted.
    RefreshScope,
    /// A code or a refresh token is compared as a whole.
    CodeOrTokenWhole,
    /// What is presented as refresh token is one, and no code.
    RefreshTokenKind,
    /// A refresh names its scopes, where the platform wants them.
    RefreshScopeSent,
    /// A refresh that asks for less gets less.
    RefreshScopeNarrows,
    /// A refresh that asks for less does not shrink what the user granted.
    RefreshKeepsGrant,
    /// Each use of a refresh token starts its time anew.
    RefreshTokenSlides,
    /// A refresh token for offline access outlives the user's session.
    RefreshOutlivesSession,
    /// What users granted outlives the app's secret.
    GrantOutlivesSecret,
    /// A login without offline access gives no refresh token.
    RefreshTokenAskedFor,
    /// An app makes so many token requests in a minute, where the platform has a quota.
    TokenQuota,
    /// An opaque access token opens what a JWT opens.
    OpaqueTokenKnown,
    /// Only the own app is told of a token.
    IntrospectionOwnToken,
    /// A question about a token has a hint, where the platform wants one.
    IntrospectionHintSent,
    /// An app ends its own tokens only.
    RevocationOwnToken,
    /// A redirect URI is one of the registration.
    RedirectUriRegistered,
    /// A visit of the login pages ends with one answer to the app.
    VisitAnsweredOnce,
    /// No parameter of an authorize request is sent twice.
    AuthorizeParametersOnce,
    /// A redirect URI keeps the query that it was registered with.
    RedirectUriKeepsQuery,
    /// Users do not sign in to an app that works without them.
    AuthorizeUserApp,
    /// A request does not come in another form (`request`, `request_uri`, `registration`).
    AuthorizeParametersSupported,
    /// `response_type` is `code`.
    ResponseType,
    /// `response_mode` is one that is offered.
    ResponseMode,
    /// `aud` is a FHIR base of this platform.
    AuthorizeAud,
    /// The scope `launch` comes with a launch.
    LaunchSent,
    /// A launch is known, the app's own, and not over.
    LaunchLives,
    /// A launch is good for one sign-in.
    LaunchSingleUse,
    /// `aud` is the `iss` of the launch.
    LaunchAud,
    /// A launch address keeps the query that it was registered with.
    LaunchUrlKeepsQuery,
    /// `prompt=none` stands alone.
    PromptNoneAlone,
    /// After `prompt=none` no page is shown.
    PromptNoneSilent,
    /// After `prompt=login` a user signs in again.
    PromptLogin,
    /// A user whose sign-in is older than `max_age` signs in again.
    MaxAge,
    /// A user name and a password are filled in.
    SignInFilledIn,
    /// A password is the user's.
    Password,
    /// A user is one of the environment.
    UserEnvironment,
    /// A user is of the kind that the app is for.
    UserKind,
    /// A session spares its user another sign-in.
    SessionServes,
    /// The session's cookie is kept from scripts.
    SessionCookieHttpOnly,
    /// Who may share several records chooses one.
    RecordChosen,
    /// An app gets a code only if its user allows something.
    ConsentGiven,
    /// An app gets no scope that its user does not allow.
    ConsentNarrows,
    /// A sign-out ends the session.
    LogoutEndsSession,
    /// A user who is signed out is sent to a registered address only.
    LogoutRedirectRegistered,
    /// `id_token_hint` of a sign-out is an ID token of this platform.
    LogoutHint,
    /// A developer's email address is verified, where the portal asks for that.
    DeveloperVerified,
    /// Who uses the portal is signed in.
    DeveloperSession,
    /// A registration leaves nothing out that its kind of app needs.
    RegistrationComplete,
    /// Level, category and environment of an app are among those that there are.
    RegistrationChoice,
    /// An app of Production from the start is of a category that may be.
    EnvironmentChoice,
    /// A developer agrees to the terms.
    TermsAccepted,
    /// An app proves itself in a way that fits where it runs.
    MethodOfKind,
    /// An address to which users are sent is absolute, protected and without fragment.
    RedirectUriSyntax,
    /// A key set is hosted at a protected address.
    HostedKeysProtected,
    /// What is imported as a key set is one, of public keys.
    ImportedKeySet,
    /// An imported key set has a key.
    ImportedKeySetFilled,
    /// Two imported keys have two ids.
    ImportedKeyIds,
    /// An imported key has all members of its type.
    ImportedKeyMembers,
    /// An imported key is long enough, and of values that fit each other.
    ImportedKeyStrength,
    /// A secret is shown once.
    SecretShownOnce,
    /// A secret that was replaced is refused.
    SecretReplaced,
    /// The credentials of an app that was deleted are refused.
    AppDeleted,
    /// Credentials are good in their own environment only.
    CredentialsEnvironment,
    /// A scope that is selected is one that there is.
    ScopeKnown,
    /// A scope that is selected fits who uses the app.
    ScopeOfUsers,
    /// A scope that is selected is of the APIs that such an app may call.
    ScopeOfLevel,
    /// A selected scope is good only when it is confirmed.
    ScopeConfirmed,
    /// A scope that is selected no longer is good no longer.
    ScopeDeselected,
    /// Some scopes wait for the platform's staff.
    ScopeByRequest,
    /// Launch context is for who asks for the scope `launch`.
    LaunchScope,
    /// An app of Certified APIs calls no others.
    CertifiedApis,
    /// What is needed beyond the Certified APIs is contracted.
    Contract,
    /// A Tech Spec was reviewed.
    TechSpec,
    /// An app passed Solution Validation.
    SolutionValidation,
    /// Production was requested, where that is asked for.
    ProductionRequest,
    /// A practice asked for the app.
    PracticeRequest,
    /// A practice enabled the app.
    PracticeEnablement,
    /// A practice consented.
    PracticeConsent,
    /// What a practice takes back holds no longer.
    PracticeWithdrawal,
    /// An access token is signed by the platform.
    BearerSignature,
    /// An access token is of this environment.
    BearerIssuer,
    /// An access token has not expired.
    BearerNotExpired,
    /// An access token was not revoked.
    BearerNotRevoked,
    /// An access token comes in one way.
    BearerOneWay,
    /// An access token reaches only practices that let the app in.
    BearerPractice,
    /// A user's access token reaches only the records that the user shares.
    BearerRecord,
    /// An access token is not in the address.
    BearerInHeader,
    /// The name of the scheme `Bearer` is read in any case.
    BearerSchemeCase,
    /// A scope opens the resource types that it names.
    FhirScope,
    /// A scope to read does not let search, and one to search does not let read.
    FhirScopeAccess,
    /// A condition of a scope holds for reads and searches.
    FhirScopeCondition,
    /// The athenaOne API asks for a scope of its own.
    ServiceScope,
    /// A search names its practice.
    SearchPractice,
    /// A search names its practice in full.
    SearchPracticeForm,
    /// TLS 1.0 and 1.1 are refused.
    TlsVersion,
    /// A platform over TLS answers nothing without it.
    TlsOnly,
    /// The certificate is for the platform's own host.
    CertificateHost,
}
