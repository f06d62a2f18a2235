@app @needs:launch
Feature: How an app is opened by an EHR
  The EHR opens the app's launch address, and says there which FHIR server it is and what its user has in
  front of them. The app starts the authorization by itself, and takes care whom it believes.

  Background:
    Given the app under test

  @req:ALCH-01 @needs:data-sign
  Scenario: The app works when the EHR opens it
    When the app under test is opened from the chart of "{chart}"
    Then the app's work is done

  Scenario Outline: The request passes on <what>
    When the browser opens the app's launch address with "iss={fhir base}&launch=a1b2c3"
    Then each authorization request has the "<parameter>" "<value>"

    @req:AAUT-04
    Examples:
      | what               | parameter | value       |
      | the launch value   | launch    | a1b2c3      |
    @req:AAUT-05
    Examples:
      | what               | parameter | value       |
      | the FHIR server    | aud       | {fhir base} |

  @req:EHR-ISS-UNENCODED
  Scenario: An address that is not encoded is understood
    When the browser opens the app's launch address with "launch=a1b2c3&iss={fhir base}"
    Then the app sends 1 authorization request
    And each authorization request has the "aud" "{fhir base}"

  @req:ALCH-02
  Scenario: A platform that the app does not know is asked nothing
    Given another host
    When the browser opens the app's launch address with "iss={other host}{fhir path}&launch=a1b2c3"
    Then the other host is asked for no authorization

  @req:ALCH-03
  Scenario Outline: A launch without <what> is no launch
    When the browser opens the app's launch address with "<query>"
    Then no authorization request has a "launch"

    Examples:
      | what         | query            |
      | launch       | iss={fhir base}  |
      | iss          | launch=a1b2c3    |
      | anything     |                  |

  Scenario Outline: An address that is opened twice has two launches, each with a <parameter>
    When the browser opens the app's launch address with "iss={fhir base}&launch=a1b2c3"
    And the browser opens the app's launch address with "iss={fhir base}&launch=a1b2c3"
    Then each authorization request has an unpredictable "<parameter>" of its own

    @req:ALCH-04
    Examples:
      | parameter      |
      | state          |
      | code_challenge |

  @req:ALCH-05 @needs:data-sign
  Scenario: The next patient's launch shows nothing of the one before
    When the app under test is opened from the chart of "{chart}"
    And the app under test is opened from the chart of "{another chart}"
    Then no API call is about "{chart}"

  @req:ALCH-05 @needs:data-sign
  Scenario: A tab goes on to show its patient when another one is opened beside it
    When the app under test is opened from the chart of "{chart}"
    And the app under test is opened in another tab from the chart of "{another chart}"
    And the app is put to work in the earlier tab
    Then no API call is about "{another chart}", if there is one

  @req:ALCH-06 @needs:embedded @needs:data-sign
  Scenario: The app works in the EHR's frame
    When the app under test is opened from the chart of "{chart}"
    Then the app is shown in the EHR's frame
    And the app's work is done

  @req:ALCH-07 @needs:data-sign
  Scenario: Who is signed in to the EHR is not asked to sign in again
    When the app under test is opened from the chart of "{chart}"
    And the app under test is opened from the chart of "{chart}"
    Then the app's work is done
    And the user was asked to sign in once
