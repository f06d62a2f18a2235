Feature: Using an access token
  Every call to an API carries the access token in the Authorization header. What the token does
  not cover is refused without a word of data.

  @smoke @req:BEARER-ANY-API @req:SCOPE-2L-SYSTEM-FHIR
  Scenario: A system reads a patient
    Given a 2-legged app with a client secret
    When the app asks for a token
    And the app reads "Patient/{chart}"
    Then the answer is the Patient "{chart}"
    And the answer looks like the accepted "patient"

  @needs:portal @req:SBX-PING @req:SCOPE-2L-MDP
  Scenario: The athenaOne API says that it is up
    Given a 2-legged app with a client secret
    When the app asks for a token
    And the app calls "/v1/80000/ping"
    Then the answer has the pong "true"

  @needs:portal @req:SBX-OTHER-PRACTICES
  Scenario Outline: The sandbox has a practice <practice>
    Given a 2-legged app with a client secret
    When the app asks for a token
    And the app calls "/v1/<practice>/ping"
    Then the answer has the pong "true"

    Examples:
      | practice |
      | 195900   |
      | 1128700  |

  @req:BEARER-ANY-API @req:CLI-ONLY-AUTHORIZED @req:RES-01
  Scenario: Without a token there is no data
    When the app reads "Patient/1" without a token
    Then the call is refused with 401 and no data
    And the answer names the authentication scheme "Bearer"

  @req:BEARER-ANY-API
  Scenario: Without a token the athenaOne API refuses
    When the app calls "/v1/195900/ping" without a token
    Then the call is refused with 401 and no data

  @req:BEARER-INVALID-TOKEN
  Scenario: An altered token is refused
    Given a 2-legged app
    When the app asks for a token
    And the app reads "Patient/1" with an altered token
    Then the call is refused with 401 and no data

  @req:BEARER-WWW-AUTHENTICATE
  Scenario: The refusal says what is wrong with the token
    Given a 2-legged app
    When the app asks for a token
    And the app reads "Patient/1" with an altered token
    Then the answer names the authentication scheme "Bearer"
    And the bearer challenge says "invalid_token"

  @needs:clock @req:BEARER-EXPIRED-TOKEN @req:CLI-401-CREDENTIALS
  Scenario: A token that has expired is refused
    Given a 2-legged app with a client secret
    When the app asks for a token
    And 3601 seconds pass
    And the app reads "Patient/{chart}"
    Then the call is refused with 401 and no data

  @needs:clock @req:BEARER-EXPIRED-TOKEN
  Scenario: A token works until it expires
    Given a 2-legged app with a client secret
    When the app asks for a token
    And 3599 seconds pass
    And the app reads "Patient/{chart}"
    Then the answer is the Patient "{chart}"

  @req:BEARER-INSUFFICIENT-SCOPE @req:CLI-403-PERMISSIONS
  Scenario: A token for something else is refused
    Given a 2-legged app with a client secret and the scopes "system/Observation.read"
    When the app asks for a token
    And the app reads "Patient/{chart}"
    Then the call is refused with 403 and no data
    And the outcome has the code "forbidden"

  @needs:portal @req:BEARER-WRONG-ENVIRONMENT
  Scenario: A token of Preview opens nothing in Production
    Given a 2-legged app with a client secret
    When the app asks for a token
    And the app calls "/production/fhir/r4/Patient/{chart}"
    Then the call is refused with 401 and no data
    When the app calls "/production/v1/195900/ping"
    Then the call is refused with 401 and no data

  @req:BEARER-CASE
  Scenario: The name of the scheme is read in any case
    Given a 2-legged app
    When the app asks for a token
    And the app reads "Patient/{chart}" with the authorization scheme "bearer"
    Then the answer is the Patient "{chart}"

  @req:BEARER-ONE-METHOD
  Scenario: A token that is sent twice is refused
    Given a 2-legged app
    When the app asks for a token
    And the app reads "Patient/1" with the token in header and query
    Then the call is refused with 400 and no data

  @req:BEARER-NOT-IN-ADDRESS
  Scenario: A token in the address opens nothing
    Given a 2-legged app
    When the app asks for a token
    And the app reads "Patient/1?access_token={access token}" without a token
    Then the call is refused with 400 or 401 and no data

  @browser @req:IDT-NOT-BEARER
  Scenario: An ID token opens nothing
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    And the app reads "Patient/a-80000.E-14545" with the ID token
    Then the call is refused with 401 and no data

  @req:BEARER-REFRESH-TOKEN
  Scenario: A refresh token opens nothing
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    And the app reads "Patient/{record}" with the refresh token
    Then the call is refused with 401 and no data

  @req:BEARER-CORS
  Scenario: An app in the browser may read the record
    Given a platform that announces "client-public"
    And a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    And the app reads "Patient/{record}" from a script in a browser
    Then the answer is the Patient "{record}"
    And scripts of other sites may read the answer

  @needs:clock @req:RES-03
  Scenario: A user's token that has expired is refused
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    And 1 day passes
    And the app reads "Patient/{record}"
    Then the call is refused with 401 and no data
    And the bearer challenge says "invalid_token"

  @req:RES-02 @req:RES-11
  Scenario: A user's token that was altered is refused
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    And the app reads "Patient/{record}" with an altered token
    Then the call is refused with 401 and no data

  @req:RES-07
  Scenario: The name of the scheme of a user's token is read in any case
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    And the app reads "Patient/{record}" with the authorization scheme "bearer"
    Then the answer is the Patient "{record}"

  @req:RES-06
  Scenario: A user's token in the address opens nothing
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    And the app reads "Patient/{record}?access_token={access token}" without a token
    Then the call is refused with 400 or 401 and no data
