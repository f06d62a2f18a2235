@browser @needs:portal
Feature: An app works for one organization
  The audience of a sign-in is a FHIR base. One that names an organization confines everything that
  follows to it: what the user may choose, and what the token reads.

  Background:
    Given a provider web app with a client secret and the scopes "openid user/Patient.read"

  @req:AUTHZ-AUD-SELECTS-ORG @req:AUTHZ-AUD-GLOBAL
  Scenario: For the whole platform a provider reaches all practices that the provider works for
    When the colleague signs in and allows access
    And the app redeems the code
    And the app reads "Patient/a-195900.E-60178"
    Then the answer is the Patient "a-195900.E-60178"
    When the app reads "Patient/a-80000.E-14545"
    Then the answer is the Patient "a-80000.E-14545"

  @req:AUTHZ-AUD-SELECTS-ORG @req:AUTHZ-AUD-PRACTICE
  Scenario: For one practice the token is good for that practice alone
    Given the app is going to send a sign-in request with these changes:
      | parameter | value                  |
      | aud       | {host}/195900/fhir/r4 |
    When the colleague signs in and allows access
    And the app redeems the code
    And the app reads "Patient/a-195900.E-60178"
    Then the answer is the Patient "a-195900.E-60178"
    When the app reads "Patient/a-80000.E-14545"
    Then the call is refused with 403 and no data
