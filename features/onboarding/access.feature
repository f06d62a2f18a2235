@needs:portal
Feature: Who lets an app in
  An app reaches the public sandbox as soon as it is registered. A customer's data it reaches when the
  customer, and beyond the Certified APIs the platform too, have let it in.

  @req:CAT-CERT-2L-PREVIEW-AUTO
  Scenario: The public sandbox is open at once
    Given a 2-legged app with a client secret
    When the app asks for a token
    And the app calls "/v1/80000/ping"
    Then the portal answers with status 200

  @req:CAT-2L-CUSTOMER-PREVIEW-CONSENT
  Scenario: A customer's Preview is closed without consent
    Given a 2-legged app with a client secret
    When the app asks for a token
    And the app calls "/v1/900100/ping"
    Then the call is refused with 401 and no data

  @req:CAT-2L-CUSTOMER-PREVIEW-CONSENT
  Scenario: Consent opens a customer's Preview, and its end closes it
    Given a 2-legged app with a client secret
    When the app asks for a token
    And practice 900100 has admitted the app
    And the app calls "/v1/900100/ping"
    Then the portal answers with status 200
    When practice 900100 has no longer admitted the app
    And the app calls "/v1/900100/ping"
    Then the call is refused with 401 and no data

  @req:CAT-NONCERT-PRIVATE-PREVIEW
  Scenario: A private Preview needs contract and request
    Given a 2-legged app with a client secret
    When the app asks for a token
    And practice 900200 has requested the app
    And the app calls "/v1/900200/ping"
    Then the call is refused with 401 and no data
    When the platform's staff note the contract
    And the app calls "/v1/900200/ping"
    Then the portal answers with status 200

  @req:PROD-CERT-2L-AUTO-GRANT
  Scenario: An app of Certified APIs gets Production credentials whenever it wants
    Given a 2-legged app with a client secret
    When the developer asks for Production credentials
    Then the app is registered
    And the client secret is shown

  @req:PROD-NONCERT-CONTRACT @req:PROD-TECHSPEC-BEFORE-CREDS @req:PROD-NONCERT-DEVELOPED-VALIDATED
  Scenario Outline: Beyond Certified APIs the <last> is needed too
    When the developer registers a 2-legged app with a client secret and the "level" "non_certified"
    Then the app is registered
    When the platform's staff note the <first>
    And the platform's staff note the <second>
    And practice 21001 has requested the app
    And the developer asks for Production credentials
    Then the portal says that the <last> is missing
    When the platform's staff note the <last>
    And the developer asks for Production credentials
    Then the app is registered

    Examples:
      | first     | second              | last                |
      | contract  | tech_spec           | solution_validation |
      | contract  | solution_validation | tech_spec           |
      | tech_spec | solution_validation | contract            |

  @req:PROD-NONCERT-CUSTOMER-REQUEST
  Scenario: Beyond Certified APIs a practice has to ask for the app
    When the developer registers a 2-legged app with a client secret and the "level" "non_certified"
    Then the app is registered
    When the platform's staff note the contract
    And the platform's staff note the tech_spec
    And the platform's staff note the solution_validation
    And the developer asks for Production credentials
    Then the portal says that the requested is missing
