@needs:portal
Feature: Choosing scopes
  Which scopes an app may select depends on who uses it. A selected scope works once it is
  confirmed.

  Scenario Outline: A 2-legged app cannot select <scope>
    Given a 2-legged app with a client secret
    When the developer selects the scopes "<scope>"
    Then the portal refuses because of "scopes"

    @req:SCOPE-2L-NO-PATIENT
    Examples:
      | scope                |
      | patient/Patient.read |

    @req:SCOPE-2L-NO-USER
    Examples:
      | scope             |
      | user/Patient.read |

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

  @req:SCOPE-PHR-CERTIFIED-ONLY @req:ONB-PHR-SELECT-CATEGORY
  Scenario Outline: A personal health record selects scopes of Certified APIs only
    When the developer registers a patient web app with a client secret and the "level" "<level>"
    And the developer selects the scopes "openid launch/patient patient/Patient.read"
    Then the portal answers with status 200
    When the developer selects the scopes "openid launch/patient patient/Appointment.read"
    Then the portal refuses because of "scopes"

    Examples:
      | level         |
      | certified     |
      | non_certified |

  @req:SCOPE-3L-CERTIFIED-AND-FHIR @req:ONB-PHR-SELECT-CATEGORY
  Scenario Outline: Any other app with users selects other FHIR scopes too, <kind>
    When the developer registers a <kind> app with a client secret and these changes:
      | member   | value              |
      | category | three_legged_other |
      | level    | non_certified      |
    And the developer selects the scopes "openid <scope>"
    Then the portal answers with status 200

    Examples:
      | kind         | scope                                         |
      | patient web  | patient/Patient.read patient/Appointment.read |
      | provider web | user/Patient.read user/Appointment.read       |

  Scenario Outline: A provider's app cannot select <scope>
    Given a provider web app with a client secret
    When the developer selects the scopes "openid <scope>"
    Then the portal refuses because of "scopes"

    @req:SCOPE-3L-END-USER-MATCH @req:ONB-END-USERS-FIELD
    Examples:
      | scope                |
      | patient/Patient.read |
      | system/Patient.read  |

    @req:SCOPE-3L-CERTIFIED-AND-FHIR
    Examples:
      | scope                          |
      | athena/service/Athenanet.MDP.* |

  @req:ONB-END-USERS-FIELD @req:SCOPE-3L-END-USER-MATCH
  Scenario Outline: Who uses the app decides on its scopes: <kind>
    Given a <kind> app with a client secret
    When the developer selects the scopes "<scopes>"
    Then the portal answers with status 200

    Examples:
      | kind         | scopes                                     |
      | patient web  | openid launch/patient patient/Patient.read |
      | provider web | openid launch user/Patient.read            |

  @needs:settings @req:SCOPE-3L-END-USER-MATCH
  Scenario Outline: Where the portal wants it, the launch is that of the users: <kind>
    Given the platform's setting "portal.launch_scopes_match_end_users" is "true"
    When the developer registers a <kind> app with a client secret and the "scopes" "openid <scope>"
    Then the portal refuses because of "scopes"

    Examples:
      | kind         | scope                           |
      | provider web | launch/patient user/Patient.read |
      | patient web  | launch patient/Patient.read      |

  @browser
  Scenario Outline: A confirmed scope works at the next sign-in, <kind>
    Given a <kind> app with a client secret and the scopes "openid <level>/Patient.read"
    When the developer selects the scopes "openid <level>/Patient.read <level>/Goal.read"
    Then the portal answers with status 200
    When the app sends a user to sign in
    Then the user comes back with the error "invalid_scope"
    When the developer confirms the scopes
    And the <user> signs in and allows access
    Then the user comes back with a code
    When the app redeems the code
    Then the token is good for "openid <level>/Patient.read <level>/Goal.read"

    @req:SCOPE-CONFIRM-AUTO-PHR
    Examples:
      | kind        | level   | user    |
      | patient web | patient | patient |

    @req:SCOPE-CONFIRM-AUTO-3L
    Examples:
      | kind         | level | user     |
      | provider web | user  | provider |

  @req:SCOPE-EDIT-ADD
  Scenario: A scope can be added later
    Given a 2-legged app with a client secret and the scopes "system/Patient.read"
    When the app asks for a token for "system/Goal.read"
    Then the request is refused with 400 "invalid_scope"
    When the developer selects the scopes "system/Patient.read system/Goal.read"
    And the developer confirms the scopes
    And the app asks for a token for "system/Patient.read system/Goal.read"
    Then the token is good for "system/Patient.read system/Goal.read"

  @req:SCOPE-SUBSCRIPTION-BY-REQUEST
  Scenario: Scopes of event notifications wait for the platform's staff
    Given a 2-legged app with a client secret and the scopes "system/Patient.read"
    When the developer selects the scopes "system/Patient.read system/Subscription.read"
    And the developer confirms the scopes
    Then the answer has the pending '["system/Subscription.read"]'
    When the app asks for a token for "system/Subscription.read"
    Then the request is refused with 400 "invalid_scope"
    When the platform's staff approve the scopes
    And the app asks for a token for "system/Subscription.read"
    Then the token is good for "system/Subscription.read"

  @req:SCOPE-MDP-SPELLING @req:SCOPE-MDP-LITERAL-STAR
  Scenario: The service scope is good as the samples spell it
    Given a 2-legged app with a client secret and the scopes "athena/service/Athenanet.MDP.*"
    When the app asks for a token for "athena/service/Athenanet.MDP.*"
    Then the token is good for "athena/service/Athenanet.MDP.*"

  Scenario Outline: The service scope is unknown as <scope>
    Given a 2-legged app with a client secret
    When the app asks for a token for "<scope>"
    Then the request is refused with 400 "invalid_scope"
    When the developer selects the scopes "<scope>"
    Then the portal refuses because of "scopes"

    @req:SCOPE-MDP-SPELLING
    Examples:
      | scope                |
      | athena/service/MDP.* |

    @req:SCOPE-MDP-LITERAL-STAR
    Examples:
      | scope                         |
      | athena/service/Athenanet.MDP. |
      | athena/service/Athenanet.MDP  |

    @req:SCOPE-PRACTICE-MDP
    Examples:
      | scope                               |
      | athena/service/Athenanet.MDP.195900 |

  @req:SCOPE-GRAMMAR
  Scenario Outline: A scope cannot have <what>
    Given a 2-legged app with a client secret
    When the app asks for a token for '<scope>'
    Then the request is refused with 400 "invalid_scope" or "invalid_request"

    Examples:
      | what              | scope                 |
      | a quotation mark  | system/Patient."read" |
      | a backslash       | system/Pat\\ient.read |
      | another letter    | system/Pätient.read   |

  @req:SCOPE-GRAMMAR
  Scenario: A scope may have slashes, dots and stars
    Given a 2-legged app with a client secret
    When the app asks for a token for "athena/service/Athenanet.MDP.* system/Patient.read"
    Then the token is good for "athena/service/Athenanet.MDP.* system/Patient.read"

  @req:SCOPE-DUPLICATE-TOKENS
  Scenario: A scope that is asked for twice is granted once
    Given a 2-legged app with a client secret
    When the app asks for a token for "system/Patient.read system/Patient.read"
    Then the app gets an access token
    And the answer has the scope "system/Patient.read"

  @req:SCOPE-SAMPLE-PATIENT-SET
  Scenario: A patients' app selects every Certified resource
    Given a patient web app with a client secret
    When the developer selects the scopes "openid fhirUser offline_access launch/patient patient/AllergyIntolerance.read patient/Binary.read patient/CarePlan.read patient/CareTeam.read patient/Condition.read patient/Device.read patient/DiagnosticReport.read patient/DocumentReference.read patient/Encounter.read patient/Goal.read patient/Immunization.read patient/Location.read patient/Medication.read patient/MedicationRequest.read patient/Observation.read patient/Organization.read patient/Patient.read patient/Practitioner.read patient/Procedure.read patient/Provenance.read patient/ServiceRequest.read"
    And the developer confirms the scopes
    Then the answer has the pending "[]"
    When the developer selects the scopes "openid launch/patient patient/"
    Then the portal refuses because of "scopes"

  @browser @needs:ehr @req:SCOPE-LAUNCH-EHR
  Scenario: The launch scope asks for the context of a launch
    Given a provider web app with a client secret
    When the provider opens the app from the chart of "a-195900.E-60178"
    And the app continues the launch with the "scope" "openid launch user/Patient.read"
    And the app redeems the code
    Then the launch context has the patient "a-195900.E-60178"

  @browser @needs:ehr @req:SCOPE-LAUNCH-EHR
  Scenario: Without the launch scope a launch has no context
    Given a provider web app with a client secret
    When the provider opens the app from the chart of "a-195900.E-60178"
    And the app continues the launch with the "scope" "openid user/Patient.read"
    And the app redeems the code
    Then there is no launch context
