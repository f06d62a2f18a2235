Feature: Asking about a token
  An app can ask the platform whether one of its tokens is still good. It proves who it is in the
  same way as for a token. Of a token that is good for nothing, or not the app's own, the platform
  says that it is inactive, and no more.

  @needs:portal @req:INTRO-ENDPOINT
  Scenario: An access token is active until it expires
    Given a 2-legged app with a client secret
    When the app asks for a token
    And the app introspects its access token
    Then the token is active for 3600 more seconds
    And the answer has the scope "athena/service/Athenanet.MDP.* system/Patient.read"
    And the answer looks like the accepted "introspection"

  @needs:clock @req:INTRO-INACTIVE @req:INT-05
  Scenario: Of a token that has expired nothing is told
    Given a 2-legged app
    When the app asks for a token
    And 3601 seconds pass
    And the app introspects its access token
    Then the token is inactive and nothing else is told of it

  @req:INTRO-INACTIVE
  Scenario Outline: Of <what> nothing is told
    Given a 2-legged app
    When the app asks for a token
    And the app introspects its access token with the "token" "<value>"
    Then the token is inactive and nothing else is told of it

    Examples:
      | what              | value                  |
      | an altered token  | (changed)              |
      | an invented token | 2YotnFZFEjr1zCsicMWpAA |

  @needs:portal @req:INTRO-ENDPOINT
  Scenario: Of another app's token nothing is told
    Given a 2-legged app with a client secret
    And another 2-legged app with a client secret
    When the app asks for a token
    And the other app introspects the access token
    Then the token is inactive and nothing else is told of it

  @req:INTRO-ENDPOINT @req:INT-06
  Scenario Outline: Nobody asks without proving who asks: <part> is <value>
    Given a 2-legged app with <method>
    When the app asks for a token
    And the app introspects its access token with the "<part>" "<value>"
    Then the request is refused with 401 "invalid_client"

    Examples:
      | method              | part             | value     |
      | a client secret     | client secret    | (none)    |
      | a client secret     | client secret    | (changed) |
      | an imported key set | client_assertion | (none)    |
      | an imported key set | client_assertion | (changed) |

  @needs:portal @req:INTRO-PARAMS
  Scenario: A question without a token is incomplete
    Given a 2-legged app with a client secret
    When the app asks for a token
    And the app introspects its access token with the "token" "(none)"
    Then the request is refused with 400 "invalid_request"

  @needs:portal @req:INTRO-PARAMS
  Scenario Outline: A hint that is <value> does not mislead
    Given a 2-legged app with a client secret
    When the app asks for a token
    And the app introspects its access token with the "token_type_hint" "<value>"
    Then the token is active for 3600 more seconds

    Examples:
      | value         |
      | (none)        |
      | refresh_token |
      | something     |

  @needs:portal @needs:settings @req:INTRO-PARAMS
  Scenario: A platform that follows the guides by the letter wants the hint
    Given the platform's setting "introspection.hint_required" is "true"
    And a 2-legged app with a client secret
    When the app asks for a token
    And the app introspects its access token with the "token_type_hint" "(none)"
    Then the request is refused with 400 "invalid_request"

  @needs:portal @req:INTRO-METHOD
  Scenario: The question may be put by GET, as the guides have it
    Given a 2-legged app with a client secret
    When the app asks for a token
    And the app introspects its access token with the "http method" "GET"
    Then the token is active for 3600 more seconds

  @browser @req:INTRO-PARAMS @req:INTRO-ENDPOINT
  Scenario: A user's tokens are active, each for its time
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    And the app introspects its access token
    Then the token is active for 3600 more seconds
    And the answer has the patient "a-80000.E-14545"
    When the app introspects its refresh token
    Then the token is active for 7776000 more seconds
    When the app introspects its ID token
    Then the token is active for 3600 more seconds

  @browser @req:INTRO-ENDPOINT @req:INT-01
  Scenario: Of a user's token is told whose app it is, and until when
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    And the app introspects its access token
    Then the token is active for as long as was said
    And the answer has the client_id "{client id}"

  @browser @req:INTRO-ENDPOINT @req:INT-08
  Scenario: Of a user's token are told the scopes that the user allowed
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    And the app introspects its access token
    Then the answer has the scope "{granted scopes}"

  @browser @req:INTRO-ENDPOINT @req:INT-02
  Scenario: Of a user's token is told whose record it opens
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    And the app introspects its access token
    Then the answer has the patient "{patient}"

  @browser @req:INTRO-ENDPOINT @req:INT-03
  Scenario: Of a user's token is told who the user is, as in the ID token
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    And the app introspects its access token
    Then the answer has the iss "{ID token's iss}"
    And the answer has the sub "{ID token's sub}"

  @browser @req:INTRO-ENDPOINT @req:INT-09
  Scenario: Of a user's token is told where the user is found in the FHIR server
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    And the app introspects its access token
    Then the answer has the fhirUser "{ID token's fhirUser}"

  @needs:portal @req:INT-07
  Scenario: A token that opens enough may ask in its app's stead
    Given a 2-legged app with an imported key set
    When the app asks for a token
    And the app introspects its access token with these changes:
      | part or parameter     | value                 |
      | client_assertion      | (none)                |
      | client_assertion_type | (none)                |
      | authorization         | Bearer {access token} |
    Then the answer has the client_id "{client id}"

  @needs:portal @req:INT-07
  Scenario: A token that nobody issued asks for nothing
    Given a 2-legged app with an imported key set
    When the app asks for a token
    And the app introspects its access token with these changes:
      | part or parameter     | value                         |
      | client_assertion      | (none)                        |
      | client_assertion_type | (none)                        |
      | authorization         | Bearer 2YotnFZFEjr1zCsicMWpAA |
    Then the call is refused with 401 and no data
    And the bearer challenge says "invalid_token"
