Feature: A first look
  Replace this by what your app does; `checkride steps` lists the sentences there are.

  @smoke
  Scenario: An app with the right secret gets a token
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the app gets an access token

  Scenario: An app with a wrong secret gets none
    Given a 2-legged app with a client secret
    When the app asks for a token with the "client secret" "(changed)"
    Then the request is refused with 401 "invalid_client"
