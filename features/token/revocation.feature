Feature: Giving a token back
  An app that needs a token no longer, or that fears for it, gives it back. From then on it is good
  for nothing. An app can give back its own tokens only.

  @browser @req:REVOKE-ENDPOINT @req:REFRESH-AFTER-REVOKE @req:REV-01
  Scenario: A refresh token that was given back is spent
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    And the app revokes its refresh token
    Then the platform answers with status 200
    When the app introspects its refresh token
    Then the token is inactive and nothing else is told of it
    When the app refreshes its tokens
    Then the request is refused with 400 "invalid_grant"

  @needs:portal @req:REVOKE-ENDPOINT @req:REV-02
  Scenario: An access token that was given back opens nothing
    Given a 2-legged app
    When the app asks for a token
    And the app reads "Patient/{chart}"
    Then the answer is the Patient "{chart}"
    When the app revokes its access token
    Then the platform answers with status 200
    When the app reads "Patient/{chart}"
    Then the call is refused with 401 and no data
    And the bearer challenge says "invalid_token"
    When the app introspects its access token
    Then the token is inactive and nothing else is told of it

  @req:REVOKE-ENDPOINT @req:REV-03
  Scenario: A token that nobody knows is as good as given back
    Given a 2-legged app
    When the app asks for a token
    And the app revokes its access token with the "token" "2YotnFZFEjr1zCsicMWpAA"
    Then the platform answers with status 200

  @req:REVOKE-ENDPOINT @req:REV-05
  Scenario Outline: Nobody gives a token back without proving who does: <part> is <value>
    Given a 2-legged app with <method>
    When the app asks for a token
    And the app revokes its access token with the "<part>" "<value>"
    Then the request is refused with 401 "invalid_client"
    When the app introspects its access token
    Then the token is active for as long as was said

    Examples:
      | method              | part             | value     |
      | a client secret     | client secret    | (none)    |
      | a client secret     | client secret    | (changed) |
      | an imported key set | client_assertion | (none)    |
      | an imported key set | client_assertion | (changed) |

  @needs:portal @req:REVOKE-ENDPOINT
  Scenario: A request without a token is incomplete
    Given a 2-legged app with a client secret
    When the app asks for a token
    And the app revokes its access token with the "token" "(none)"
    Then the request is refused with 400 "invalid_request"

  @browser @needs:portal @req:REVOKE-ENDPOINT @req:REV-04
  Scenario: Another app cannot end a user's tokens
    Given a patient web app with a client secret
    And another patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    And the other app revokes the refresh token
    And the app refreshes its tokens
    Then the app gets an access token
