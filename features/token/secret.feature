Feature: Tokens for a client secret
  The simplest way to prove who one is: the app sends its client id and secret in an HTTP Basic
  header with every token request. It works for apps on a server, which can keep a secret.

  Background:
    Given a 2-legged app with a client secret

  @smoke @req:TSEC-BASIC-HEADER @req:TRES-ACCESS-TOKEN @req:TRES-TOKEN-TYPE-BEARER @req:TRES-NO-STORE
  Scenario: The right secret gets an access token
    When the app asks for a token
    Then the app gets an access token
    And the access token is a JWT
    And the answer looks like the accepted "token answer"

  @req:TRES-EXPIRES-IN-DEFAULT
  Scenario: An access token lives for an hour
    When the app asks for a token
    Then the token lives for 3600 seconds

  @req:TRES-2L-ONLY-ACCESS @req:TRES-CC-NO-REFRESH
  Scenario: Without a user there is an access token and nothing else
    When the app asks for a token
    Then the app gets an access token
    And the answer has no "refresh_token"
    And the answer has no "id_token"
    And there is no launch context

  @req:TSEC-WRONG-SECRET @req:TRES-ERR-INVALID-CLIENT @req:TOKEN-ERROR-BODY @req:TOKEN-ERROR-NO-LEAK
  Scenario: A wrong secret is refused
    When the app asks for a token with the "client secret" "(changed)"
    Then the request is refused with 401 "invalid_client"
    And the answer looks like the accepted "refusal"

  @req:TSEC-WWW-AUTHENTICATE
  Scenario: The refusal names the scheme to use
    When the app asks for a token with the "client secret" "(changed)"
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
    When the app asks for a token with the secret of the other app
    Then the request is refused with 401 "invalid_client"

  @req:TOKEN-CLIENT-AUTH-REQUIRED
  Scenario: A request without credentials is refused
    When the app asks for a token with the "client secret" "(none)"
    Then the request is refused with 401 "invalid_client"

  @req:TSEC-BODY-CREDS-REFUSED
  Scenario: Id and secret in the body are not accepted
    When the app asks for a token with its id and secret in the body
    Then the request is refused with 401 "invalid_client"

  @req:TOKEN-ONE-METHOD-ONLY
  Scenario: A request that authenticates twice is refused
    When the app asks for a token with its id and secret in header and body
    Then the request is refused with 400 "invalid_request" or "invalid_client"

  @req:TSEC-SCHEME-CASE
  Scenario: The name of the scheme is read in any case
    When the app asks for a token with the "authorization scheme" "bAsIc"
    Then the app gets an access token

  @req:TSEC-SCHEME-CASE
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

  @req:SCOPE-ORDER-IRRELEVANT
  Scenario: The order of the scopes does not matter
    When the app asks for a token for "system/Patient.read athena/service/Athenanet.MDP.*"
    Then the token is good for "athena/service/Athenanet.MDP.* system/Patient.read"

  @req:CAT-3L-NO-CLIENT-CREDENTIALS @req:TRES-ERR-UNAUTHORIZED-CLIENT
  Scenario: An app with users does not get a token without one
    Given a patient web app with a client secret
    When the app asks for a token for "patient/Patient.read"
    Then the request is refused with 400 "unauthorized_client" or "access_denied"
