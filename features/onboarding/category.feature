@needs:portal
Feature: What an app's category allows
  One set of credentials serves a system or an app that users sign in to, never both. How an app may
  prove who it is follows from where it runs.

  @req:CAT-2L-DEFINITION @req:CAT-2L-XOR-3L
  Scenario: A system gets its token without a user
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the app gets an access token
    And the answer has no "refresh_token"

  @req:CAT-2L-NO-AUTHORIZATION-CODE @req:CAT-2L-XOR-3L
  Scenario Outline: A system cannot use the grant <grant>
    Given a 2-legged app
    When the app asks for a token with these changes:
      | parameter     | value   |
      | grant_type    | <grant> |
      | <what>        | unknown |
    Then the request is refused with 400 "unauthorized_client" or "invalid_grant"

    Examples:
      | grant              | what          |
      | authorization_code | code          |
      | refresh_token      | refresh_token |

  @req:CAT-3L-DEFINITION @req:CAT-2L-XOR-3L
  Scenario Outline: A <kind> app gets no token without its user
    Given a <kind> app with a client secret
    When the app asks for a token
    Then the request is refused with 400 "unauthorized_client"

    Examples:
      | kind         |
      | patient web  |
      | provider web |

  @browser @req:CAT-3L-DEFINITION @req:CAT-METHOD-SECRET
  Scenario: An app with users gets its token by the code that its user brings
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    Then the app gets an access token

  @req:CAT-CERT-ONLY-LIMIT
  Scenario: An app of Certified APIs calls nothing else
    When the developer registers a 2-legged app with a client secret and the "level" "certified"
    And the app asks for a token
    And the app reads "Patient/a-195900.E-60178"
    Then the answer is the Patient "a-195900.E-60178"
    When the app calls "/v1/195900/departments"
    Then the call is refused with 403 and no data

  @req:CAT-NONCERT-ACCESS
  Scenario: An app beyond Certified APIs calls what it has listed, and no more
    Given a 2-legged app for all APIs with a client secret and the scopes "system/Patient.read system/Appointment.read"
    When the app asks for a token
    And the app reads "Patient/a-195900.E-60178"
    Then the answer is the Patient "a-195900.E-60178"
    When the app reads "Appointment?ah-practice=a-1.Practice-195900&patient=a-195900.E-60178"
    Then the answer has the resourceType "Bundle"
    When the app calls "/v1/195900/departments"
    Then the call is refused with 403 and no data
    When the app reads "Slot?ah-practice=a-1.Practice-195900"
    Then the call is refused with 403 and no data

  @req:CAT-METHOD-FOUR
  Scenario Outline: A <kind> app may authenticate with <method>
    When the developer registers a <kind> app with <method>
    Then the app is registered

    @req:CAT-METHOD-SECRET
    Examples:
      | kind         | method          |
      | 2-legged     | a client secret |
      | patient web  | a client secret |
      | provider web | a client secret |

    @req:CAT-METHOD-JWKS-TYPES
    Examples:
      | kind         | method              |
      | 2-legged     | an imported key set |
      | patient web  | an imported key set |
      | provider web | an imported key set |

    Examples:
      | kind             | method           |
      | 2-legged         | a hosted key set |
      | patient web      | a hosted key set |
      | provider web     | a hosted key set |
      | patient browser  | PKCE             |
      | patient native   | PKCE             |
      | provider browser | PKCE             |
      | provider native  | PKCE             |

  @req:CAT-METHOD-FOUR
  Scenario Outline: A <kind> app may not authenticate with <method>
    When the developer registers a <kind> app with <method>
    Then the portal refuses because of "token_auth_method"

    @req:CAT-METHOD-SECRET
    Examples:
      | kind             | method          |
      | patient browser  | a client secret |
      | patient native   | a client secret |
      | provider browser | a client secret |
      | provider native  | a client secret |

    @req:CAT-METHOD-JWKS-TYPES
    Examples:
      | kind             | method              |
      | patient browser  | an imported key set |
      | patient native   | an imported key set |
      | provider browser | an imported key set |
      | provider native  | an imported key set |

    Examples:
      | kind             | method           |
      | patient browser  | a hosted key set |
      | patient native   | a hosted key set |
      | provider browser | a hosted key set |
      | provider native  | a hosted key set |
      | 2-legged         | PKCE             |
      | patient web      | PKCE             |
      | provider web     | PKCE             |

  @req:CAT-METHOD-PKCE-PUBLIC-REQUIRED
  Scenario Outline: A <kind> app without a code challenge is sent back
    Given a <kind> app with PKCE
    When the app sends a user to sign in with these changes:
      | parameter             | value  |
      | code_challenge        | (none) |
      | code_challenge_method | (none) |
    Then the user comes back with the error "invalid_request"

    Examples:
      | kind            |
      | patient native  |
      | patient browser |
