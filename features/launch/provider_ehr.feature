@browser @needs:ehr @needs:portal
Feature: A provider launches the app from a chart
  A provider works in athenaOne and opens the app from a patient's chart. The EHR appends a launch
  identifier and the address of its FHIR server; the app sends both back, and is told in which
  patient, practice and department it was opened.

  Background:
    Given a provider web app with a client secret

  @smoke @req:EHR-STEP1-CLICK-LINK @req:EHR-STEP1-APPENDS-LAUNCH @req:EHR-STEP1-APPENDS-ISS @req:EHR-STEP1-LAUNCH-URL
  @req:EHR-ISS-TERM-VARIANTS
  Scenario: The EHR opens the app with a launch
    When the provider opens the app from the chart of "{chart}"
    Then the user was asked to sign in
    And the app is opened with a launch and the platform's FHIR base

  @req:EHR-LAUNCH-URL-EXISTING-QUERY
  Scenario: A launch address keeps the query that it was registered with
    When the developer registers a provider web app with a client secret and the "launch_url" "https://app.example/launch?tenant=7"
    And the provider opens the app from the chart of "a-195900.E-60178"
    Then the app is opened with the "tenant" "7"
    And the app is opened with a launch and the platform's FHIR base

  @req:EHR-STEP2-SESSION-SILENT @req:EHR-STEP2-CODE @req:WID-SMART-BOTH @req:WID-SEQUENCE-DEPENDS-ON-LAUNCH
  Scenario: Who works in the EHR does not sign in again
    When the provider opens the app from the chart of "{chart}"
    And the app continues the launch
    Then the user was not asked to sign in
    And the user comes back with a code

  @req:EHR-STEP2-PROMPT-IF-NO-SESSION @req:LOGOUT-PROVIDER-TOO
  Scenario: Who has signed out meanwhile signs in again before the app goes on
    When the provider opens the app from the chart of "a-195900.E-60178"
    And the provider signs out of the platform
    And the app continues the launch
    Then the user was asked to sign in
    And the user comes back with a code

  @req:EHR-STEP3-TOKEN-CONTEXT @req:CTX-WHERE-OR-WHOM @req:CTX-PROVIDER-LOCATION @req:CTX-PRACTICE-FORMAT @req:CTX-PROVIDER-BANNER
  Scenario: The launch context names patient and place
    When the provider opens the app from the chart of "{chart}"
    And the app continues the launch
    And the app redeems the code
    Then the launch context has the patient "{chart}"
    And the launch context has the ah_practice "a-1.Practice-195900"
    And the launch context has an ah_department like "^a-195900\.Department-\d+$"
    And the parts of the launch context belong to one practice
    And the launch context says yes or no to need_patient_banner
    And the answer looks like the accepted "token answer with launch context"

  @req:IDT-FHIRUSER-PROVIDER
  Scenario: The ID token names the provider
    When the provider opens the app from the chart of "{chart}"
    And the app continues the launch
    And the app redeems the code
    Then the ID token can be trusted
    And the ID token's fhirUser matches "/Practitioner/"

  @req:CTX-PROVIDER-ENCOUNTER
  Scenario: The launch context names the visit that the app was opened from
    When the provider opens the app from the encounter "a-195900.encounter-46318"
    And the app continues the launch
    And the app redeems the code
    Then the launch context has the patient "{chart}"
    And the launch context has the encounter "a-195900.encounter-46318"
    And the parts of the launch context belong to one practice

  @req:CTX-NO-PATIENT-LAUNCH
  Scenario: An app that is opened without a patient is told the place alone
    When the provider opens the app without a patient
    And the app continues the launch
    And the app redeems the code
    Then the answer has no "patient"
    And the launch context has the ah_practice "a-1.Practice-195900"

  @req:CTX-PROVIDER-USER @req:CTX-PROVIDER-STYLE
  Scenario: The launch context names the user and the style
    When the provider opens the app from the chart of "{chart}"
    And the app continues the launch
    And the app redeems the code
    Then the launch context has the username "p-achen"
    And the launch context has a fhir_user_reference like "^Practitioner/a-195900\.User-\d+$"
    And the launch context has a smart_style_url like "^https?://"

  @req:EHR-ISS-TO-AUD @req:EHR-ISS-TERM-VARIANTS
  Scenario: A launch is continued for the FHIR server that it named
    When the provider opens the app from the chart of "{chart}"
    And the app continues the launch with the "aud" "{host}/195900/fhir/r4"
    Then the user comes back with the error "invalid_request"

  @req:AUTHZ-LAUNCH-MATCHES
  Scenario: An invented launch is refused
    When the provider opens the app from the chart of "{chart}"
    And the app continues the launch with the "launch" "(changed)"
    Then the user comes back with the error "invalid_request"

  @req:AUTHZ-LAUNCH-REQUIRED-EHR
  Scenario: The scope launch needs a launch
    When the provider opens the app from the chart of "{chart}"
    And the app continues the launch with the "launch" "(none)"
    Then the user comes back with the error "invalid_request"

  @req:EHR-LAUNCH-SINGLE-USE
  Scenario: A launch is good for one sign-in
    When the provider opens the app from the chart of "{chart}"
    And the app continues the launch
    Then the user comes back with a code
    When the app continues the launch
    Then the user comes back with the error "invalid_request"
