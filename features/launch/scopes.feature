@browser
Feature: Scopes as they are asked for, and as they are granted
  A scope of SMART has two forms, an older with words and a newer with letters in the order "cruds".
  What a user allows is granted in the form in which the app asked for it, and never more of it.

  Scenario Outline: Who asks for <scope> is granted that
    Given a patient web app with a client secret and the scopes "openid launch/patient <scope>"
    When the patient signs in and allows access
    And the app redeems the code
    Then the token is good for at least "openid launch/patient <scope>"

    @req:CTX-07 @req:SCOPE-FORM-V1
    Examples: The first form
      | scope                    |
      | patient/Observation.read |

    @req:CTX-08 @req:SCOPE-FORM-V2
    Examples: The second form
      | scope                  |
      | patient/Observation.rs |
      | patient/Observation.r  |
      | patient/Observation.s  |

  @req:CTX-09 @req:SCOPE-FORM-V2
  Scenario: Letters out of order open no more than the letters in order
    Given a patient web app with a client secret and the scopes "openid launch/patient patient/Observation.rs"
    And the app is going to send a sign-in request with the "scope" "openid launch/patient patient/Observation.sr"
    When the patient signs in and allows access
    And the app redeems the code, if there is one
    Then no scope is granted that was not approved

  @req:CTX-10
  Scenario: The condition of a scope holds for searches
    Given a patient web app with a client secret and the scopes "openid launch/patient patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory"
    When the patient signs in and allows access
    And the app redeems the code
    And the token is good for at least "patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory"
    And the app reads "Observation?patient={patient}"
    Then every match has the category "laboratory"

  @req:CTX-10
  Scenario: The condition of a scope holds for reads
    Given a patient web app with a client secret and the scopes "openid launch/patient patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory"
    When the patient signs in and allows access
    And the app redeems the code
    And the token is good for at least "patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory"
    And the app reads "Observation/{lab result}"
    Then the answer is the Observation "{lab result}"
    When the app reads "Observation/{vital sign}"
    Then the call is refused with 403 or 404 and no data
