Feature: What a token answer says, and what it does not
  Around the access token the platform says for how long and for what it is good, who the user is,
  and how the user signed in. Sources disagree in some points; an app that reads what is there,
  instead of expecting it, gets on with each.

  @browser @req:TRES-UP-TO-THREE-TOKENS @req:TRES-3L-REFRESH-TOKEN
  Scenario: A login gives three tokens
    Given a patient native app with PKCE
    When the patient signs in and allows access
    And the app redeems the code
    Then the app gets an access token
    And there is a refresh token
    And there is an ID token

  @browser @req:IDT-SIGNED-RS256
  Scenario: The ID token says by which key it is signed
    Given a patient native app with PKCE
    When the patient signs in and allows access
    And the app redeems the code
    Then the ID token can be trusted
    And the ID token's alg matches "^RS256$"
    And the ID token's kid matches "^[\w-]{8,}$"

  @browser @req:OIDC-02
  Scenario: The ID token is signed by a key that the platform publishes
    Given a patient native app with PKCE
    When the patient signs in and allows access
    And the app redeems the code
    Then the ID token can be trusted

  @browser
  Scenario Outline: The ID token says <what>
    Given a patient native app with PKCE
    When the patient signs in and allows access
    And the app redeems the code
    Then the ID token's <claim> matches '<pattern>'

    @req:IDT-AMR-PWD
    Examples: The way to sign in
      | what                   | claim | pattern |
      | how the user signed in | amr   | pwd     |

    @req:IDT-IDP
    Examples: The provider
      | what               | claim | pattern           |
      | who knows the user | idp   | ^00o[A-Za-z0-9]+$ |

    @req:IDT-VER
    Examples: The version
      | what                | claim | pattern |
      | which version it is | ver   | ^1$     |

  @browser @req:IDT-LIFETIME
  Scenario: The ID token lives for an hour
    Given a patient native app with PKCE
    When the patient signs in and allows access
    And the app redeems the code
    Then the ID token's exp is 3600 seconds after its iat

  @browser @needs:clock @req:IDT-AUTH-TIME
  Scenario: Who is recognised did not sign in again
    Given a patient native app with PKCE
    When the patient signs in and allows access
    And the app redeems the code
    Then the ID token's iat is 0 seconds after its auth_time
    When 120 seconds pass
    And the app sends the patient to sign in again
    And the app redeems the code
    Then the ID token's auth_time is the same as before
    And the ID token's iat is 120 seconds after its auth_time

  @browser @req:IDT-SUB
  Scenario: A user has one identifier
    Given a patient native app with PKCE
    When the patient signs in and allows access
    And the app redeems the code
    And the app sends the patient to sign in again
    And the app redeems the code
    Then the ID token's sub is the same as before
    And the ID token's sub matches "^[ -~]{1,255}$"

  @browser @req:TRES-SCOPE-MEMBER
  Scenario: The answer to a code names the scopes that the user allowed
    Given a patient native app with PKCE
    And the app is going to ask for "openid launch/patient patient/Patient.read"
    When the patient signs in and allows access
    And the app redeems the code
    Then the token is good for "openid launch/patient patient/Patient.read"

  @needs:portal @req:ATJ-CLAIMS
  Scenario: The access token of a system names the app
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the access token has the claims "ver jti iss aud iat exp cid scp sub"
    And the access token's exp is 3600 seconds after its iat

  @browser @req:ATJ-CLAIMS
  Scenario: The access token of a user names user and app
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    Then the access token has the claims "ver jti iss aud iat exp cid scp sub uid auth_time"
    And the access token's exp is 3600 seconds after its iat

  @browser @needs:ehr @needs:portal @req:ATJ-AH-PRACTICE
  Scenario: The access token of a provider names the place
    Given a provider web app with a client secret
    When the provider opens the app from the chart of "a-195900.E-60178"
    And the app continues the launch
    And the app redeems the code
    Then the access token has the claims "ah_practice ah_department"

  @needs:portal @needs:settings @req:TRES-ACCESS-TOKEN-OPAQUE-SAMPLE
  Scenario: An access token that says nothing of itself opens as much
    Given the platform's setting "token.opaque_access_tokens" is "true"
    And a 2-legged app with a client secret
    When the app asks for a token
    Then the app gets an access token
    When the app reads "Patient/a-195900.E-60178"
    Then the answer is the Patient "a-195900.E-60178"
    When the app reads "Patient/a-195900.E-60178" with an altered token
    Then the call is refused with 401 and no data

  @needs:portal @needs:settings @req:TRES-EXPIRES-IN-STRING
  Scenario: The lifetime may be a text
    Given the platform's setting "token.expires_in_as_string" is "true"
    And a 2-legged app with a client secret
    When the app asks for a token
    Then the app gets an access token
    And the token lives for 3600 seconds

  @needs:portal @needs:settings @needs:clock @req:TRES-EXPIRES-IN-300-SAMPLE
  Scenario: The lifetime may be the five minutes of the samples
    Given the platform's setting "lifetimes.system_access_token" is "300"
    And a 2-legged app with a client secret
    When the app asks for a token
    Then the token lives for 300 seconds
    When 301 seconds pass
    And the app reads "Patient/a-195900.E-60178"
    Then the call is refused with 401 and no data

  @needs:portal @needs:settings @req:TRES-GATEWAY-ENVELOPE
  Scenario: A refusal may have the gateway's own words
    Given the platform's setting "errors.writes_phrases" is "true"
    And a 2-legged app with a client secret
    When the app asks for a token for "system/Observation.read"
    Then the request is refused with 400 "invalid_scope"

  @needs:portal @req:CLI-REQUEST-ID
  Scenario: Every answer has a number for the platform's support
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the answer carries the header "X-Request-Id"
    When the app asks for a token with the "client secret" "(changed)"
    Then the answer carries the header "X-Request-Id"

  @req:TRES-TOKEN-UNGUESSABLE
  Scenario Outline: Nobody can guess <token>
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    Then <token> fits in a header and cannot be guessed

    @req:TOK-07
    Examples:
      | token            |
      | the access token |

    @req:REF-21
    Examples:
      | token             |
      | the refresh token |

  @browser @req:OIDC-10
  Scenario Outline: The ID token of a <user> leads to who that is
    Given a patient web app with a client secret
    When the <user> signs in and allows access
    And the app redeems the code
    Then the ID token's fhirUser matches "(^|/)(Patient|Practitioner|PractitionerRole|RelatedPerson|Person)/[A-Za-z0-9.-]{1,64}$"
    When the app reads "{ID token's fhirUser}"
    Then the answer has the resourceType "{ID token's fhirUser type}"
    And the answer has the id "{ID token's fhirUser id}"

    Examples:
      | user    |
      | patient |
      | parent  |

  @browser @req:OIDC-11
  Scenario: An app in the browser may read who the user is
    Given a patient browser app with PKCE
    When the patient signs in and allows access
    And the app redeems the code
    And the app reads "{ID token's fhirUser}" from a script in a browser
    Then the answer has the resourceType "{ID token's fhirUser type}"
    And scripts of other sites may read the answer

  @browser @req:OIDC-12
  Scenario: The platform names one user in both places
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    Then the userinfo endpoint, if there is one, names the user of the ID token

  @browser @needs:settings @req:OIDC-13
  Scenario: What the platform signed is good after its key was changed
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    And the platform changes its signing key
    Then the ID token can be trusted
    When the app sends the patient to sign in again
    And the app redeems the code
    Then the ID token can be trusted

  @browser @req:TOK-04
  Scenario: A user's token lives for an hour at most
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    Then the token lives for at most 3600 seconds
