@browser
Feature: A patient opens the app by itself
  The patient starts in the app, signs in with the account of the patient portal, and chooses whose
  record the app may see. The answer to the app names that record beside the tokens.

  @smoke @req:CTX-PATIENT-STANDALONE @req:CTX-PATIENT-CHOSEN @req:CTX-PATIENT-FORMAT @req:SBX-PATIENT-ID @req:CTX-OUTSIDE-JWT
  Scenario: The launch context names the patient
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    Then the app gets an access token
    And the launch context has the patient "a-80000.E-14545"
    And the launch context has a patient like "^a-\d+\.E-\d+$"
    And the launch context stands outside the tokens
    And the answer looks like the accepted "token answer with launch context"

  @req:CTX-PATIENT-READABLE
  Scenario: The patient of the launch context can be read
    Given a patient browser app with PKCE
    When the patient signs in and allows access
    And the app redeems the code
    And the app reads its patient
    Then the answer is the Patient "{patient}"

  @req:CAT-3L-DATA-LIMITED-TO-USER @req:BEARER-2L-VS-3L-DATA
  Scenario: Another patient's record cannot be read
    Given a patient browser app with PKCE
    When the patient signs in and allows access
    And the app redeems the code
    And the app reads "Patient/a-195900.E-60178"
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
    Then the ID token has no fhirUser

  @needs:portal @req:JWKS-3L-WEB-CODE
  Scenario: An app on a server that signs has to sign for its code
    Given a patient web app with an imported key set
    When the patient signs in and allows access
    And the app redeems the code with the "client_assertion" "(none)"
    Then the request is refused with 401 "invalid_client" or "invalid_request"

  @needs:portal @req:JWKS-3L-WEB-CODE @req:JWKS-3L-WEB-REFRESH
  Scenario: An app on a server may sign instead of using a secret
    Given a patient web app with an imported key set
    When the patient signs in and allows access
    And the app redeems the code
    Then the app gets an access token
    When the app refreshes its tokens
    Then the app gets an access token
