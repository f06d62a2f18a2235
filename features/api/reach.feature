Feature: What a user's token opens
  Behind a user's token stand a user, and what that user allowed. Every resource that is asked for is
  held against both, at whichever address it is asked for. What is refused is refused without a word
  of data, or of the server itself.

  @req:RES-04
  Scenario: A token for something else opens nothing
    Given a patient web app with a client secret
    And the app is going to ask for "openid launch/patient patient/Patient.read"
    When the patient signs in and allows access
    And the app redeems the code
    And the app reads "Observation?patient={record}"
    Then the call is refused with 401 or 403 or 404 and no data

  @req:ONEUP-TWO-SERVERS @req:ONEUP-P2P-ACCESS-TYPE-SEPARATE @req:RES-04
  Scenario: A token for the bulk export does not read a member's record
    Given a 2-legged app with a client secret and the scopes "bulk-data|user/*.rs"
    When the app asks for a token
    And the app reads "Patient/{record}"
    Then the call is refused with 401 or 403 and no data

  @req:RES-05 @req:CTX-14
  Scenario: A patient's token opens nothing of somebody else's record
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    And the app reads "Patient/{record}"
    Then the answer is the Patient "{record}"
    When the app reads "Patient/{foreign record}"
    Then the call is refused with 401 or 403 or 404 and no data

  @req:CTX-13 @req:BEARER-PRACTICE-ACCESS
  Scenario: A provider's scope opens what the provider may see, and no more
    Given a provider web app with a client secret and the scopes "openid user/Patient.read"
    When the provider signs in and allows access
    And the app redeems the code
    And the app reads "Patient/{chart}"
    Then the answer is the Patient "{chart}"
    When the app reads "Patient/{foreign chart}"
    Then the call is refused with 403 or 404 and no data

  @req:CTX-13
  Scenario: A patient's own scope opens what the patient may see, and no more
    Given a patient web app with a client secret and the scopes "user/*.read"
    When the patient signs in and allows access
    And the app redeems the code
    And the app reads "Patient/{record}"
    Then the answer is the Patient "{record}"
    When the app reads "Patient/{foreign record}"
    Then the call is refused with 403 or 404 and no data

  @req:RES-08 @req:BEARER-PRACTICE-ACCESS
  Scenario: A token opens nothing at another organization's FHIR base
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    And the app calls "{host}{another organization}/Patient/{record}"
    Then the call is refused with 401 or 403 or 404 and no data

  @needs:batch @req:RES-10
  Scenario: Each read of a batch is judged by itself
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    And the app reads "Patient/{record}" in a batch with "Patient/{foreign record}"
    Then the answer is the Patient "{record}"
    When the app reads "Patient/{foreign record}" in a batch with "Patient/{record}"
    Then the call is refused with 401 or 403 or 404 and no data

  @req:RES-12
  Scenario Outline: Who is refused <what> learns nothing of the server's inside
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    And the app reads "<path>"
    Then the call is refused with 400 or 401 or 403 or 404 or 405 or 410 or 501 and no data

    Examples:
      | what                       | path                        |
      | an id that is not there    | Patient/no-such-patient     |
      | a type that is not there   | NoSuchType/1                |
      | letters that no id can have | Patient/%27%22%3C%3E        |

  @req:RES-12
  Scenario: Who brings no token learns nothing of the server's inside
    When the app reads "Patient/{record}" without a token
    Then the call is refused with 401 and no data
