@browser
Feature: What the launch context says
  Beside its tokens an app is told in whose record, in which visit and in what surroundings it works.
  Nothing of it has to be there unless a scope asked for it; what is there has one form.

  @req:CTX-04 @req:CTX-05
  Scenario: What stands beside a patient's tokens is lawful
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    Then the launch context is whole and lawful

  @req:CTX-02
  Scenario: The visit of the launch context can be read
    Given a patient web app with a client secret and the scopes "openid launch/patient launch/encounter patient/Encounter.read"
    When the patient signs in and allows access
    And the app redeems the code
    Then the launch context is whole and lawful
    When the app reads "Encounter/{encounter}"
    Then the answer is the Encounter "{encounter}"

  @needs:ehr @req:CTX-04 @req:CTX-05 @req:CTX-PROVIDER-BANNER @req:CTX-PROVIDER-STYLE
  Scenario: What an EHR says of the place of a launch is lawful
    Given a provider web app with a client secret
    When the provider opens the app from the chart of "{chart}"
    And the app continues the launch
    And the app redeems the code
    Then the launch context is whole and lawful
