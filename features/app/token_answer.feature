@app
Feature: What an app makes of the token endpoint's answer
  Platforms answer in slightly different ways, and in new ones tomorrow. An app lives with what the
  standard allows, and tells its user when there is nothing to live with.

  Background:
    Given the app under test

  @needs:data-sign
  Scenario Outline: An answer <with> is put to use
    Given a platform that errs:
      """
      {"at": {"endpoint": "token", "answer_status": 200}, "fault": <fault>}
      """
    When the app is put to work
    Then the app's work is done

    @req:ATR-01
    Examples: the type in any letters
      | with                        | fault |
      | whose type is bearer        | {"kind": "member_set", "pointer": "/token_type", "value": "bearer"} |
      | whose type is BEARER        | {"kind": "member_set", "pointer": "/token_type", "value": "BEARER"} |
    @req:ATR-03
    Examples: as in the vendor's sample
      | with                        | fault |
      | without a type              | {"kind": "member_missing", "pointer": "/token_type"} |
    @req:ATR-04
    Examples: as in the vendor's sample
      | with                        | fault |
      | whose lifetime is a text    | {"kind": "member_set", "pointer": "/expires_in", "value": "3600"} |
    @req:ATR-05
    Examples: what is only recommended
      | with                        | fault |
      | without a lifetime          | {"kind": "member_missing", "pointer": "/expires_in"} |
    @req:ATR-06
    Examples: what nobody knows
      | with                        | fault |
      | with an unknown text        | {"kind": "member_set", "pointer": "/x_of_tomorrow", "value": "new"} |
      | with an unknown object      | {"kind": "member_set", "pointer": "/x_of_tomorrow", "value": {"is": ["an", "object"], "of": null}} |
      | with authorization_details  | {"kind": "member_set", "pointer": "/authorization_details", "value": [{"type": "of_tomorrow"}]} |
    @req:ATR-10
    Examples: context of no use
      | with                        | fault |
      | with an unknown intent      | {"kind": "member_set", "pointer": "/intent", "value": "reconcile-of-tomorrow"} |
      | with a style                | {"kind": "member_set", "pointer": "/smart_style_url", "value": "https://ehr.example/style.json"} |
      | with a tenant               | {"kind": "member_set", "pointer": "/tenant", "value": "t-1"} |
      | with more context           | {"kind": "member_set", "pointer": "/fhirContext", "value": [{"reference": "ImagingStudy/1"}, {"canonical": "http://ehr.example/Questionnaire/1", "role": "https://ehr.example/role"}]} |
      | that needs no banner        | {"kind": "member_set", "pointer": "/need_patient_banner", "value": false} |

  @req:ATR-12 @needs:data-sign
  Scenario Outline: A token is used as it is, whether or not it is a JWT
    Given the platform's setting "token.opaque_access_tokens" is "<opaque>"
    When the app is put to work
    Then the app's work is done

    Examples:
      | opaque |
      | true   |
      | false  |

  @req:ATR-13
  Scenario: A token of 4000 characters is used
    Given a platform that errs:
      """
      [
        {"at": {"endpoint": "token", "answer_status": 200}, "fault": {"kind": "member_set", "pointer": "/access_token", "value": "{4000 letters}"}},
        {"fault": {"kind": "claim_missing", "token": "id_token", "claim": "at_hash"}}
      ]
      """
    When the app is put to work
    Then each API call brings the token "{4000 letters}"

  @req:ATR-02
  Scenario: A token of a type that nobody knows is not used
    Given a platform that errs:
      """
      {"at": {"endpoint": "token", "answer_status": 200}, "fault": {"kind": "member_set", "pointer": "/token_type", "value": "mac"}}
      """
    When the app is put to work
    Then the app calls no API

  @req:ATR-07 @req:SCOPE-APP-HONOURS-GRANTED
  Scenario: What was not granted is not asked for
    Given a platform that errs:
      """
      [
        {"at": {"endpoint": "token", "answer_status": 200}, "fault": {"kind": "member_set", "pointer": "/scope", "value": "openid fhirUser launch/patient"}},
        {"at": {"endpoint": "fhir"}, "fault": {"kind": "status", "status": 403}}
      ]
      """
    When the app is put to work
    Then the app sends no FHIR searches

  @req:ATR-08 @needs:standalone @needs:error-sign
  Scenario: No patient in the answer is told
    Given a platform that errs:
      """
      {"at": {"endpoint": "token", "answer_status": 200}, "fault": {"kind": "member_missing", "pointer": "/patient"}}
      """
    When the user signs in to the app
    And the app has asked for "launch/patient"
    Then the app tells that it failed

  @needs:error-sign
  Scenario Outline: <what> is told
    Given a platform that errs:
      """
      {"at": {"endpoint": "token"}, "fault": <fault>}
      """
    When the app is put to work
    Then the app tells that it failed
    And the app calls no API

    @req:ATR-14
    Examples: refusals
      | what                     | fault |
      | A code that is refused   | {"kind": "status", "status": 400, "error": "invalid_grant"} |
      | An app that is refused   | {"kind": "status", "status": 401, "error": "invalid_client"} |
      | A scope that is refused  | {"kind": "status", "status": 400, "error": "invalid_scope"} |
    @req:ATR-15
    Examples: no tokens, and status 200
      | what                     | fault |
      | An error with status 200 | {"kind": "body", "body": "{\\"error\\": \\"invalid_grant\\"}"} |
      | A page with status 200   | {"kind": "body", "body": "<h1>Maintenance</h1>", "content_type": "text/html"} |
      | An answer without token  | {"kind": "member_missing", "pointer": "/access_token"} |
