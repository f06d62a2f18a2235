@browser
Feature: Signing in
  The user signs in on the platform's own pages, so the app never sees a password. The platform
  keeps the user if the password is wrong, recognises who is signed in, and lets the user decide
  what the app may do.

  Background:
    Given a patient web app with a client secret

  @smoke @req:AUTHZ-ENDS-WITH-CODE @req:AUTHZ-RESPONSE-QUERY @req:TRES-REFRESH-NOT-FROM-AUTHORIZE
  @req:AUTHZ-REDIRECT-RECEIVES-CODE @req:PSL-STEP2-RETURN-CODE
  Scenario: A patient signs in and comes back with a code
    When the patient signs in and allows access
    Then the user was asked to sign in
    And the user comes back with a code

  @req:WID-CONSENT-PROMPT @req:PSL-STEP2-CONSENT
  Scenario: The user is asked for consent
    When the patient signs in and allows access
    Then the user was asked for consent

  @needs:portal @req:AUTHZ-REDIRECT-RECEIVES-CODE
  Scenario: The user comes back to the registered address that the request names
    Given the app is going to send a sign-in request with these changes:
      | parameter    | value                      |
      | redirect_uri | https://app.example/second |
    When the patient signs in and allows access
    Then the user comes back with a code

  @needs:settings @req:PSL-STEP1-REDIRECT-WIDGET @req:PSL-STEP2-LOGIN
  Scenario: The standard button begins a sign-in
    When the patient clicks the platform's button, signs in and allows access
    Then the user was asked to sign in
    And the user comes back with a code

  @req:AUTHZ-CODE-OPAQUE
  Scenario: A code tells nothing, and the next one is another
    When the patient signs in and allows access
    And the app sends the patient to sign in again
    Then the code is opaque
    And the code is another than before

  @req:AUTHZ-CODE-NEEDED
  Scenario: A sign-in alone gives no token
    When the patient signs in and allows access
    And the app redeems the code with the "code" "(none)"
    Then the request is refused with 400 "invalid_request"

  @req:AUTHZ-OTHER-WORKFLOWS @req:AUTHZ-CONSENT-IF-APPLICABLE
  Scenario: Who only wants to know the user asks for no consent
    Given the app is going to ask for "openid"
    When the patient signs in and allows access
    Then the user was not asked for consent
    When the app redeems the code
    Then there is an ID token
    And there is no launch context

  @req:WID-COMMON-WIDGET
  Scenario: One account and one session serve all apps
    Given another patient web app with a client secret
    When the patient signs in and allows access
    And the other app sends a user to sign in
    Then the user was not asked to sign in
    And the user was asked for consent
    And the user comes back with a code

  @req:WID-SESSION-COOKIE-FLAGS
  Scenario: No script and no plain connection gets at the session
    When the patient signs in and allows access
    Then the user's session is kept from scripts and from plain connections

  @req:WID-EMPTY-FIELDS
  Scenario Outline: A sign-in without a <field> is told in the page
    When the patient signs in without a <field>
    Then the user is told "Enter your <label>"

    Examples:
      | field     | label    |
      | user name | email    |
      | password  | password |

  @req:WID-WRONG-PASSWORD @req:WID-PATIENT-CREDENTIALS @req:PSL-STEP2-LOGIN @req:SBX-PATIENT-LOGIN
  Scenario: A wrong password is told in the page
    When the patient signs in with a wrong password
    Then the user is told that the sign-in failed
    And a picture of the last page is kept

  @needs:portal @req:SBX-PATIENT-LOGIN-PREVIEW-ONLY
  Scenario: The dummy patient is nobody in Production
    When the developer registers a patient web app with a client secret and the "environment" "production"
    And the app turns to Production
    And the patient signs in with the account of Preview
    Then the user is told that the sign-in failed

  @req:WID-PROVIDER-CREDENTIALS @req:CAT-END-USER-KINDS
  Scenario: A provider cannot sign in to a patient's app
    When the provider signs in and allows access
    Then the user is told that the sign-in failed

  @req:WID-EXISTING-SESSION @req:AUTHZ-LOGIN-OR-SESSION @req:LOGOUT-NOT-DONE-KEEPS-SESSION
  Scenario: Who is signed in is not asked again
    When the patient signs in and allows access
    And the app sends the patient to sign in again
    Then the user was not asked to sign in
    And the user comes back with a code

  @req:WID-CANCEL @req:AUTHZ-PREREQUISITE
  Scenario: Who leaves the sign-in brings no code
    When the patient cancels the sign-in
    Then the user comes back with the error "access_denied"

  @req:PSL-DENY-ALL @req:AUTH-23 @req:PSL-STEP2-CONSENT
  Scenario: Who denies access brings no code
    When the patient signs in and denies access
    Then the user comes back with the error "access_denied"

  @req:PSL-DENY-SOME @req:PSL-STEP2-CONSENT @req:SCOPE-NARROWED-GRANT @req:WID-CONSENT-PROMPT @req:WIDG-09
  Scenario: What the user denies is not granted
    When the patient signs in and allows all but "patient/Observation.read"
    And the app redeems the code
    Then the token is good for "openid fhirUser offline_access launch/patient patient/Patient.read"
    When the app reads "Observation?patient=a-80000.E-14545&ah-practice=a-1.Practice-80000"
    Then the call is refused with 403 and no data

  @req:AUTHZ-STATE-ECHO
  Scenario: The state comes back letter by letter
    Given the app is going to send a sign-in request with these changes:
      | parameter | value            |
      | state     | a+b c/d=e&f?g%41~ |
    When the patient signs in and allows access
    Then the user comes back with a code

  @req:AUTHZ-UNKNOWN-PARAM
  Scenario: A parameter that nobody knows changes nothing
    Given the app is going to send a sign-in request with these changes:
      | parameter | value |
      | foo       | bar   |
    When the patient signs in and allows access
    Then the user comes back with a code

  @needs:settings @req:WID-TWO-STEP-LOGIN @req:WID-SELECTORS-CONFIGURABLE
  Scenario Outline: The user gets through every form of the sign-in by the keyboard alone
    Given the platform's setting "login.skin" is "<skin>"
    And the platform's setting "login.user_name_first" is "<user name first>"
    When the patient signs in by the keyboard alone and allows access
    Then the user comes back with a code

    Examples:
      | skin            | user name first |
      | classic         | true            |
      | identity_engine | true            |
      | identity_engine | false           |

  @needs:settings @req:WID-WRONG-PASSWORD @req:WID-TWO-STEP-LOGIN
  Scenario Outline: A wrong password is told in the page of the Identity Engine
    Given the platform's setting "login.skin" is "identity_engine"
    And the platform's setting "login.user_name_first" is "<user name first>"
    When the patient signs in with a wrong password
    Then the user is told that the sign-in failed

    Examples:
      | user name first |
      | true            |
      | false           |

  @needs:settings @req:WID-CANCEL @req:WID-TWO-STEP-LOGIN
  Scenario: Who leaves the sign-in of the Identity Engine brings no code
    Given the platform's setting "login.skin" is "identity_engine"
    When the patient cancels the sign-in
    Then the user comes back with the error "access_denied"

  @req:PSL-TRUSTED-INDIVIDUAL @req:PSL-DENY-SOME
  Scenario: Records and scopes are chosen by the keyboard alone
    When the parent signs in by the keyboard alone and shares the record "a-80000.E-14546", but not "patient/Observation.read offline_access"
    And the app redeems the code
    Then the launch context has the patient "a-80000.E-14546"
    And the token is good for "openid fhirUser launch/patient patient/Patient.read"

  @req:PSL-DENY-ALL
  Scenario: Who allows nothing of what is asked brings no code
    When the patient signs in and allows all but "fhirUser offline_access patient/Patient.read patient/Observation.read"
    Then the user comes back with the error "access_denied"

  @needs:portal @req:PSL-RECORD-SELECTION
  Scenario: Who has no record to share is told so
    When the newcomer signs in and allows access
    Then the user is told "Could not confirm access to additional health records"
    And a picture of the last page is kept

  @needs:settings @req:PSL-RECORD-SELECTION
  Scenario: One record may be asked for as well
    Given the platform's setting "login.single_record_asked" is "true"
    When the patient signs in and shares the record "a-80000.E-14545"
    Then the user comes back with a code

  @req:AUTHZ-PROMPT-NONE
  Scenario: Who is signed in is recognised silently
    When the patient signs in and allows access
    Given the app is going to send a sign-in request with these changes:
      | parameter | value |
      | prompt    | none  |
    When the app sends the patient to sign in again
    Then the user was not asked to sign in
    And the user comes back with a code

  @needs:clock @req:AUTHZ-MAX-AGE
  Scenario: A sign-in that is older than the app wants is not enough
    When the patient signs in and allows access
    And 2 minutes pass
    Given the app is going to send a sign-in request with these changes:
      | parameter | value |
      | max_age   | 60    |
    When the app sends the patient to sign in again
    Then the user was asked to sign in

  @needs:clock @req:AUTHZ-MAX-AGE
  Scenario: A sign-in that is young enough is
    When the patient signs in and allows access
    And 2 minutes pass
    Given the app is going to send a sign-in request with these changes:
      | parameter | value |
      | max_age   | 600   |
    When the app sends the patient to sign in again
    Then the user was not asked to sign in

  @needs:settings @req:AUTHZ-ISS-PARAMETER
  Scenario: Where the platform announces it, the way back names who answers
    Given the platform's setting "authorize.iss_in_answers" is "true"
    When the patient signs in and allows access
    Then the user comes back with a code

  @needs:portal @req:AUTHZ-REDIRECT-KEEPS-QUERY
  Scenario: A redirect URI keeps the query that it was registered with
    When the developer registers a patient web app with a client secret and the "redirect_uris" '["https://app.example/callback?from=platform"]'
    Given the app is going to send a sign-in request with these changes:
      | parameter    | value                                      |
      | redirect_uri | https://app.example/callback?from=platform |
    When the patient signs in and allows access
    Then the user comes back with a code

  @req:WID-QUIET-PAGES
  Scenario: The pages of the sign-in work without complaint
    When the patient signs in and allows access
    Then no page complained

  @req:AUTHZ-LOGIN-OR-SESSION @req:AUTHZ-PROMPT-LOGIN
  Scenario: Who is signed in signs in again where the app wants it
    When the patient signs in and allows access
    Given the app is going to send a sign-in request with these changes:
      | parameter | value |
      | prompt    | login |
    When the app sends the patient to sign in again
    Then the user was asked to sign in
    And the user comes back with a code
