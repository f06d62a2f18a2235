Feature: What a token reaches
  A scope says which resources may be read or searched. Whose they are is said by what stands behind
  the token: an app of its own, a patient with one record, a provider with a practice.

  Scenario Outline: With <scope> the app may <what>
    Given a 2-legged app with a client secret and the scopes "<scope>"
    When the app asks for a token
    And the app reads "<path>"
    Then the answer has the resourceType "<kind>"

    @req:SCOPE-FORM-V1
    Examples: Scopes of the first form
      | scope               | what            | path                                    | kind    |
      | system/Patient.read | read a patient  | Patient/{chart}                         | Patient |
      | system/Patient.read | search patients | Patient?ah-practice=a-1.Practice-195900 | Bundle  |

    @req:SCOPE-FORM-V2
    Examples: Scopes of the second form
      | scope             | what             | path                                    | kind    |
      | system/Patient.r  | read a patient   | Patient/{chart}                         | Patient |
      | system/Patient.rs | read one patient | Patient/{chart}                         | Patient |
      | system/Patient.rs | search patients  | Patient?ah-practice=a-1.Practice-195900 | Bundle  |
      | system/Patient.s  | search patients  | Patient?ah-practice=a-1.Practice-195900 | Bundle  |

  Scenario Outline: With <scope> the app may not <what>
    Given a 2-legged app with a client secret and the scopes "<scope>"
    When the app asks for a token
    And the app reads "<path>"
    Then the call is refused with 403 and no data
    And the outcome has the code "forbidden"

    @req:SCOPE-V2-READ-NOT-SEARCH
    Examples: Reading is one thing, searching another
      | scope            | what            | path                                    |
      | system/Patient.r | search patients | Patient?ah-practice=a-1.Practice-195900 |
      | system/Patient.s | read a patient  | Patient/{chart}                         |

    @req:SCOPE-FORM-V1
    Examples: Another type in the first form
      | scope               | what              | path                               |
      | system/Patient.read | read an encounter | Encounter/a-195900.encounter-46318 |

    @req:SCOPE-FORM-V2
    Examples: Another type in the second form
      | scope             | what              | path                                                               |
      | system/Patient.rs | search encounters | Encounter?ah-practice=a-1.Practice-195900&patient=a-195900.E-60178 |

  @req:BEARER-INSUFFICIENT-SCOPE
  Scenario: A refusal for want of scope looks as documented
    Given a 2-legged app with a client secret and the scopes "system/Observation.read"
    When the app asks for a token
    And the app reads "Patient/{chart}"
    Then the answer looks like the accepted "refusal"

  @browser @req:BEARER-2L-VS-3L-DATA
  Scenario: A patient's token reads the own record
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    And the app reads "Observation?ah-practice=a-1.Practice-80000&patient=a-80000.E-14545"
    Then every match is of the patient "a-80000.E-14545"

  @browser @req:BEARER-2L-VS-3L-DATA
  Scenario: A search that names nobody finds the own record only
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    And the app reads "Observation?ah-practice=a-1.Practice-80000"
    Then every match is of the patient "a-80000.E-14545"

  @browser @req:BEARER-2L-VS-3L-DATA
  Scenario Outline: A patient's token does not reach <whose>
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    And the app reads "<path>"
    Then the call is refused with 403 or 404 and no data

    Examples:
      | whose                    | path                                                               |
      | another record           | Patient/a-80000.E-14546                                            |
      | another record's results | Observation?ah-practice=a-1.Practice-80000&patient=a-80000.E-14546 |
      | another practice         | Observation?ah-practice=a-1.Practice-195900                        |

  @browser @needs:ehr @needs:portal @req:BEARER-2L-VS-3L-DATA @req:BEARER-PRACTICE-ACCESS
  Scenario: A provider's token does not reach a practice where the provider does not work
    Given a provider web app with a client secret
    When the provider opens the app from the chart of "a-195900.E-60178"
    And the app continues the launch
    And the app redeems the code
    And the app reads "Patient/a-80000.E-14545"
    Then the call is refused with 403 or 404 and no data
