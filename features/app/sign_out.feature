@app @needs:user @needs:log-out
Feature: How an app lets its user go
  Who signs out expects that nobody who sits down next sees anything.

  Background:
    Given the app under test

  @req:AREF-13 @needs:data-sign
  Scenario: After the sign-out nothing is read
    When the user signs in to the app
    And the user signs out of the app
    Then the app calls no API

  @req:AREF-13 @needs:data-sign
  Scenario: After the sign-out nothing is shown
    When the user signs in to the app
    And the user signs out of the app
    And the browser opens the app's start address
    Then the app shows no data
