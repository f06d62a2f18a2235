@app
Feature: How an app asks for a token
  A token is asked for at one endpoint, by a form. What proves who asks (a secret, an assertion, or for
  a public app the code verifier alone) is in this request and in no other place.

  Background:
    Given the app under test

  @req:ATOK-01
  Scenario: A token is asked for by a form
    When the app is put to work
    Then each token request is a POST of a form, with nothing in its address

  @needs:user
  Scenario Outline: The code is redeemed with <what>
    When the user signs in to the app
    Then each token request has the "<parameter>" "<value>"

    @req:ATOK-02
    Examples:
      | what                         | parameter     | value              |
      | the grant type of a code     | grant_type    | authorization_code |
      | the code of the callback     | code          | {code}             |
      | the redirect address as sent | redirect_uri  | {redirect uri}     |
    @req:ATOK-03
    Examples:
      | what                         | parameter     | value              |
      | a verifier                   | code_verifier | (any)              |

  @req:ATOK-03 @needs:user
  Scenario: The verifier is the one of the challenge, and another one each time
    When the user signs in to the app
    And the user signs in to the app
    Then the code verifier of each token request fits its challenge
    And each token request has an unpredictable "code_verifier" of its own

  @req:ATOK-04 @needs:user @needs:public
  Scenario: A public app says who it is, and proves nothing
    When the user signs in to the app
    Then each token request has the "client_id" "{client id}"
    And each token request authenticates by nothing

  @req:ATOK-05 @needs:secret
  Scenario: An app with a secret proves it in a Basic header
    When the app is put to work
    Then each token request authenticates by a Basic header

  @req:ATOK-06
  Scenario: A token request proves who asks in one way
    When the app is put to work
    Then each token request authenticates by one method at most

  @req:ATOK-10 @needs:confidential
  Scenario: Who proves who they are leaves the client id out of the form
    When the app is put to work
    Then each token request has the "client_id" "(none)"

  @req:ATOK-07 @req:ARES-07 @needs:user
  Scenario Outline: A code is not sent twice, though <what>
    Given a platform that errs:
      """
      {"at": {"endpoint": "token", "grant_type": "authorization_code"}, "fault": <fault>, "times": 1}
      """
    When the user signs in to the app
    Then the app sends 1 token request

    Examples:
      | what                       | fault |
      | the answer broke off       | {"kind": "truncate", "bytes": 20} |
      | the platform failed at it  | {"kind": "status", "status": 500, "processed": true} |

  # A browser sends a request again by itself if a connection that it used before closes without an
  # answer: what pages of an app send is not looked at here.
  @req:ATOK-07 @req:ARES-07 @needs:user @needs:confidential
  Scenario: A code is not sent twice, though the answer got lost
    Given a platform that errs:
      """
      {"at": {"endpoint": "token", "grant_type": "authorization_code"}, "fault": {"kind": "drop", "processed": true}, "times": 1}
      """
    When the user signs in to the app
    Then the app sends 1 token request

  @req:ATOK-08
  Scenario: A token is asked for at the platform's own endpoint
    When the app is put to work
    Then each token request goes to the token endpoint

  @req:ATOK-09 @needs:user
  Scenario: A code is redeemed at once
    When the user signs in to the app
    Then each token request comes within 60 seconds of its callback

  @req:TOKEN-2L-DIRECT @needs:backend
  Scenario: An app without users sends nobody to sign in
    When the app is put to work
    Then the app sends no authorization request

  @req:CLI-CC-REQUIRED
  Scenario: The app has a token before it calls the API
    When the app is put to work
    Then each API call brings its token as "Bearer"

  @req:AJWT-12 @needs:backend
  Scenario Outline: A backend asks with <what>
    When the app is put to work
    Then each token request has the "<parameter>" "<value>"

    Examples:
      | what                            | parameter  | value              |
      | the grant type of its own right | grant_type | client_credentials |
      | scopes                          | scope      | (any)              |
