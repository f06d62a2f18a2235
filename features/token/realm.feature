Feature: Tokens from a realm
  A platform with realms gives systems their tokens at the token endpoint of a realm. Id and secret are
  in the body of the request, and the scope is one word for the whole bulk export.

  Background:
    Given a 2-legged app with a client secret

  @req:ONEUP-PV-STEP7-TOKEN @req:ONEUP-PV-BODY-CREDS @req:ONEUP-CREDS-IN-REQUEST @req:ONEUP-PV-SCOPE @req:ONEUP-PV-STEP8-COPY-TOKEN
  Scenario: Id and secret in the body get a token
    When the app asks for a token with these changes:
      | part or parameter | value           |
      | client secret     | (none)          |
      | client_id         | {client id}     |
      | client_secret     | {client secret} |
    Then the app gets an access token
    And the token is good for "bulk-data|user/*.rs"

  @req:ONEUP-PV-BODY-CREDS @req:ONEUP-PV-STEP7-TOKEN @req:ONEUP-CREDS-IN-REQUEST
  Scenario: A wrong secret in the body is refused
    When the app asks for a token with the "client secret" "(changed)"
    Then the request is refused with 401 "invalid_client"

  @req:ONEUP-CREDS-REQUIRED
  Scenario: Without a secret there is no token
    When the app asks for a token with the "client secret" "(none)"
    Then the request is refused with 401 "invalid_client"

  @req:ONEUP-PV-SCOPE @req:ONEUP-PV-SCOPE-PIPE
  Scenario Outline: The scope <scope> is not given
    When the app asks for a token for "<scope>"
    Then the request is refused with 400 "invalid_scope"

    Examples:
      | scope               |
      | user/*.rs           |
      | bulk-data           |
      | bulk-data user/*.rs |
      | nonsense            |

  @needs:portal @req:ONEUP-P2P-TOKEN @req:ONEUP-P2P-SAME-STEPS
  Scenario: Payer-to-Payer has the same token request
    When the developer registers a 2-legged app with a client secret and the "access_type" "payer-to-payer"
    And the app asks for a token
    Then the app gets an access token
    And the token is good for "bulk-data|user/*.rs"
