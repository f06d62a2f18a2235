@app
Feature: What an app does when the platform has a bad day
  A platform is slow, overloaded, or away for ten minutes. Its users are told, nothing is hammered, and
  when it is back the app works again by itself.

  Background:
    Given the app under test

  @needs:error-sign
  Scenario Outline: <what> leads to data or to a message
    Given a platform that errs:
      """
      {"at": {"endpoint": "<endpoint>"}, "fault": <fault>}
      """
    When the app is put to work
    Then the app's work is done, or its users are told or asked to sign in

    @req:ARES-03
    Examples: nobody answers
      | what                              | endpoint | fault |
      | A token endpoint that is away     | token    | {"kind": "drop"} |
      | An API that is away               | fhir     | {"kind": "drop"} |
    @req:ARES-04
    Examples: the connection breaks
      | what                              | endpoint | fault |
      | A token answer that breaks off    | token    | {"kind": "truncate", "bytes": 20} |
      | An API answer that breaks off     | fhir     | {"kind": "truncate", "bytes": 20} |
    @req:ARES-05
    Examples: the answer is no JSON
      | what                              | endpoint | fault |
      | A token answer that is no JSON    | token    | {"kind": "malformed_json"} |
      | A token answer of another type    | token    | {"kind": "content_type", "value": "text/html"} |
      | A token answer with nothing in it | token    | {"kind": "empty_body"} |
      | An API answer that is no JSON     | fhir     | {"kind": "malformed_json"} |
      | An API answer that is a page      | fhir     | {"kind": "body", "body": "<h1>Maintenance</h1>", "content_type": "text/html"} |
      | An API answer with nothing in it  | fhir     | {"kind": "empty_body"} |
      | A byte order mark                 | fhir     | {"kind": "body", "body": "\\uFEFF{\\"resourceType\\": \\"Patient\\", \\"id\\": \\"p-1\\", \\"name\\": [{\\"family\\": \\"Moen\\"}]}", "content_type": "application/fhir+json"} |
    @req:ARES-06
    Examples: the answer is late
      | what                              | endpoint | fault |
      | A token answer that is late       | token    | {"kind": "delay", "milliseconds": 2000} |
      | An API answer that is late        | fhir     | {"kind": "delay", "milliseconds": 2000} |
    @req:CLI-ERROR-HANDLING
    Examples: the statuses of the guide
      | what                              | endpoint | fault |
      | 401 of the API                    | fhir     | {"kind": "status", "status": 401} |
      | 403 of the API                    | fhir     | {"kind": "status", "status": 403} |
      | 429 of the API                    | fhir     | {"kind": "status", "status": 429, "headers": {"Retry-After": "60"}} |
      | 500 of the API                    | fhir     | {"kind": "status", "status": 500} |

  Scenario Outline: <what> is respected
    Given a platform that errs:
      """
      {"at": {"endpoint": "<endpoint>"}, "fault": <fault>}
      """
    When the app is put to work
    Then the app leaves the endpoint alone for <seconds> seconds after each refusal

    @req:ARES-01
    Examples: too many requests
      | what                                 | endpoint | seconds | fault |
      | Too many requests, until in 2 s      | token    | 2 | {"kind": "status", "status": 429, "headers": {"Retry-After": "2"}} |
      | Too many calls, until in 2 s         | fhir     | 2 | {"kind": "status", "status": 429, "headers": {"Retry-After": "2"}} |
      | Too many requests, nobody knows when | token    | 3 | {"kind": "status", "status": 429} |
    @req:ARES-02
    Examples: a service that is away
      | what                                 | endpoint | seconds | fault |
      | No service until in 2 s              | token    | 2 | {"kind": "status", "status": 503, "headers": {"Retry-After": "2"}} |

  @req:CLI-500-RETRY @needs:data-sign
  Scenario: A call that failed once is made again
    Given a platform that errs:
      """
      {"at": {"endpoint": "fhir"}, "fault": {"kind": "status", "status": 500}, "times": 1}
      """
    When the app is put to work
    Then the app's work is done

  @req:CLI-500-RETRY
  Scenario: A call that fails for ever is given up
    Given a platform that errs:
      """
      {"at": {"endpoint": "fhir"}, "fault": {"kind": "status", "status": 500}}
      """
    When the app is put to work
    Then the app sends at most 12 API calls

  @req:ARES-09 @needs:refresh @needs:data-sign
  Scenario: When the platform is back, so is the app
    When the user signs in to the app
    And the platform errs:
      """
      [
        {"at": {"endpoint": "fhir"}, "fault": {"kind": "status", "status": 503}},
        {"at": {"endpoint": "token"}, "fault": {"kind": "status", "status": 503}}
      ]
      """
    And the app is put to work
    And the platform errs no more
    And the app is put to work
    Then the app's work is done

  @req:ARES-09 @needs:backend
  Scenario: When the platform is back, so is the backend
    Given a platform that errs:
      """
      [
        {"at": {"endpoint": "fhir"}, "fault": {"kind": "status", "status": 503}},
        {"at": {"endpoint": "token"}, "fault": {"kind": "status", "status": 503}}
      ]
      """
    When the app is put to work
    And the platform errs no more
    And the app is put to work
    Then the app's work is done

  @req:ARES-08 @needs:error-sign
  Scenario: Clocks that are five minutes apart lead to data or to a message
    When 5 minutes pass
    And the app is put to work
    Then the app's work is done, or its users are told or asked to sign in
