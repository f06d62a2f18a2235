@app @needs:keys
Feature: How an app proves by a key who it is
  Instead of a secret the app has a private key, and signs a small statement for each token request: who
  it is, whom it speaks to, and until when that holds. Nobody can use it a second time.

  Background:
    Given the app under test

  @req:AJWT-01
  Scenario: The assertion comes with its type
    When the app is put to work
    Then each token request has the "client_assertion_type" "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    And each token request has the "client_assertion" "(any)"

  @req:AJWT-02
  Scenario: The assertion is signed by a key of the app
    When the app is put to work
    Then each assertion is signed by a registered key

  Scenario Outline: The assertion has <what>
    When the app is put to work
    Then each assertion has the <part> "<name>" "<value>"

    @req:AJWT-03
    Examples:
      | what                   | part   | name | value            |
      | the id of its key      | header | kid  | {registered kid} |
    @req:AJWT-04
    Examples:
      | what                   | part   | name | value            |
      | the type JWT           | header | typ  | JWT              |
    @req:AJWT-05
    Examples:
      | what                   | part   | name | value            |
      | no foreign jku         | header | jku  | {registered jku} |
    @req:AJWT-14
    Examples:
      | what                   | part   | name | value            |
      | an algorithm of SMART  | header | alg  | RS384 or ES384   |
    @req:AJWT-06
    Examples:
      | what                   | part   | name | value            |
      | the app as issuer      | claim  | iss  | {client id}      |
      | the app as subject     | claim  | sub  | {client id}      |
    @req:AJWT-07
    Examples:
      | what                   | part   | name | value            |
      | the token endpoint as audience | claim | aud | {audience} |

  @req:AJWT-08
  Scenario: The assertion is over soon
    When the app is put to work
    Then each assertion expires within 300 seconds

  @req:AJWT-09
  Scenario: Each assertion has an id of its own
    Given a platform that errs:
      """
      {"at": {"endpoint": "fhir"}, "fault": {"kind": "status", "status": 401, "headers": {"WWW-Authenticate": "Bearer error=\"invalid_token\""}}, "times": 1}
      """
    When the app is put to work
    And the app is put to work
    Then each assertion has a "jti" of its own

  @req:AJWT-10
  Scenario Outline: A request that is sent again after <status> has a new assertion
    Given a platform that errs:
      """
      {"at": {"endpoint": "token"}, "fault": {"kind": "status", "status": <status>, "headers": {"Retry-After": "1"}}, "times": 1}
      """
    When the app is put to work
    And the app is put to work
    Then each token request has an assertion of its own

    Examples:
      | status |
      | 429    |
      | 500    |
      | 503    |

  @req:AJWT-13
  Scenario: A platform whose clock is a minute ahead gives a token
    When 1 minute passes
    And the app is put to work
    Then the app's work is done
