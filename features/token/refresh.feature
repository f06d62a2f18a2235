@browser
Feature: Refreshing tokens
  A user who allowed offline access does not have to sign in again each hour: the app trades its
  refresh token for new tokens, for 90 days after the last use.

  Background:
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code

  @smoke @req:REFRESH-3L-ONLY @req:TOKEN-GRANT-3L-REFRESH
  Scenario: A refresh token gets new tokens
    When the app refreshes its tokens
    Then the app gets an access token
    And the answer looks like the accepted "refreshed tokens"

  @req:REFRESH-NEW-ACCESS-TOKEN
  Scenario: Each refresh gives another access token
    When the app refreshes its tokens
    And the app refreshes its tokens
    Then the access token is another than before

  @req:REF-11
  Scenario: What came with a refresh can refresh again
    When the app refreshes its tokens
    And the app refreshes its tokens
    Then the app gets an access token

  @req:REFRESH-RESPONSE-SHAPE
  Scenario: A refresh is answered like the first exchange
    When the app refreshes its tokens
    Then the app gets an access token
    And the token lives for 3600 seconds
    And there is an ID token

  @req:REFRESH-SCOPE-NARROWED
  Scenario: A refresh may ask for less
    When the app refreshes its tokens with the "scope" "openid patient/Patient.read"
    Then the token is good for "openid patient/Patient.read"

  @req:REFRESH-SCOPE-NARROWED
  Scenario: What was not asked for cannot be read
    When the app refreshes its tokens with the "scope" "openid launch/patient"
    Then the app gets an access token
    When the app reads "Patient/{record}"
    Then the call is refused with 403 or 401 and no data

  @req:REFRESH-NARROW-THEN-WIDEN
  Scenario: Asking for less once does not shrink the grant
    When the app refreshes its tokens with the "scope" "openid patient/Patient.read"
    And the app refreshes its tokens with the "scope" "{earlier granted scopes}"
    Then the app gets an access token

  @req:REFRESH-SCOPE-SUBSET
  Scenario: A refresh cannot ask for more
    When the app refreshes its tokens with the "scope" "openid patient/Patient.read patient/Condition.read"
    Then no scope is granted that was not approved

  @req:REFRESH-CLIENT-AUTH
  Scenario: An app with a secret authenticates when it refreshes
    When the app refreshes its tokens with the "client secret" "(none)"
    Then the request is refused with 401 "invalid_client"

  @req:REFRESH-CLIENT-AUTH
  Scenario: Another secret than the app's gets no tokens
    When the app refreshes its tokens
    Then the app gets an access token
    When the app refreshes its tokens with the "client secret" "(changed)"
    Then the request is refused with 401 "invalid_client"

  @req:REF-09
  Scenario: Whoever has the refresh token alone cannot spoil it
    When the app refreshes its tokens with the "client secret" "(changed)"
    Then the request is refused with 401 "invalid_client"
    When the app refreshes its tokens
    Then the app gets an access token

  @req:REFRESH-SAME-CONTEXT
  Scenario: The new tokens are for the same patient
    When the app refreshes its tokens
    Then the launch context has the patient "{record}"

  @req:REF-10
  Scenario: The new access token opens the same record
    When the app refreshes its tokens
    And the app reads "Patient/{record}"
    Then the answer is the Patient "{record}"

  @needs:portal @req:REFRESH-AFTER-ROTATION
  Scenario: A replaced secret does not end what users allowed
    When the developer replaces the client secret
    Then the client secret is shown
    When the app refreshes its tokens
    Then the app gets an access token

  @needs:portal @req:REFRESH-BOUND-CLIENT
  Scenario: Another app cannot use the refresh token
    Given another patient web app with a client secret
    When the other app refreshes the tokens
    Then the request is refused with 400 "invalid_grant"

  @req:REF-01
  Scenario: A refresh that says no scopes is for all that was allowed
    When the app refreshes its tokens with the "scope" "(none)"
    Then the token is good for "{earlier granted scopes}"

  @needs:settings @req:TOKEN-SCOPE-REQUIRED-REFRESH
  Scenario: A platform that follows the guides by the letter wants the scopes again
    Given the platform's setting "token.scope_required_on_refresh" is "true"
    When the app refreshes its tokens with the "scope" "(none)"
    Then the request is refused with 400 "invalid_request"
    When the app refreshes its tokens
    Then the app gets an access token

  @req:REFRESH-CODE-AS-REFRESH
  Scenario Outline: The <other> is no refresh token
    When the app refreshes its tokens with the "refresh_token" "{<other>}"
    Then the request is refused with 400 "invalid_grant"

    Examples:
      | other        |
      | code         |
      | access token |

  @req:REFRESH-ID-TOKEN-SAME-SUB
  Scenario: The ID token of a refresh is of the same user and app
    When the app refreshes its tokens
    Then the ID token's iss is the same as before
    And the ID token's sub is the same as before
    And the ID token's aud is the same as before

  @req:IDT-JTI
  Scenario: Each ID token has its own number
    When the app refreshes its tokens
    And the app refreshes its tokens
    Then the ID token's jti is another than before

  @needs:clock @req:IDT-AUTH-TIME
  Scenario: The ID token of a refresh is of the same sign-in
    When 90 seconds pass
    And the app refreshes its tokens
    Then the ID token's auth_time is the same as before
    And the ID token's iat is 90 seconds after its auth_time

  @req:REFRESH-AFTER-LOGOUT
  Scenario: A refresh token outlives the sign-in
    When the patient signs out of the platform
    And the app refreshes its tokens
    Then the app gets an access token

  @req:REFRESH-GARBAGE
  Scenario: An altered refresh token is refused
    When the app refreshes its tokens with the "refresh_token" "(changed)"
    Then the request is refused with 400 "invalid_grant"

  @req:TOKEN-REFRESH-TOKEN-REQUIRED
  Scenario: A refresh without a refresh token is incomplete
    When the app refreshes its tokens with the "refresh_token" "(none)"
    Then the request is refused with 400 "invalid_request"

  @needs:clock @req:REFRESH-LIFETIME-90D
  Scenario: A refresh token still works on the 89th day
    When 89 days pass
    And the app refreshes its tokens
    Then the app gets an access token

  @needs:clock @req:REFRESH-LIFETIME-90D
  Scenario: A refresh token that nobody used for 90 days has ended
    When 90 days pass
    And 1 second passes
    And the app refreshes its tokens
    Then the request is refused with 400 "invalid_grant"

  @needs:clock @req:REFRESH-SLIDING
  Scenario: Each use starts the 90 days anew
    When 80 days pass
    And the app refreshes its tokens
    Then the app gets an access token
    When 80 days pass
    And the app refreshes its tokens
    Then the app gets an access token
    When 91 days pass
    And the app refreshes its tokens
    Then the request is refused with 400 "invalid_grant"

  @req:REFRESH-NEEDS-OFFLINE @req:SCOPE-OFFLINE-ACCESS
  Scenario: Without offline access there is no refresh token
    Given the app is going to ask for "openid launch/patient patient/Patient.read"
    When the app sends the patient to sign in again
    And the app redeems the code
    Then the app gets an access token
    And the answer has no "refresh_token"

  @req:REFRESH-PUBLIC-SENDER-OR-ROTATE @req:REF-12
  Scenario: A refresh token that was replaced is spent
    Given a patient native app with PKCE
    When the app sends the patient to sign in again
    And the app redeems the code
    And the app refreshes its tokens
    And the app refreshes its tokens with the "refresh_token" "{earlier refresh token}"
    Then the request is refused with 400 "invalid_grant"

  @req:REFRESH-PUBLIC-SENDER-OR-ROTATE @req:REF-13
  Scenario: A refresh token that was replaced ends its successor too
    Given a patient native app with PKCE
    When the app sends the patient to sign in again
    And the app redeems the code
    And the app refreshes its tokens
    And the app refreshes its tokens with the "refresh_token" "{earlier refresh token}"
    And the app refreshes its tokens
    Then the request is refused with 400 "invalid_grant"
