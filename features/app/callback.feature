@app @needs:user
Feature: How an app takes its user back
  The user comes back by an address that anybody could have written. So the app believes nothing that
  stands in it: it goes on only if it finds the state of this very user's sign-in there. What looks
  wrong leads to no token request.

  Background:
    Given the app under test

  Scenario Outline: A callback <with> is refused
    Given a platform that errs:
      """
      {"fault": <fault>}
      """
    When the user signs in to the app
    Then the app asks for no token
    And the app calls no API

    @req:ACB-01
    Examples: a state that this app did not send
      | with                   | fault |
      | with another state     | {"kind": "redirect_parameter_set", "parameter": "state", "value": "6b1f0c2e9d3a4c55a1f7"} |
      | with an empty state    | {"kind": "redirect_parameter_set", "parameter": "state", "value": ""} |
    @req:ACB-02
    Examples: no state
      | with                   | fault |
      | without a state        | {"kind": "redirect_parameter_missing", "parameter": "state"} |
    @req:ACB-05
    Examples: no code
      | with                   | fault |
      | without a code         | {"kind": "redirect_parameter_missing", "parameter": "code"} |
    @req:ACB-09
    Examples: another issuer
      | with                   | fault |
      | of another issuer      | {"kind": "redirect_parameter_set", "parameter": "iss", "value": "https://issuer.example"} |

  @req:ACB-10
  Scenario: A callback without the issuer that was announced is refused
    Given a platform that errs:
      """
      [
        {"at": {"endpoint": "smart-configuration"}, "fault": {"kind": "member_set", "pointer": "/authorization_response_iss_parameter_supported", "value": true}},
        {"at": {"endpoint": "openid-configuration"}, "fault": {"kind": "member_set", "pointer": "/authorization_response_iss_parameter_supported", "value": true}},
        {"fault": {"kind": "redirect_parameter_missing", "parameter": "iss"}}
      ]
      """
    When the user signs in to the app
    And the app has sent a discovery request
    Then the app asks for no token

  @req:ACB-03
  Scenario: The state of an earlier sign-in opens nothing
    When the user signs in to the app
    And the platform errs:
      """
      {"fault": {"kind": "redirect_parameter_set", "parameter": "state", "value": "{state}"}}
      """
    And the user signs in to the app
    Then the app asks for no token

  @req:ACB-04
  Scenario: Somebody else's browser cannot take the user's place
    Given a platform that errs:
      """
      {"fault": {"kind": "redirect_parameter_missing", "parameter": "state"}, "times": 1}
      """
    When the user signs in to the app
    And another browser opens the app's callback with "code={code}&state={state}"
    Then the app asks for no token

  @req:ACB-08
  Scenario: A code of another sign-in opens no data
    Given a platform that errs:
      """
      {"fault": {"kind": "redirect_parameter_missing", "parameter": "state"}, "times": 1}
      """
    When the user signs in to the app
    And the platform errs:
      """
      {"fault": {"kind": "redirect_parameter_set", "parameter": "code", "value": "{code}"}}
      """
    And the user signs in to the app
    Then the app calls no API

  @req:ACB-06 @needs:error-sign
  Scenario Outline: The error <error> is told, and not tried again
    Given a platform that errs:
      """
      {"fault": {"kind": "redirect_error", "error": "<error>", "description": "The platform says why."}}
      """
    When the user signs in to the app
    Then the app tells that it failed
    And the app asks for no token
    And the app sends 1 authorization request

    Examples:
      | error                   |
      | access_denied           |
      | login_required          |
      | server_error            |
      | temporarily_unavailable |
      | invalid_scope           |
      | an_error_of_tomorrow    |

  @req:ACB-05 @needs:error-sign
  Scenario: A callback that brings nothing is told
    Given a platform that errs:
      """
      {"fault": {"kind": "redirect_parameter_missing", "parameter": "code"}}
      """
    When the user signs in to the app
    Then the app tells that it failed

  @req:ACB-07
  Scenario Outline: A <what> in the error's description is text
    Given a platform that errs:
      """
      {"fault": {"kind": "redirect_error", "error": "<error>", "description": "<description>"}}
      """
    When the user signs in to the app
    Then the page has no element "injected"

    Examples:
      | what   | error        | description                                                     |
      | tag    | server_error | <b id=injected>bold</b>                                         |
      | script | server_error | <img src=x onerror=\\"document.body.append(Object.assign(document.createElement('i'), {id: 'injected'}))\\"> |
      | closed attribute | server_error | '\\"><b id=injected>bold</b>                          |

  @req:ACB-07
  Scenario: A tag in the error itself is text
    Given a platform that errs:
      """
      {"fault": {"kind": "redirect_error", "error": "<b id=injected>bold</b>"}}
      """
    When the user signs in to the app
    Then the page has no element "injected"

  @req:ACB-12
  Scenario Outline: The callback's <parameter> leads nowhere
    Given another host
    And a platform that errs:
      """
      {"fault": {"kind": "redirect_parameter_set", "parameter": "<parameter>", "value": "{other host}/stolen"}}
      """
    When the user signs in to the app
    Then the other host is asked nothing

    Examples:
      | parameter    |
      | redirect     |
      | redirect_uri |
      | next         |
      | return_to    |
      | url          |

  @req:ACB-13
  Scenario: A callback that is opened again redeems nothing
    When the user signs in to the app
    And the browser opens the app's callback with "code={code}&state={state}"
    Then the app asks for no token

  @req:ACB-14 @needs:data-sign
  Scenario Outline: The callback's <parameter> is passed over
    Given a platform that errs:
      """
      {"fault": {"kind": "redirect_parameter_set", "parameter": "<parameter>", "value": "<value>"}}
      """
    When the user signs in to the app
    Then the app's work is done

    Examples:
      | parameter     | value                   |
      | session_state | 3f9c.e1                 |
      | x_of_tomorrow | a b&c=d                 |
      | scope         | openid                  |

  @req:ACB-15
  Scenario Outline: A code <like> reaches the token endpoint as it is
    Given a platform that errs:
      """
      {"fault": {"kind": "redirect_parameter_set", "parameter": "code", "value": "<code>"}}
      """
    When the user signs in to the app
    Then each token request has the "code" "<code>"

    Examples:
      | like                   | code                    |
      | with letters of its own | a+b/c=d&e%20f~g.h_i-j  |
      | of 2000 characters     | {2000 letters}          |

  @req:ACB-12
  Scenario: No page gives the code to another host
    When the user signs in to the app
    Then the browser gives no code to another host

  @req:ACB-16 @needs:data-sign
  Scenario: The browser's address holds no code once the user is in
    When the user signs in to the app
    Then the browser's address holds no code

  @req:ACB-11
  Scenario: A code goes to the platform that the sign-in was begun with
    Given another host
    And a platform that errs:
      """
      {"fault": {"kind": "redirect_parameter_set", "parameter": "iss", "value": "{other issuer}"}}
      """
    When the user signs in to the app
    Then the other host gets no code
