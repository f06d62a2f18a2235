@needs:portal
Feature: Choosing scopes
  Which scopes an app may select depends on who uses it. A selected scope works once it is
  confirmed.

  @req:SCOPE-2L-NO-PATIENT @req:SCOPE-2L-NO-USER
  Scenario Outline: A 2-legged app cannot select <scope>
    Given a 2-legged app with a client secret
    When the developer selects the scopes "<scope>"
    Then the portal refuses because of "scopes"

    Examples:
      | scope                |
      | patient/Patient.read |
      | user/Patient.read    |

  @req:SCOPE-PHR-END-USER-MATCH
  Scenario Outline: A patient's app cannot select <scope>
    Given a patient web app with a client secret
    When the developer selects the scopes "openid <scope>"
    Then the portal refuses because of "scopes"

    Examples:
      | scope                          |
      | user/Patient.read              |
      | system/Patient.read            |
      | athena/service/Athenanet.MDP.* |

  @req:SCOPE-TAB-SELECT
  Scenario: A scope that nobody knows cannot be selected
    Given a 2-legged app with a client secret
    When the developer selects the scopes "system/Nonsense.read"
    Then the portal refuses because of "scopes"

  @req:SCOPE-CONFIRM-AUTO-2L
  Scenario: A confirmed scope works at once
    Given a 2-legged app with a client secret and the scopes "system/Patient.read"
    When the developer selects the scopes "system/Patient.read system/Observation.read"
    And the developer confirms the scopes
    And the app asks for a token for "system/Observation.read"
    Then the app gets an access token
    And the token is good for "system/Observation.read"

  @req:SCOPE-CONFIRM-AUTO-2L
  Scenario: A selected scope does not work before it is confirmed
    Given a 2-legged app with a client secret and the scopes "system/Patient.read"
    When the developer selects the scopes "system/Patient.read system/Observation.read"
    Then the portal answers with status 200
    When the app asks for a token for "system/Observation.read"
    Then the request is refused with 400 "invalid_scope"

  @req:SCOPE-EDIT-REMOVE
  Scenario: A removed scope stops working
    Given a 2-legged app with a client secret and the scopes "system/Patient.read system/Observation.read"
    When the developer selects the scopes "system/Patient.read"
    And the developer confirms the scopes
    And the app asks for a token for "system/Observation.read"
    Then the request is refused with 400 "invalid_scope"
