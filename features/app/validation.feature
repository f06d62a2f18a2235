@app
Feature: What an app declares, and what it does
  Before an app goes to Production its owner says in the Tech Spec what it calls and which scopes it
  needs. Whoever looks on at the demonstration compares.

  Background:
    Given the app under test

  @req:ASV-01 @needs:endpoints
  Scenario: The app calls what it declares
    When the app is put to work
    Then each endpoint that the app uses is declared

  @req:ASV-02
  Scenario: The app asks for the scopes that it declares
    When the app is put to work
    Then each scope that the app uses is declared

  @req:ASV-03 @needs:endpoints @needs:data-sign
  Scenario: Each declared endpoint is called
    When the app is put to work
    Then each declared endpoint is used

  @req:ASV-03 @needs:data-sign
  Scenario: Each declared scope is asked for
    When the app is put to work
    Then each declared scope is used

  @req:ASV-04 @needs:error-sign
  Scenario Outline: <what> is shown to the user
    Given a platform that errs:
      """
      {"at": {"endpoint": "<endpoint>"}, "fault": <fault>}
      """
    When the app is put to work
    Then the app tells that it failed

    Examples:
      | what                     | endpoint | fault |
      | Wrong credentials        | token    | {"kind": "status", "status": 401, "error": "invalid_client"} |
      | An API that is down      | fhir     | {"kind": "status", "status": 503} |
      | An API that is away      | fhir     | {"kind": "drop"} |
