@needs:portal
Feature: Creating a client by its access type
  Where a portal asks for an access type, the developer chooses what the client is for and names it.
  What the client may do follows from that choice, and its credentials stand in the list of clients.

  @req:ONEUP-PV-STEP3-ACCESS-TYPE @req:ONEUP-P2P-SAME-STEPS @req:ONEUP-P2P-CREDS-SOURCE
  Scenario Outline: A client for <access type> gets its credentials
    When the developer registers a 2-legged app with a client secret and the "access_type" "<access type>"
    Then the app is registered
    And the client secret is shown

    Examples:
      | access type     |
      | provider-access |
      | payer-to-payer  |

  @req:ONEUP-PV-STEP3-ACCESS-TYPE @req:ONEUP-PV-STEP5-CREATE
  Scenario Outline: The access type <access type> creates no client
    When the developer registers a 2-legged app with a client secret and the "access_type" "<access type>"
    Then the portal refuses because of "access_type"
    When the developer lists the apps
    Then there are 0 apps in the list

    Examples:
      | access type |
      | (none)      |
      | gold        |

  @req:ONEUP-PV-STEP4-NAME
  Scenario: A client needs a name
    When the developer registers a 2-legged app with a client secret and the "name" "(none)"
    Then the portal refuses because of "name"

  @req:ONEUP-PV-STEP2-CREATE @req:ONEUP-PV-CREDS-SOURCE
  Scenario: Without an account nobody creates a client
    When a stranger registers a 2-legged app with a client secret
    Then the portal answers with status 401

  @req:ONEUP-PV-STEP5-CREATE @req:ONEUP-PV-STEP6-COPY
  Scenario: A new client is in the list with its credentials
    Given a 2-legged app with a client secret
    When the developer lists the apps
    Then there is 1 app in the list
    And each app in the list has its client id and secret

  @browser @req:ONEUP-PV-STEP1-VERIFY
  Scenario: Who has verified the email address logs in
    When the developer opens the page "/portal/sign-up"
    And the developer fills in:
      | field         | value           |
      | Email address | dev@example.com |
      | Password      | Correct-Horse-1 |
    And the developer presses "Sign up"
    And the developer presses "Verify the address"
    Then the page shows "Sign in"
    When the developer fills in:
      | field         | value           |
      | Email address | dev@example.com |
      | Password      | Correct-Horse-1 |
    And the developer presses "Sign in"
    Then the page shows "You have no apps yet."

  @browser @req:ONEUP-PV-STEP1-VERIFY
  Scenario: Who has not verified the email address creates nothing
    When the developer opens the page "/portal/sign-up"
    And the developer fills in:
      | field         | value           |
      | Email address | dev@example.com |
      | Password      | Correct-Horse-1 |
    And the developer presses "Sign up"
    And the developer opens the page "/portal/sign-in"
    And the developer fills in:
      | field         | value           |
      | Email address | dev@example.com |
      | Password      | Correct-Horse-1 |
    And the developer presses "Sign in"
    Then the page shows "This email address is not verified yet."
    And the page does not show "You have no apps yet."
