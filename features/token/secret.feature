Feature: Tokens for a client secret
  The simplest way to prove who one is: the app sends its client id and secret in an HTTP Basic
  header with every token request. It works for apps on a server, which can keep a secret.

  Background:
    Given a 2-legged app with a client secret

  @req:TSEC-BASIC-HEADER
  Scenario: Id and secret travel in a Basic header
    When the app asks for a token for "system/Patient.read"
    Then the app gets an access token

  @smoke @req:TRES-ACCESS-TOKEN @req:TRES-EXPIRES-IN-SECONDS @req:TRES-TOKEN-TYPE-BEARER @req:TRES-NO-STORE @req:TRES-JSON-OBJECT
  Scenario: The right secret gets an access token
    When the app asks for a token
    Then the app gets an access token
    And the answer looks like the accepted "token answer"

  @req:TRES-EXPIRES-IN-DEFAULT @req:CLI-EXPIRES-3600 @req:CLI-RESPONSE-FIELDS
  Scenario: An access token lives for an hour
    When the app asks for a token
    Then the token lives for 3600 seconds

  @req:TSEC-WRONG-SECRET @req:TRES-ERR-INVALID-CLIENT
  Scenario: A wrong secret is refused
    When the app asks for a token with the "client secret" "(changed)"
    Then the request is refused with 401 "invalid_client"
    And the answer looks like the accepted "refusal"

  @req:TSEC-WWW-AUTHENTICATE
  Scenario: The refusal names the scheme to use
    When the app asks for a token with the "client id" "somebody"
    Then the answer names the authentication scheme "Basic"

  @req:TSEC-EMPTY-SECRET
  Scenario: An empty secret is refused
    When the app asks for a token with the "client secret" "(empty)"
    Then the request is refused with 401 "invalid_client"

  @req:TSEC-UNKNOWN-CLIENT
  Scenario: An unknown app is refused
    When the app asks for a token with the "client id" "nobody"
    Then the request is refused with 401 "invalid_client"

  @needs:portal @req:TSEC-SECRET-BOUND-TO-ID
  Scenario: The secret of another app is refused
    Given another 2-legged app with a client secret
    When the app asks for a token with the "client secret" "{other client secret}"
    Then the request is refused with 401 "invalid_client"

  @req:TOKEN-CLIENT-AUTH-REQUIRED
  Scenario: A request without credentials is refused
    When the app asks for a token with the "client secret" "(none)"
    Then the request is refused with 401 "invalid_client"

  @req:TSEC-BODY-CREDS-REFUSED
  Scenario: Id and secret in the body are not accepted
    When the app asks for a token with these changes:
      | part or parameter | value           |
      | client secret     | (none)          |
      | client_id         | {client id}     |
      | client_secret     | {client secret} |
    Then the request is refused with 401 "invalid_client"

  @req:TSEC-USERNAME-PASSWORD-BODY
  Scenario: User name and password are no credentials of an app
    When the app asks for a token with these changes:
      | part or parameter | value           |
      | client secret     | (none)          |
      | username          | {client id}     |
      | password          | {client secret} |
    Then the request is refused with 401 "invalid_client"

  @req:TSEC-USERNAME-PASSWORD-BODY
  Scenario: User name and password beside the secret change nothing
    When the app asks for a token with these changes:
      | parameter | value                |
      | username  | somebody@app.example |
      | password  | not-the-secret-4711  |
    Then the app gets an access token

  @req:TSEC-BODY-CREDS-REFUSED @req:TSEC-NOT-IN-ADDRESS
  Scenario: Id and secret in the address are not accepted
    Given the app knows the platform's endpoints
    When the app asks for a token with these changes:
      | part          | value                                                                |
      | client secret | (none)                                                               |
      | address       | {token endpoint}?client_id={client id}&client_secret={client secret} |
    Then the request is refused with 400 "invalid_request" or "invalid_client"

  @req:PKCE-2L-NOT-APPLICABLE
  Scenario: A code verifier does not prove who an app is
    When the app asks for a token with these changes:
      | part or parameter | value                                       |
      | client secret     | (none)                                      |
      | client_id         | {client id}                                 |
      | code_verifier     | dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk |
    Then the request is refused with 401 "invalid_client"

  @req:TOKEN-ONE-METHOD-ONLY
  Scenario: A request that authenticates twice is refused
    When the app asks for a token with these changes:
      | part                 | value           |
      | authorization scheme | Basic           |
      | client_id            | {client id}     |
      | client_secret        | {client secret} |
    Then the request is refused with 400 "invalid_request" or "invalid_client"

  @req:TSEC-SCHEME-CASE @req:SEC-08
  Scenario: The name of the scheme is read in any case
    When the app asks for a token with the "authorization scheme" "bAsIc"
    Then the app gets an access token

  @req:TSEC-SCHEME-CASE @req:SEC-06
  Scenario: Another scheme does not carry the secret
    When the app asks for a token with the "authorization scheme" "Bearer"
    Then the request is refused with 401 "invalid_client"

  @req:SCOPE-UNAPPROVED-REFUSED @req:TRES-ERR-INVALID-SCOPE
  Scenario Outline: The scope "<scope>" is refused as a whole
    When the app asks for a token for "<scope>"
    Then the request is refused with 400 "invalid_scope"

    Examples: One scope among approved ones that was not approved
      | scope                                       |
      | system/Patient.read system/Observation.read |

    @req:SCOPE-RESOURCE-WILDCARD
    Examples: A wildcard for the resource
      | scope         |
      | system/*.read |

    @req:SCOPE-CASE-SENSITIVE
    Examples: Another case
      | scope               |
      | System/patient.READ |

    @req:SCOPE-SPACE-DELIMITED
    Examples: Another delimiter than the space
      | scope                                              |
      | system/Patient.read,athena/service/Athenanet.MDP.* |

    @req:SCOPE-2L-NO-OIDC
    Examples: Scopes of a login
      | scope                      |
      | system/Patient.read openid |

  @req:TOKEN-ENDPOINT-PATH
  Scenario: The token endpoint is where it is documented
    When the app asks for a token with the "address" "{host}/oauth2/v1/token"
    Then the app gets an access token

  @req:TOKEN-ENDPOINT-PATH
  Scenario Outline: There is no token endpoint at <path>
    When the app asks for a token with the "address" "{host}<path>"
    Then the platform refuses and gives no token

    Examples:
      | path              |
      | /oauth/token      |
      | /oauth2/token     |
      | /oauth2/v1/token/ |
      | /oauth2/v1/tokens |

  @needs:portal @req:TOKEN-ENV-CREDENTIALS
  Scenario: Credentials of Preview are unknown in Production
    When the app asks for a token with the "address" "{host}/production/oauth2/v1/token"
    Then the request is refused with 401 "invalid_client"

  @needs:settings @needs:clock @req:TOKEN-RATE-LIMIT
  Scenario: Who asks too often waits until the minute is over
    Given the platform's setting "token.requests_per_minute" is "5"
    When the app asks for 6 tokens at once
    Then the platform answers with status 429
    And the platform refuses and gives no token
    And the answer carries the header "Retry-After"
    When 60 seconds pass
    And the app asks for a token
    Then the app gets an access token

  @req:REFRESH-3L-ONLY
  Scenario: An app without users has nothing to refresh
    When the app asks for a token with these changes:
      | parameter     | value                  |
      | grant_type    | refresh_token          |
      | refresh_token | 2YotnFZFEjr1zCsicMWpAA |
    Then the request is refused with 400 "unauthorized_client" or "invalid_grant" or "access_denied"
