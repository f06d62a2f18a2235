@browser @needs:portal
Feature: The pages of the Developer Portal
  What the portal does for programs it does for people: a developer signs up, makes an app step by
  step, and comes back to its tabs. Staff and practices have pages of their own.

  @req:ONB-CREATE-ENTRYPOINT @req:ONB-SECRET-SHOWN-ONCE @req:ONB-ORDER-LEVEL-CATEGORY-DETAILS
  Scenario: A new account makes an app, whose secret is shown once
    When the developer opens the page "/portal/sign-up"
    And the developer fills in:
      | field         | value           |
      | Email address | dev@example.com |
      | Password      | Correct-Horse-1 |
    And the developer presses "Sign up"
    Then the page shows "You have no apps yet."
    When the developer presses "Create a new app"
    Then the page shows "Which APIs will the app call?"
    When the developer presses "Continue"
    Then the page shows "Choose one of these."
    When the developer fills in:
      | field                         | value                               |
      | Which APIs will the app call? | My app will use Certified APIs ONLY |
    And the developer presses "Continue"
    And the developer fills in:
      | field                           | value          |
      | How do users authorize the app? | 2-Legged OAuth |
    And the developer presses "Continue"
    And the developer fills in:
      | field                       | value         |
      | App name                    | Nightly sync  |
      | Token authentication method | Client secret |
    And the developer presses "Create app"
    Then the page shows "The terms have to be accepted."
    When the developer fills in:
      | field                                       | value |
      | I have reviewed the terms and agree to them | yes   |
    And the developer presses "Create app"
    Then the page shows "Copy it now."
    When a 2-legged app with a client secret takes its credentials from the page
    And the developer presses "Scopes"
    And the developer fills in:
      | field  | value                          |
      | Scopes | athena/service/Athenanet.MDP.* |
      | Scopes | system/Patient.read            |
    And the developer presses "Confirm scopes"
    Then the page shows "approved"
    When the app asks for a token
    Then the app gets an access token
    When the developer presses "Credentials"
    Then the page does not show "Copy it now."
    And the page shows "If it is lost, replace it."
    When the developer presses "Environments"
    And the developer presses "Get Production credentials"
    Then the page shows "Copy it now."
    When a 2-legged app with a client secret takes its credentials from the page
    And the app turns to Production
    And the app asks for a token
    Then the app gets an access token

  @req:JWKS-IMPORT-VALID
  Scenario: An app that signs manages its keys
    Given a 2-legged app with an imported key set of 2 ES384 keys
    When the developer opens the page "/portal/sign-up"
    And the developer fills in:
      | field         | value           |
      | Email address | dev@example.com |
      | Password      | Correct-Horse-1 |
    And the developer presses "Sign up"
    And the developer presses "Create a new app"
    And the developer fills in:
      | field                         | value                               |
      | Which APIs will the app call? | My app will use Certified APIs ONLY |
    And the developer presses "Continue"
    And the developer fills in:
      | field                           | value          |
      | How do users authorize the app? | 2-Legged OAuth |
    And the developer presses "Continue"
    And the developer fills in:
      | field                                       | value            |
      | App name                                    | Nightly sync     |
      | Token authentication method                 | Imported key set |
      | Public keys (JWK Set)                       | no key set       |
      | I have reviewed the terms and agree to them | yes              |
    And the developer presses "Create app"
    Then the page shows "Please correct what is marked."
    When the developer fills in:
      | field                 | value     |
      | Public keys (JWK Set) | {key set} |
    And the developer presses "Create app"
    And the developer presses "Keys"
    Then the page shows "key-2"
    When the developer presses "Remove"
    Then the page does not show "key-1"
    And the page shows "key-2"

  @req:CAT-2L-CUSTOMER-PREVIEW-CONSENT
  Scenario: A practice lets an app in on its page
    Given a 2-legged app with a client secret
    When the app asks for a token
    And the app calls "/v1/900100/ping"
    Then the call is refused with 401 and no data
    When the practice opens the page "/control/staff"
    And the practice opens the page "/control/staff/apps/{client id}"
    Then the page shows "Closed: this needs the practice's signed authorization and consent."
    When the practice fills in:
      | field                          | value                            |
      | Closed Preview Clinic (900100) | Signed authorization and consent |
    And the practice presses "Save for the practices"
    And the app calls "/v1/900100/ping"
    Then the portal answers with status 200
