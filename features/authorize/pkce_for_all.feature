Feature: Proof keys for every app
  SMART App Launch asks every app for a proof key, also one that keeps a secret.

  Background:
    Given a patient web app with a client secret

  @req:AUTH-40
  Scenario: An app with a secret needs a challenge too
    When the app sends a user to sign in with these changes:
      | parameter             | value  |
      | code_challenge        | (none) |
      | code_challenge_method | (none) |
    Then the user comes back with the error "invalid_request"

  @browser @req:PKCE-10
  Scenario: The verifier does not stand in for the secret
    When the patient signs in and allows access
    And the app redeems the code with these changes:
      | part or parameter | value       |
      | client secret     | (none)      |
      | client_id         | {client id} |
    Then the request is refused with 401 "invalid_client"

  @browser @req:PKCE-05
  Scenario: The challenge is no verifier
    Given the app is going to send a sign-in request with these changes:
      | parameter      | value                                       |
      | code_challenge | E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM |
    When the patient signs in and allows access
    And the app redeems the code with the "code_verifier" "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    Then the request is refused with 400 "invalid_grant"
