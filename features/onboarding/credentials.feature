@needs:portal
Feature: Client credentials
  The portal shows a client secret once, when it is made. A lost or leaked secret is replaced, and
  the old one ends in that moment. Apps that sign instead of sharing a secret manage keys.

  @req:ONB-SECRET-SHOWN-ONCE
  Scenario: The secret is shown when the app is registered
    When the developer registers a 2-legged app with a client secret
    Then the app is registered
    And the client secret is shown

  @req:ONB-SECRET-SHOWN-ONCE
  Scenario: The secret is never shown again
    Given a 2-legged app with a client secret
    When the developer looks at the app
    Then the client secret is not shown
    And the answer looks like the accepted "app without its secret"

  @req:ONB-SECRET-ONLY-IF-PROVISIONED
  Scenario: An app that signs gets no secret
    When the developer registers a 2-legged app with an imported key set
    Then the app is registered
    And the client secret is not shown

  @req:ONB-SECRET-ONLY-IF-PROVISIONED
  Scenario: A public app cannot ask for a secret
    Given a patient browser app with PKCE
    When the developer replaces the client secret
    Then the portal refuses because of "token_auth_method"

  @req:ONB-SECRET-ROTATE-INVALIDATES
  Scenario: A replaced secret works at once
    Given a 2-legged app with a client secret
    When the developer replaces the client secret
    Then the client secret is shown
    When the app asks for a token
    Then the app gets an access token

  @req:TSEC-ROTATED-OLD-REFUSED @req:ONB-SECRET-ROTATE-INVALIDATES
  Scenario: The old secret ends when it is replaced
    Given a 2-legged app with a client secret
    When the developer replaces the client secret
    Then the client secret is shown
    When the app asks for a token with the "client secret" "{earlier client secret}"
    Then the request is refused with 401 "invalid_client"

  @req:JWKS-IMPORT-VALID
  Scenario Outline: What is no key set is refused: <text>
    Given a 2-legged app with an imported key set
    When the developer imports the key set "<text>"
    Then the portal refuses because of "jwks"

    Examples:
      | text         |
      | []           |
      | {}           |
      | not json     |

  @req:JWKS-IMPORT-DUP-KID
  Scenario: Two keys need two ids
    Given a 2-legged app with an imported key set of 2 RS384 keys
    When the developer imports the app's keys under the ids "key-1 key-1"
    Then the portal refuses because of "jwks"
    When the developer imports the app's keys under the ids "key-1 key-2"
    Then the portal answers with status 200

  @req:JWKS-RSA-MIN-2048
  Scenario: A key of 1024 bits is refused
    Given a 2-legged app with an imported key set
    When the developer imports a key whose n is "uLTmUuRNp_I3DZ4mDicTZVCko6bQf1wMMy-LEiQIP9IrkC-JEegYGPjJnV1dmDGVdQTZDpRd4uj1TueBzHX2NthQmQlaowAWWmcDb5tUDWuPC-IRJBecPdn3OBfObhGNJkqtbLbdIQ-vlKzTz5LBkCN8sR9dEIzyWTAmOTizcKE"
    Then the portal refuses because of "jwks"

  @req:TSEC-LEAK-NEW-CREDENTIALS
  Scenario: Credentials that leaked are deleted, and the app gets others
    Given a 2-legged app with a client secret
    When the developer deletes the app
    And the app asks for a token
    Then the request is refused with 401 "invalid_client"
    When the developer registers a 2-legged app with a client secret
    Then the app is registered
    When the app asks for a token
    Then the app gets an access token

  @req:JWKS-AT-LEAST-ONE-KEY
  Scenario: A key set without keys is refused
    Given a 2-legged app with an imported key set
    When the developer imports the key set '{ "keys": [] }'
    Then the portal refuses because of "jwks"

  @req:JWKS-IMPORT-KEY-MEMBERS
  Scenario Outline: A key without its <member> is refused
    Given a 2-legged app with an imported key set
    When the developer imports a key whose <member> is "(none)"
    Then the portal refuses because of "jwks"

    Examples:
      | member |
      | kid    |
      | n      |
      | e      |
