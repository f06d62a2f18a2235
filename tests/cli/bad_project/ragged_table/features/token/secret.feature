Feature: Tokens for a client secret

  Scenario: A changed request is refused
    Given a 2-legged app with a client secret
    When the app asks for a token with these changes:
      | grant_type | password |
      | scope      | openid | profile |
    Then the request is refused with 400 "invalid_request"
