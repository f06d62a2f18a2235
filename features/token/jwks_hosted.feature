Feature: Tokens for a signed assertion, with a hosted key set
  The app publishes its public keys at an address of its own, and the platform fetches them. The
  app's owner changes keys without telling anybody; the platform has to look again in time.

  Background:
    Given a 2-legged app with a hosted key set

  @smoke @req:JURL-REGISTER
  Scenario: An assertion that the key set verifies authenticates the app
    When the app asks for a token
    Then the app gets an access token

  @req:JURL-FETCHED-BY-SERVER
  Scenario: The platform fetches the key set to verify an assertion
    When the app asks for a token
    Then the platform has fetched the app's key set 1 time

  @req:JURL-SAME-PATTERN
  Scenario: An assertion signed by a foreign key is refused
    When the app asks for a token with an assertion signed by a foreign key
    Then the request is refused with 401 "invalid_client"

  @req:JURL-UNKNOWN-KID-REFETCH
  Scenario: A key that was published a moment ago is found
    When the app's host lets its key set be cached for 3600 seconds
    And the app asks for a token
    And the app adds a second key to its key set
    And the app signs with its second key
    And the app asks for a token
    Then the app gets an access token
    And the platform has fetched the app's key set 2 times

  @req:JURL-CACHE-CONTROL @needs:clock
  Scenario: The key set is kept as long as its host allows
    When the app's host lets its key set be cached for 60 seconds
    And the app asks for a token
    And 30 seconds pass
    And the app asks for a token
    Then the app gets an access token
    And the platform has fetched the app's key set 1 time

  @req:JURL-KEY-REMOVED @needs:clock
  Scenario: A key that was taken out stops working when the copy has run out
    When the app adds a second key to its key set
    And the app's host lets its key set be cached for 60 seconds
    And the app asks for a token
    Then the app gets an access token
    When the app takes its first key out of its key set
    And 61 seconds pass
    And the app asks for a token
    Then the request is refused with 401 "invalid_client"

  @req:JURL-UNREACHABLE
  Scenario Outline: A host that answers <status> authenticates nobody
    When the app's host answers with status <status> instead of its key set
    And the app asks for a token
    Then the request is refused with 401 "invalid_client"

    Examples:
      | status |
      | 404    |
      | 500    |

  @req:JURL-REDIRECT-FETCH
  Scenario: The platform does not follow the host to another address
    Given another 2-legged app with a hosted key set
    When the app's host redirects to the other app's instead of its key set
    And the app asks for a token
    Then the request is refused with 401 "invalid_client"

  @req:JURL-NOT-JSON
  Scenario Outline: A host that serves <text> authenticates nobody
    When the app's host serves "<text>" instead of its key set
    And the app asks for a token
    Then the request is refused with 401 "invalid_client"

    Examples:
      | text            |
      | <html>sorry     |
      | []              |

  @req:JURL-JKU-MATCH
  Scenario: An assertion cannot name another address for the keys
    When the app asks for a token with an assertion whose jku is "https://elsewhere.example/jwks.json"
    Then the request is refused with 401 "invalid_client"
