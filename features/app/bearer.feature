@app
Feature: How an app uses its token
  Whoever holds the token may do what the user may. So it goes to the FHIR server, in a header, and to
  nobody else: not into an address, not to a host that a link names, not into a log.

  Background:
    Given the app under test

  @req:AUSE-01
  Scenario: Each call brings the token in a header
    When the app is put to work
    Then each API call brings its token as "Bearer"

  @req:AUSE-02
  Scenario: No call has the token in its address or its form
    When the app is put to work
    Then no API call has its token in its address or its form

  @req:AUSE-03
  Scenario Outline: <what> to another host takes no token there
    Given another host
    And a platform that errs:
      """
      {"at": {"endpoint": "fhir", "answer_status": 200}, "fault": <fault>}
      """
    When the app is put to work
    Then the other host gets no token

    Examples:
      | what                | fault |
      | The link of a page  | {"kind": "member_set", "pointer": "/link", "value": [{"relation": "next", "url": "{other host}{fhir path}/Patient?page=2"}]} |
      | A redirect          | {"kind": "status", "status": 307, "processed": true, "headers": {"Location": "{other host}{fhir path}/Patient"}} |
      | A reference         | {"kind": "member_set", "pointer": "/entry/0/resource/subject", "value": {"reference": "{other host}{fhir path}/Patient/1"}} |

  @req:AUSE-03 @needs:user
  Scenario: No page gives the token to another host
    When the app is put to work
    Then the browser gives no token to another host

  @req:AUSE-04 @req:CLI-401-REACTION @needs:refresh @needs:data-sign
  Scenario: A call that is refused once is made again with a new token
    When the user signs in to the app
    And the platform errs:
      """
      {"at": {"endpoint": "fhir"}, "fault": {"kind": "status", "status": 401, "headers": {"WWW-Authenticate": "Bearer error=\"invalid_token\""}}, "times": 1}
      """
    And the app is put to work
    Then the app's work is done

  @req:AUSE-04 @req:CLI-401-REACTION @needs:backend
  Scenario: A backend's call that is refused once is made again with a new token
    Given a platform that errs:
      """
      {"at": {"endpoint": "fhir"}, "fault": {"kind": "status", "status": 401, "headers": {"WWW-Authenticate": "Bearer error=\"invalid_token\""}}, "times": 1}
      """
    When the app is put to work
    Then the app's work is done

  @req:AUSE-05 @req:CLI-401-REACTION
  Scenario: Calls that are refused for ever are given up
    Given a platform that errs:
      """
      {"at": {"endpoint": "fhir"}, "fault": {"kind": "status", "status": 401, "headers": {"WWW-Authenticate": "Bearer error=\"invalid_token\""}}}
      """
    When the app is put to work
    Then the app sends at most 3 token requests
    And the app sends at most 8 API calls

  @req:AUSE-06 @req:CLI-403-REACTION
  Scenario: What may not be read is not asked for again
    Given a platform that errs:
      """
      {"at": {"endpoint": "fhir"}, "fault": {"kind": "status", "status": 403}}
      """
    When the app is put to work
    Then no API call is made again
    And the app sends at most 1 token request

  @req:SCOPE-RESOURCE-LEVEL
  Scenario: The app may do what it does
    When the app is put to work
    Then no API call is refused with 403

  @req:BEARER-FHIR-AH-PRACTICE
  Scenario: A search names the practice
    When the app is put to work
    And the app has sent a FHIR search
    Then each FHIR search has the "ah-practice" "(any)"

  @req:AUSE-07
  Scenario: The app writes no token out
    When the app is put to work
    Then no line that the app wrote out holds a token

  @req:AUSE-08 @needs:user
  Scenario: No token is in a cookie that travels in clear text
    When the app is put to work
    Then no cookie in clear text holds a token

  @req:AUSE-09 @needs:user
  Scenario: The app's pages speak to nobody else
    When the app is put to work
    Then the browser speaks to the app, the platform and the declared hosts alone
