Feature: Tokens for a client secret

  @req:TSEC-SIMPLEST
  Scenario: The right secret gets an access token
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the app gets an access token

  @req:TSEC-WRONG-SECRET
  Scenario: The right secret is refused
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the request is refused with 401 "invalid_client"
