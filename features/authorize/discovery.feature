Feature: Finding the platform's endpoints
  An app that knows only the address of the FHIR server finds everything else in one document.

  @smoke @req:DISC-SMART-CONFIG
  Scenario: The platform publishes its endpoints
    When the app reads the platform's discovery document
    Then the platform publishes a discovery document
    And it names the "authorization_endpoint" as an absolute address
    And it names the "token_endpoint" as an absolute address
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
    When the app fetches the platform's keys
    Then the platform's keys are public and have ids
