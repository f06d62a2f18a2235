@app @needs:user
Feature: How an app sends its user to sign in
  The app cannot sign anybody in: it sends the user's browser to the platform, with a request that says
  who it is, what it wants, and how it will know the answer. Whatever protects the user later has to
  stand in this one address.

  Background:
    Given the app under test

  Scenario Outline: The request has <what>
    When the user starts the app
    Then each authorization request has the "<parameter>" "<value>"

    @req:AAUT-01
    Examples:
      | what                         | parameter             | value       |
      | the response type code       | response_type         | code        |
    @req:AAUT-02
    Examples:
      | what                         | parameter             | value       |
      | the id of the registration   | client_id             | {client id} |
    @req:AAUT-05
    Examples:
      | what                         | parameter             | value       |
      | the FHIR base as audience    | aud                   | {fhir base} |
    @req:AAUT-12
    Examples:
      | what                         | parameter             | value       |
      | the one good challenge method | code_challenge_method | S256        |
    @req:AAUT-15
    Examples:
      | what                         | parameter             | value       |
      | no max_age                   | max_age               | (none)      |

  @req:AAUT-03
  Scenario: The request has a redirect address that was registered, to the letter
    When the user starts the app
    Then each authorization request has a registered redirect address

  @req:AAUT-04 @needs:standalone
  Scenario: A sign-in that no EHR began has no launch
    When the user starts the app
    Then each authorization request has the "launch" "(none)"

  @req:AAUT-06
  Scenario: The scopes are legal, and ask for the context that fits the launch
    When the user starts the app
    Then the scopes of each authorization request are legal
    And the scopes of each authorization request ask for the context that fits the launch

  @req:SCOPE-LAUNCH-NOT-BOTH
  Scenario: The scopes have launch or launch/patient, and never both
    When the user starts the app
    Then the scopes of each authorization request have at most one of "launch" and "launch/patient"

  @req:AAUT-07
  Scenario: Who asks for fhirUser asks for openid
    When the user starts the app
    Then the scopes of each authorization request have "openid" where they have "fhirUser"

  @req:PSL-SCOPE-SET @needs:standalone
  Scenario: A patient's app asks for openid, a patient, and resources
    When the user starts the app
    Then the scopes of each authorization request have "openid", "launch/patient" and a resource

  @req:AAUT-08 @needs:data-sign
  Scenario: What was asked for is used
    When the app is put to work
    Then each scope of a resource that was granted is used

  Scenario Outline: The <parameter> is another one each time, and cannot be guessed
    When the user starts the app
    And the user starts the app
    And the user starts the app
    Then each authorization request has an unpredictable "<parameter>" of its own

    @req:AAUT-09
    Examples:
      | parameter      |
      | state          |
    @req:AAUT-11
    Examples:
      | parameter      |
      | code_challenge |

  @req:AAUT-10 @needs:openid
  Scenario: A nonce is another one each time, and cannot be guessed
    When the user starts the app
    And the user starts the app
    And the user starts the app
    And the app has sent a "nonce"
    Then each authorization request has an unpredictable "nonce" of its own

  @req:AAUT-18 @needs:openid
  Scenario: Who asks for openid sends a nonce
    When the user starts the app
    Then each authorization request has the "nonce" "(any)"

  @req:AAUT-13
  Scenario: The request is an address, or a form
    When the user starts the app
    Then each authorization request is a GET with a query or a POST of a form

  @req:AAUT-14
  Scenario: The request holds nothing that is secret
    When the app is put to work
    And the user starts the app
    Then no authorization request holds a secret or a token

  @req:AAUT-17 @needs:standalone
  Scenario: The user signs in at the platform, by a control of the app
    When the user starts the app
    Then the browser is at the platform's sign-in
