Feature: Tokens for a client secret

  @release:spring-2025
  Scenario: The right secret gets an access token
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the app gets an access token
