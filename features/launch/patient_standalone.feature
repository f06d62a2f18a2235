@browser
Feature: A patient opens the app by itself
  The patient starts in the app, signs in with the account of the patient portal, and chooses whose
  record the app may see. The answer to the app names that record beside the tokens.

  @smoke @req:CTX-PATIENT-STANDALONE @req:CTX-PATIENT-CHOSEN @req:CTX-OUTSIDE-JWT @req:TRES-CONTEXT-ALONGSIDE
  @req:CTX-WHERE-OR-WHOM @req:WID-SMART-BOTH @req:WID-SEQUENCE-DEPENDS-ON-LAUNCH
  Scenario: The launch context names the patient
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    Then the app gets an access token
    And the launch context has the patient "{record}"
    And the answer looks like the accepted "token answer with launch context"

  @req:CTX-PATIENT-FORMAT @req:SBX-PATIENT-ID @req:SBX-PATIENT-PRACTICE
  Scenario: The id of a patient names the practice
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    Then the launch context has the patient "a-80000.E-14545"
    And the launch context has a patient like "^a-\d+\.E-\d+$"

  @needs:portal @req:SBX-PATIENT-BOTH-KINDS
  Scenario: The dummy patient serves apps of either patient-facing category
    When the developer registers a patient web app with a client secret and the "category" "three_legged_other"
    Then the app is registered
    When the patient signs in and allows access
    And the app redeems the code
    Then the launch context has the patient "a-80000.E-14545"

  @req:CTX-PATIENT-READABLE @req:SBX-SELF-SERVICE
  Scenario: The patient of the launch context can be read
    Given a patient browser app with PKCE
    When the patient signs in and allows access
    And the app redeems the code
    And the app reads "Patient/{patient}"
    Then the answer is the Patient "{patient}"

  @req:CAT-3L-DATA-LIMITED-TO-USER @req:BEARER-2L-VS-3L-DATA
  Scenario: Another patient's record cannot be read
    Given a patient browser app with PKCE
    When the patient signs in and allows access
    And the app redeems the code
    And the app reads "Patient/{foreign record}"
    Then the call is refused with 403 or 404 and no data

  @req:PSL-RECORD-SELECTION @req:PSL-TRUSTED-INDIVIDUAL @req:CTX-PATIENT-CHOSEN
  Scenario: Who may see several records chooses one
    Given a patient web app with a client secret
    When the parent signs in and shares the record "a-80000.E-14546"
    And the app redeems the code
    Then the launch context has the patient "a-80000.E-14546"

  @req:SCOPE-LAUNCH-PATIENT @req:CTX-ONLY-SMART-LAUNCH
  Scenario: Without the scope there is no launch context
    Given a patient web app with a client secret
    And the app is going to ask for "openid fhirUser"
    When the patient signs in and allows access
    And the app redeems the code
    Then the app gets an access token
    And there is no launch context

  @req:IDT-ISS @req:IDT-AUD @req:IDT-NONCE @req:IDT-AT-HASH @req:IDT-SUB @req:IDT-IAT @req:TRES-3L-ID-TOKEN
  Scenario: The ID token can be trusted
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    Then there is an ID token
    And the ID token can be trusted

  @req:IDT-FHIRUSER-PATIENT @req:SCOPE-FHIRUSER
  Scenario: The ID token says who the patient is
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    Then the ID token's fhirUser matches "^https?://.+/Patient/a-80000\.E-14545$"

  @req:SCOPE-FHIRUSER
  Scenario: Who does not ask for the user is not told
    Given a patient web app with a client secret
    And the app is going to ask for "openid launch/patient patient/Patient.read"
    When the patient signs in and allows access
    And the app redeems the code
    Then the ID token has none of the claims "fhirUser"

  @req:JWKS-3L-WEB-CODE
  Scenario: An app on a server that signs has to sign for its code
    Given a patient web app with an imported key set
    When the patient signs in and allows access
    And the app redeems the code with the "client_assertion" "(none)"
    Then the request is refused with 401 "invalid_client" or "invalid_request"

  @req:JWKS-3L-WEB-CODE @req:JWKS-3L-WEB-REFRESH
  Scenario: An app on a server may sign instead of using a secret
    Given a patient web app with an imported key set
    When the patient signs in and allows access
    And the app redeems the code
    Then the app gets an access token
    When the app refreshes its tokens
    Then the app gets an access token

  @req:JWKS-3L-WEB-REFRESH
  Scenario: An app on a server that signs has to sign when it refreshes
    Given a patient web app with an imported key set
    When the patient signs in and allows access
    And the app redeems the code
    And the app refreshes its tokens with the "client_assertion" "(none)"
    Then the request is refused with 401 "invalid_client" or "invalid_request"

  @needs:settings @needs:portal @req:CTX-WHERE-OR-WHOM
  Scenario: Where a platform knows visits outside of its charts, an app may be told one
    Given the platform's setting "scopes.login" is '["openid", "launch/patient", "launch/encounter"]'
    And a patient web app with a client secret and the scopes "openid launch/patient launch/encounter patient/Encounter.read"
    When the patient signs in and allows access
    And the app redeems the code
    Then the launch context has the patient "a-80000.E-14545"
    And the launch context has the encounter "a-80000.encounter-7101"
    When the app reads "Encounter/a-80000.encounter-7101"
    Then the answer is the Encounter "a-80000.encounter-7101"
