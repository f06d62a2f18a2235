Feature: Tokens
  Scenario: The right secret
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the app gets an access token

  Scenario: Too often
    Given a 2-legged app with a client secret
    When the app asks for 6 tokens at once
    Then the app gets an access token

  Scenario: Given back
    Given a 2-legged app with a client secret
    When the app asks for a token
    And the app revokes its access token
    Then the platform answers with status 200

  @needs:clock
  Scenario: Too late
    Given a 2-legged app with a client secret
    When the app asks for a token
    And 2 hours pass
    Then the app gets an access token

  Scenario: A patient
    Given a patient browser app with PKCE
    When the patient signs in and allows access
    And the app redeems the code
    Then the app gets an access token
