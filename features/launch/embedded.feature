@browser @needs:ehr @needs:portal
Feature: An app works inside the EHR
  The EHR shows an embedded app in a frame beside the chart. Its provider is signed in already, so the
  app gets its code without a page in between; when the provider turns to another patient, the EHR
  launches the app anew.

  Background:
    Given an embedded provider web app with a client secret

  @req:EHR-NEW-TAB-OR-EMBEDDED @req:EHR-LINK-LOCATION
  Scenario: The app is shown in a frame of the EHR
    When the provider opens the app from the chart of "{chart}"
    Then the app is opened with a launch and the platform's FHIR base
    And the app is shown in a sandboxed frame of the EHR

  @req:EHR-STEP2-SESSION-SILENT @req:WID-EXISTING-SESSION
  Scenario: The app gets its code inside the frame
    When the provider opens the app from the chart of "{chart}"
    And the app continues the launch inside the EHR
    Then the user was not asked to sign in
    And the user comes back with a code
    When the app redeems the code
    Then the launch context has the patient "{chart}"

  @req:EHR-STEP1-APPENDS-LAUNCH @req:EHR-LAUNCH-SINGLE-USE
  Scenario: Another patient is another launch
    When the provider opens the app from the chart of "{chart}"
    And the app continues the launch inside the EHR
    Then the user comes back with a code
    When the provider turns to the chart of "{another chart}"
    Then the launch is another than before
    When the app continues the launch inside the EHR
    And the app redeems the code
    Then the launch context has the patient "{another chart}"
