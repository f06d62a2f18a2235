Feature: Signing in at a health plan
  A member of a health plan signs in at the plan, and the app gets a code and then its tokens. The
  platform asks for little: state and scope may be left out.

  Background:
    Given a patient web app with a client secret

  @browser @req:ONEUP-PA-DEMO-PLAN @req:ONEUP-PA-CODE
  Scenario: A member signs in and the app reads the record
    When the patient signs in and allows access
    Then the user was asked to sign in
    And the user comes back with a code
    When the app redeems the code
    Then the app gets an access token
    When the app reads "Patient/{record}"
    Then the answer is the Patient "{record}"

  @browser @req:ONEUP-PA-DEMO-PLAN
  Scenario: A wrong password brings no code
    When the patient signs in with a wrong password
    Then the user is told that the sign-in failed

  @req:ONEUP-PA-CODE
  Scenario: Without a code there is no token
    When the app asks for a token
    Then the request is refused with 400 "unauthorized_client" or "unsupported_grant_type"

  @browser @needs:clock @req:ONEUP-PA-CODE-5MIN
  Scenario: A code is good for almost five minutes
    When the patient signs in and allows access
    And 299 seconds pass
    And the app redeems the code
    Then the app gets an access token

  @browser @needs:clock @req:ONEUP-PA-CODE-5MIN
  Scenario: A code is worthless after five minutes
    When the patient signs in and allows access
    And 301 seconds pass
    And the app redeems the code
    Then the request is refused with 400 "invalid_grant"

  @browser @req:ONEUP-PA-STATE-OPTIONAL
  Scenario: The state may be left out
    Given the app is going to send a sign-in request with these changes:
      | parameter | value  |
      | state     | (none) |
    When the patient signs in and allows access
    Then the user comes back with a code

  @browser @req:ONEUP-PA-DEFAULT-SCOPE
  Scenario: The scope may be left out
    Given the app is going to ask for "(none)"
    When the patient signs in and allows access
    And the app redeems the code
    Then the token is good for "patient/*.read"

  @req:ONEUP-PA-DEFAULT-SCOPE
  Scenario: A scope that nobody knows is refused
    When the app sends a user to sign in with the "scope" "nonsense"
    Then the user comes back with the error "invalid_scope"

  @browser @req:ONEUP-PA-REFRESH
  Scenario: Each refresh gives a new pair of tokens
    When the patient signs in and allows access
    And the app redeems the code
    And the app refreshes its tokens
    Then the app gets an access token
    And the refresh token is another than before
    When the app refreshes its tokens with the "refresh_token" "{earlier refresh token}"
    Then the request is refused with 400 "invalid_grant"
