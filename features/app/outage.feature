@app @area:app-resilience
Feature: What an app makes of a platform that errs
  A token answer may be an error, or nothing that can be read. An app says so to its users or its
  operators, and calls no API with what it does not have.

  Background:
    Given the app under test

  Scenario: On a platform that does not err the app does its work
    When the app is put to work
    Then the app's work is done

  @req:ATR-15 @needs:error-sign
  Scenario Outline: A token answer that is <what> is told as a failure
    Given a platform that errs:
      """
      {"at": {"endpoint": "token"}, "fault": <fault>}
      """
    When the app is put to work
    Then the app tells that it failed
    And the app calls no API

    Examples:
      | what              | fault                                                                                     |
      | an error with 200 | {"kind": "status", "status": 200, "error": "invalid_grant"}                               |
      | a page of HTML    | {"kind": "body", "body": "<html>Service Unavailable</html>", "content_type": "text/html"} |
      | cut short         | {"kind": "truncate", "bytes": 20}                                                         |
