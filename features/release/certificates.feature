@app @needs:tls @needs:authority @needs:data-sign @release:tls-2026-02-04
Feature: Another certificate, announced for a day
  A platform says when it will show another certificate, and not always which. athenahealth's did so on
  4 February 2026. Whatever it will be, an app that trusts authorities, and not one certificate or one kind of
  key, goes on working.

  Background:
    Given the app under test

  @req:ATLS-02
  Scenario: The app goes on when the certificate has another kind of key, and again the kind that it had
    When the app is put to work
    And the platform shows a certificate that is renewed, with an RSA key
    And the app is put to work
    Then the app's work is done
    When the platform shows a certificate that is renewed
    And the app is put to work
    Then the app's work is done

  @req:ATLS-02
  Scenario: The app goes on when the certificate comes from another authority that it was told of in time
    When the app is put to work
    And the platform shows a certificate that is from another authority that was announced
    And the app is put to work
    Then the app's work is done
