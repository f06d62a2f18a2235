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
    When the app takes over the new credentials
    And the app turns to Production
    And the app asks for a token
    Then the app gets an access token

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

    @req:PROD-NONCERT-DEVELOPED-VALIDATED
    Examples:
      | first    | second    | last                |
      | contract | tech_spec | solution_validation |

    @req:PROD-TECHSPEC-BEFORE-CREDS
    Examples:
      | first    | second              | last      |
      | contract | solution_validation | tech_spec |

    @req:PROD-NONCERT-CONTRACT
    Examples:
      | first     | second              | last     |
      | tech_spec | solution_validation | contract |

  @req:PROD-NONCERT-CUSTOMER-REQUEST
  Scenario: Beyond Certified APIs a practice has to ask for the app
    When the developer registers a 2-legged app with a client secret and the "level" "non_certified"
    Then the app is registered
    When the platform's staff note the contract
    And the platform's staff note the tech_spec
    And the platform's staff note the solution_validation
    And the developer asks for Production credentials
    Then the portal says that the requested is missing

  @req:CAT-MATRIX-EXPLICIT
  Scenario Outline: The public sandbox is open at once to a system, <level>
    When the developer registers a 2-legged app with a client secret and the "level" "<level>"
    And the app asks for a token
    And the app reads "Patient/a-80000.E-14545"
    Then the answer is the Patient "a-80000.E-14545"
    When the app calls "/v1/195900/ping"
    Then the portal answers with status 200

    @req:CAT-CERT-2L-PREVIEW-AUTO
    Examples:
      | level     |
      | certified |

    @req:CAT-NONCERT-2L-PREVIEW-AUTO
    Examples:
      | level         |
      | non_certified |

  @browser @req:CAT-MATRIX-EXPLICIT
  Scenario Outline: The public sandbox is open at once to an app of <users>, <level>
    When the developer registers a <kind> app with a client secret and these changes:
      | member   | value              |
      | category | three_legged_other |
      | level    | <level>            |
    Given the app is going to ask for "openid <scopes>"
    When the <user> signs in and allows access
    And the app redeems the code
    And the app reads "Patient/<patient>"
    Then the answer is the Patient "<patient>"

    @req:CAT-CERT-3LPAT-PREVIEW-AUTO
    Examples:
      | users    | kind        | level     | user    | patient         | scopes                              |
      | patients | patient web | certified | patient | a-80000.E-14545 | launch/patient patient/Patient.read |

    @req:CAT-NONCERT-3LPAT-PREVIEW-AUTO
    Examples:
      | users    | kind        | level         | user    | patient         | scopes                              |
      | patients | patient web | non_certified | patient | a-80000.E-14545 | launch/patient patient/Patient.read |

    @req:CAT-CERT-3LPROV-PREVIEW-AUTO
    Examples:
      | users     | kind         | level     | user     | patient          | scopes            |
      | providers | provider web | certified | provider | a-195900.E-60178 | user/Patient.read |

    @req:CAT-NONCERT-3LPROV-PREVIEW-AUTO
    Examples:
      | users     | kind         | level         | user     | patient          | scopes            |
      | providers | provider web | non_certified | provider | a-195900.E-60178 | user/Patient.read |

  @req:CAT-MATRIX-EXPLICIT
  Scenario Outline: A customer's Preview is open to a system while the customer consents, <level>
    When the developer registers a 2-legged app with a client secret and the "level" "<level>"
    And the app asks for a token
    And practice 900100 has enabled the app
    And the app reads "Patient/a-900100.E-77"
    Then the call is refused with 403 and no data
    And the outcome has the code "forbidden"
    When practice 900100 has admitted the app
    And the app reads "Patient/a-900100.E-77"
    Then the answer is the Patient "a-900100.E-77"
    When practice 900100 has no longer admitted the app
    And the app reads "Patient/a-900100.E-77"
    Then the call is refused with 403 and no data
    When the app reads "Patient/a-80000.E-14545"
    Then the answer is the Patient "a-80000.E-14545"

    @req:CAT-2L-CUSTOMER-PREVIEW-CONSENT
    Examples:
      | level     |
      | certified |

    @req:CAT-NONCERT-CUSTOMER-PREVIEW-CONSENT
    Examples:
      | level         |
      | non_certified |

  @browser @req:CAT-MATRIX-EXPLICIT @req:CAT-3L-CUSTOMER-PREVIEW-CONSENT
  Scenario Outline: A customer's Preview is open to its providers' app while the customer consents, <level>
    When the developer registers a provider web app with a client secret and the "level" "<level>"
    Given the app is going to ask for "openid user/Patient.read"
    When the customer signs in and allows access
    And the app redeems the code
    And the app reads "Patient/a-900100.E-77"
    Then the call is refused with 403 and no data
    When practice 900100 has admitted the app
    And the app reads "Patient/a-900100.E-77"
    Then the answer is the Patient "a-900100.E-77"
    When practice 900100 has no longer admitted the app
    And the app reads "Patient/a-900100.E-77"
    Then the call is refused with 403 and no data

    Examples:
      | level         |
      | certified     |
      | non_certified |

  @req:CAT-MATRIX-EXPLICIT @req:CAT-NONCERT-PRIVATE-PREVIEW
  Scenario Outline: A private Preview is closed to a system for which only <one> is there
    When the developer registers a 2-legged app with a client secret and the "level" "non_certified"
    And the app asks for a token
    And <said>
    And the app reads "Patient?ah-practice=a-1.Practice-900200"
    Then the call is refused with 403 and no data
    When <also said>
    And the app reads "Patient?ah-practice=a-1.Practice-900200"
    Then the search finds 0 matches

    Examples:
      | one          | said                                   | also said                              |
      | the contract | the platform's staff note the contract | practice 900200 has requested the app  |
      | the request  | practice 900200 has requested the app  | the platform's staff note the contract |

  @req:PROD-CERT-2L-CUSTOMER-ENABLE @req:CAT-MATRIX-EXPLICIT
  Scenario: In Production a certified system reads the practices that enabled it
    When the developer registers a 2-legged app with a client secret and the "level" "certified"
    And the developer asks for Production credentials
    And the app takes over the new credentials
    And the app turns to Production
    And the app asks for a token
    Then the app gets an access token
    When practice 21002 has enabled the app
    And practice 21001 has admitted the app
    And the app reads "Patient/a-21001.E-301"
    Then the call is refused with 403 and no data
    When the app calls "/production/v1/21001/ping"
    Then the call is refused with 401 and no data
    When practice 21001 has enabled the app
    And the app reads "Patient/a-21001.E-301"
    Then the answer is the Patient "a-21001.E-301"
    When the app calls "/production/v1/21001/ping"
    Then the portal answers with status 200
    When practice 21001 has no longer enabled the app
    And the app reads "Patient/a-21001.E-301"
    Then the call is refused with 403 and no data

  @req:PROD-NONCERT-CUSTOMER-CONSENT @req:CAT-MATRIX-EXPLICIT
  Scenario: In Production any other system reads the practices that consented
    When the developer registers a 2-legged app with a client secret and the "level" "non_certified"
    And the platform's staff note the contract
    And the platform's staff note the tech_spec
    And the platform's staff note the solution_validation
    And practice 21001 has requested the app
    And the developer asks for Production credentials
    And the app takes over the new credentials
    And the app turns to Production
    And the app asks for a token
    And practice 21001 has enabled the app
    And the app reads "Patient/a-21001.E-301"
    Then the call is refused with 403 and no data
    When practice 21001 has admitted the app
    And the app reads "Patient/a-21001.E-301"
    Then the answer is the Patient "a-21001.E-301"
    When the app reads "Patient/a-21002.E-410"
    Then the call is refused with 403 and no data

  @browser @req:PROD-PHR-ALL-ENVIRONMENTS @req:ONB-ENV-PROD-CREDS @req:ONB-PHR-CREATE-PREVIEW-OR-PROD @req:CAT-MATRIX-EXPLICIT
  Scenario: In Production a personal health record is let in everywhere
    When the developer registers a patient web app with a client secret and the "environment" "production"
    Then the app is registered
    When the app turns to Production
    And the patient signs in and allows access
    And the app redeems the code
    And the app reads "Patient/a-21001.E-301"
    Then the answer is the Patient "a-21001.E-301"

  @browser @req:PROD-CERT-3LPAT-AUTO @req:CAT-MATRIX-EXPLICIT
  Scenario: In Production a certified app of patients needs no practice to enable it
    When the developer registers a patient web app with a client secret and the "category" "three_legged_other"
    And the developer asks for Production credentials
    And the app takes over the new credentials
    And the app turns to Production
    And practice 21001 has no longer enabled the app
    And the patient signs in and allows access
    And the app redeems the code
    And the app reads "Patient/a-21001.E-301"
    Then the answer is the Patient "a-21001.E-301"

  @browser @req:PROD-CERT-3LPROV-AUTO @req:PROD-CERT-3LPROV-CUSTOMER-ENABLE @req:CAT-MATRIX-EXPLICIT
  Scenario: In Production a certified app of providers signs in at once and reads where it is enabled
    Given a provider web app with a client secret
    When the developer asks for Production credentials
    And the app takes over the new credentials
    And the app turns to Production
    Given the app is going to ask for "openid user/Patient.read"
    When the provider signs in and allows access
    And the app redeems the code
    Then the app gets an access token
    When practice 21002 has enabled the app
    And the app reads "Patient/a-21001.E-301"
    Then the call is refused with 403 and no data
    When the app reads "Patient/a-21002.E-410"
    Then the answer is the Patient "a-21002.E-410"

  @browser @req:PROD-NONCERT-CUSTOMER-CONSENT @req:CAT-MATRIX-EXPLICIT
  Scenario Outline: In Production any other app of <users> reads the practices that consented
    When the developer registers a <kind> app with a client secret and these changes:
      | member   | value              |
      | category | three_legged_other |
      | level    | non_certified      |
    And the platform's staff note the contract
    And the platform's staff note the tech_spec
    And the platform's staff note the solution_validation
    And practice 21001 has requested the app
    And the developer asks for Production credentials
    And the app takes over the new credentials
    And the app turns to Production
    Given the app is going to ask for "openid <scopes>"
    When the <user> signs in and allows access
    And the app redeems the code
    And the app reads "Patient/a-21001.E-301"
    Then the call is refused with 403 and no data
    When practice 21001 has admitted the app
    And the app reads "Patient/a-21001.E-301"
    Then the answer is the Patient "a-21001.E-301"

    Examples:
      | users     | kind         | user     | scopes                              |
      | patients  | patient web  | patient  | launch/patient patient/Patient.read |
      | providers | provider web | provider | user/Patient.read                   |

  @browser @needs:ehr @req:CAT-CERT-3LPROV-EHR-LAUNCH-CUSTOMER
  Scenario: An app is launched from a customer's charts when the customer has asked for it
    Given a provider web app with a client secret
    When the customer opens the app from the chart of "a-900100.E-77"
    Then the page shows "Brandt"
    And the page does not show "Checkride"
    When practice 900100 has requested the app
    And the customer opens the app from the chart of "a-900100.E-77"
    Then the app is opened with a launch and the platform's FHIR base
