@app @needs:tls @needs:authority
Feature: What an app makes of the platform's certificate
  A token is for the platform alone, so the app gives it to nobody who cannot prove to be the platform.
  What proves it is that an authority which the app trusts vouches for the host, today. A platform replaces
  its certificates now and then (athenahealth did on 4 February 2026), and an app that trusts the
  authority, not the certificate, notices nothing of it.

  Background:
    Given the app under test

  @req:ATLS-01
  Scenario Outline: A platform whose certificate is <what> gets no token
    When the app is put to work
    And the platform shows a certificate that is <what>
    And the app is put to work
    Then the app asks for no token
    And the app calls no API

    Examples:
      | what                      |
      | expired                   |
      | for another host          |
      | from an unknown authority |

  @req:ATLS-02 @needs:data-sign
  Scenario Outline: The app goes on when the platform's certificate is <what>
    When the app is put to work
    And the platform shows a certificate that is <what>
    And the app is put to work
    Then the app's work is done

    Examples:
      | what                                |
      | renewed                             |
      | from another intermediate authority |

  @req:ATLS-03 @needs:error-sign
  Scenario: The app says that it does not reach a platform that proves nothing
    When the app is put to work
    And the platform shows a certificate that is for another host
    And the app is put to work
    Then the app tells that it failed
