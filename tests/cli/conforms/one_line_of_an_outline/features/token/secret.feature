Feature: Tokens for a client secret

  Scenario Outline: The grant type <value> is not offered
    Given a 2-legged app with a client secret
    When the app asks for a token with the "grant_type" "<value>"
    Then the request is refused with 400 "unsupported_grant_type"

    Examples:
      | value    |
      | password |
      | implicit |
