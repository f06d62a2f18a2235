Feature: Reading and searching a chart
  The FHIR API gives one resource by its id, and finds many by what they are about. A search names
  its practice, tells how much there is, and leads from page to page.

  @needs:portal @req:BEARER-ANY-API @req:SCOPE-2L-SYSTEM-FHIR
  Scenario Outline: A system reads a <type>
    Given a 2-legged app with a client secret and the scopes "system/<type>.read"
    When the app asks for a token
    And the app reads "<type>/<id>"
    Then the answer is the <type> "<id>"

    Examples:
      | type         | id                       |
      | Patient      | a-195900.E-60178         |
      | Encounter    | a-195900.encounter-46318 |
      | Practitioner | a-195900.User-1001       |
      | Organization | a-1.Practice-195900      |

  @needs:portal @req:SCOPE-2L-SYSTEM-FHIR
  Scenario: A resource that is not there
    Given a 2-legged app with a client secret
    When the app asks for a token
    And the app reads "Patient/a-195900.E-1"
    Then the call is refused with 404 and no data
    And the outcome has the code "not-found"

  @needs:portal @req:BEARER-FHIR-AH-PRACTICE
  Scenario Outline: A search names its practice as <form>
    Given a 2-legged app with a client secret
    When the app asks for a token
    And the app reads "Patient?ah-practice=<form>&family=Whitcomb"
    Then the search finds 1 match

    Examples:
      | form                             |
      | a-1.Practice-195900              |
      | Organization/a-1.Practice-195900 |

  @needs:portal @req:BEARER-FHIR-AH-PRACTICE
  Scenario Outline: A search that names no practice is refused: "<query>"
    Given a 2-legged app with a client secret
    When the app asks for a token
    And the app reads "Patient?<query>"
    Then the call is refused with 400 and no data
    And the outcome has the code "required"

    Examples:
      | query                              |
      | family=Whitcomb                    |
      | family=Whitcomb&ah-practice=195900 |

  @needs:portal @req:BEARER-FHIR-AH-PRACTICE
  Scenario: A search without its practice looks as documented
    Given a 2-legged app with a client secret
    When the app asks for a token
    And the app reads "Patient?family=Whitcomb"
    Then the answer looks like the accepted "refusal"

  @needs:portal @req:BEARER-PRACTICE-ACCESS
  Scenario Outline: Practice <practice> is out of the app's reach
    Given a 2-legged app with a client secret
    When the app asks for a token
    And the app reads "Patient?ah-practice=a-1.Practice-<practice>"
    Then the call is refused with 401 or 403 or 404 and no data

    Examples:
      | practice |
      | 900100   |
      | 12345    |

  @needs:portal @req:SCOPE-2L-SYSTEM-FHIR
  Scenario Outline: A search finds what is asked for by <query>
    Given a 2-legged app with a client secret and the scopes "system/<type>.rs"
    When the app asks for a token
    And the app reads "<type>?ah-practice=a-1.Practice-195900&<query>"
    Then the search finds <total> matches

    Examples:
      | type        | query                                                    | total |
      | Patient     | name=whit                                                | 1     |
      | Patient     | birthdate=1954-02-02                                     | 1     |
      | Patient     | birthdate=lt1954-02-03&family=Whitcomb                   | 1     |
      | Patient     | identifier=a-195900.E-60178                              | 1     |
      | Patient     | _id=a-195900.E-60178,a-195900.E-60179                    | 2     |
      | Encounter   | patient=a-195900.E-60178                                 | 2     |
      | Encounter   | patient=a-195900.E-60178&status=in-progress              | 1     |
      | Encounter   | patient=a-195900.E-60178&date=ge2026-11-01               | 1     |
      | Observation | patient=a-195900.E-60178&category=vital-signs            | 12    |
      | Observation | patient=a-195900.E-60178&code=http://loinc.org%7C85354-9 | 2     |
      | Observation | encounter=a-195900.encounter-46318                       | 6     |

  @needs:portal @req:SCOPE-2L-SYSTEM-FHIR
  Scenario: Pages lead on until everything was seen
    Given a 2-legged app with a client secret and the scopes "system/Patient.rs"
    When the app asks for a token
    And the app reads "Patient?ah-practice=a-1.Practice-195900&_count=20"
    Then the search finds 20 matches on the page
    And there is another page
    When the app reads the next page
    Then the search finds 7 matches on the page

  @needs:portal @req:SCOPE-2L-SYSTEM-FHIR
  Scenario: A search that finds too much gets an outcome in its place
    Given a 2-legged app with a client secret and the scopes "system/Observation.rs"
    When the app asks for a token
    And the app reads "Observation?ah-practice=a-1.Practice-195900"
    Then the search finds 0 matches on the page
    And the outcome has the code "too-costly"

  @needs:portal @req:SCOPE-2L-SYSTEM-FHIR
  Scenario: The observations of a visit look as they did
    Given a 2-legged app with a client secret and the scopes "system/Observation.rs"
    When the app asks for a token
    And the app reads "Observation?ah-practice=a-1.Practice-195900&encounter=a-195900.encounter-46318&code=8867-4"
    Then the answer looks like the accepted "heart-rate"
