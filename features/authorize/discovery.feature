Feature: Finding the platform's endpoints
  An app that knows only the address of the FHIR server finds everything else in one document.

  @smoke @req:DISC-SMART-CONFIG
  Scenario: The platform publishes its endpoints
    When the app reads the platform's discovery document
    Then the platform publishes a discovery document
    And its "authorization_endpoint" matches "^https?://[^/]+/"
    And its "token_endpoint" matches "^https?://[^/]+/"
    And its "capabilities" has "launch-standalone"
    And its "grant_types_supported" has "authorization_code"
    And the answer looks like the accepted "smart-configuration"

  @req:AUTHZ-GET-PATH
  Scenario: The authorize endpoint is where the guides say
    When the app reads the platform's discovery document
    Then its "authorization_endpoint" is "{host}/oauth2/v1/authorize"

  @req:AUTHZ-POST-ADVERTISED
  Scenario: The platform says that requests may be posted
    When the app reads the platform's discovery document
    Then its "capabilities" has "authorize-post"

  @req:DISC-ISSUER-HOST
  Scenario: The issuer is an authorization server with an id of its own
    When the app reads the platform's discovery document
    Then its "issuer" matches "^https?://[^/]+/oauth2/aus[0-9A-Za-z]{17}$"

  @req:DISC-REFRESH-NOT-LISTED
  Scenario: Refreshing is offered, but not announced
    When the app reads the platform's discovery document
    Then its "grant_types_supported" has "client_credentials"
    And its "grant_types_supported" does not have "refresh_token"

  @req:PKCE-METHOD-PLAIN-REFUSED @req:DISC-04
  Scenario: The platform offers S256 and not plain
    When the app reads the platform's discovery document
    Then its "code_challenge_methods_supported" has "S256"
    And its "code_challenge_methods_supported" does not have "plain"

  @req:KEYS-ENDPOINT @req:DISC-18
  Scenario: The platform publishes the keys that it signs with
    Given a patient web app with a client secret
    When the app reads the platform's keys
    Then the platform's keys are public and have ids

  @req:DISC-REQUIRED-MEMBERS
  Scenario: The document has what an app cannot do without
    When the app reads the platform's discovery document
    Then it has the members "authorization_endpoint token_endpoint grant_types_supported capabilities code_challenge_methods_supported"

  @req:DISC-OPENID-MEMBERS
  Scenario: Who offers OpenID Connect says who signs, and by which keys
    When the app reads the platform's discovery document
    Then its "capabilities" has "sso-openid-connect"
    And it has the members "issuer jwks_uri"

  @req:DISC-05
  Scenario: Who announces OpenID Connect has an issuer and its keys
    Given a platform that announces "sso-openid-connect"
    When the app reads the platform's discovery document
    Then it has the members "issuer jwks_uri"

  @req:DISC-ASYMMETRIC-MEMBERS
  Scenario: Who lets apps sign says how
    When the app reads the platform's discovery document
    Then its "capabilities" has "client-confidential-asymmetric"
    And it has the members "scopes_supported"
    And its "token_endpoint_auth_methods_supported" has "private_key_jwt"
    And its "token_endpoint_auth_signing_alg_values_supported" has "RS384"

  @req:DISC-07
  Scenario: Who lets apps sign says which scopes there are
    Given a platform that announces "client-confidential-asymmetric"
    When the app reads the platform's discovery document
    Then it has the members "scopes_supported"

  @req:DISC-08
  Scenario: Who lets apps sign says that they may
    Given a platform that announces "client-confidential-asymmetric"
    When the app reads the platform's discovery document
    Then its "token_endpoint_auth_methods_supported" has "private_key_jwt"

  @req:DISC-09
  Scenario: Who lets apps sign says by which algorithms
    Given a platform that announces "client-confidential-asymmetric"
    When the app reads the platform's discovery document
    Then its "token_endpoint_auth_signing_alg_values_supported" has "RS384" or "ES384"

  @req:DISC-ABSOLUTE-ADDRESSES
  Scenario: No address has to be guessed
    When the app reads the platform's discovery document
    Then all its endpoints are absolute and over TLS

  @req:DISC-ENDPOINTS-THERE
  Scenario: What is published is there
    When the app reads the platform's discovery document
    Then all its endpoints are there

  @req:DISC-CAPABILITIES @req:DISC-11
  Scenario: Capabilities are words of the standard
    When the app reads the platform's discovery document
    Then its capabilities are words of the standard, said once

  @req:DISC-CAPABILITIES @req:DISC-10
  Scenario: Capabilities are enough for a launch
    When the app reads the platform's discovery document
    Then its capabilities make whole sets

  @req:DISC-NO-IMPLICIT
  Scenario: The platform announces no tokens in addresses
    When the app reads the platform's discovery document
    Then its "response_types_supported" has "code"
    And its "response_types_supported" does not have "token"
    And its "response_types_supported" does not have "id_token token"

  @req:DISC-ANY-ACCEPT
  Scenario Outline: Who asks for "<media type>" reads the same document
    Given the app knows the platform's endpoints
    When the app reads the platform's discovery document as "<media type>"
    Then the platform publishes a discovery document
    And it is the document that the app knows

    Examples:
      | media type            |
      | application/json      |
      | application/fhir+json |
      | text/html             |
      | application/xml       |

  @req:DISC-CORS
  Scenario: An app in a browser can read the document
    Given a platform that announces "client-public"
    When a script in a browser reads the platform's discovery document
    Then the platform publishes a discovery document
    And scripts of other sites may read the answer

  @req:DISC-ISSUER-DOCUMENT @req:DISC-15
  Scenario: The issuer says the same of itself
    Given the app knows the platform's endpoints
    When the app reads the issuer's own configuration
    Then it agrees with the discovery document about "issuer jwks_uri authorization_endpoint token_endpoint"

  @req:DISC-ISSUER-DOCUMENT @req:DISC-14
  Scenario: The issuer's own configuration has what OpenID Connect requires
    Given the app knows the platform's endpoints
    When the app reads the issuer's own configuration
    Then the platform publishes a discovery document
    And it agrees with the discovery document about "issuer"
    And it has the members "response_types_supported subject_types_supported id_token_signing_alg_values_supported"

  @req:DISC-CAPABILITY-STATEMENT
  Scenario: Clients that read the older statement find the same endpoints
    Given the app knows the platform's endpoints
    When the app reads "metadata" without a token
    Then the capability statement names the endpoints that the app knows

  @req:DISC-UNKNOWN-BASE
  Scenario Outline: <what> publishes nothing
    When the app calls "<path>" without a token
    Then the call is refused with 404 and no data

    Examples:
      | what                                | path                                           |
      | A practice that does not exist      | /12345/fhir/r4/.well-known/smart-configuration |
      | Another version of the API          | /fhir/r9/.well-known/smart-configuration       |
      | An issuer that does not exist       | /oauth2/aus0/.well-known/openid-configuration  |

  @req:DISC-13
  Scenario: Who is known by a brand can be looked up
    When the app reads the platform's discovery document
    Then its brand can be looked up

  @req:DISC-20 @req:DISC-UNKNOWN-BASE
  Scenario: A base that nobody has publishes nothing
    When the app calls "/no-such-base/.well-known/smart-configuration" without a token
    Then the call is refused with 400 or 401 or 403 or 404 or 410 and no data
